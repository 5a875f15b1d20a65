"""Whether a creditor is paid on in a run, and how much (payments.md 5.4, features.md T5). Amounts are int cents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kernel.cents import whole_number

MOST_SKIPS: Final = 2
"""So many monthly runs in a row may leave a creditor out for a small amount; the third pays. No cent waits longer than three."""
TRANSFERS_PER_FILE: Final = 50_000
"""More than this is another file. Banks check files of up to 100,000 lines (payments.md 3.1)."""


class SkipReason(StrEnum):
    """Why a creditor with money waiting gets nothing in this run. The values are those of PayoutSkip.Reason."""

    BELOW_MINIMUM = "below_minimum"
    IBAN_BLOCKED = "iban_blocked"
    NO_IBAN = "no_iban"
    SET_OFF = "set_off"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a run knows about a creditor. `waiting`: payable now; `owes_us`: open set-off (1310).

    `skips_in_a_row`: the monthly runs just before this one in which it had money waiting and got nothing.
    """

    waiting: int
    owes_us: int = 0
    minimum: int = 0
    skips_in_a_row: int = 0
    has_iban: bool = True
    is_blocked: bool = False


@dataclass(frozen=True, slots=True)
class Payout:
    """What happens: `pay` goes to the bank, `set_off` stays with us for what the creditor owes. Both zero or more.

    With a `skip` nothing goes to the bank; only with SET_OFF something is booked.
    """

    pay: int
    set_off: int
    skip: SkipReason | None = None


def decide_payout(standing: Standing, *, minimum_counts: bool) -> Payout:
    """Pay, or leave for a later run. `minimum_counts`: only in the monthly run; money that is asked for, or of an
    arrangement that ended, never waits for a minimum. ValueError when nothing waits.

    The minimum is about what is left to transfer after set-off. A creditor that is left out is not set off either: it would
    find no specification of it.
    """
    waiting = whole_number(standing.waiting, "waiting", minimum=1)
    off = min(waiting, whole_number(standing.owes_us, "owes_us"))
    rest = waiting - off
    if rest == 0:
        return Payout(0, off, SkipReason.SET_OFF)
    if not standing.has_iban:
        return Payout(0, 0, SkipReason.NO_IBAN)
    if standing.is_blocked:
        return Payout(0, 0, SkipReason.IBAN_BLOCKED)
    if minimum_counts and rest < standing.minimum and standing.skips_in_a_row < MOST_SKIPS:
        return Payout(0, 0, SkipReason.BELOW_MINIMUM)
    return Payout(rest, off)


def into_files(batches: Iterable[tuple[int, int]], *, limit: int = TRANSFERS_PER_FILE) -> Iterator[list[int]]:
    """Divide (batch, number of transfers) over as few files as their order allows: every file at most `limit` transfers.

    A batch is never cut in two: the bank books one line per batch, and that line is the specification. ValueError for a
    batch larger than the limit (such a creditor is paid in one transfer).
    """
    file: list[int] = []
    size = 0
    for batch, transfers in batches:
        if transfers > limit:
            raise ValueError(f"batch {batch} has {transfers} transfers, more than a file holds")
        if file and size + transfers > limit:
            yield file
            file, size = [], 0
        file.append(batch)
        size += transfers
    if file:
        yield file


#: Reason codes of a return that say the account is wrong: closed, blocked, unknown, or not of this creditor (ISO 20022).
ACCOUNT_IS_WRONG: Final = frozenset({"AC01", "AC03", "AC04", "AC06", "AC13", "BE01", "BE04", "RC01", "MD07"})
