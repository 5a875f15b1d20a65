from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from arrangements.domain.lifecycle import InstallmentState, PaymentState, Thing
from arrangements.models import Arrangement, Installment, Payment
from arrangements.operations.moves import move
from arrangements.operations.receive_payment import RUNNING
from arrangements.payments.provider import Collection, CollectionState
from arrangements.payments.registry import provider_for_new_payments, provider_named
from infra import audit, clock
from infra.scope import Scope, act_as


class CannotPay(Exception):
    """There is nothing to pay now."""


class AlreadyPaid(CannotPay):
    """This instalment is paid."""


class BeingPaid(AlreadyPaid):
    """The bank has the money; our books follow in a moment. `payment` is the one on its way."""

    def __init__(self, payment: Payment) -> None:
        super().__init__(f"payment {payment.pk} is on its way")
        self.payment = payment


class NotRunning(CannotPay):
    """The arrangement is not running (yet, or any more)."""


class LinkUnknown(CannotPay):
    """No instalment has this pay link."""


@dataclass(frozen=True, slots=True)
class PayLink:
    """All that a pay link says without a login: amount in cents, date, number, state, last four digits."""

    installment_id: int
    citizen_id: int
    open_cents: int
    due_date: date
    number: int
    state: str
    arrangement_state: str
    reference_tail: str

    @property
    def payable(self) -> bool:
        """Whether there is something to pay now."""
        return self.open_cents > 0 and self.state != InstallmentState.MOVED and self.arrangement_state in RUNNING


@dataclass(frozen=True, slots=True)
class PaymentResult:
    """How one payment went, for somebody without a login: amount in cents."""

    state: str
    amount_cents: int
    due_date: date | None
    number: int | None
    pay_token: UUID | None
    reference_tail: str


def pay_link(token: UUID) -> PayLink:
    """What stands behind a pay link. Raises LinkUnknown. Needs no scope: the token is the key."""
    row = _ask("SELECT * FROM installment_by_token(%s)", token)
    if row is None:
        raise LinkUnknown
    return PayLink(*row)


def payment_result(public_id: UUID) -> PaymentResult:
    """For the page somebody comes back to from the bank. Raises LinkUnknown."""
    row = _ask("SELECT * FROM payment_by_public_id(%s)", public_id)
    if row is None:
        raise LinkUnknown
    return PaymentResult(*row)


def start_payment_by_token(*, token: UUID, return_url: str) -> Payment:
    """As `start_payment`, by the pay link in a message: no login, for this one instalment only.

    Raises LinkUnknown and what `start_payment` raises.
    """
    link = pay_link(token)
    with act_as(Scope(citizen_id=link.citizen_id, reason="betaallink")):
        return start_payment(installment=Installment.objects.get(pk=link.installment_id), return_url=return_url)


def start_payment(*, installment: Installment, return_url: str) -> Payment:
    """A payment for what is open of this instalment, with the `link` to send the citizen to. Scope: the citizen's.

    The amount comes from our row. A link that is still open for the same amount is given again. `return_url` is the
    absolute address to come back to; "{payment}" in it becomes the payment's public id.
    Raises AlreadyPaid (BeingPaid when the bank has the money already), NotRunning.
    """
    return open_at_bank(
        own_row=lambda: _own_row(installment), description=f"Termijn {installment.number}", return_url=return_url
    )


def open_at_bank(*, own_row: Callable[[], Payment], description: str, return_url: str) -> Payment:
    """The link of the pending payment that `own_row` finds or makes; a new one when the bank gave the old one up.

    Raises BeingPaid, and what `own_row` raises.
    """
    payment = own_row()
    if payment.provider_id:
        # Reused: the provider may know more than we do.
        reading = provider_named(payment.provider).read(payment.provider_id)
        if reading.state is CollectionState.OPEN:
            return payment
        if reading.state is not CollectionState.FAILED:
            raise BeingPaid(payment)
        _give_up(payment)
        payment = own_row()
    # Outside the lock: a real provider takes its time. The key makes a second call give the same link.
    link = provider_named(payment.provider).open_link(
        Collection(
            key=f"payment:{payment.public_id}",
            amount_cents=payment.amount_cents,
            description=description,
            return_url=return_url.replace("{payment}", str(payment.public_id)),
        )
    )
    payment.provider_id = link.provider_id
    payment.link = link.url
    payment.save(update_fields=["provider_id", "link"])
    return payment


@transaction.atomic
def _own_row(installment: Installment) -> Payment:
    """The pending payment of this instalment for what is open now; made when there is none."""
    # Always in this order: arrangement, instalment, payment. The worker that books does the same.
    arrangement = Arrangement.objects.select_for_update(of=("self",)).get(pk=installment.arrangement_id)
    row = Installment.objects.select_for_update(of=("self",)).get(pk=installment.pk)
    if row.state in (InstallmentState.PAID, InstallmentState.MOVED):
        raise AlreadyPaid
    if arrangement.state not in RUNNING:
        raise NotRunning
    pending = (
        Payment.objects.select_for_update(of=("self",)).filter(installment=row, state=PaymentState.PENDING).first()
    )
    if pending is not None:
        if pending.amount_cents == row.open_cents:
            return pending
        give_up_other_amount(pending)  # part of it was paid since: the old link asks too much
    made = Payment.objects.create(
        arrangement=arrangement,
        installment=row,
        citizen_id=row.citizen_id,
        amount_cents=row.open_cents,
        provider=provider_for_new_payments().name,
    )
    audit.record("payment_started", object_type="payment", object_id=made.pk, citizen_id=made.citizen_id)
    return made


def give_up_other_amount(pending: Payment) -> None:
    """Close a locked payment that asks another amount than is wanted now. BeingPaid when the bank has that money already."""
    if pending.provider_id:
        reading = provider_named(pending.provider).close_link(pending.provider_id)
        if reading.state is not CollectionState.FAILED:
            raise BeingPaid(pending)
    move(Thing.PAYMENT, pending, PaymentState.FAILED, reason="het bedrag is veranderd", decided_at=clock.now())


@transaction.atomic
def _give_up(payment: Payment) -> None:
    """The provider says it failed: forward only, so a payment that was booked meanwhile stays booked."""
    row = Payment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
    if row.state == PaymentState.PENDING:
        move(Thing.PAYMENT, row, PaymentState.FAILED, reason="niet betaald", decided_at=clock.now())


def _ask(sql: str, value: UUID) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, [value])
        row = cursor.fetchone()
    return tuple(row) if row else None
