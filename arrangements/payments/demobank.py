"""The made-up bank: a payment page, books of its own, and webhooks through the same door as any real provider."""

import json
import logging
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.urls import reverse

from arrangements.models import DemoBankPayment
from arrangements.payments.provider import Collection, CollectionState, Link, Reading, Refused, Verified
from arrangements.payments.signatures import check, sign
from infra import clock, jobs

log = logging.getLogger(__name__)

NAME = "demobank"
HEADER = "DemoBank-Signature"
_SECONDS_TO_ANSWER = 5

_KINDS = {
    DemoBankPayment.State.PAID: "collection.succeeded",
    DemoBankPayment.State.REFUSED: "collection.failed",
    DemoBankPayment.State.EXPIRED: "collection.expired",
}
_READINGS = {
    DemoBankPayment.State.OPEN: CollectionState.OPEN,
    DemoBankPayment.State.PAID: CollectionState.PAID,
    DemoBankPayment.State.REFUSED: CollectionState.FAILED,
    DemoBankPayment.State.EXPIRED: CollectionState.FAILED,
}


class AlreadyDecided(Exception):
    """This payment at the bank was paid, refused or expired before."""


def allowed() -> bool:
    """Made-up money belongs where the date is made up too; production has neither."""
    return bool(settings.DEMO or settings.BUSINESS_DATE_SOURCE == "table")


def _require_demo() -> None:
    if not allowed():
        raise ImproperlyConfigured("the demo bank is for demo and tests only")


class DemoBank:
    """The provider's side of the door, as our code may use it."""

    name = NAME

    def open_link(self, collection: Collection) -> Link:
        """See CollectionProvider."""
        _require_demo()
        row, _made = DemoBankPayment.objects.get_or_create(
            key=collection.key,
            defaults={
                "id": f"demo_{secrets.token_hex(12)}",
                "amount_cents": collection.amount_cents,
                "description": collection.description[:100],
                "return_url": collection.return_url,
                "webhook_url": settings.SITE_BASE_URL + reverse("webhook", kwargs={"provider": NAME}),
            },
        )
        if row.state == DemoBankPayment.State.OPEN and row.amount_cents != collection.amount_cents:
            raise ValueError("the same key was used for another amount")
        return Link(row.pk, reverse("demobank", kwargs={"payment_id": row.pk}))

    def read(self, provider_id: str) -> Reading:
        """See CollectionProvider."""
        row = DemoBankPayment.objects.filter(pk=provider_id).first()
        if row is None:
            raise LookupError(provider_id)
        return Reading(_READINGS[DemoBankPayment.State(row.state)], row.amount_cents)

    def verify(self, body: bytes, headers: Mapping[str, str]) -> Verified:
        """See CollectionProvider. The age is measured on the real clock, whatever the business date says."""
        _require_demo()
        check(body, headers.get(HEADER, ""), secret=settings.DEMOBANK_WEBHOOK_SECRET, now=int(time.time()))
        try:
            event = json.loads(body)
            return Verified(str(event["id"])[:100], str(event["type"])[:60], str(event["payment"]["id"])[:100])
        except (ValueError, KeyError, TypeError) as error:
            raise Refused("not an event") from error

    def close_link(self, provider_id: str) -> Reading:
        """See CollectionProvider."""
        with transaction.atomic():
            row = DemoBankPayment.objects.select_for_update().filter(pk=provider_id).first()
            if row is not None and row.state == DemoBankPayment.State.OPEN:
                row.state = DemoBankPayment.State.EXPIRED
                row.decided_at = clock.now()
                row.save(update_fields=["state", "decided_at"])
        return self.read(provider_id)


def pay(payment_id: str, *, amount_cents: int | None = None, notify: bool = True) -> DemoBankPayment:
    """Somebody pays at the bank: the whole amount, or another one (cents), as real people do. Raises AlreadyDecided.

    Without `notify` the message is lost on its way, as happens.
    """
    return _decide(payment_id, DemoBankPayment.State.PAID, amount_cents, notify=notify)


def refuse(payment_id: str) -> DemoBankPayment:
    """The bank says no. Raises AlreadyDecided."""
    return _decide(payment_id, DemoBankPayment.State.REFUSED)


def expire(payment_id: str) -> DemoBankPayment:
    """Nobody paid in time. Raises AlreadyDecided."""
    return _decide(payment_id, DemoBankPayment.State.EXPIRED)


@transaction.atomic
def _decide(
    payment_id: str, state: DemoBankPayment.State, amount_cents: int | None = None, *, notify: bool = True
) -> DemoBankPayment:
    _require_demo()
    row = DemoBankPayment.objects.select_for_update().get(pk=payment_id)
    if row.state != DemoBankPayment.State.OPEN:
        raise AlreadyDecided(row.state)
    if amount_cents is not None:
        if amount_cents <= 0:
            raise ValueError("nobody pays nothing")
        row.amount_cents = amount_cents
    row.state = state
    row.decided_at = clock.now()
    row.save(update_fields=["state", "decided_at", "amount_cents"])
    if notify:
        # Not from here: the row is not committed yet, and a server with one thread would wait for itself.
        jobs.enqueue("demobank_webhook", key=f"demobank_webhook:{row.pk}", arguments={"payment": row.pk})
    return row


def event_body(row: DemoBankPayment) -> bytes:
    """The message about a decided payment: always the same bytes, so that sending it again is the same event."""
    event = {
        "id": f"evt_{row.pk}_{row.state}",
        "type": _KINDS[DemoBankPayment.State(row.state)],
        "payment": {"id": row.pk, "state": row.state, "amount_cents": row.amount_cents},
    }
    return json.dumps(event, sort_keys=True, separators=(",", ":")).encode()


@jobs.job("demobank_webhook", chunked=True)
def post_webhook(work: jobs.Work) -> None:
    """Post the signed event to the address of the payment. A door that does not open is tried again later."""
    with transaction.atomic():
        row = DemoBankPayment.objects.get(pk=work.arguments["payment"])
    send_webhook(row)


def send_webhook(row: DemoBankPayment) -> None:
    """Send it now, outside any transaction. OSError when nobody answers, or answers with an error."""
    _require_demo()
    if urlsplit(row.webhook_url).scheme not in ("http", "https"):
        raise ValueError(f"not a web address: {row.webhook_url}")
    body = event_body(row)
    header = sign(body, secret=settings.DEMOBANK_WEBHOOK_SECRET, at=int(time.time()))
    request = urllib.request.Request(  # noqa: S310  the scheme was checked above
        row.webhook_url,
        data=body,
        headers={"Content-Type": "application/json", HEADER: header},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=_SECONDS_TO_ANSWER) as answer:  # noqa: S310  as above
        log.info("webhook of %s: %s", row.pk, answer.status)
