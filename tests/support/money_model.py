"""A second, independent account of one citizen's money: where every cent is, and why. No code of the product.

Places and accounts are the words below; amounts are int cents, debit less credit. A claim is its number. Shares are exact
fractions: whole cents are compared with them, never the other way round.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

Place = tuple[str, int]
PROVIDER: Place = ("provider", 0)
BANK: Place = ("bank", 0)
ON_ITS_WAY: Place = ("on its way", 0)
UNKNOWN: Place = ("unknown", 0)
OWN: Place = ("own", 0)
FEES: Place = ("fees", 0)
STORNO_FEES: Place = ("storno fees", 0)
LOST: Place = ("lost", 0)
WITH_US: Place = ("with us", 0)
CITIZENS: Place = ("back to the citizen", 0)
CITIZEN_OWES: Place = ("citizen owes us", 0)


def payable(claim: int) -> Place:
    """What the creditor of this claim is to get."""
    return ("payable", claim)


def to_set_off(claim: int) -> Place:
    """What is to be set off, by the claim it is booked on."""
    return ("to set off", claim)


@dataclass
class Debt:
    """One claim. `settled_before`: what it had when the plan got its present form."""

    claim: int
    creditor: int
    owed: int
    share: int
    can_be_waived: bool
    agreed: bool
    paid: int = 0
    waived: int = 0
    remitted: int = 0
    settled_before: int = 0
    owes_us: int = 0
    history: list[tuple[int, int]] = field(default_factory=list)
    """(moment, cents): what became payable, and what was mirrored again."""


@dataclass
class Came:
    """Money that came in. `parts`: what every claim got of it."""

    key: str
    amount: int
    day: int
    moment: int
    through_provider: bool
    divided: int = 0
    extra: int = 0
    parts: dict[int, int] = field(default_factory=dict)
    settled: bool = False
    gone: bool = False


@dataclass
class TakenBack:
    """A storno. `undone`: of the plan, to be divided again when the dispute is won."""

    came: Came
    amount: int
    undone: int
    extra: int
    claimed: int
    open: int
    lost: int = 0
    won: bool = False


@dataclass
class Money:
    """One citizen's plan and everything that happened to its money."""

    debts: dict[int, Debt] = field(default_factory=dict)
    pot: int = 0
    received: int = 0
    received_before: int = 0
    running: bool = True
    moment: int = 0
    at: dict[Place, int] = field(default_factory=lambda: defaultdict(int))
    came: list[Came] = field(default_factory=list)
    stornos: list[TakenBack] = field(default_factory=list)

    # --- moving ----------------------------------------------------------------------------------------------------------

    def move(self, cents: int, *, to: Place, off: Place) -> None:
        """`cents` on the debit side of `to` and on the credit side of `off`."""
        assert cents >= 0
        self.at[to] += cents
        self.at[off] -= cents

    def tick(self) -> int:
        self.moment += 1
        return self.moment

    # --- in ----------------------------------------------------------------------------------------------------------------

    def wanted(self) -> int:
        """What the plan still asks."""
        return self.pot - self.received if self.running else 0

    def comes(self, came: Came, *, place: Place, at_most: int | None = None, repays: TakenBack | None = None) -> None:
        """Money came in at `place`: an open storno it was meant for, the plan, other open stornos, and the rest is the citizen's.

        `at_most`: cents for the plan. The parts of the claims are told afterwards (`divided`).
        """
        self.came.append(came)
        self.move(came.amount, to=place, off=WITH_US)
        left = came.amount
        if repays is not None:
            left -= self._repay([repays], left)
        want = self.wanted() if at_most is None else min(self.wanted(), at_most)
        came.divided = min(left, want)
        left -= came.divided
        left -= self._repay(self.stornos, left)
        came.extra = left
        self.move(left, to=WITH_US, off=CITIZENS)

    def _repay(self, which: list[TakenBack], most: int) -> int:
        used = 0
        for one in which:
            part = min(one.open, most - used)
            one.open -= part
            used += part
        self.move(used, to=WITH_US, off=CITIZEN_OWES)
        return used

    def divided(self, came: Came, parts: dict[int, int]) -> None:
        """What every claim got of it. Exactly what was there to divide; each within a cent of its exact part, none below zero."""
        assert sum(parts.values()) == came.divided, (parts, came.divided)
        self.received += came.divided
        came.parts = {claim: cents for claim, cents in parts.items() if cents}
        for claim, cents in parts.items():
            debt = self.debts[claim]
            assert cents >= 0
            debt.paid += cents
            debt.history.append((came.moment, cents))
            self.move(cents, to=WITH_US, off=payable(claim))
        if came.divided:
            self.check_parts()

    def check_parts(self) -> None:
        """Every claim has its exact part of what came in under the present form of the plan, to within a cent."""
        to_divide = self.pot - self.received_before
        for debt in self.debts.values():
            exact = Fraction(0)
            if to_divide:
                exact = Fraction((self.received - self.received_before) * (debt.share - debt.settled_before), to_divide)
            assert abs(debt.paid - debt.settled_before - exact) < 1, (debt, exact)
            assert debt.paid <= debt.share <= debt.owed

    def new_form(self) -> None:
        """From here on the plan divides what is left, by what everybody has now."""
        self.received_before = self.received
        for debt in self.debts.values():
            debt.settled_before = debt.paid

    # --- out ---------------------------------------------------------------------------------------------------------------

    def pays_on(self) -> dict[int, tuple[int, int]]:
        """A run: per claim (what goes to the bank, what is set off)."""
        found = {}
        for debt in self.debts.values():
            waiting = -self.at[payable(debt.claim)]
            assert waiting >= 0
            if not waiting:
                continue
            off = min(waiting, debt.owes_us) if debt.agreed else 0
            self._set_off(debt, off)
            self.move(waiting - off, to=payable(debt.claim), off=ON_ITS_WAY)
            debt.remitted += waiting - off
            found[debt.claim] = (waiting - off, off)
        return found

    def _set_off(self, debt: Debt, off: int) -> None:
        debt.owes_us -= off
        debt.remitted += off
        self.move(off, to=payable(debt.claim), off=to_set_off(debt.claim))

    def comes_back(self, claim: int, cents: int, *, booked: bool) -> None:
        """A transfer was refused, or came back after it was `booked`. If its receipt is gone by now, it is set off at once."""
        debt = self.debts[claim]
        self.move(cents, to=BANK if booked else ON_ITS_WAY, off=payable(claim))
        short = debt.remitted < cents
        debt.remitted -= cents
        if short:
            self._set_off(debt, min(-self.at[payable(claim)], debt.owes_us))

    # --- taken back --------------------------------------------------------------------------------------------------------

    def plan_undone(self, came: Came) -> dict[int, tuple[int, int]] | None:
        """Per claim (off what is payable, to be set off) when this receipt is taken back; None: the creditors keep it.

        What was paid on is the oldest money, so of this receipt only that is still payable which lies under all that came
        after it.
        """
        if not self.running:
            return None
        found = {}
        for claim, cents in came.parts.items():
            debt = self.debts[claim]
            later = max(0, sum(part for moment, part in debt.history if moment > came.moment))
            there = min(cents, max(0, -self.at[payable(claim)] - later))
            off = cents - there
            if off and (not debt.agreed or off > debt.remitted):
                return None
            found[claim] = (there, off)
        return found

    def taken_back(self, came: Came) -> TakenBack:
        """The payer's bank takes a receipt back."""
        plan = self.plan_undone(came) if came.divided else {}
        undone = 0
        for claim, (there, off) in (plan or {}).items():
            debt = self.debts[claim]
            self.move(there, to=payable(claim), off=WITH_US)
            self.move(off, to=to_set_off(claim), off=WITH_US)
            debt.paid -= there + off
            debt.remitted -= off
            debt.owes_us += off
            debt.history.append((self.tick(), -there))
            undone += there + off
        extra = min(came.extra, -self.at[CITIZENS])
        self.move(extra, to=CITIZENS, off=WITH_US)
        claimed = came.amount - undone - extra
        self.move(claimed, to=CITIZEN_OWES, off=WITH_US)
        self.move(came.amount, to=WITH_US, off=PROVIDER)
        came.gone = True
        if undone:
            self.received -= undone
            self.new_form()
        storno = TakenBack(came, came.amount, undone, extra, claimed, claimed)
        self.stornos.append(storno)
        return storno

    def written_off(self, storno: TakenBack) -> None:
        """It will not be paid back: our loss."""
        self.move(storno.open, to=LOST, off=CITIZEN_OWES)
        storno.lost += storno.open
        storno.open = 0

    def won(self, storno: TakenBack, came: Came) -> None:
        """The bank gives it back: what is open is closed, what was undone is divided again, the rest is the citizen's."""
        self.move(storno.lost, to=CITIZEN_OWES, off=LOST)
        storno.open += storno.lost
        storno.lost, storno.won = 0, True
        self.comes(came, place=PROVIDER, at_most=storno.undone, repays=storno)

    # --- the end -----------------------------------------------------------------------------------------------------------

    def waived(self) -> None:
        """The plan was paid: what is open lapses, where the law lets it."""
        for debt in self.debts.values():
            if debt.can_be_waived:
                debt.waived = debt.owed - debt.paid

    # --- what never happens ------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Nothing was made or lost: all places together are zero, and nobody's money is overdrawn."""
        assert sum(self.at.values()) == 0
        assert self.at[WITH_US] == 0
        for place, cents in self.at.items():
            if place[0] in ("payable", "back to the citizen", "unknown", "on its way"):
                assert cents <= 0, (place, cents)
            if place[0] == "citizen owes us":
                assert cents == sum(storno.open for storno in self.stornos)
        for debt in self.debts.values():
            assert -self.at[payable(debt.claim)] == debt.paid - debt.remitted, debt
        assert self.received == sum(debt.paid for debt in self.debts.values())
