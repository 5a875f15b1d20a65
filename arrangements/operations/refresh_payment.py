"""Asking the provider what is true, and following it. Webhook, janitor and time machine all come through here."""

import logging
import uuid
from datetime import timedelta

from django.db import transaction

from arrangements.domain.lifecycle import PaymentState, Thing
from arrangements.models import Arrangement, Payment, ProviderEvent
from arrangements.operations.call_provider import close_at_provider
from arrangements.operations.moves import move
from arrangements.operations.receive_payment import receive_payment
from arrangements.payments.provider import CollectionState, Reading
from arrangements.payments.registry import provider_named
from infra import clock, jobs

log = logging.getLogger(__name__)


class PaymentUnknown(Exception):
    """A provider tells about a payment we do not have (yet). It is tried again, then shown to a person."""


class NotAllRefreshed(Exception):
    """The janitor looked at all payments, but the provider could not say how some of them are. It is tried again."""


@jobs.job("handle_provider_event", chunked=True)
def handle_provider_event(work: jobs.Work) -> None:
    """After the webhook was stored and answered: look at the provider what is true, and book it once.

    Chunked, because the look happens outside any transaction.
    """
    with transaction.atomic():
        event = ProviderEvent.objects.get(provider=work.arguments["provider"], event_id=work.arguments["event"])
        payment = Payment.objects.filter(provider=event.provider, provider_id=event.provider_payment_id).first()
    if event.handled_at is not None:
        return
    if payment is None:
        payment = _led_to(event)
    if payment is None:
        raise PaymentUnknown(f"{event.provider} {event.provider_payment_id}")
    refresh_payment(payment_id=payment.pk, event_id=event.pk)


def _led_to(event: ProviderEvent) -> Payment | None:
    """The payment an event is about that names it by another id of the provider's own, such as a dispute does."""
    found = provider_named(event.provider).find(event.provider_payment_id)
    with transaction.atomic():
        return Payment.objects.filter(provider=event.provider, provider_id=found).first() if found else None


def refresh_payment(*, payment_id: int, event_id: uuid.UUID | None = None) -> Payment:
    """Read the provider's present truth and follow it, forward only. Worker only, outside a transaction.

    With `event_id` that event is marked as handled in the same transaction.
    """
    with transaction.atomic():
        payment = Payment.objects.get(pk=payment_id)
    reading = provider_named(payment.provider).read(payment.provider_id)
    return _follow(payment_id, reading, event_id)


@jobs.job("close_payment_link", chunked=True)
def close_payment_link(work: jobs.Work) -> None:
    """Make a link unusable whose instalment was paid otherwise. Paid in that very moment: then it is booked."""
    with transaction.atomic():
        payment = Payment.objects.get(pk=work.arguments["payment"])
    if payment.state == PaymentState.PENDING and payment.provider_id:
        _follow(payment.pk, close_at_provider(payment), None)


@jobs.job("refresh_pending_payments", chunked=True)
def refresh_pending_payments(work: jobs.Work) -> dict[str, int]:
    """The janitor: payments whose webhook may have been lost (payments.md 5.7). `minutes`: how old at least."""
    before = clock.now() - timedelta(minutes=work.arguments.get("minutes", 5))
    with transaction.atomic():
        waiting = list(
            Payment.objects.filter(state=PaymentState.PENDING, created_at__lte=before)
            .exclude(provider_id="")
            .order_by("pk")
            .values_list("pk", flat=True)
        )
    failed = 0
    for number, payment_id in enumerate(waiting, start=1):
        try:
            refresh_payment(payment_id=payment_id)
        except Exception:  # one payment that cannot be read must not keep the others waiting
            log.exception("payment %s could not be refreshed", payment_id)
            failed += 1
        work.progress(number, len(waiting))
    if failed:
        raise NotAllRefreshed(f"{failed} of {len(waiting)}")
    return {"looked_at": len(waiting)}


@transaction.atomic
def _follow(payment_id: int, reading: Reading, event_id: uuid.UUID | None) -> Payment:
    arrangement_id = Payment.objects.values_list("arrangement_id", flat=True).get(pk=payment_id)
    # First the arrangement, as everywhere: two events of one arrangement wait for each other here.
    Arrangement.objects.select_for_update(of=("self",)).get(pk=arrangement_id)
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment_id)
    outcome = "nothing"
    if reading.state is CollectionState.PAID:
        receive_payment(payment_id=payment_id, amount_cents=reading.amount_cents)
        outcome = "received"
    elif reading.state is CollectionState.FAILED and payment.state == PaymentState.PENDING:
        move(Thing.PAYMENT, payment, PaymentState.FAILED, reason="niet betaald", decided_at=clock.now())
        outcome = "failed"
    if event_id is not None:
        ProviderEvent.objects.filter(pk=event_id).update(handled_at=clock.now(), outcome=outcome)
    payment.refresh_from_db()
    return payment
