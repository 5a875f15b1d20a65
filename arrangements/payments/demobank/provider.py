"""The made-up bank as our code may use it: the provider's side of the door, and the bank's counter for our own account."""

from collections.abc import Mapping, Sequence

from arrangements.payments.demobank import messages, orders, payments, settlements, statements
from arrangements.payments.demobank.gate import NAME, require_demo
from arrangements.payments.provider import Capability, Collection, Link, Reading, Settlement, Verified


class DemoBank:
    """A CollectionProvider and a RemittanceChannel; what each method means stands there."""

    name = NAME

    def capabilities(self) -> frozenset[Capability]:
        """Everything."""
        return frozenset(Capability)

    def open_link(self, collection: Collection) -> Link:
        """See CollectionProvider."""
        return payments.open_link(collection)

    def close_link(self, provider_id: str) -> Reading:
        """See CollectionProvider."""
        return payments.close_link(provider_id)

    def read(self, provider_id: str) -> Reading:
        """See CollectionProvider."""
        return payments.read(provider_id)

    def find(self, key: str) -> str | None:
        """See CollectionProvider."""
        return payments.find(key)

    def refund(self, provider_id: str, amount_cents: int, key: str) -> str:
        """See CollectionProvider."""
        return payments.refund(provider_id, amount_cents, key)

    def verify(self, body: bytes, headers: Mapping[str, str]) -> Verified:
        """See CollectionProvider."""
        return messages.verify(body, headers)

    def events_since(self, cursor: str) -> tuple[Sequence[Verified], str]:
        """See CollectionProvider."""
        require_demo()
        return messages.events_since(cursor)

    def settlements_since(self, cursor: str) -> tuple[Sequence[Settlement], str]:
        """See CollectionProvider."""
        require_demo()
        return settlements.settlements_since(cursor)

    def submit(self, message_id: str, content: bytes) -> None:
        """See RemittanceChannel."""
        orders.submit(message_id, content)

    def read_status(self, message_id: str) -> Mapping[str, str] | None:
        """See RemittanceChannel."""
        require_demo()
        return orders.read_status(message_id)

    def statements_since(self, cursor: str) -> tuple[Sequence[tuple[str, bytes]], str]:
        """See RemittanceChannel."""
        require_demo()
        return statements.statements_since(cursor)
