"""Collection costs that law allows on top of a claim: Besluit BIK (WIK), domain.md 7.1."""

from __future__ import annotations

from fractions import Fraction

from kernel.cents import half_up, whole_number

# Slice of the principal in cents, and the percentage over it.
_SLICES = (
    (250_000, Fraction(15, 100)),
    (250_000, Fraction(10, 100)),
    (500_000, Fraction(5, 100)),
    (19_000_000, Fraction(1, 100)),
)
_ABOVE = Fraction(5, 1000)
_MINIMUM, _MAXIMUM = 4_000, 677_500


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
