from django.db import transaction

from arrangements.domain.lifecycle import PaymentState
from arrangements.models import Arrangement, Payment, Storno
from arrangements.operations.start_payment import AlreadyPaid, give_up_other_amount, open_at_bank
from arrangements.payments.registry import provider_for_new_payments
from infra import audit


def start_storno_payment(*, storno: Storno, return_url: str) -> Payment:
    """A payment for what is open of this storno, with the `link` to send the citizen to. Scope: the citizen's.

    Also after the end of the plan: it is owed to us, not to the plan. The amount comes from our row. `return_url` as in
    `start_payment`. Raises AlreadyPaid (BeingPaid when the bank has the money already).
    """
    return open_at_bank(own_row=lambda: _own_row(storno), description="Teruggehaalde betaling", return_url=return_url)


@transaction.atomic
def _own_row(storno: Storno) -> Payment:
    """The pending payment of this storno for what is open now; made when there is none."""
    # The arrangement's lock holds the storno still too: the worker takes it before it books.
    arrangement = Arrangement.objects.select_for_update(of=("self",)).get(pk=storno.arrangement_id)
    row = Storno.objects.get(pk=storno.pk)
    if not row.open_cents:
        raise AlreadyPaid
    waiting = Payment.objects.select_for_update(of=("self",)).filter(storno=row, state=PaymentState.PENDING)
    for pending in waiting:
        if pending.amount_cents == row.open_cents:
            return pending
        give_up_other_amount(pending)
    made = Payment.objects.create(
        arrangement=arrangement,
        storno=row,
        citizen_id=row.citizen_id,
        amount_cents=row.open_cents,
        provider=provider_for_new_payments().name,
    )
    audit.record(
        "payment_started", object_type="payment", object_id=made.pk, citizen_id=made.citizen_id, reason="storno"
    )
    return made
