"""Asking the provider what is true, and following it. Webhook, janitor and time machine all come through here."""

import logging
import uuid
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from arrangements.domain.janitor import FIRST, link_is_over, next_ask
from arrangements.domain.lifecycle import PaymentState, Thing
from arrangements.models import Arrangement, Payment, ProviderEvent, Receipt
from arrangements.operations.book_storno import book_fee, book_storno
from arrangements.operations.call_provider import close_at_provider
from arrangements.operations.moves import move
from arrangements.operations.receive_payment import receive_payment
from arrangements.payments.provider import CollectionState, Reading, Reversal
from arrangements.payments.registry import provider_named
from infra import clock, jobs

log = logging.getLogger(__name__)

_ABOUT_PAYOUTS: Final = "settlement."


class PaymentUnknown(Exception):
    """A provider tells about a payment we do not have (yet). It is tried again, then shown to a person."""


class NotAllRefreshed(Exception):
    """The janitor looked at all payments, but the provider could not say how some of them are. It is tried again."""


@jobs.job("handle_provider_event", chunked=True)
def handle_provider_event(work: jobs.Work) -> None:
    """After the webhook was stored and answered: look at the provider what is true, and book it once.

    Chunked, because the look happens outside any transaction. Raises PaymentUnknown; see `watch_events` for what follows.
    """
    with transaction.atomic():
        event = ProviderEvent.objects.get(provider=work.arguments["provider"], event_id=work.arguments["event"])
        payment = Payment.objects.filter(provider=event.provider, provider_id=event.provider_payment_id).first()
    if event.handled_at is not None:
        return
    if event.kind.startswith(_ABOUT_PAYOUTS):
        _follow_payout(event)
        return
    if payment is None:
        payment = _led_to(event)
    if payment is None:
        raise PaymentUnknown(f"{event.provider} {event.provider_payment_id}")
    refresh_payment(payment_id=payment.pk, event_id=event.pk)


@transaction.atomic
def _follow_payout(event: ProviderEvent) -> None:
    """The provider paid out: its list of payouts says what, to be read by a job of its own."""
    jobs.enqueue("take_settlements", key=f"take_settlements:{event.provider}:{event.event_id}")
    ProviderEvent.objects.filter(pk=event.pk).update(handled_at=clock.now(), outcome="payout")


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
    """The janitor: payments whose webhook may have been lost (payments.md 5.2), asked at 5 minutes, 1 hour, then daily.

    With `minutes` all that are at least so old are asked, whenever they were asked before.
    """
    now = clock.now()
    waiting = _due(now, work.arguments.get("minutes"))
    failed = 0
    for number, (payment_id, over) in enumerate(waiting, start=1):
        try:
            _ask(payment_id, over=over)
        except Exception:  # one payment that cannot be read must not keep the others waiting
            log.exception("payment %s could not be refreshed", payment_id)
            failed += 1
        work.progress(number, len(waiting))
    if failed:
        raise NotAllRefreshed(f"{failed} of {len(waiting)}")
    return {"looked_at": len(waiting)}


@transaction.atomic
def _due(now: datetime, minutes: int | None) -> list[tuple[int, bool]]:
    """The unfinished payments to ask about now, each with whether its link has waited long enough."""
    oldest = timedelta(minutes=minutes) if minutes is not None else FIRST[0]
    rows = Payment.objects.filter(state=PaymentState.PENDING, created_at__lte=now - oldest).order_by("pk")
    return [
        (pk, link_is_over(created, now))
        for pk, created, asked in rows.values_list("pk", "created_at", "asked_at")
        if minutes is not None or next_ask(created, asked) <= now
    ]


def _ask(payment_id: int, *, over: bool) -> None:
    """Ask about one payment and follow what is true; a link that is over is closed first.

    Asked is asked, also when no answer came: the next moment is for the next try.
    """
    with transaction.atomic():
        payment = Payment.objects.get(pk=payment_id)
        Payment.objects.filter(pk=payment_id).update(asked_at=clock.now())
    provider = provider_named(payment.provider)
    if not payment.provider_id:
        # The call that opened it may have been carried out, and its answer lost (payments.md 5.7).
        found = provider.find(f"payment:{payment.public_id}")
        if found is None:
            if over:
                _never_opened(payment_id)
            return
        _found(payment_id, found)
        payment.provider_id = found
    reading = provider.close_link(payment.provider_id) if over else provider.read(payment.provider_id)
    _follow(payment_id, reading, None)


@transaction.atomic
def _found(payment_id: int, provider_id: str) -> None:
    Payment.objects.filter(pk=payment_id, provider_id="").update(provider_id=provider_id)


@transaction.atomic
def _never_opened(payment_id: int) -> None:
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment_id)
    if payment.state == PaymentState.PENDING and not payment.provider_id:
        move(Thing.PAYMENT, payment, PaymentState.FAILED, reason="er kwam geen betaallink", decided_at=clock.now())


@transaction.atomic
def _follow(payment_id: int, reading: Reading, event_id: uuid.UUID | None) -> Payment:
    """Book what the provider says, forward only: receipt, then what was taken back, then what it kept; all or nothing."""
    arrangement_id = Payment.objects.values_list("arrangement_id", flat=True).get(pk=payment_id)
    # First the arrangement, as everywhere: two events of one arrangement wait for each other here.
    Arrangement.objects.select_for_update(of=("self",)).get(pk=arrangement_id)
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment_id)
    outcome = "nothing"
    if reading.state in (CollectionState.PAID, CollectionState.REVERSED):
        receive_payment(payment_id=payment_id, amount_cents=reading.amount_cents)
        outcome = "received"
    elif reading.state is CollectionState.PENDING:
        outcome = "pending"
    elif reading.state is CollectionState.FAILED and payment.state == PaymentState.PENDING:
        move(Thing.PAYMENT, payment, PaymentState.FAILED, reason="niet betaald", decided_at=clock.now())
        outcome = "failed"
    for reversal in _reversals(payment, reading):
        book_storno(payment_id=payment_id, reversal=reversal)
        outcome = "storno won" if reversal.won else "reversed"
    if reading.fee_cents is not None and outcome not in ("nothing", "pending", "failed"):
        book_fee(payment_id=payment_id, fee_cents=reading.fee_cents)
    if event_id is not None:
        ProviderEvent.objects.filter(pk=event_id).update(handled_at=clock.now(), outcome=outcome)
    payment.refresh_from_db()
    return payment


def _reversals(payment: Payment, reading: Reading) -> tuple[Reversal, ...]:
    """What was taken back. Failed after it had succeeded is taken back too, whatever the provider calls it (payments.md 5.1)."""
    if reading.state is CollectionState.FAILED and payment.state in (PaymentState.SUCCEEDED, PaymentState.SETTLED):
        amount = Receipt.objects.values_list("amount_cents", flat=True).get(payment=payment)
        return (Reversal(f"failed_{payment.provider_id}", amount), *reading.reversals)
    return reading.reversals
