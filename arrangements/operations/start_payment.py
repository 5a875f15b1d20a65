import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction

from arrangements.domain.lifecycle import InstallmentState, PaymentState, Thing
from arrangements.models import Arrangement, Installment, Payment, ProviderCall
from arrangements.operations.call_provider import (
    OPEN,
    PersonMustLook,
    call_provider,
    close_at_provider,
    reference,
)
from arrangements.operations.moves import move
from arrangements.operations.receive_payment import RUNNING
from arrangements.payments.provider import CallFailed, Collection, CollectionState, Link, OutcomeUnknown
from arrangements.payments.registry import NoSuchProvider, name_for_new_payments, provider_named
from infra import audit, clock
from infra.scope import Scope, act_as

log = logging.getLogger(__name__)

_TRIES: Final = 4
"""Each may give one old link up; more in a row means that something is wrong."""


class CannotPay(Exception):
    """There is nothing to pay now."""


class AlreadyPaid(CannotPay):
    """This instalment is paid."""


class BeingPaid(AlreadyPaid):
    """The bank has the money; our books follow in a moment. `payment` is the one on its way."""

    def __init__(self, payment: Payment) -> None:
        super().__init__(f"payment {payment.pk} is on its way")
        self.payment = payment


class ProviderSilent(CannotPay):
    """The provider gives no answer, or refuses. Pressing again later is safe: it repeats the same call."""


class OtherAmount(Exception):
    """A link is open for another amount than is wanted now; it is closed first. `payment` is that one."""

    def __init__(self, payment: Payment) -> None:
        super().__init__(f"payment {payment.pk} asks another amount")
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
    with transaction.atomic():
        row = _ask("SELECT * FROM installment_by_token(%s)", token)
    if row is None:
        raise LinkUnknown
    return PayLink(*row)


def payment_result(public_id: UUID) -> PaymentResult:
    """For the page somebody comes back to from the bank. Raises LinkUnknown."""
    with transaction.atomic():
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
        with transaction.atomic():
            installment = Installment.objects.get(pk=link.installment_id)
        return start_payment(installment=installment, return_url=return_url)


def start_payment(*, installment: Installment, return_url: str) -> Payment:
    """A payment for what is open of this instalment, with the `link` to send the citizen to. Scope: the citizen's.

    The amount comes from our row. A link that is still open for the same amount is given again. `return_url` is the
    absolute address to come back to; "{payment}" in it becomes the payment's public id.
    Outside any transaction: the provider is called. Raises AlreadyPaid (BeingPaid when the bank has the money already),
    NotRunning, ProviderSilent.
    """
    return open_at_bank(
        own_row=lambda: _own_row(installment), description=f"Termijn {installment.number}", return_url=return_url
    )


def open_at_bank(*, own_row: Callable[[], Payment], description: str, return_url: str) -> Payment:
    """The link of the pending payment that `own_row` finds or makes; a new one when the bank gave the old one up.

    Outside any transaction. Raises BeingPaid, ProviderSilent, and what `own_row` raises.
    """
    try:
        for _ in range(_TRIES):
            try:
                payment = own_row()
            except OtherAmount as other:
                _close(other.payment, "het bedrag is veranderd")
                continue
            if not payment.provider_id:
                payment = _ask_for_link(payment, description, return_url)
                if payment.link:
                    return payment
            # Reused, or only found again: the provider may know more than we do.
            state = provider_named(payment.provider).read(payment.provider_id).state
            if state is CollectionState.OPEN and payment.link:
                return payment
            if state is CollectionState.OPEN:
                _close(payment, "de betaalpagina is kwijt")
                continue
            if state is not CollectionState.FAILED:
                raise BeingPaid(payment)
            _give_up(payment, "niet betaald")
    except (OutcomeUnknown, CallFailed, NoSuchProvider, ImproperlyConfigured) as error:
        log.warning("no link could be opened: %s", error)
        raise ProviderSilent from error
    raise ProviderSilent(f"no link after {_TRIES} tries")


def _ask_for_link(payment: Payment, description: str, return_url: str) -> Payment:
    """Have the link made, or repeat the call that asked for it. The row comes back with what is known of it now."""
    with transaction.atomic():
        row = Payment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
        if not row.return_url:
            # A repeat from another page must be the same call, so the first address stays.
            row.return_url = return_url.replace("{payment}", str(row.public_id))
            row.save(update_fields=["return_url"])
    provider = provider_named(row.provider)

    def call(made: ProviderCall) -> Link:
        return provider.open_link(
            Collection(
                key=reference(made),
                amount_cents=row.amount_cents,
                description=description,
                return_url=row.return_url,
                asked_at=made.called_at,
            )
        )

    def keep(provider_id: str, link: Link | None) -> None:
        row.provider_id = provider_id
        row.link = link.url if link is not None else ""
        row.save(update_fields=["provider_id", "link"])

    try:
        call_provider(
            provider=row.provider,
            operation=OPEN,
            object_id=f"payment:{row.public_id}",
            parameters={"amount_cents": row.amount_cents, "description": description, "return_url": row.return_url},
            call=call,
            id_of=lambda link: link.provider_id,
            keep=keep,
        )
    except PersonMustLook:
        # Nobody ever saw that page, and by now it is over. The person looks; the citizen pays with a new one.
        _give_up(row, "geen antwoord van de aanbieder")
        raise ProviderSilent from None
    return row


def _close(payment: Payment, reason: str) -> None:
    """Close the link of a payment we do not want any more. BeingPaid when the bank has that money already."""
    if payment.provider_id:
        reading = close_at_provider(payment)
        if reading.state is not CollectionState.FAILED:
            raise BeingPaid(payment)
    _give_up(payment, reason)


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
        provider=name_for_new_payments(),
    )
    audit.record("payment_started", object_type="payment", object_id=made.pk, citizen_id=made.citizen_id)
    return made


def give_up_other_amount(pending: Payment) -> None:
    """Refuse to go on with a link for another amount: OtherAmount. `open_at_bank` closes it without a lock and comes again."""
    raise OtherAmount(pending)


@transaction.atomic
def _give_up(payment: Payment, reason: str) -> None:
    """Forward only: a payment that was booked meanwhile stays booked."""
    row = Payment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
    if row.state == PaymentState.PENDING:
        move(Thing.PAYMENT, row, PaymentState.FAILED, reason=reason, decided_at=clock.now())


def _ask(sql: str, value: UUID) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, [value])
        row = cursor.fetchone()
    return tuple(row) if row else None
