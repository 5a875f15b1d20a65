"""The affordability gate: may this household promise this amount per month?

The rule is domain.md 1.1 and 1.4. Never below the beslagvrije voet, not even when the citizen wants to; and never
sure on a figure that is not known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
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
from affordability.household import Household, UncertainReason
from affordability.norms import NormRecord, official_records, record_for
from kernel.cents import half_up, whole_number
from kernel.working_days import plain_date

TAXABLE_INCOME = "taxable_income"
OFFICIAL_FIGURE = "official_beslagvrije_voet"
RULES = "2026-11"
"""The version of this calculation, kept with every assessment: a change of the formula gets a new one."""


OWN_RULE = "regel van Eén Plan"
"""The source of a step that no article of law makes: what stays is what comes in less the floor (domain.md 1.4)."""


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
    """Which facts would make it sure: answerable reasons of `UncertainReason`, `TAXABLE_INCOME`, `OFFICIAL_FIGURE`."""

    @property
    def example(self) -> bool:
        """Whether made-up norms were used: every page that shows the answer has to say so."""
        return self.uses_example_norms

    @property
    def sure_capacity(self) -> int:
        """The most that may be proposed now: nothing while more than the payslip is missing (domain.md 1.4)."""
        return self.capacity_low if bounds_may_be_used(self.missing) else 0

    @property
    def trace_as_json(self) -> list[StepAsJson]:
        """The trace as plain values that `json.dumps` can write."""
        return steps_as_json(self.trace)


def bounds_may_be_used(missing: Iterable[str]) -> bool:
    """Whether the lower bound of the capacity is sure: at most the payslip is missing (domain.md 1.4)."""
    return set(missing) <= {TAXABLE_INCOME}


def steps_as_json(steps: Iterable[Step]) -> list[StepAsJson]:
    """Steps as plain values that `json.dumps` can write."""
    return [
        StepAsJson(code=step.code, label=step.label, amount=step.amount, exact=step.exact, source=step.source)
        for step in steps
    ]


def income_unknown(declared: int) -> tuple[Step, ...]:
    """The trace when the income itself is not known: nothing can be computed, so nothing is. `declared` in cents."""
    return (
        Step("unknown:net_income", "Wij weten nog niet wat er binnenkomt", None, None, OWN_RULE),
        _step("declared", "Dit wilt u elke maand betalen", declared, OWN_RULE),
    )


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
    return assess_with(household, declared, record)


def assess_with(household: Household, declared: int, record: NormRecord) -> Assessment:
    """The same by one record, whatever the date: for doing an old assessment over. `declared` in cents per month."""
    floors = _floors(household, record)
    net = household.net_income
    # A figure above the income leaves nothing to pay with; it never makes the capacity negative.
    floor_low, floor_high = (min(floor, net) for floor in (floors.low, floors.high))
    margin = _holiday_margin(household)
    capacity_low = max(0, net - floor_high - household.committed)
    capacity_high = max(0, net + margin - floor_low - household.committed)
    if declared > capacity_high:
        verdict = Verdict.RED
    elif declared > capacity_low or (floors.never_sure and declared > 0):
        verdict = Verdict.AMBER
    else:
        verdict = Verdict.GREEN
    steps = [_step("net_income", "Dit komt er elke maand binnen", net, "Rv 475dc(1)"), *floors.steps]
    if household.committed:
        steps.append(_step("committed", "Dit is al beloofd in een ander plan", household.committed, OWN_RULE))
    if margin:
        steps.append(_step("holiday_margin", "Vakantiegeld dat er misschien bij komt", margin, OWN_RULE))
    if floor_low == floor_high and not margin:
        steps.append(_step("floor", "Dit houdt u om van te leven", floor_low, "Rv 475d"))
        steps.append(_step("capacity", "Dit kunt u elke maand missen", capacity_low, OWN_RULE))
    else:
        steps.append(_step("floor_low", "U houdt ten minste dit om van te leven", floor_low, "Rv 475d"))
        steps.append(_step("floor_high", "Misschien moet u dit houden", floor_high, "Rv 475d"))
        steps.append(_step("capacity_low", "Dit kunt u zeker missen", capacity_low, OWN_RULE))
        steps.append(_step("capacity_high", "Dit kunt u misschien missen", capacity_high, OWN_RULE))
    steps.append(_step("declared", "Dit wilt u elke maand betalen", declared, OWN_RULE))
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


def _holiday_margin(household: Household) -> int:
    """The most a holiday allowance nobody knows can add, in cents per month: a tenth. Not knowing it is not nothing.

    By law it is at least 8 % of gross, and hardly ever more than 10 % of net. It only keeps the answer from being red.
    """
    if household.official_beslagvrije_voet is not None or household.vtlb is not None:
        return 0
    unknown = UncertainReason.HOLIDAY_ALLOWANCE_UNKNOWN in household.uncertain
    return -(-household.net_income // 10) if unknown else 0


@dataclass(frozen=True)
class _Floors:
    low: int
    high: int
    steps: tuple[Step, ...]
    missing: tuple[str, ...] = ()

    @property
    def never_sure(self) -> bool:
        """Whether even the lower bound of the capacity may not be proposed: something else than the payslip is missing."""
        return not bounds_may_be_used(self.missing)


def _floors(household: Household, record: NormRecord) -> _Floors:
    """What is known decides how sure we are (domain.md 1.4); a known vtlb makes it stricter, never looser."""
    found = _beslagvrije_voet(household, record)
    vtlb = household.vtlb
    if vtlb is None:
        return found
    steps = (*found.steps, _step("vtlb", "Het vrij te laten bedrag (vtlb)", vtlb, "vtlb, nooit lager dan Rv 475d"))
    if not found.missing:
        stricter = max(found.low, vtlb)
        return _Floors(stricter, stricter, steps)
    if vtlb >= found.low:
        # A sheet is made by somebody who knew the beslagvrije voet, and is never below it: so the doubt is over.
        return _Floors(vtlb, vtlb, steps)
    # Lower than the law allows for any income: this sheet is of another time or another household. It decides nothing.
    return replace(found, steps=steps)


def _beslagvrije_voet(household: Household, record: NormRecord) -> _Floors:
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
    if UncertainReason.PARTNER_INCOME_UNKNOWN in household.uncertain:
        # Nothing is known: from no income at all to so much that the law stops counting.
        low, high = min(least / 2, ceiling), min(most, ceiling)
    else:
        low, high = (min(voet - partner_part(voet, partner_income), ceiling) for voet in (least, most))
    if UncertainReason.CHILD_AGE_UNKNOWN in household.uncertain and household.situation.has_children:
        without = base_part(household.situation.without_children, record)
        low = min(low, without - partner_part(without, partner_income))
    steps = [
        _step("base", "De kleinste beslagvrije voet", least, "Rv 475da(2)"),
        _step("maximum", "De grootste beslagvrije voet", most, "Rv 475da(1)"),
    ]
    if partner_income:
        steps.append(_step("partner_income", "Het inkomen van uw partner", partner_income, "Rv 475db(1)(a)"))
    steps.append(_step("ceiling", "95 procent van wat er binnenkomt", ceiling, "Rv 475dc(1)"))
    steps += [
        Step(f"uncertain:{reason}", _doubt(reason), None, None, "Rv 475da, 475db, 475e") for reason in household.reasons
    ]
    return _Floors(low=half_up(low), high=half_up(high), steps=tuple(steps), missing=_missing(household))


def _missing(household: Household) -> tuple[str, ...]:
    """What would make it sure, in a fixed order: answers to our own questions first, then papers."""
    answers = [reason for reason in household.reasons if _answerable(reason)]
    papers = [OFFICIAL_FIGURE] if len(answers) < len(household.reasons) else []
    # With an official figure the payslip is not needed any more.
    payslip = [TAXABLE_INCOME] if household.taxable_income is None and not papers else []
    return (*answers, *payslip, *papers)


def _answerable(reason: str) -> bool:
    return reason in set(UncertainReason) and UncertainReason(reason).is_answerable


def _doubt(reason: str) -> str:
    return "Dit weten wij nog niet" if _answerable(reason) else "Hiervoor is een officieel bedrag nodig"


def _explain(voet: BeslagvrijeVoet, taxable_income: int) -> tuple[Step, ...]:
    steps = [
        _step("taxable_income", "Het belastbaar inkomen in een jaar", taxable_income, "Rv 475da(3)"),
        _step("base", "95 procent van de bijstand", voet.parts.base, "Rv 475da(2)"),
        _step("care", "Erbij voor de zorgpremie", voet.parts.care, "Rv 475da(3)"),
        _step("rent", "Erbij voor de huur", voet.parts.rent, "Rv 475da(2)"),
        _step("children", "Erbij voor kinderen", voet.parts.children, "Rv 475da(2)"),
        _step("total", "Dat is samen", voet.parts.total, "Rv 475da(2)"),
        _step("maximum", "De grootste beslagvrije voet", voet.maximum, "Rv 475da(1)"),
    ]
    if voet.partner:
        steps.append(_step("partner", "Eraf door het inkomen van uw partner", voet.partner, "Rv 475db(1)(a)"))
    steps.append(_step("ceiling", "95 procent van wat er binnenkomt", voet.ceiling, "Rv 475dc(1)"))
    return tuple(steps)


def _step(code: str, label: str, amount: Fraction | int, source: str) -> Step:
    exact = Fraction(amount)
    return Step(code, label, half_up(exact), None if exact.denominator == 1 else str(exact), source)
