"""Collection costs that law allows on top of a claim: Besluit BIK (WIK), domain.md 7.1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from kernel.cents import half_up, whole_number
from kernel.periods import months_between

# Slice of the principal in cents, and the percentage over it.
_SLICES = (
    (250_000, Fraction(15, 100)),
    (250_000, Fraction(10, 100)),
    (500_000, Fraction(5, 100)),
    (19_000_000, Fraction(1, 100)),
)
_ABOVE = Fraction(5, 1000)
_MINIMUM, _MAXIMUM = 4_000, 677_500

RECURRING_FROM = date(2024, 10, 1)
"""From this day on (inclusive) small recurring terms have their own ceiling (domain.md 7.1, S44)."""
SMALL_TERM_BELOW = 26_667
"""A recurring term below this, in cents, would cost the minimum each time."""
RECURRING_PER_HALF_YEAR = 14_000
_HALF_YEAR = 6


def wik_costs(principal_cents: int, *, vat_basis_points: int = 0) -> int:
    """The most a creditor may ask for collecting `principal_cents`, in cents, half-up; 0 for no principal.

    `vat_basis_points` (2100 for 21 %) only when the creditor cannot reclaim VAT and says so. ValueError on negative
    amounts and anything but ints.
    """
    left = whole_number(principal_cents, "principal_cents")
    vat = Fraction(whole_number(vat_basis_points, "vat_basis_points"), 10_000)
    if not left:
        return 0
    costs = Fraction(0)
    for width, rate in _SLICES:
        costs += min(left, width) * rate
        left -= min(left, width)
    costs = min(max(costs + left * _ABOVE, Fraction(_MINIMUM)), Fraction(_MAXIMUM))
    return half_up(costs * (1 + vat))


def recurring_costs(term_cents: int, terms: int, *, since: date, until: date) -> int:
    """The most for collecting `terms` unpaid terms of `term_cents` each, fallen due from `since` up to `until`, in cents.

    Each term has its own costs, with the minimum each time; small terms (below 266,67) that fell due on or after
    1 October 2024 cost at most 140 euro per six months, every six months begun. ValueError as `wik_costs`, and when
    `until` is before `since`.
    """
    each = wik_costs(term_cents) * whole_number(terms, "terms")
    if term_cents >= SMALL_TERM_BELOW or since < RECURRING_FROM:
        return each
    return min(each, _half_years(since, until) * RECURRING_PER_HALF_YEAR)


def _half_years(since: date, until: date) -> int:
    """The periods of six months begun from `since` up to and including `until`; at least one."""
    if until < since:
        raise ValueError("the last day is before the first")
    return months_between(since, until) // _HALF_YEAR + 1


@dataclass(frozen=True)
class CostsCheck:
    """What is asked beside what the table allows, in cents."""

    asked: int
    allowed: int

    @property
    def over(self) -> int:
        """How much more is asked than allowed; 0 when it is not more."""
        return max(self.asked - self.allowed, 0)


def check_costs(principal: int, costs: int, *, recurring: bool, origin: date | None, on: date) -> CostsCheck:
    """Compare `costs` asked with the most the table allows over `principal`, both in cents.

    Of a claim made up of terms (`recurring`) the number of terms is not known to us. Then the most is the ceiling per six
    months from `origin` on, or the costs over the sum when that is more; without an origin (or with one of before the
    ceiling) one period of six months. It is a reason to look, never a refusal: who collects may know better.
    """
    allowed = wik_costs(principal)
    if recurring and principal:
        since = origin if origin is not None and RECURRING_FROM <= origin <= on else on
        allowed = max(allowed, _half_years(since, on) * RECURRING_PER_HALF_YEAR)
    return CostsCheck(whole_number(costs, "costs"), allowed)
