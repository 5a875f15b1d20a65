"""A second, independent account of a running plan: exact fractions, no code of the product.

What the product keeps in rows and cents is compared with this after every step. Amounts in cents.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise


@dataclass
class ModelClaim:
    """One claim. `promised`: the share its creditor last said yes to, or that fell by a proven fall."""

    key: str
    owed: int
    preferent: bool
    dischargeable: bool
    promised: int = 0
    had: int = 0
    paid: int = 0
    disputed: bool = False
    closed: bool = False


@dataclass
class ModelPlan:
    """One plan: what came in, what the citizen pays in all, and the most a household can miss."""

    claims: dict[str, ModelClaim] = field(default_factory=dict)
    received: int = 0
    capacity: int = 0

    @property
    def open_claims(self) -> list[ModelClaim]:
        return [claim for claim in self.claims.values() if not claim.closed]


def fair_parts(pot: int, claims: list[ModelClaim], least: dict[str, int]) -> dict[str, Fraction]:
    """Exact parts: everybody the same percentage, preferent double, nobody above its claim or under `least`.

    Found by looking for the percentage at which the parts are the pot (the product divides step by step instead).
    """
    total = sum(claim.owed for claim in claims)
    if pot >= total:
        return {claim.key: Fraction(claim.owed) for claim in claims}

    def parts(rate: Fraction) -> dict[str, Fraction]:
        return {
            claim.key: max(
                Fraction(least.get(claim.key, 0)),
                min(Fraction(claim.owed), rate * claim.owed * (2 if claim.preferent else 1)),
            )
            for claim in claims
        }

    # The sum is a broken line in the rate: look between its corners, then solve the straight piece.
    corners = {Fraction(0), Fraction(1)}
    for claim in claims:
        weight = claim.owed * (2 if claim.preferent else 1)
        if weight:
            corners |= {Fraction(claim.owed, weight), Fraction(least.get(claim.key, 0), weight)}
    ordered = sorted(corners)
    for low, high in pairwise(ordered):
        at_low, at_high = sum(parts(low).values()), sum(parts(high).values())
        if at_low <= pot <= at_high:
            if at_low == at_high:
                return parts(low)
            return parts(low + (high - low) * (pot - at_low) / (at_high - at_low))
    return parts(ordered[0])


def within_a_cent(real: int, exact: Fraction) -> bool:
    """Whether a number of whole cents is this exact amount, rounded one way or the other."""
    return abs(real - exact) <= 1
