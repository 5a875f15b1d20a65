"""A beslag (attachment): what the plan gives the party that seizes against what law leaves it, and what moves afterwards.

Above the beslagvrije voet law lets somebody's income be seized, below it never (Rv 475b-475da). Everything in cents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil

from arrangements.domain.claim import ClaimLine
from arrangements.domain.split import shares
from kernel.cents import whole_number
from kernel.periods import add_months


@dataclass(frozen=True, slots=True)
class Under:
    """What a beslag brings per month above the beslagvrije voet: at least `low`, at most `high`.

    `months_slow` and `months_fast`: after how many months it brought what the plan gives; None when it never does.
    """

    low: int
    high: int
    months_slow: int | None
    months_fast: int | None

    @property
    def exact(self) -> bool:
        """Whether the two bounds are one figure."""
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class BeslagComparison:
    """Inside the plan against under the floor, for one party.

    `claim`: what it is owed, None when nobody said. `in_plan`: what the plan still gives it; None for a party outside the
    plan of which the claim is not known. `joins`: it does not take part yet, so `in_plan` is what it would get.
    `alone` and `together` are None when the capacity is not known.
    """

    claim: int | None
    in_plan: int | None
    months: int
    joins: bool
    alone: Under | None
    together: Under | None

    @property
    def per_month(self) -> int | None:
        """What the plan gives per month on average, rounded down: never better than it is."""
        return None if self.in_plan is None or not self.months else self.in_plan // self.months


def compare_beslag(
    *,
    claim: int | None,
    in_plan: int | None,
    months: int,
    capacity: tuple[int, int] | None,
    others: int,
    joins: bool = False,
) -> BeslagComparison:
    """What a party gets in the plan, and what a beslag brings it: alone, and when everybody else seizes as well.

    `claim`: what it is still owed; `in_plan`: what the plan gives it over the `months` that are to come; `capacity`: what
    law surely and at most leaves above the beslagvrije voet per month, None when that is not known; `others`: what all
    other claims of the plan still ask. Several who seize share in proportion to their claims (Rv 480-481). ValueError
    for what are no cents, and for a capacity whose bounds stand the wrong way round.
    """
    whole_number(months, "months")
    whole_number(others, "others")
    for name, amount in (("claim", claim), ("in_plan", in_plan)):
        if amount is not None:
            whole_number(amount, name)
    alone = together = None
    if capacity is not None:
        low, high = whole_number(capacity[0], "capacity"), whole_number(capacity[1], "capacity")
        if low > high:
            raise ValueError("the lower bound of the capacity is above the upper one")
        alone = _under(Fraction(1), low, high, claim, in_plan)
        if claim is not None and claim + others:
            together = _under(Fraction(claim, claim + others), low, high, claim, in_plan)
    return BeslagComparison(claim, in_plan, months, joins, alone, together)


def _under(part: Fraction, low: int, high: int, claim: int | None, in_plan: int | None) -> Under:
    per_month = [int(amount * part) for amount in (low, high)]
    if claim is not None:
        per_month = [min(amount, claim) for amount in per_month]
    slow, fast = (_months(in_plan, amount) for amount in per_month)
    return Under(per_month[0], per_month[1], slow, fast)


def _months(wanted: int | None, per_month: int) -> int | None:
    if not wanted or not per_month:
        return None
    return ceil(Fraction(wanted, per_month))


def share_if_joins(pot_left: int, lines: Sequence[ClaimLine], claim: int) -> int:
    """What a claim of `claim` cents would get of the money that is still to come, by the rule everybody has (indication)."""
    whole_number(claim, "claim")
    return shares(pot_left, [*lines, ClaimLine(claim, preferent=False)])[-1]


@dataclass(frozen=True, slots=True)
class Due:
    """An instalment that is not paid: its number, its day, what is still open."""

    number: int
    due: date
    open: int


@dataclass(frozen=True, slots=True)
class Moved:
    """An instalment that moves: what was open of it is due on `due` instead."""

    number: int
    due: date
    amount: int


def after_beslag(unpaid: Sequence[Due], *, last_due: date, suspended_on: date, lifted_on: date) -> list[Moved]:
    """Where the instalments go whose day fell while the plan stood still: behind the last one, a month apart.

    What was late before stays where it is: the beslag did not make it late. `last_due`: the last day of the plan.
    ValueError when it was lifted before it began.
    """
    if lifted_on < suspended_on:
        raise ValueError("lifted before it began")
    fell = sorted(
        (one for one in unpaid if suspended_on <= one.due <= lifted_on), key=lambda one: (one.due, one.number)
    )
    # When the whole rest fell in the standstill there is nothing to come behind: start on the next pay day.
    first = add_months(last_due, 1) if last_due > lifted_on else _next_pay_day(last_due, lifted_on)
    return [Moved(one.number, add_months(first, position), one.open) for position, one in enumerate(fell)]


def _next_pay_day(last_due: date, lifted_on: date) -> date:
    """The first pay day after the lifting, on the same day of the month."""
    count = 1
    while add_months(last_due, count) <= lifted_on:
        count += 1
    return add_months(last_due, count)
