"""Whether a statement of the bank is missing between two others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Numbered:
    """What tells the order of a statement. Balances in cents; `number` None when the bank gives none."""

    number: int | None
    opening_cents: int
    closing_cents: int
    closed_on: date


def gaps(statements: Sequence[Numbered]) -> list[bool]:
    """For each statement, in their order, whether something is missing right before it. The first has nothing before it.

    Missing: the opening balance is not the closing balance before it, or a number was skipped. Numbers may start again in
    a new year; then the balances decide.
    """
    found = [False] * min(len(statements), 1)
    for before, after in pairwise(statements):
        broken = before.closing_cents != after.opening_cents
        skipped = (
            before.number is not None
            and after.number is not None
            and after.closed_on.year == before.closed_on.year
            and after.number != before.number + 1
        )
        found.append(broken or skipped)
    return found
