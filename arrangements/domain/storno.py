"""Where the money of a storno comes from: a receipt that the payer's bank takes back (payments.md 5.4, "Storno").

One receipt, one answer. Either everything it gave to creditors is undone, so that the debt and the instalment are open
again, or nothing of it is, and the citizen owes it to us. Half of each would ask one payment from the citizen in two ways,
and tell two creditors two stories about one day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kernel.cents import whole_number


@dataclass(frozen=True, slots=True)
class Had:
    """What one receipt gave to one claim, and how that claim stands now. In cents.

    `paid`, `parked`: what the receipt gave, payable and set aside. `later`: what the claim got payable after it. The other
    three: what stands payable, paid on and set aside now. `agreed`: the creditor agreed to set-off. `gone`: the claim left
    the plan since (paid off, withdrawn, transferred), so its debt cannot revive in it.
    """

    claim: int
    creditor: int
    paid: int
    parked: int
    later: int
    payable_now: int
    remitted_now: int
    parked_now: int
    agreed: bool
    gone: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no amount."""
        for name in ("paid", "parked", "later", "payable_now", "remitted_now", "parked_now"):
            whole_number(getattr(self, name), name)


@dataclass(frozen=True, slots=True)
class Back:
    """What comes back from one claim, in cents: of what is payable, of what is set aside, of what was paid on (set-off)."""

    claim: int
    creditor: int
    payable: int
    parked: int
    set_off: int

    @property
    def amount(self) -> int:
        """All of it."""
        return self.payable + self.parked + self.set_off


def take_back(had: Sequence[Had], *, runs: bool) -> tuple[Back, ...] | None:
    """What comes back from every claim, to the cent; None when the creditors keep it all and the citizen owes it to us.

    First in, first paid on: what stands payable is the newest money, so a receipt's own part is there only as far as more
    stands payable than came after it. What was paid on comes back only from creditors that agreed to it; one that did not
    is enough to leave everything with everybody. `runs`: the arrangement is under way; after its end nothing is undone.
    """
    if not runs:
        return None
    found = []
    for one in had:
        parked = min(one.parked, one.parked_now)
        # A dispute that is over by now: what was set aside then is payable, or paid on.
        paid = one.paid + one.parked - parked
        payable = min(paid, max(0, one.payable_now - one.later))
        set_off = paid - payable
        if one.gone or set_off > (one.remitted_now if one.agreed else 0):
            return None
        found.append(Back(one.claim, one.creditor, payable, parked, set_off))
    return tuple(found)
