"""Stripe as the party that collects: a Checkout page made at the click on our own link (payments.md 1.3, 5.1)."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import stripe
from django.conf import settings

from arrangements.payments import stripe_client, stripe_events, stripe_settlements
from arrangements.payments.provider import (
    CallFailed,
    Capability,
    Collection,
    Link,
    Reading,
    Settlement,
    Verified,
)
from arrangements.payments.stripe_reading import EXPANDED, charge_of, intent_of, reading_of

if TYPE_CHECKING:
    from stripe.checkout import Session
    from stripe.params.checkout import SessionCreateParams

NAME: Final = "stripe"

# A page lives at most 24 hours after it is made and at least half an hour, and a call is repeated for 23 hours.
_LIVES: Final = timedelta(hours=23, minutes=45)
# A call is looked up after 23 hours, by a worker that may have been down for a while.
_FIND_SECONDS: Final = 3 * 24 * 3600
_PAGE: Final = 100


class StripeProvider:
    """See CollectionProvider. The id of a collection is that of its Checkout Session."""

    name = NAME

    def capabilities(self) -> frozenset[Capability]:
        """See CollectionProvider."""
        return frozenset(Capability)

    def open_link(self, collection: Collection) -> Link:
        """See CollectionProvider."""
        asked = session_request(collection)
        client = stripe_client.client()
        with stripe_client.writing():
            session = client.v1.checkout.sessions.create(asked, stripe_client.once("open", collection.key))
        if not session.url:
            raise CallFailed(f"{session.id} has no page")
        return Link(session.id, session.url, datetime.fromtimestamp(session.expires_at, UTC))

    def close_link(self, provider_id: str) -> Reading:
        """See CollectionProvider. What somebody just paid at, or what is over, cannot be closed: then that is the truth."""
        client = stripe_client.client()
        try:
            with stripe_client.writing():
                client.v1.checkout.sessions.expire(provider_id, None, stripe_client.once("close", provider_id))
        except CallFailed:
            return self.read(provider_id)
        return self.read(provider_id)

    def read(self, provider_id: str) -> Reading:
        """See CollectionProvider."""
        session = self._session(provider_id)
        intent, charge = intent_of(session), charge_of(session)
        disputes: list[stripe.Dispute] = []
        if intent is not None and charge is not None and charge.disputed:
            client = stripe_client.client()
            with stripe_client.reading():
                found = client.v1.disputes.list({"payment_intent": intent.id, "limit": _PAGE})
                disputes = sorted(found.auto_paging_iter(), key=lambda one: (one.created, one.id))
        return reading_of(session, disputes)

    def find(self, key: str) -> str | None:
        """See CollectionProvider. Also leads from a payment intent of Stripe to its session, and from the key of a refund to it.

        What was paid is found whenever it was made; what was not, when it was made in the last three days.
        """
        client = stripe_client.client()
        with stripe_client.reading():
            if key.startswith("pi_"):
                return self._session_of(client, key)
            since = int(time.time()) - _FIND_SECONDS
            sessions = client.v1.checkout.sessions.list({"created": {"gte": since}, "limit": _PAGE})
            for session in sessions.auto_paging_iter():
                if _is_ours(session.metadata, key):
                    return session.id
            refunds = client.v1.refunds.list({"created": {"gte": since}, "limit": _PAGE})
            for refund in refunds.auto_paging_iter():
                if _is_ours(refund.metadata, key):
                    return refund.id
            quoted = key.replace("\\", "\\\\").replace("'", "\\'")
            for intent in client.v1.payment_intents.search({"query": f"metadata['key']:'{quoted}'"}).data:
                if _is_ours(intent.metadata, key):
                    return self._session_of(client, intent.id)
        return None

    def refund(self, provider_id: str, amount_cents: int, key: str) -> str:
        """See CollectionProvider."""
        intent = intent_of(self._session(provider_id))
        if intent is None or intent.status != "succeeded":
            raise CallFailed(f"{provider_id} was not paid")
        client = stripe_client.client()
        with stripe_client.writing():
            refund = client.v1.refunds.create(
                {"payment_intent": intent.id, "amount": amount_cents, "metadata": _metadata(key)},
                stripe_client.once("refund", key),
            )
        if refund.status in ("failed", "canceled"):
            raise CallFailed(f"{refund.id} is {refund.status}")
        return refund.id

    def verify(self, body: bytes, headers: Mapping[str, str]) -> Verified:
        """See CollectionProvider."""
        return stripe_events.verify(body, headers)

    def events_since(self, cursor: str) -> tuple[Sequence[Verified], str]:
        """See CollectionProvider."""
        return stripe_events.events_since(cursor)

    def settlements_since(self, cursor: str) -> tuple[Sequence[Settlement], str]:
        """See CollectionProvider."""
        return stripe_settlements.settlements_since(cursor)

    def _session(self, provider_id: str) -> "Session":
        client = stripe_client.client()
        with stripe_client.reading():
            return client.v1.checkout.sessions.retrieve(provider_id, {"expand": EXPANDED})

    def _session_of(self, client: stripe.StripeClient, intent_id: str) -> str | None:
        sessions = client.v1.checkout.sessions.list({"payment_intent": intent_id, "limit": 1}).data
        return sessions[0].id if sessions else None


def session_request(collection: Collection) -> "SessionCreateParams":
    """What we ask for: always the same for the same collection, or its key would not make it once.

    Never `payment_method_types`: this version of Stripe refuses it (payments.md 0.1).
    """
    request: SessionCreateParams = {
        "mode": "payment",
        "locale": "nl",
        "allowed_payment_method_types": settings.STRIPE_PAYMENT_METHODS,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": "eur",
                    "unit_amount": collection.amount_cents,
                    "product_data": {"name": collection.description},
                },
            }
        ],
        "client_reference_id": collection.key,
        "metadata": _metadata(collection.key),
        "payment_intent_data": {"metadata": _metadata(collection.key), "description": collection.description},
        # Back from paying or from giving up: our page only says what we know (payments.md 1.3).
        "success_url": collection.return_url,
        "cancel_url": collection.return_url,
    }
    if collection.asked_at is not None:
        request["expires_at"] = int((collection.asked_at + _LIVES).timestamp())
    return request


def _metadata(key: str) -> dict[str, str]:
    """Nothing about the payer: our key, and which installation made it."""
    return {"key": key, "site": stripe_client.environment()}


def _is_ours(metadata: Any, key: str) -> bool:
    return metadata is not None and all(
        name in metadata and metadata[name] == wanted for name, wanted in _metadata(key).items()
    )
