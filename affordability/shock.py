"""Does the plan hold when something goes wrong? A sum that is certain, and an estimate that says what it supposes.

The sum: by how much the income may fall before the amount can no longer be paid from above what the household needs, and
how long a plan lasts through a given fall. The estimate: in how many of a fixed series of made-up futures the plan lasts
its term, under dated assumptions (`assumptions.py`). Neither is a verdict: the gate alone says what may be proposed
(features.md, "What none of them has" 3).

What the household needs is held still: the law lets the beslagvrije voet fall along with the income (475dc Rv), the
price of bread does not. Amounts are int cents per month, lengths are months.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from itertools import takewhile
from typing import Any

from affordability.assumptions import Assumptions, assumptions_from_json
from affordability.budget import STANDARD_LIST, Group
from kernel.cents import whole_number
from kernel.periods import Period, exact_per_month

RULES = "1"
"""The version of the rules in this file, kept with every stored test."""

FALLS = (5, 10, 20)
"""The falls of the income, in percent, that are worked out on the page."""
A_YEAR = 12
SET_ASIDE = "buffer"
"""The line of the budget that is no cost: it is what a setback is paid from."""


class ThinReason(StrEnum):
    """Why a lower amount is suggested."""

    NO_ROOM = "no_room"
    """The amount cannot be paid from above what the household needs, even when nothing goes wrong."""
    FALL = "fall"
    """The stated fall of the income is not survived."""
    CHANCE = "chance"
    """Under the assumptions the plan lasts its term too rarely."""


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """What is tested. Cents per month; `term` is the longest it may take, in months; `reserve` in cents is there already.

    `need`: what the household has to keep of `net_income`. `total`: all claims in cents, when the plan ends as soon as
    they are paid; None when it always takes its term. ValueError for anything that is not an int, for a negative amount,
    and for an amount to pay, a term or a total below 1.
    """

    net_income: int
    need: int
    monthly: int
    term: int
    total: int | None = None
    reserve: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be a plan."""
        for name in ("net_income", "need", "reserve"):
            whole_number(getattr(self, name), name)
        for name in ("monthly", "term"):
            whole_number(getattr(self, name), name, minimum=1)
        if self.total is not None:
            whole_number(self.total, "total", minimum=1)

    @property
    def months(self) -> int:
        """How many months are paid."""
        return self.term if self.total is None else min(self.term, -(-self.total // self.monthly))

    @property
    def room(self) -> int:
        """What is left in a good month; negative when the amount does not fit even then."""
        return self.net_income - self.need - self.monthly

    def with_amount(self, monthly: int) -> PlanFigures:
        """The same household and claims with another amount."""
        return replace(self, monthly=monthly)


@dataclass(frozen=True, slots=True)
class Fall:
    """One fall of the income, in percent of it and in cents per month, and how many months are paid through it.

    `months_after_a_year`: when the fall comes after a year in which everything that was left was set aside; counted from
    the fall on. None when the term is over by then.
    """

    percent: int
    cents: int
    months_at_start: int
    months_after_a_year: int | None


@dataclass(frozen=True, slots=True)
class StressOutcome:
    """What came out. `income_may_fall`: for good, in cents per month; `income_may_fall_basis_points` of the income."""

    income_may_fall: int
    income_may_fall_basis_points: int
    falls: tuple[Fall, ...]
    survives_shock: bool
    lasting: int
    draws: int
    reasons: tuple[ThinReason, ...]
    suggested: int | None
    """The highest amount that is not thin, a multiple of the step; None when there is none, or none is needed."""
    suggested_lasting: int | None

    @property
    def is_thin(self) -> bool:
        """Whether a lower amount would be wiser."""
        return bool(self.reasons)

    @property
    def as_json(self) -> dict[str, Any]:
        """The outcome as plain values."""
        return {**asdict(self), "falls": [asdict(fall) for fall in self.falls], "reasons": [*map(str, self.reasons)]}


def costs_to_cover(
    budget: Mapping[str, Mapping[str, Any]], *, answered: Collection[str] = (), partner_income: int = 0
) -> int | None:
    """What the costs of a household ask from its net income, in cents per month rounded up; None unless all are known.

    `budget` as `Application.budget`. Every cost of the standard list must have an amount, or be left empty by somebody who
    answered it (`answered`: codes): an unknown one is never a zero. The income of a partner who does not take part,
    allowances and other money that the gate does not count are taken off; what is unknown of them takes off nothing.
    """
    total = Fraction(-whole_number(partner_income, "partner_income"))
    for line in STANDARD_LIST:
        answer = budget.get(line.code)
        is_cost = line.group is not Group.INCOME
        if line.code == SET_ASIDE or (answer is None and (not is_cost or line.code in answered)):
            continue
        if answer is None or "cents" not in answer:
            if is_cost:
                return None
            continue
        amount = exact_per_month(answer["cents"], Period(answer["period"]))
        total += amount if is_cost else -amount
    return max(0, -(-total.numerator // total.denominator))


def fall_in_cents(net_income: int, percent: int) -> int:
    """`percent` of `net_income`, in cents rounded up."""
    return -(-net_income * percent // 100)


def months_through(plan: PlanFigures, fall: int, *, after: int = 0) -> int:
    """How many months the amount is paid once the income is `fall` cents per month lower, from month `after` + 1 on.

    Up to then everything that is left is set aside. At most the months of the term that are still to come; ValueError
    when `after` is beyond the term.
    """
    whole_number(fall, "fall")
    if whole_number(after, "after") > plan.months:
        raise ValueError(f"the plan takes {plan.months} months, and the fall comes after {after}")
    to_come = plan.months - after
    reserve = plan.reserve + after * plan.room
    short = fall - plan.room
    if reserve < 0:
        return 0
    return to_come if short <= 0 else min(to_come, reserve // short)


def survives_shock(plan: PlanFigures, assumptions: Assumptions) -> bool:
    """Whether the plan holds through the stated shock. In a short plan the shock comes as late as it still can."""
    months = min(assumptions.shock_months.value, plan.months)
    after = min(assumptions.shock_after.value, plan.months - months)
    fall = fall_in_cents(plan.net_income, assumptions.shock_fall.value)
    return months_through(plan, fall, after=after) >= months


def lasting(plan: PlanFigures, assumptions: Assumptions) -> int:
    """In how many of the draws the plan lasts its term: the reserve never runs short.

    The futures are the same for every plan, so that over the same months a higher amount, a lower income or a higher need
    never lasts more often. In a good month `saved_part` of what is left goes to the reserve; in a bad one the reserve
    pays what is short.
    """
    part, months = assumptions.saved_part.value, plan.months
    kept = _kept(plan.room, part)
    count = 0
    for future in _futures(assumptions, plan.term):
        reserve, last = plan.reserve, 0
        for month, percent, bill in takewhile(lambda setback: setback[0] <= months, future):
            # The quiet months in between: what they add is the same each, so their order does not matter.
            reserve += (month - last - 1) * kept
            left = plan.room - fall_in_cents(plan.net_income, percent) - bill
            if reserve < 0 or reserve + _kept(left, part) < 0:
                break
            reserve, last = reserve + _kept(left, part), month
        else:
            count += reserve + (months - last) * kept >= 0
    return count


def _kept(left: int, part: int) -> int:
    """What a month adds to the reserve, in cents; below zero it is what the month takes out."""
    return left * part // 100 if left > 0 else left


Setback = tuple[int, int, int]
"""One month that is not quiet: its number from 1, the fall of the income in percent, and a bill in cents."""


@lru_cache(maxsize=16)
def _futures(assumptions: Assumptions, months: int) -> tuple[tuple[Setback, ...], ...]:
    """The made-up futures, one per draw. Those of a longer term begin like those of a shorter one.

    Only `random()` is used: for one seed it gives the same numbers in every version of Python.
    """
    draw = random.Random(assumptions.seed.value).random  # noqa: S311  no secret: it must be repeatable
    fall_chance, bill_chance = assumptions.income_fall_chance.value, assumptions.bill_chance.value

    def between(least: int, most: int) -> int:
        return least + int(draw() * (most - least + 1))

    futures: list[list[Setback]] = [[] for _ in range(assumptions.draws.value)]
    falls = [(0, 0)] * len(futures)  # (last month, percent)
    for month in range(1, months + 1):
        for number, future in enumerate(futures):
            until, percent = falls[number]
            if month > until:
                percent = 0
                if draw() * 10_000 < fall_chance:
                    percent = between(assumptions.income_fall_least.value, assumptions.income_fall_most.value)
                    length = between(assumptions.income_fall_shortest.value, assumptions.income_fall_longest.value)
                    until = month + length - 1
                falls[number] = (until, percent)
            bill = 0
            if draw() * 10_000 < bill_chance:
                bill = between(assumptions.bill_least.value, assumptions.bill_most.value)
            if percent or bill:
                future.append((month, percent, bill))
    return tuple(tuple(future) for future in futures)


def stress_test(plan: PlanFigures, assumptions: Assumptions, *, highest: int) -> StressOutcome:
    """Everything that is said about a setback. `highest`: what the gate is sure of, in cents per month.

    The suggestion is below the amount asked for and never above `highest`. ValueError for a negative `highest`.
    """
    whole_number(highest, "highest")
    count = lasting(plan, assumptions)
    reasons = _reasons(plan, assumptions, count)
    suggested = _suggestion(plan, assumptions, highest) if reasons else None
    may_fall = max(0, plan.room)
    return StressOutcome(
        income_may_fall=may_fall,
        income_may_fall_basis_points=10_000 * may_fall // plan.net_income if plan.net_income else 0,
        falls=tuple(_fall(plan, percent) for percent in FALLS),
        survives_shock=survives_shock(plan, assumptions),
        lasting=count,
        draws=assumptions.draws.value,
        reasons=reasons,
        suggested=suggested,
        suggested_lasting=None if suggested is None else lasting(plan.with_amount(suggested), assumptions),
    )


def _fall(plan: PlanFigures, percent: int) -> Fall:
    cents = fall_in_cents(plan.net_income, percent)
    later = months_through(plan, cents, after=A_YEAR) if plan.months > A_YEAR else None
    return Fall(percent, cents, months_through(plan, cents), later)


def _reasons(plan: PlanFigures, assumptions: Assumptions, count: int) -> tuple[ThinReason, ...]:
    found = {
        ThinReason.NO_ROOM: plan.room < 0,
        ThinReason.FALL: not survives_shock(plan, assumptions),
        ThinReason.CHANCE: 100 * count < assumptions.threshold.value * assumptions.draws.value,
    }
    return tuple(reason for reason, so in found.items() if so)


def _suggestion(plan: PlanFigures, assumptions: Assumptions, highest: int) -> int | None:
    """The highest multiple of the step that is not thin. Tried one by one from above: a lower amount may take longer."""
    step = assumptions.suggestion_step.value
    for amount in range(min(plan.monthly - 1, highest) // step * step, 0, -step):
        lower = plan.with_amount(amount)
        # The sums first: they cost nothing, and the estimate does.
        if lower.room < 0 or not survives_shock(lower, assumptions):
            continue
        if not _reasons(lower, assumptions, lasting(lower, assumptions)):
            return amount
    return None


_FIGURES = tuple(field.name for field in fields(PlanFigures))


def inputs_as_json(plan: PlanFigures, assumptions: Assumptions, *, highest: int) -> dict[str, Any]:
    """Everything `replay` needs, as plain values: the figures, the whole record of assumptions, the rules."""
    return {"rules": RULES, **asdict(plan), "highest": highest, "assumptions": assumptions.as_json}


def replay(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outcome again, from what was stored with it (`inputs_as_json`), without today's assumptions.

    ValueError for inputs of other rules.
    """
    if inputs["rules"] != RULES:
        raise ValueError(f"these are the rules {RULES}, not {inputs['rules']}")
    plan = PlanFigures(**{name: inputs[name] for name in _FIGURES})
    return stress_test(plan, assumptions_from_json(inputs["assumptions"]), highest=inputs["highest"]).as_json
