from django.db import transaction
from django.db.models import F, Sum

from arrangements.domain.deciders import ChangeGround, Decider, check_decider
from arrangements.domain.lifecycle import InstallmentState, PaymentState
from arrangements.domain.shift import Extra, pay_extra
from arrangements.models import Arrangement, Installment, Payment
from arrangements.operations.receive_payment import RUNNING
from arrangements.operations.shift_plan import terms_of
from arrangements.operations.start_payment import AlreadyPaid, NotRunning, give_up_other_amount, open_at_bank
from arrangements.payments.registry import name_for_new_payments
from infra import audit

LEAST_CENTS = 1_00
"""Less than this is not worth what a payment costs."""


class AmountNotPossible(ValueError):
    """`str()` of it is a Dutch sentence: what can be paid."""


def open_cents(arrangement: Arrangement) -> int:
    """What is still to be paid of the whole plan, in cents. Scope: the citizen's."""
    unpaid = Installment.objects.filter(arrangement=arrangement).exclude(
        state__in=(InstallmentState.PAID, InstallmentState.MOVED)
    )
    return unpaid.aggregate(open=Sum(F("amount_cents") - F("paid_cents")))["open"] or 0


def foresee_extra(arrangement: Arrangement, amount_cents: int) -> Extra:
    """What an extra payment of so many cents does to the plan. Nothing is written. Raises AmountNotPossible, AlreadyPaid."""
    _check(open_cents(arrangement), amount_cents)
    return pay_extra(terms_of(arrangement), amount_cents)


def _check(open_now: int, amount_cents: int) -> None:
    if not open_now:
        raise AlreadyPaid
    if amount_cents > open_now:
        raise AmountNotPossible(
            "Dit is meer dan u nog moet betalen. Kies een lager bedrag, of betaal alles in één keer."
        )
    if amount_cents < min(LEAST_CENTS, open_now):
        raise AmountNotPossible("Vul 1 euro of meer in.")


def start_extra_payment(*, arrangement: Arrangement, amount_cents: int, return_url: str) -> Payment:
    """A payment on top of the instalments: it pays the last ones, so the plan is over sooner. Scope: the citizen's.

    `return_url` as in `start_payment`. A link that is still open for the same amount is given again; one for another amount
    is closed. Raises AmountNotPossible, AlreadyPaid (BeingPaid), NotRunning, ProviderSilent. Outside any
    transaction.
    """
    check_decider(ChangeGround.EXTRA_PAYMENT, Decider.CITIZEN)
    return open_at_bank(
        own_row=lambda: _own_row(arrangement.pk, amount_cents), description="Extra betaling", return_url=return_url
    )


@transaction.atomic
def _own_row(arrangement_id: int, amount_cents: int) -> Payment:
    """The pending extra payment of this amount; made when there is none."""
    row = Arrangement.objects.select_for_update(of=("self",)).get(pk=arrangement_id)
    if row.state not in RUNNING:
        raise NotRunning
    _check(open_cents(row), amount_cents)
    waiting = Payment.objects.select_for_update(of=("self",)).filter(
        arrangement=row, is_extra=True, state=PaymentState.PENDING
    )
    for pending in waiting:
        if pending.amount_cents == amount_cents:
            return pending
        give_up_other_amount(pending)
    made = Payment.objects.create(
        arrangement=row,
        citizen_id=row.citizen_id,
        amount_cents=amount_cents,
        is_extra=True,
        provider=name_for_new_payments(),
    )
    audit.record(
        "payment_started",
        object_type="payment",
        object_id=made.pk,
        citizen_id=made.citizen_id,
        reason="extra",
    )
    return made
