"""What the made-up bank tells: signed messages through the same door as any real provider, and a list to look back in."""

import json
import logging
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from arrangements.models import DemoBankEvent, DemoBankPayment
from arrangements.payments.demobank.gate import EVENTS, one_at_a_time, require_demo
from arrangements.payments.provider import Refused, Verified
from arrangements.payments.signatures import check, sign
from infra import clock, jobs

log = logging.getLogger(__name__)

HEADER: Final = "DemoBank-Signature"
_SECONDS_TO_ANSWER: Final = 5
#: Messages of so many days can be asked again by whoever comes without a place to go on from.
_DAYS_BACK: Final = 1


def record(row: DemoBankPayment, kind: str, name: str) -> DemoBankEvent:
    """Write down that something happened to a payment. Part of the caller's transaction; once per `name`."""
    one_at_a_time(EVENTS)
    event_id = f"evt_{row.pk}_{name}"
    event = {
        "id": event_id,
        "type": kind,
        "payment": {"id": row.pk, "state": row.state, "amount_cents": row.amount_cents},
    }
    made, _new = DemoBankEvent.objects.get_or_create(
        event_id=event_id,
        defaults={
            "kind": kind,
            "payment": row,
            "body": json.dumps(event, sort_keys=True, separators=(",", ":")).encode(),
            "happened_on": clock.today(),
        },
    )
    return made


def promise(event: DemoBankEvent, *, copy: int = 1) -> None:
    """Post this message after the commit: not from here, because a server with one thread would wait for itself."""
    jobs.enqueue(
        "demobank_webhook",
        key=f"demobank_webhook:{event.event_id}:{copy}",
        arguments={"event": event.event_id},
    )


def event_body(row: DemoBankPayment) -> bytes:
    """The newest message about a payment: always the same bytes, so that sending it again is the same event."""
    return bytes(DemoBankEvent.objects.filter(payment=row).latest("number").body)


def verify(body: bytes, headers: Mapping[str, str]) -> Verified:
    """See CollectionProvider. The age is measured on the real clock, whatever the business date says."""
    require_demo()
    check(body, headers.get(HEADER, ""), secret=settings.DEMOBANK_WEBHOOK_SECRET, now=int(time.time()))
    try:
        event = json.loads(body)
        return Verified(str(event["id"])[:100], str(event["type"])[:60], str(event["payment"]["id"])[:100])
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("not an event") from error


def events_since(cursor: str) -> tuple[Sequence[Verified], str]:
    """See CollectionProvider."""
    rows = DemoBankEvent.objects.order_by("number")
    if cursor:
        rows = rows.filter(number__gt=int(cursor))
    else:
        rows = rows.filter(happened_on__gte=clock.today() - timedelta(days=_DAYS_BACK))
    found = list(rows.values_list("number", "event_id", "kind", "payment_id"))
    last = str(found[-1][0]) if found else cursor
    return [Verified(event_id, kind, payment) for _number, event_id, kind, payment in found], last


@jobs.job("demobank_webhook", chunked=True)
def post_webhook(work: jobs.Work) -> None:
    """Post the signed event to the address of the payment. A door that does not open is tried again later."""
    with transaction.atomic():
        event = DemoBankEvent.objects.select_related("payment").get(event_id=work.arguments["event"])
    send_webhook(event)


def send_webhook(event: DemoBankEvent) -> None:
    """Send it now, outside any transaction. OSError when nobody answers, or answers with an error."""
    require_demo()
    address = event.payment.webhook_url
    if urlsplit(address).scheme not in ("http", "https"):
        raise ValueError(f"not a web address: {address}")
    body = bytes(event.body)
    header = sign(body, secret=settings.DEMOBANK_WEBHOOK_SECRET, at=int(time.time()))
    request = urllib.request.Request(  # noqa: S310  the scheme was checked above
        address,
        data=body,
        headers={"Content-Type": "application/json", HEADER: header},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=_SECONDS_TO_ANSWER) as answer:  # noqa: S310  as above
        log.info("webhook %s: %s", event.event_id, answer.status)
