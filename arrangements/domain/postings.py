"""Balanced entries for the two ledgers (payments.md 5.3 and 5.4).

Pure builders: they say what has to be written, the operations write it. Amounts are int cents and always positive;
the side gives the direction. A mistake is corrected by `reversal`, never by changing an entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from uuid import UUID

from kernel.cents import whole_number

Ref = str | int | UUID
"""How the caller names an arrangement, a claim or a creditor."""


class Ledger(StrEnum):
    """The two ledgers. They never share an entry."""

    CASH = "cash"
    OWED = "owed"


class Account(IntEnum):
    """Accounts of the cash ledger: where the money is."""

    SEGREGATED_BANK = 1000
    OWN_BANK = 1010
    PROVIDER_BALANCE = 1100
    IN_TRANSIT = 1200
    STORNO_CLAIM_ON_CITIZEN = 1300
    SET_OFF_CLAIM_ON_CREDITOR = 1310
    UNDISTRIBUTED = 2000
    PAYABLE_TO_CREDITOR = 2100
    REFUND_DUE = 2200
    RESERVED_FOR_DISPUTE = 2300
    """The part of a disputed claim, kept per claim until the dispute is settled."""
    UNIDENTIFIED = 2900
    OWN_REVENUE = 4000
    PROVIDER_FEES = 5000
    STORNO_FEES = 5100
    STORNO_LOSSES = 5900


class OwedAccount(IntEnum):
    """Accounts of the owed ledger: what every claim still asks, what was paid, what was waived."""

    OUTSTANDING = 100
    PAID = 200
    WAIVED = 300
    OPENING = 900
    """The counterpart of what a claim asked at the start."""


class EntryKind(StrEnum):
    """What happened."""

    OWED_OPENING = "owed_opening"
    RECEIPT_PROVIDER = "receipt_provider"
    RECEIPT_TRANSFER = "receipt_transfer"
    MATCHED = "matched"
    PROVIDER_FEE = "provider_fee"
    TOP_UP = "top_up"
    SETTLEMENT = "settlement"
    DISTRIBUTION = "distribution"
    REMITTANCE_SUBMITTED = "remittance_submitted"
    REMITTANCE_BOOKED = "remittance_booked"
    REMITTANCE_REJECTED = "remittance_rejected"
    REMITTANCE_RETURNED = "remittance_returned"
    OVERPAYMENT = "overpayment"
    REFUND = "refund"
    STORNO = "storno"
    STORNO_FEE = "storno_fee"
    WAIVER = "waiver"
    REVERSAL = "reversal"
    RELEASED = "released"
    UNPARKED = "unparked"
    RESERVED_REFUNDED = "reserved_refunded"
    CLAIM_CHANGED = "claim_changed"
    MIRRORED = "mirrored"
    STORNO_CLAIMED = "storno_claimed"
    STORNO_REPAID = "storno_repaid"
    STORNO_WON = "storno_won"
    WRITTEN_OFF = "written_off"
    SET_OFF = "set_off"
    SENT_BACK = "sent_back"
    REFUND_FAILED = "refund_failed"
    REVENUE = "revenue"


_PER_ARRANGEMENT = frozenset({Account.UNDISTRIBUTED, Account.STORNO_CLAIM_ON_CITIZEN, Account.REFUND_DUE})
_PER_CREDITOR = frozenset(
    {Account.PAYABLE_TO_CREDITOR, Account.RESERVED_FOR_DISPUTE, Account.SET_OFF_CLAIM_ON_CREDITOR}
)
_PER_CLAIM = frozenset({Account.PAYABLE_TO_CREDITOR, Account.RESERVED_FOR_DISPUTE})


@dataclass(frozen=True)
class Line:
    """One side of an entry: exactly one of `debit` and `credit` is above zero."""

    account: Account | OwedAccount
    debit: int = 0
    credit: int = 0
    arrangement: Ref | None = None
    claim: Ref | None = None
    creditor: Ref | None = None

    def __post_init__(self) -> None:
        """Refuse a line with no side, with two, or without the party its account is kept for."""
        whole_number(self.debit, "debit")
        whole_number(self.credit, "credit")
        if (self.debit > 0) == (self.credit > 0):
            raise ValueError("a line has either a debit or a credit, above zero")
        if self.account in _PER_ARRANGEMENT and self.arrangement is None:
            raise ValueError(f"account {self.account.value} is kept per arrangement")
        if isinstance(self.account, OwedAccount):
            if self.claim is None:
                raise ValueError("the owed ledger is kept per claim")
        elif self.account in _PER_CREDITOR and self.creditor is None:
            raise ValueError(f"account {self.account.value} is kept per creditor")
        if self.account in _PER_CLAIM and self.claim is None:
            raise ValueError(f"account {self.account.value} is kept per claim")


@dataclass(frozen=True)
class Entry:
    """One balanced entry in one ledger. `key` is what makes it unique (payments.md 5.5): the same event, the same
    key.
    """

    ledger: Ledger
    kind: EntryKind
    key: str
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        """Refuse an entry that does not balance or mixes the ledgers."""
        object.__setattr__(self, "lines", tuple(self.lines))
        if not self.key:
            raise ValueError("an entry needs a key")
        if len(self.lines) < 2:
            raise ValueError("an entry needs at least two lines")
        accounts = Account if self.ledger is Ledger.CASH else OwedAccount
        if not all(isinstance(line.account, accounts) for line in self.lines):
            raise ValueError(f"an entry in the {self.ledger.value} ledger has a line of the other one")
        debit, credit = sum(line.debit for line in self.lines), sum(line.credit for line in self.lines)
        if debit != credit:
            raise ValueError(f"the entry does not balance: debit {debit}, credit {credit}")

    @property
    def amount(self) -> int:
        """What the entry moves, in cents."""
        return sum(line.debit for line in self.lines)


@dataclass(frozen=True)
class Part:
    """An amount in cents for one claim of one creditor."""

    claim: Ref
    creditor: Ref
    amount: int


def _positive(amount: int) -> int:
    return whole_number(amount, "amount", minimum=1)


def _parts(parts: Iterable[Part]) -> list[Part]:
    """The parts that are not zero: a receipt of one cent gives most claims nothing."""
    found = [part for part in parts if whole_number(part.amount, "amount")]
    if not found:
        raise ValueError("there is nothing to book")
    return found


def _cash(kind: EntryKind, key: str, *lines: Line) -> Entry:
    return Entry(Ledger.CASH, kind, key, lines)


def _owed(kind: EntryKind, key: str, *lines: Line) -> Entry:
    return Entry(Ledger.OWED, kind, key, lines)


def owed_opening(key: str, *, arrangement: Ref, claims: Sequence[Part]) -> Entry:
    """What every claim asks at the signature: outstanding against opening."""
    lines = []
    for part in _parts(claims):
        for account in (OwedAccount.OUTSTANDING, OwedAccount.OPENING):
            side = {"debit" if account is OwedAccount.OUTSTANDING else "credit": part.amount}
            lines.append(Line(account, **side, arrangement=arrangement, claim=part.claim, creditor=part.creditor))
    return _owed(EntryKind.OWED_OPENING, key, *lines)


def receipt_provider(key: str, *, arrangement: Ref, amount: int) -> Entry:
    """The citizen paid through a provider; the gross amount stands on the provider's balance."""
    return _cash(
        EntryKind.RECEIPT_PROVIDER,
        key,
        Line(Account.PROVIDER_BALANCE, debit=_positive(amount)),
        Line(Account.UNDISTRIBUTED, credit=amount, arrangement=arrangement),
    )


def receipt_transfer(key: str, *, arrangement: Ref | None, amount: int) -> Entry:
    """Money came by plain transfer; on unidentified money when `arrangement` is None."""
    target = Account.UNIDENTIFIED if arrangement is None else Account.UNDISTRIBUTED
    return _cash(
        EntryKind.RECEIPT_TRANSFER,
        key,
        Line(Account.SEGREGATED_BANK, debit=_positive(amount)),
        Line(target, credit=amount, arrangement=arrangement),
    )


def matched(key: str, *, arrangement: Ref, amount: int) -> Entry:
    """Unidentified money turned out to be of `arrangement`."""
    return _cash(
        EntryKind.MATCHED,
        key,
        Line(Account.UNIDENTIFIED, debit=_positive(amount)),
        Line(Account.UNDISTRIBUTED, credit=amount, arrangement=arrangement),
    )


def provider_fee(key: str, *, amount: int) -> Entry:
    """The provider kept its fee. It never comes out of the citizen's money: see `top_up`."""
    return _cash(
        EntryKind.PROVIDER_FEE,
        key,
        Line(Account.PROVIDER_FEES, debit=_positive(amount)),
        Line(Account.PROVIDER_BALANCE, credit=amount),
    )


def top_up(key: str, *, amount: int) -> Entry:
    """Our own account makes up what fees took, so that every cent paid reaches creditors."""
    return _cash(
        EntryKind.TOP_UP,
        key,
        Line(Account.SEGREGATED_BANK, debit=_positive(amount)),
        Line(Account.OWN_BANK, credit=amount),
    )


def settlement(key: str, *, amount: int) -> Entry:
    """The provider paid out to the segregated account (net: fees were booked before)."""
    return _cash(
        EntryKind.SETTLEMENT,
        key,
        Line(Account.SEGREGATED_BANK, debit=_positive(amount)),
        Line(Account.PROVIDER_BALANCE, credit=amount),
    )


def distribution(
    key: str, *, arrangement: Ref, parts: Sequence[Part], parked: Sequence[Part] = ()
) -> tuple[Entry, ...]:
    """A receipt is divided: the cash entry and the owed entry, to be written in one transaction.

    `parts` are the steps of `distribute` (new total less old total); zero steps are left out. `parked`: the steps of claims
    that are disputed; that money is set aside and pays nothing yet, so the owed ledger does not move for it. ValueError when
    all are zero.
    """
    counted = [part for part in parts if whole_number(part.amount, "amount")]
    aside = [part for part in parked if whole_number(part.amount, "amount")]
    if not counted and not aside:
        raise ValueError("there is nothing to book")
    cash = _cash(
        EntryKind.DISTRIBUTION,
        key,
        Line(Account.UNDISTRIBUTED, debit=sum(part.amount for part in (*counted, *aside)), arrangement=arrangement),
        *(_creditor_line(Account.PAYABLE_TO_CREDITOR, part, arrangement, "credit") for part in counted),
        *(_creditor_line(Account.RESERVED_FOR_DISPUTE, part, arrangement, "credit") for part in aside),
    )
    if not counted:
        return (cash,)
    return cash, _settles(EntryKind.DISTRIBUTION, key, OwedAccount.PAID, arrangement, counted)


def released(key: str, *, arrangement: Ref, part: Part) -> tuple[Entry, Entry]:
    """A dispute is over and the claim stands: what was set aside is payable to the creditor now, and pays the claim."""
    cash = _cash(
        EntryKind.RELEASED,
        key,
        Line(
            Account.RESERVED_FOR_DISPUTE,
            debit=_positive(part.amount),
            arrangement=arrangement,
            claim=part.claim,
            creditor=part.creditor,
        ),
        _creditor_line(Account.PAYABLE_TO_CREDITOR, part, arrangement, "credit"),
    )
    return cash, _settles(EntryKind.RELEASED, key, OwedAccount.PAID, arrangement, [part])


def unparked(key: str, *, arrangement: Ref, parts: Sequence[Part]) -> Entry:
    """What was set aside for claims comes free to be divided again."""
    counted = _parts(parts)
    return _cash(
        EntryKind.UNPARKED,
        key,
        *(_creditor_line(Account.RESERVED_FOR_DISPUTE, part, arrangement, "debit") for part in counted),
        Line(Account.UNDISTRIBUTED, credit=sum(part.amount for part in counted), arrangement=arrangement),
    )


def reserved_refunded(key: str, *, arrangement: Ref, part: Part) -> Entry:
    """What was set aside and nobody is owed any more belongs to the citizen."""
    return _cash(
        EntryKind.RESERVED_REFUNDED,
        key,
        _creditor_line(Account.RESERVED_FOR_DISPUTE, part, arrangement, "debit"),
        Line(Account.REFUND_DUE, credit=_positive(part.amount), arrangement=arrangement),
    )


def claim_changed(key: str, *, arrangement: Ref, more: Sequence[Part] = (), less: Sequence[Part] = ()) -> Entry:
    """What claims ask changes: corrected, withdrawn, transferred, or come in late. Each part against its own opening."""
    lines = []
    for parts, up in ((more, True), (less, False)):
        for part in parts:
            amount = _positive(part.amount)
            for account in (OwedAccount.OUTSTANDING, OwedAccount.OPENING):
                side = "debit" if (account is OwedAccount.OUTSTANDING) == up else "credit"
                lines.append(_creditor_line(account, Part(part.claim, part.creditor, amount), arrangement, side))
    return _owed(EntryKind.CLAIM_CHANGED, key, *lines)


def waiver(key: str, *, arrangement: Ref, parts: Sequence[Part]) -> Entry:
    """The kwijtschelding: the owed ledger only, no cash moves. Zero parts are left out."""
    return _settles(EntryKind.WAIVER, key, OwedAccount.WAIVED, arrangement, _parts(parts))


def _settles(kind: EntryKind, key: str, by: OwedAccount, arrangement: Ref, parts: Sequence[Part]) -> Entry:
    """Lower what claims ask, because it was paid or waived."""
    lines = []
    for part in parts:
        lines.append(_creditor_line(by, part, arrangement, "debit"))
        lines.append(_creditor_line(OwedAccount.OUTSTANDING, part, arrangement, "credit"))
    return _owed(kind, key, *lines)


def _creditor_line(account: Account | OwedAccount, part: Part, arrangement: Ref | None, side: str) -> Line:
    return Line(
        account,
        debit=part.amount if side == "debit" else 0,
        credit=part.amount if side == "credit" else 0,
        arrangement=arrangement,
        claim=part.claim,
        creditor=part.creditor,
    )


def remittance_submitted(key: str, *, parts: Sequence[Part], arrangement: Ref | None = None) -> Entry:
    """A batch went to the bank: what was payable is now in transit."""
    counted = _parts(parts)
    return _cash(
        EntryKind.REMITTANCE_SUBMITTED,
        key,
        *(_creditor_line(Account.PAYABLE_TO_CREDITOR, part, arrangement, "debit") for part in counted),
        Line(Account.IN_TRANSIT, credit=sum(part.amount for part in counted)),
    )


def remittance_booked(key: str, *, amount: int) -> Entry:
    """The bank has booked it."""
    return _cash(
        EntryKind.REMITTANCE_BOOKED,
        key,
        Line(Account.IN_TRANSIT, debit=_positive(amount)),
        Line(Account.SEGREGATED_BANK, credit=amount),
    )


def remittance_rejected(key: str, *, parts: Sequence[Part], arrangement: Ref | None = None) -> Entry:
    """The bank refused it before booking: payable again."""
    return _back_to_creditor(EntryKind.REMITTANCE_REJECTED, key, Account.IN_TRANSIT, parts, arrangement)


def remittance_returned(key: str, *, parts: Sequence[Part], arrangement: Ref | None = None) -> Entry:
    """It came back after booking (wrong IBAN): payable again, and the line stays blocked until that is corrected."""
    return _back_to_creditor(EntryKind.REMITTANCE_RETURNED, key, Account.SEGREGATED_BANK, parts, arrangement)


def _back_to_creditor(
    kind: EntryKind,
    key: str,
    source: Account,
    parts: Sequence[Part],
    arrangement: Ref | None,
) -> Entry:
    counted = _parts(parts)
    return _cash(
        kind,
        key,
        Line(source, debit=sum(part.amount for part in counted)),
        *(_creditor_line(Account.PAYABLE_TO_CREDITOR, part, arrangement, "credit") for part in counted),
    )


def overpayment(key: str, *, arrangement: Ref, amount: int) -> Entry:
    """More came in than the arrangement asks: set aside to be refunded."""
    return _cash(
        EntryKind.OVERPAYMENT,
        key,
        Line(Account.UNDISTRIBUTED, debit=_positive(amount), arrangement=arrangement),
        Line(Account.REFUND_DUE, credit=amount, arrangement=arrangement),
    )


def refund(key: str, *, arrangement: Ref, amount: int, through_provider: bool = False) -> Entry:
    """What was set aside went back to the citizen, from the bank account or from the provider's balance."""
    source = Account.PROVIDER_BALANCE if through_provider else Account.SEGREGATED_BANK
    return _cash(
        EntryKind.REFUND,
        key,
        Line(Account.REFUND_DUE, debit=_positive(amount), arrangement=arrangement),
        Line(source, credit=amount),
    )


def storno(key: str, *, arrangement: Ref, amount: int) -> Entry:
    """A debit was taken back. Of money that was distributed, reverse the distribution first (see `reversal`)."""
    return _cash(
        EntryKind.STORNO,
        key,
        Line(Account.UNDISTRIBUTED, debit=_positive(amount), arrangement=arrangement),
        Line(Account.PROVIDER_BALANCE, credit=amount),
    )


def mirrored(
    key: str, *, arrangement: Ref, paid: Sequence[Part] = (), parked: Sequence[Part] = ()
) -> tuple[Entry, ...]:
    """A receipt is taken back of which nothing was paid on: its own lines, the other way round, in both ledgers.

    `paid` comes off what is payable (and the debt revives), `parked` off what is set aside. ValueError when both are empty.
    """
    counted = [part for part in paid if whole_number(part.amount, "amount")]
    aside = [part for part in parked if whole_number(part.amount, "amount")]
    if not counted and not aside:
        raise ValueError("there is nothing to book")
    cash = _cash(
        EntryKind.MIRRORED,
        key,
        *(_creditor_line(Account.PAYABLE_TO_CREDITOR, part, arrangement, "debit") for part in counted),
        *(_creditor_line(Account.RESERVED_FOR_DISPUTE, part, arrangement, "debit") for part in aside),
        Line(Account.UNDISTRIBUTED, credit=sum(part.amount for part in (*counted, *aside)), arrangement=arrangement),
    )
    return (cash, _revives(EntryKind.MIRRORED, key, arrangement, counted)) if counted else (cash,)


def storno_set_off(key: str, *, arrangement: Ref, parts: Sequence[Part]) -> tuple[Entry, Entry]:
    """A receipt is taken back that was paid on, and the creditors agreed to set-off: they owe it to us, the debt revives."""
    counted = _parts(parts)
    cash = _cash(
        EntryKind.STORNO_CLAIMED,
        key,
        *(_creditor_line(Account.SET_OFF_CLAIM_ON_CREDITOR, part, arrangement, "debit") for part in counted),
        Line(Account.UNDISTRIBUTED, credit=sum(part.amount for part in counted), arrangement=arrangement),
    )
    return cash, _revives(EntryKind.STORNO_CLAIMED, key, arrangement, counted)


def storno_on_citizen(key: str, *, arrangement: Ref, amount: int) -> Entry:
    """A receipt is taken back that was paid on, without set-off: the creditors keep it, the citizen owes it to us."""
    return _cash(
        EntryKind.STORNO_CLAIMED,
        key,
        Line(Account.STORNO_CLAIM_ON_CITIZEN, debit=_positive(amount), arrangement=arrangement),
        Line(Account.UNDISTRIBUTED, credit=amount, arrangement=arrangement),
    )


def storno_repaid(key: str, *, arrangement: Ref, amount: int) -> Entry:
    """The citizen pays back what was taken back by storno."""
    return _cash(
        EntryKind.STORNO_REPAID,
        key,
        Line(Account.UNDISTRIBUTED, debit=_positive(amount), arrangement=arrangement),
        Line(Account.STORNO_CLAIM_ON_CITIZEN, credit=amount, arrangement=arrangement),
    )


def storno_won(key: str, *, arrangement: Ref, amount: int) -> Entry:
    """The bank gives the money back after all: it stands on the provider's balance again, to be handled as a receipt."""
    return _cash(
        EntryKind.STORNO_WON,
        key,
        Line(Account.PROVIDER_BALANCE, debit=_positive(amount)),
        Line(Account.UNDISTRIBUTED, credit=amount, arrangement=arrangement),
    )


def written_off(key: str, *, arrangement: Ref, amount: int) -> Entry:
    """A storno that will not be paid back: our loss, never the creditors' and never a debt that stays."""
    return _cash(
        EntryKind.WRITTEN_OFF,
        key,
        Line(Account.STORNO_LOSSES, debit=_positive(amount)),
        Line(Account.STORNO_CLAIM_ON_CITIZEN, credit=amount, arrangement=arrangement),
    )


def set_off(key: str, *, arrangement: Ref, parts: Sequence[Part]) -> Entry:
    """What a creditor owes us because of a storno comes off what it would get now."""
    counted = _parts(parts)
    return _cash(
        EntryKind.SET_OFF,
        key,
        *(_creditor_line(Account.PAYABLE_TO_CREDITOR, part, arrangement, "debit") for part in counted),
        *(_creditor_line(Account.SET_OFF_CLAIM_ON_CREDITOR, part, arrangement, "credit") for part in counted),
    )


def sent_back(key: str, *, amount: int) -> Entry:
    """Money nobody could place went back to the account it came from."""
    return _cash(
        EntryKind.SENT_BACK,
        key,
        Line(Account.UNIDENTIFIED, debit=_positive(amount)),
        Line(Account.SEGREGATED_BANK, credit=amount),
    )


def refund_failed(key: str, *, arrangement: Ref | None, amount: int) -> Entry:
    """A transfer to a citizen (or, without `arrangement`, to a sender) came back: it is still theirs."""
    account = Account.UNIDENTIFIED if arrangement is None else Account.REFUND_DUE
    return _cash(
        EntryKind.REFUND_FAILED,
        key,
        Line(Account.SEGREGATED_BANK, debit=_positive(amount)),
        Line(account, credit=amount, arrangement=arrangement),
    )


def revenue(key: str, *, amount: int) -> Entry:
    """A creditor or municipality paid for the service, on our own account. Never out of the citizens' money."""
    return _cash(
        EntryKind.REVENUE,
        key,
        Line(Account.OWN_BANK, debit=_positive(amount)),
        Line(Account.OWN_REVENUE, credit=amount),
    )


def _revives(kind: EntryKind, key: str, arrangement: Ref, parts: Sequence[Part]) -> Entry:
    """What was paid on these claims is open again."""
    lines = []
    for part in parts:
        lines.append(_creditor_line(OwedAccount.OUTSTANDING, part, arrangement, "debit"))
        lines.append(_creditor_line(OwedAccount.PAID, part, arrangement, "credit"))
    return _owed(kind, key, *lines)


def storno_fee(key: str, *, amount: int) -> Entry:
    """What the provider charges for a storno: our cost, never the citizen's."""
    return _cash(
        EntryKind.STORNO_FEE,
        key,
        Line(Account.STORNO_FEES, debit=_positive(amount)),
        Line(Account.PROVIDER_BALANCE, credit=amount),
    )


def reversal(key: str, entry: Entry) -> Entry:
    """The entry that undoes `entry`, line by line with the sides exchanged."""
    return Entry(
        entry.ledger,
        EntryKind.REVERSAL,
        key,
        tuple(
            Line(line.account, line.credit, line.debit, line.arrangement, line.claim, line.creditor)
            for line in entry.lines
        ),
    )
