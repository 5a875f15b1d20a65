"""The affordability gate: may this household promise this amount per month?

The rule is domain.md 1.1 and 1.4. Never below the beslagvrije voet, not even when the citizen wants to; and never
sure on a figure that is not known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import TypedDict

from affordability.beslagvrije_voet import (
    BeslagvrijeVoet,
    base_part,
    calculate_beslagvrije_voet,
    income_ceiling,
    partner_part,
)
from affordability.household import Household
from affordability.norms import NormRecord, official_records, record_for
from kernel.cents import half_up, whole_number
from kernel.working_days import plain_date

TAXABLE_INCOME = "taxable_income"
OFFICIAL_FIGURE = "official_beslagvrije_voet"


class Verdict(StrEnum):
    """The answer of the gate."""

    GREEN = "green"
    """May be proposed."""
    AMBER = "amber"
    """Possible, but a fact is missing: saved, explained, and no proposal yet."""
    RED = "red"
    """Too high, whatever the missing facts are."""


class StepAsJson(TypedDict):
    """One step of the trace as it is stored."""

    code: str
    label: str
    amount: int | None
    exact: str | None
    source: str


@dataclass(frozen=True)
class Step:
    """One line of the calculation, for the page that explains it and for whoever checks it later.

    `amount` is in cents, half-up; `exact` is the same as a fraction of a cent ("5875/2") where rounding would hide
    something.
    """

    code: str
    label: str
    amount: int | None
    exact: str | None
    source: str


@dataclass(frozen=True)
class Assessment:
    """The answer with its reasons. Amounts are cents per month; low and high are the same when `exact` is true."""

    verdict: Verdict
    capacity_low: int
    capacity_high: int
    floor_low: int
    floor_high: int
    trace: tuple[Step, ...]
    exact: bool = True
    norms_key: str = ""
    uses_example_norms: bool = False
    missing: tuple[str, ...] = ()
    """Which facts would make it sure: `TAXABLE_INCOME` or `OFFICIAL_FIGURE`."""

    @property
    def example(self) -> bool:
        """Whether made-up norms were used: every page that shows the answer has to say so."""
        return self.uses_example_norms

    @property
    def sure_capacity(self) -> int:
        """The most that may be proposed now: nothing as long as only an official figure can decide (domain.md 1.4)."""
        return 0 if OFFICIAL_FIGURE in self.missing else self.capacity_low

    @property
    def trace_as_json(self) -> list[StepAsJson]:
        """The trace as plain values that `json.dumps` can write."""
        return [
            StepAsJson(code=step.code, label=step.label, amount=step.amount, exact=step.exact, source=step.source)
            for step in self.trace
        ]


def trace_as_json(assessment: Assessment) -> list[StepAsJson]:
    """The trace of `assessment` as plain values that `json.dumps` can write."""
    return assessment.trace_as_json


def assess(
    household: Household,
    declared: int,
    on: date,
    *,
    records: Iterable[NormRecord] | None = None,
) -> Assessment:
    """Judge whether `household` can miss `declared` cents per month, by the norms valid on the day `on`.

    `records` are the norm records to choose from; the official ones when None. NormsMissing when no record covers `on`.
    ValueError when `declared` is negative or not an int, or `on` is not a plain date.
    """
    whole_number(declared, "declared")
    plain_date(on)
    record = record_for(on, official_records() if records is None else records)
    floors = _floors(household, record)
    # A figure above the income leaves nothing to pay with; it never makes the capacity negative.
    floor_low, floor_high = (min(floor, household.net_income) for floor in (floors.low, floors.high))
    capacity_low, capacity_high = household.net_income - floor_high, household.net_income - floor_low
    if declared > capacity_high:
        verdict = Verdict.RED
    elif declared > capacity_low or (floors.never_sure and declared > 0):
        verdict = Verdict.AMBER
    else:
        verdict = Verdict.GREEN
    steps = [_step("net_income", "Dit komt er elke maand binnen", household.net_income, "Rv 475dc(1)"), *floors.steps]
    if floor_low == floor_high:
        steps.append(_step("floor", "Dit houdt u om van te leven", floor_low, "Rv 475d"))
        steps.append(_step("capacity", "Dit kunt u elke maand missen", capacity_low, "domain.md 1.4"))
    else:
        steps.append(_step("floor_low", "U houdt ten minste dit om van te leven", floor_low, "Rv 475d"))
        steps.append(_step("floor_high", "Misschien moet u dit houden", floor_high, "Rv 475d"))
        steps.append(_step("capacity_low", "Dit kunt u zeker missen", capacity_low, "domain.md 1.4"))
        steps.append(_step("capacity_high", "Dit kunt u misschien missen", capacity_high, "domain.md 1.4"))
    steps.append(_step("declared", "Dit wilt u elke maand betalen", declared, "domain.md 1.4"))
    return Assessment(
        verdict=verdict,
        capacity_low=capacity_low,
        capacity_high=capacity_high,
        floor_low=floor_low,
        floor_high=floor_high,
        trace=tuple(steps),
        exact=not floors.missing,
        norms_key=record.key,
        uses_example_norms=record.example,
        missing=floors.missing,
    )


@dataclass(frozen=True)
class _Floors:
    low: int
    high: int
    steps: tuple[Step, ...]
    missing: tuple[str, ...] = ()
    never_sure: bool = False


def _floors(household: Household, record: NormRecord) -> _Floors:
    """What is known decides how sure we are (domain.md 1.4)."""
    official = household.official_beslagvrije_voet
    if official is not None:
        label = "Uw officiële beslagvrije voet"
        return _Floors(official, official, (_step("official", label, official, "Rv 475d"),))
    if household.taxable_income is not None and not household.uncertain:
        voet = calculate_beslagvrije_voet(
            household.situation,
            household.net_income,
            household.taxable_income,
            household.counted_partner_income,
            record,
        )
        return _Floors(voet.cents, voet.cents, _explain(voet, household.taxable_income))
    return _bounds(household, record)


def _bounds(household: Household, record: NormRecord) -> _Floors:
    """The least and the most the beslagvrije voet can be, over every taxable income."""
    least, most = base_part(household.situation, record), Fraction(record.maximum[household.situation])
    ceiling = income_ceiling(household.net_income)
    partner_income = household.counted_partner_income
    low, high = (min(voet - partner_part(voet, partner_income), ceiling) for voet in (least, most))
    steps = [
        _step("base", "De kleinste beslagvrije voet", least, "Rv 475da(2)"),
        _step("maximum", "De grootste beslagvrije voet", most, "Rv 475da(1)"),
    ]
    if partner_income:
        steps.append(_step("partner_income", "Het inkomen van uw partner", partner_income, "Rv 475db(1)(a)"))
    steps.append(_step("ceiling", "95 procent van wat er binnenkomt", ceiling, "Rv 475dc(1)"))
    steps += [
        Step(f"uncertain:{reason}", "Hiervoor is een officieel bedrag nodig", None, None, "domain.md 1.1")
        for reason in household.reasons
    ]
    never_sure = bool(household.uncertain)
    return _Floors(
        low=half_up(low),
        high=half_up(high),
        steps=tuple(steps),
        missing=(OFFICIAL_FIGURE,) if never_sure else (TAXABLE_INCOME,),
        never_sure=never_sure,
    )


def _explain(voet: BeslagvrijeVoet, taxable_income: int) -> tuple[Step, ...]:
    steps = [
        _step("taxable_income", "Het belastbaar inkomen in een jaar", taxable_income, "Rv 475da(3)"),
        _step("base", "95 procent van de bijstand", voet.parts.base, "Rv 475da(2)"),
        _step("care", "Erbij voor de zorgpremie", voet.parts.care, "Rv 475da(3)"),
        _step("rent", "Erbij voor de huur", voet.parts.rent, "Rv 475da(2)"),
        _step("children", "Erbij voor kinderen", voet.parts.children, "Rv 475da(2)"),
        _step("maximum", "De grootste beslagvrije voet", voet.maximum, "Rv 475da(1)"),
    ]
    if voet.partner:
        steps.append(_step("partner", "Eraf door het inkomen van uw partner", voet.partner, "Rv 475db(1)(a)"))
    steps.append(_step("ceiling", "95 procent van wat er binnenkomt", voet.ceiling, "Rv 475dc(1)"))
    return tuple(steps)


def _step(code: str, label: str, amount: Fraction | int, source: str) -> Step:
    exact = Fraction(amount)
    return Step(code, label, half_up(exact), None if exact.denominator == 1 else str(exact), source)
