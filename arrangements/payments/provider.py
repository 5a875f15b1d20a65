"""What we ask of a party that collects money for us (payments.md 5.1). Amounts are whole cents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class Refused(Exception):
    """A message that is not (any more) from the provider: the reason is for the log, not for the sender."""


class OutcomeUnknown(Exception):
    """No answer came: the call may have been carried out. The same key again gives the same result (payments.md 1.6)."""


class CallFailed(Exception):
    """The provider said no, and it is certain that nothing happened. A new attempt has a new key."""


class NotOffered(Exception):
    """This provider cannot do that; `capabilities()` says so beforehand."""


class Capability(StrEnum):
    """What a provider can do."""

    LINK = "link"
    REFUND = "refund"
    SETTLEMENTS = "settlements"
    EVENTS = "events"


class CollectionState(StrEnum):
    """The present truth at the provider. Forward only: after REVERSED or FAILED nothing but REVERSED comes.

    PENDING: the citizen has paid and the bank is thinking. REVERSED: it was paid, and taken back (storno).
    """

    OPEN = "open"
    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class Collection:
    """What is asked: an amount in cents for one payment of ours, named by `key`.

    `asked_at`: when it was asked first, the same on every repeat; a link that dies by itself counts from there.
    """

    key: str
    amount_cents: int
    description: str
    return_url: str
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Where the citizen pays. `expires_at` in UTC; None when the provider does not say."""

    provider_id: str
    url: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reversal:
    """A storno, named by the provider. `won`: the money came back after all."""

    dispute_id: str
    amount_cents: int
    fee_cents: int = 0
    won: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What the provider says now. `amount_cents`: what was received when paid, else what was asked.

    `fee_cents`: what it keeps for itself, None until it says so. `refunded_cents`: went back through it.
    """

    state: CollectionState
    amount_cents: int
    fee_cents: int | None = None
    reversals: tuple[Reversal, ...] = ()
    refunded_cents: int = 0


@dataclass(frozen=True, slots=True)
class Verified:
    """A message whose signature was right: it tells where to look, never what is true.

    `provider_id` is empty when it is about nothing that we collect.
    """

    event_id: str
    kind: str
    provider_id: str


@dataclass(frozen=True, slots=True)
class SettlementLine:
    """One line of what was paid out. `kind`: a value of ProviderMove.Kind; + is for us, fees are below zero."""

    provider_id: str
    kind: str
    collection_id: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """A payment of the provider to our account: gross less fees is net, and the lines add up to net."""

    provider_id: str
    paid_out_on: date
    gross_cents: int
    fee_cents: int
    failed: bool = False
    lines: tuple[SettlementLine, ...] = field(default=())

    @property
    def net_cents(self) -> int:
        """What arrives on the bank account."""
        return self.gross_cents - self.fee_cents


class CollectionProvider(Protocol):
    """Money in. Every call may take long for a real provider: never inside a lock. Every call may raise OutcomeUnknown
    or CallFailed; reads only OutcomeUnknown.
    """

    name: str

    def capabilities(self) -> frozenset[Capability]:
        """What may be asked of it."""
        ...

    def open_link(self, collection: Collection) -> Link:
        """An address to pay at. The same key gives the same link; ValueError for the same key with another amount."""
        ...

    def close_link(self, provider_id: str) -> Reading:
        """Make an open link unusable; gives the truth afterwards, which may be that it was paid just before."""
        ...

    def read(self, provider_id: str) -> Reading:
        """The present truth. LookupError when the provider does not know it."""
        ...

    def find(self, key: str) -> str | None:
        """The provider's id of what was made with `key`, for when the outcome of the call is unknown.

        A provider that tells about a collection by another id of its own leads from that to the collection as well.
        """
        ...

    def refund(self, provider_id: str, amount_cents: int, key: str) -> str:
        """Send money back to the payer; the provider's id of the refund. The same key refunds once. NotOffered."""
        ...

    def verify(self, body: bytes, headers: Mapping[str, str]) -> Verified:
        """Check signature and age over the raw body. Raises Refused."""
        ...

    def events_since(self, cursor: str) -> tuple[Sequence[Verified], str]:
        """Messages after `cursor` ("" for the last day), oldest first, and the next cursor. For webhooks that got lost."""
        ...

    def settlements_since(self, cursor: str) -> tuple[Sequence[Settlement], str]:
        """Payments to our account after `cursor` ("" for all that it still knows), oldest first, and the next cursor."""
        ...


class OrderRefused(Exception):
    """The bank does not take this file: twice the same message id, or not valid. The message says why."""


class RemittanceChannel(Protocol):
    """Money out: a pain.001 file in, and its outcome. What was booked comes on the statement (camt.053)."""

    name: str

    def submit(self, message_id: str, content: bytes) -> None:
        """Hand in a file. OrderRefused; OutcomeUnknown when nobody answers (the same message id again is refused once taken)."""
        ...

    def read_status(self, message_id: str) -> Mapping[str, str] | None:
        """Refused transfers, end-to-end id to reason code; empty when all were taken; None when the bank does not know it."""
        ...

    def statements_since(self, cursor: str) -> tuple[Sequence[tuple[str, bytes]], str]:
        """Statement files (name, camt.053 bytes) after `cursor` ("" for all), oldest first, and the next cursor."""
        ...
