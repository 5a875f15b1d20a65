"""Payments at the made-up bank: opened by us, paid or refused on its page, taken back by the payer or by the bank."""

import secrets
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from arrangements.models import DemoBankBalanceLine, DemoBankFault, DemoBankPayment
from arrangements.payments.demobank import faults, messages
from arrangements.payments.demobank.gate import NAME, require_demo
from arrangements.payments.provider import (
    CallFailed,
    Collection,
    CollectionState,
    Link,
    OutcomeUnknown,
    Reading,
    Reversal,
)
from infra import clock

State = DemoBankPayment.State
Kind = DemoBankFault.Kind

_READINGS = {
    State.OPEN: CollectionState.OPEN,
    State.PENDING: CollectionState.PENDING,
    State.PAID: CollectionState.PAID,
    State.REFUSED: CollectionState.FAILED,
    State.EXPIRED: CollectionState.FAILED,
}
_WITH_A_PAYMENT = (
    Kind.LATE_SUCCESS,
    Kind.FAILS_AFTER_SUCCESS,
    Kind.STORNO,
    Kind.DUPLICATE,
    Kind.WRONG_ORDER,
    Kind.LOST_WEBHOOK,
)
Faults = dict[str, DemoBankFault]


class AlreadyDecided(Exception):
    """This payment at the bank was paid, refused or expired before."""


def open_link(collection: Collection) -> Link:
    """See CollectionProvider."""
    require_demo()
    with transaction.atomic():
        row, made = DemoBankPayment.objects.get_or_create(
            key=collection.key,
            defaults={
                "id": f"demo_{secrets.token_hex(12)}",
                "amount_cents": collection.amount_cents,
                "description": collection.description[:100],
                "return_url": collection.return_url,
                "webhook_url": settings.SITE_BASE_URL + reverse("webhook", kwargs={"provider": NAME}),
                "opened_on": clock.today(),
            },
        )
        if row.state == State.OPEN and row.amount_cents != collection.amount_cents:
            raise ValueError("the same key was used for another amount")
        unheard = made and _nobody_hears_the_answer("open_link", row.pk)
    if unheard:
        raise OutcomeUnknown("open_link")
    return Link(row.pk, reverse("demobank", kwargs={"payment_id": row.pk}))


def close_link(provider_id: str) -> Reading:
    """See CollectionProvider."""
    with transaction.atomic():
        row = DemoBankPayment.objects.select_for_update().filter(pk=provider_id).first()
        if row is not None and row.state == State.OPEN:
            row.state = State.EXPIRED
            row.decided_at = clock.now()
            row.decided_on = clock.today()
            row.save(update_fields=["state", "decided_at", "decided_on"])
            messages.record(row, "collection.expired", State.EXPIRED)
    return read(provider_id)


def read(provider_id: str) -> Reading:
    """See CollectionProvider. The fee is told once it was kept: with the payout."""
    row = DemoBankPayment.objects.filter(pk=provider_id).first()
    if row is None:
        raise LookupError(provider_id)
    reversals: tuple[Reversal, ...] = ()
    state = _READINGS[State(row.state)]
    if row.reversed_on is not None:
        won = row.won_on is not None
        reversals = (Reversal(row.dispute_id, row.amount_cents, row.dispute_fee_cents, won=won),)
        state = CollectionState.PAID if won else CollectionState.REVERSED
    return Reading(state, row.amount_cents, row.fee_cents, reversals, row.refunded_cents)


def find(key: str) -> str | None:
    """See CollectionProvider."""
    return DemoBankPayment.objects.filter(key=key).values_list("pk", flat=True).first()


def pay(payment_id: str, *, amount_cents: int | None = None, notify: bool = True) -> DemoBankPayment:
    """Somebody pays at the bank: the whole amount, or another one (cents), as real people do. Raises AlreadyDecided.

    Without `notify` the message is lost on its way, as happens.
    """
    with transaction.atomic():
        row = _open(payment_id)
        if amount_cents is not None:
            if amount_cents <= 0:
                raise ValueError("nobody pays nothing")
            row.amount_cents = amount_cents
        chosen = faults.take(_WITH_A_PAYMENT, row.pk)
        late = chosen.get(Kind.LATE_SUCCESS)
        if late is not None:
            faults.hits(late, row.pk, at_least=1)
            _think(row, notify=notify)
        else:
            _succeed(row, chosen, notify=notify)
    return row


def think(payment_id: str, *, notify: bool = True) -> DemoBankPayment:
    """Somebody paid, and the bank does not know yet whether it works. Raises AlreadyDecided."""
    with transaction.atomic():
        row = _open(payment_id)
        _think(row, notify=notify)
    return row


def succeed(payment_id: str) -> DemoBankPayment:
    """The bank thought long enough: it worked. Raises AlreadyDecided for one that is not on its way."""
    with transaction.atomic():
        row = _locked(payment_id)
        if row.state != State.PENDING:
            raise AlreadyDecided(row.state)
        _succeed(row, faults.take(_WITH_A_PAYMENT[1:], row.pk), notify=True)
    return row


def refuse(payment_id: str) -> DemoBankPayment:
    """The bank says no, at once or after it thought about it. Raises AlreadyDecided."""
    return _end(payment_id, State.REFUSED, "collection.failed", (State.OPEN, State.PENDING))


def expire(payment_id: str) -> DemoBankPayment:
    """Nobody paid in time. Raises AlreadyDecided."""
    return _end(payment_id, State.EXPIRED, "collection.expired", (State.OPEN,))


@transaction.atomic
def reverse_payment(payment_id: str, *, failed: bool = False) -> DemoBankPayment:
    """The payer takes the money back (storno, with a fee), or with `failed` the bank says it failed after all (without one).

    Raises AlreadyDecided for what was not paid, or was taken back before.
    """
    row = _locked(payment_id)
    if row.state != State.PAID or row.reversed_on is not None:
        raise AlreadyDecided(row.state)
    row.reversed_on = clock.today()
    row.dispute_id = f"{'fail' if failed else 'dp'}_{row.pk}"
    row.dispute_fee_cents = 0 if failed else settings.DEMOBANK_STORNO_FEE_CENTS
    row.save(update_fields=["reversed_on", "dispute_id", "dispute_fee_cents"])
    # What was refunded before is gone twice: the bank takes the whole payment.
    _on_balance(row, "storno", -row.amount_cents, row.dispute_id)
    if row.dispute_fee_cents:
        _on_balance(row, "storno_fee", -row.dispute_fee_cents, row.dispute_id)
    kind, name = ("collection.failed", "failed_after") if failed else ("collection.reversed", "reversed")
    _tell(row, kind, name)
    return row


@transaction.atomic
def win_dispute(payment_id: str) -> DemoBankPayment:
    """The payer's bank gives the money back after all; the fee stays. Raises AlreadyDecided without an open storno."""
    row = _locked(payment_id)
    if row.reversed_on is None or row.won_on is not None:
        raise AlreadyDecided(row.state)
    row.won_on = clock.today()
    row.save(update_fields=["won_on"])
    _on_balance(row, "storno_won", row.amount_cents, row.dispute_id)
    _tell(row, "collection.reversal_won", "reversal_won")
    return row


def refund(provider_id: str, amount_cents: int, key: str) -> str:
    """See CollectionProvider. At most what was paid and not refunded before; nothing of what was taken back."""
    require_demo()
    if amount_cents <= 0:
        raise ValueError("a refund is positive")
    refund_id = f"re_{sha256(f'{provider_id}:{key}'.encode()).hexdigest()[:24]}"
    with transaction.atomic():
        row = DemoBankPayment.objects.select_for_update().filter(pk=provider_id).first()
        known = DemoBankBalanceLine.objects.filter(key=f"refund:{refund_id}").first()
        if known is not None:
            if known.amount_cents != -amount_cents:
                raise ValueError("the same key was used for another amount")
            return refund_id
        if row is None or row.state != State.PAID or (row.reversed_on is not None and row.won_on is None):
            raise CallFailed("there is nothing to refund")
        if row.refunded_cents + amount_cents > row.amount_cents:
            raise CallFailed("more than was paid")
        row.refunded_cents += amount_cents
        row.save(update_fields=["refunded_cents"])
        _on_balance(row, "refund", -amount_cents, refund_id)
        _tell(row, "refund.succeeded", refund_id)
        unheard = _nobody_hears_the_answer("refund", row.pk)
    if unheard:
        raise OutcomeUnknown("refund")
    return refund_id


def _locked(payment_id: str) -> DemoBankPayment:
    require_demo()
    return DemoBankPayment.objects.select_for_update().get(pk=payment_id)


def _open(payment_id: str) -> DemoBankPayment:
    row = _locked(payment_id)
    if row.state != State.OPEN:
        raise AlreadyDecided(row.state)
    return row


def _decide(row: DemoBankPayment, state: State) -> None:
    row.state = state
    row.decided_at = clock.now()
    row.decided_on = clock.today()
    row.save(update_fields=["state", "decided_at", "decided_on", "amount_cents"])


@transaction.atomic
def _end(payment_id: str, state: State, kind: str, from_states: tuple[State, ...]) -> DemoBankPayment:
    row = _locked(payment_id)
    if row.state not in from_states:
        raise AlreadyDecided(row.state)
    _decide(row, state)
    _tell(row, kind, state)
    return row


def _think(row: DemoBankPayment, *, notify: bool) -> None:
    _decide(row, State.PENDING)
    event = messages.record(row, "collection.pending", State.PENDING)
    if notify:
        messages.promise(event)


def _succeed(row: DemoBankPayment, chosen: Faults, *, notify: bool) -> None:
    earlier = None
    if Kind.WRONG_ORDER in chosen:
        # The bank tells in two messages that it thinks and that it knows; here the second overtakes the first.
        earlier = messages.record(row, "collection.pending", State.PENDING)
    _decide(row, State.PAID)
    _on_balance(row, "payment", row.amount_cents, "")
    if settings.DEMOBANK_FEE_CENTS:
        _on_balance(row, "fee", -settings.DEMOBANK_FEE_CENTS, "")
    event = messages.record(row, "collection.succeeded", State.PAID)
    if notify and Kind.LOST_WEBHOOK not in chosen:
        messages.promise(event)
        if earlier is not None:
            messages.promise(earlier)
        if Kind.DUPLICATE in chosen:
            messages.promise(event, copy=2)
    for kind, fault in chosen.items():
        if kind in (Kind.STORNO, Kind.FAILS_AFTER_SUCCESS):
            faults.hits(fault, row.pk)
        elif kind != Kind.LATE_SUCCESS:
            faults.happened(fault, row.pk)


def _tell(row: DemoBankPayment, kind: str, name: str) -> None:
    event = messages.record(row, kind, name)
    lost = faults.take([Kind.LOST_WEBHOOK], row.pk).get(Kind.LOST_WEBHOOK)
    if lost is None:
        messages.promise(event)
    else:
        faults.happened(lost, row.pk)


def _on_balance(row: DemoBankPayment, kind: str, amount_cents: int, name: str) -> None:
    key = f"{kind}:{name}" if name else f"{kind}:{row.pk}"
    DemoBankBalanceLine.objects.create(
        key=key, kind=kind, payment=row, amount_cents=amount_cents, happened_on=clock.today()
    )


def _nobody_hears_the_answer(what: str, target: str) -> bool:
    """Whether this call is carried out without an answer: the fault was chosen."""
    fault = faults.take([Kind.TIMEOUT_AFTER_EXECUTION], target, what).get(Kind.TIMEOUT_AFTER_EXECUTION)
    if fault is None:
        return False
    faults.happened(fault, target)
    return True
