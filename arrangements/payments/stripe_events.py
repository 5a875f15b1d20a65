"""Messages of Stripe: whether they are from Stripe, what they are about, and asking for them again (payments.md 1.5)."""

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import stripe
from django.conf import settings

from arrangements.payments import stripe_client
from arrangements.payments.provider import Refused, Verified
from arrangements.payments.signatures import FUTURE_SECONDS, TOLERANCE_SECONDS

if TYPE_CHECKING:
    from stripe.params import EventListParams

HEADER: Final = "Stripe-Signature"
_DAY_SECONDS: Final = 24 * 3600
_PAGE: Final = 100

KINDS: Final[Mapping[str, str]] = {
    "checkout.session.completed": "collection.succeeded",
    "checkout.session.async_payment_succeeded": "collection.succeeded",
    "checkout.session.async_payment_failed": "collection.failed",
    "checkout.session.expired": "collection.expired",
    "payment_intent.succeeded": "collection.succeeded",
    "payment_intent.processing": "collection.pending",
    "payment_intent.payment_failed": "collection.failed",
    "payment_intent.canceled": "collection.failed",
    "charge.dispute.created": "collection.reversed",
    "charge.dispute.funds_withdrawn": "collection.reversed",
    "charge.dispute.funds_reinstated": "collection.reversal_won",
    "charge.dispute.closed": "collection.reversed",
    "refund.created": "refund.pending",
    "refund.updated": "refund.pending",
    "refund.failed": "refund.failed",
}
"""What we listen to, in the words our books know (at most 20: so many can be asked for at once).

What is true is always read afterwards; a message only says where to look.
"""


def verify(body: bytes, headers: Mapping[str, str]) -> Verified:
    """Signature and age by Stripe's own package, the future by us. Refused."""
    header = headers.get(HEADER, "")
    if not settings.STRIPE_WEBHOOK_SECRET:
        raise Refused("no secret to check signatures with")
    try:
        stripe.WebhookSignature.verify_header(body, header, settings.STRIPE_WEBHOOK_SECRET, TOLERANCE_SECONDS)
    except (stripe.SignatureVerificationError, ValueError) as error:
        raise Refused("wrong or old signature") from error
    # It passes any timestamp that is not too old (payments.md 1.5); the signature covers this one, so it may be believed.
    if _signed_at(header) > int(time.time()) + FUTURE_SECONDS:
        raise Refused("from the future")
    try:
        event = json.loads(body)
        live, found = event["livemode"], _verified(event)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused("not an event") from error
    if live is not stripe_client.is_live():
        raise Refused("from the other of test and live")
    return found


def _signed_at(header: str) -> int:
    return next(int(part[2:]) for part in header.split(",") if part.startswith("t="))


def _verified(event: Mapping[str, Any]) -> Verified:
    """`provider_id` is empty when it is about nothing we collect: kept and answered, not looked into."""
    kind, about = str(event["type"]), event["data"]["object"]
    if not isinstance(about, Mapping):
        raise TypeError("no object")
    known = KINDS.get(kind)
    return Verified(str(event["id"])[:100], (known or kind)[:60], _collection(about)[:100] if known else "")


def _collection(about: Mapping[str, Any]) -> str:
    """The session, or else the payment behind it: `find` leads from there to the session.

    Whatever else is sold through the same account has no key of ours.
    """
    if about["object"] == "checkout.session":
        return str(about["id"]) if about.get("client_reference_id") else ""
    if about["object"] == "payment_intent":
        return str(about["id"]) if (about.get("metadata") or {}).get("key") else ""
    return str(about.get("payment_intent") or "")


def events_since(cursor: str) -> tuple[list[Verified], str]:
    """See CollectionProvider. Stripe keeps them for 30 days; when `cursor` is gone, all of those are given."""
    client = stripe_client.client()
    asked: EventListParams = {"types": list(KINDS), "limit": _PAGE}
    with stripe_client.reading():
        if cursor:
            try:
                found = list(client.v1.events.list({**asked, "ending_before": cursor}).auto_paging_iter())
            except stripe.InvalidRequestError:
                found = list(client.v1.events.list(asked).auto_paging_iter())[::-1]
        else:
            since = int(time.time()) - _DAY_SECONDS
            found = list(client.v1.events.list({**asked, "created": {"gte": since}}).auto_paging_iter())[::-1]
    events = [_verified(event.to_dict()) for event in found]
    return [event for event in events if event.provider_id], found[-1].id if found else cursor
