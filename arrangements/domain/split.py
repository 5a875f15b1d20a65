"""Dividing money over claims, to the cent: once over the whole term (`shares`), and at every receipt (`distribute`).

Rules: domain.md 3 and 3.1 (Fw 349(2)), architecture.md "Money". Everything is integer arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from arrangements.domain.claim import ClaimLine
from kernel.cents import whole_number

RULE = (
    "Elke vordering krijgt hetzelfde percentage. "
    "Een preferente vordering krijgt het dubbele percentage, tot zij helemaal is betaald."
)
"""The rule of the split in one breath (architecture.md, "Money"; Fw 349(2)); the same words for everybody."""


@dataclass(frozen=True)
class Rates:
    """What part of its claim a preferent and another (concurrent) creditor gets, exactly, before rounding to cents."""

    preferent: Fraction
    concurrent: Fraction


def rates(pot: int, *, preferent: int, concurrent: int) -> Rates:
    """The percentages behind `shares` (domain.md 3.1), from the pot and both kinds of claims together, all in cents.

    ValueError when one of them is negative or not an int.
    """
    for amount, name in ((pot, "pot"), (preferent, "preferent"), (concurrent, "concurrent")):
        whole_number(amount, name)
    if pot >= preferent + concurrent:
        return Rates(Fraction(1), Fraction(1))
    rate = Fraction(pot, 2 * preferent + concurrent)
    if 2 * rate <= 1:
        return Rates(2 * rate, rate)
    return Rates(Fraction(1), Fraction(pot - preferent, concurrent))


def shares(pot: int, claims: Sequence[ClaimLine]) -> list[int]:
    """What each claim gets out of `pot` cents over the whole term, in the order of `claims`.

    Preferent claims get twice the percentage of the others until they are paid in full. The sum is min(pot, total)
    exactly and nobody gets more than its claim. The exact fractions are rounded by largest remainder, ties to the
    earlier line. ValueError when `pot` is negative or not an int.
    """
    whole_number(pot, "pot")
    total = sum(claim.outstanding for claim in claims)
    if pot >= total:
        return [claim.outstanding for claim in claims]
    preferent = sum(claim.outstanding for claim in claims if claim.preferent)
    # With r the percentage of the others: pot = r × (2 × preferent + others), as long as 2r is not above 100 %.
    parts = total + preferent
    if 2 * pot <= parts:
        exact = [pot * claim.outstanding * (2 if claim.preferent else 1) for claim in claims]
        return _largest_remainder(exact, parts, pot)
    others = total - preferent
    exact = [claim.outstanding * (others if claim.preferent else pot - preferent) for claim in claims]
    return _largest_remainder(exact, others, pot)


def _largest_remainder(numerators: Sequence[int], denominator: int, pot: int) -> list[int]:
    """Whole cents for the exact amounts numerator/denominator, which add up to `pot`."""
    cents = [numerator // denominator for numerator in numerators]
    # sorted() keeps equal remainders in the order of the lines.
    by_remainder = sorted(range(len(cents)), key=lambda line: -(numerators[line] % denominator))
    for line in by_remainder[: pot - sum(cents)]:
        cents[line] += 1
    return cents


def distribute(received_total: int, shares: Sequence[int], paid_out: Sequence[int]) -> list[int]:
    """New cumulative totals per claim once `received_total` cents have come in over the life of the arrangement.

    The sum is `received_total`; no line is below `paid_out` or above its share; and every line is less than one cent
    away from its exact part received_total × share / sum(shares). `paid_out` is a previous result for the same shares
    (all zeros at the start). ValueError on anything else: more than the shares together, a total below what was paid
    out, lists of different lengths, negative amounts, or a `paid_out` that no series of receipts leads to by the
    promise above.

    Every line first gets its exact part rounded down. The cents that remain go, one each, to the lines that have had
    such a cent already, and then to the lines whose next cent is due earliest: line i must have cent k by the time k
    × sum(shares) / share have come in. Ties go to the earlier line.

    Why this never gets stuck: handing out cent by cent, earliest due first, meets every due moment whenever that is
    possible at all (it is the classic earliest-deadline rule for unit jobs, and exact pro rata shows that it is
    possible). Taking several cents at once hands out a set whose due moments are at least as early as those of the
    cent-by-cent road from the same `paid_out`, so it leaves no more due at any later moment than that road would.
    """
    whole_number(received_total, "received_total")
    if len(paid_out) != len(shares):
        raise ValueError(f"{len(shares)} shares but {len(paid_out)} amounts paid out")
    total = sum(whole_number(share, "share") for share in shares)
    before = sum(whole_number(paid, "paid_out") for paid in paid_out)
    if received_total > total:
        raise ValueError(f"received {received_total}, which is more than the shares together ({total})")
    if received_total < before:
        raise ValueError(f"received {received_total}, which is less than was paid out ({before})")
    if any(abs(paid * total - before * share) >= total for paid, share in zip(paid_out, shares, strict=True) if total):
        raise ValueError("paid_out is not a previous result for these shares")
    if received_total == before:
        return list(paid_out)

    result = [received_total * share // total for share in shares]
    spare = received_total - sum(result)
    # A line is never more than one cent ahead of its rounded-down part: its exact part only grows.
    ahead = [line for line, paid in enumerate(paid_out) if paid > result[line]]
    waiting = [
        line for line, share in enumerate(shares) if received_total * share % total and paid_out[line] <= result[line]
    ]
    for line in ahead:
        result[line] += 1
    spare -= len(ahead)
    if spare < 0:
        raise ValueError("paid_out is not a previous result for these shares")
    if 0 < spare < len(waiting):
        # Due moments are compared as whole numbers: scaled by total², two different ones differ by more than one.
        scale = total * total
        waiting.sort(key=lambda line: (result[line] + 1) * scale // shares[line])
    for line in waiting[:spare]:
        result[line] += 1
    return result
