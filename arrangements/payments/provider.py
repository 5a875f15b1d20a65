"""What we ask of a party that collects money for us (payments.md 5.1); only what is used now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Refused(Exception):
    """A message that is not (any more) from the provider: the reason is for the log, not for the sender."""


class CollectionState(StrEnum):
    """The present truth at the provider."""

    OPEN = "open"
    PAID = "paid"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Collection:
    """What is asked: an amount in cents for one payment of ours, named by `key`."""

    key: str
    amount_cents: int
    description: str
    return_url: str


@dataclass(frozen=True, slots=True)
class Link:
    """Where the citizen pays. `expires_at` in UTC; None when the provider does not say."""

    provider_id: str
    url: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the provider says now. `amount_cents`: what was received when paid, else what was asked."""

    state: CollectionState
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Verified:
    """A message whose signature was right: it tells where to look, never what is true."""

    event_id: str
    kind: str
    provider_id: str


class CollectionProvider(Protocol):
    """Money in. Every call may take long for a real provider: never inside a lock."""

    name: str

    def open_link(self, collection: Collection) -> Link:
        """An address to pay at. The same key gives the same link; ValueError for the same key with another amount."""
        ...

    def read(self, provider_id: str) -> Reading:
        """The present truth. LookupError when the provider does not know it."""
        ...

    def verify(self, body: bytes, headers: Mapping[str, str]) -> Verified:
        """Check signature and age over the raw body. Raises Refused."""
        ...

    def close_link(self, provider_id: str) -> Reading:
        """Make an open link unusable; gives the truth afterwards, which may be that it was paid just before."""
        ...
