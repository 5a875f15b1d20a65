from datetime import date

from django.db import transaction

from arrangements.domain.lifecycle import PaymentState, Thing
from arrangements.domain.postings import settlement
from arrangements.models import Payment, Receipt
from arrangements.operations.moves import move
from arrangements.operations.post_entries import post_entries
from arrangements.payments import demobank


@transaction.atomic
def settle_receipts(*, today: date) -> int:
    """The demo bank pays out to the segregated account what it collected before today, in cents. It keeps no fee.

    Worker only. Elsewhere the provider's settlement report does this. Repeating it on a day finds nothing more.
    """
    if not demobank.allowed():
        return 0
    payments = Payment.objects.select_for_update(of=("self",)).filter(
        provider=demobank.NAME, state=PaymentState.SUCCEEDED, receipt__received_on__lt=today
    )
    found = list(payments.order_by("pk"))
    if not found:
        return 0
    amounts = dict(Receipt.objects.filter(payment__in=found).values_list("payment_id", "amount_cents"))
    total = sum(amounts.values())
    # Named by what is in it: a second run on the same day has other payments, so another name.
    post_entries(
        [settlement(f"{demobank.NAME}:{today.isoformat()}:settlement:{found[0].pk}-{found[-1].pk}", amount=total)]
    )
    for payment in found:
        move(Thing.PAYMENT, payment, PaymentState.SETTLED, reason="bijgeschreven op de aparte rekening")
    return total
