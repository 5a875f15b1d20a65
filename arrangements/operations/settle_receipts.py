"""The made-up bank pays out what it collected, and our books follow without a statement in between."""

from datetime import date

from django.db import transaction

from arrangements.models import ProviderSettlement
from arrangements.operations.bank_day import close_bank_day
from arrangements.operations.book_settlement import book_settlement
from arrangements.operations.own_money import book_top_up
from arrangements.operations.take_settlements import take_all_settlements
from arrangements.payments import demobank


def settle_receipts(*, today: date) -> int:
    """Take over what the demo bank paid out by `today`, with the fees it kept and what we added for them. Cents arrived.

    Worker only. Repeating it on a day finds nothing more.
    """
    if not demobank.allowed():
        return 0
    close_bank_day(today=today)
    take_all_settlements()
    with transaction.atomic():
        waiting = list(
            ProviderSettlement.objects.filter(
                provider=demobank.NAME, state=ProviderSettlement.State.ON_ITS_WAY, paid_out_on__lte=today
            )
        )
    return sum(_arrived(row, today) for row in waiting)


@transaction.atomic
def _arrived(row: ProviderSettlement, today: date) -> int:
    book_settlement(settlement_id=row.pk, booked_on=today)
    if row.fee_cents:
        book_top_up(key=f"{row.provider}:{row.provider_id}", amount_cents=row.fee_cents)
    return row.net_cents + row.fee_cents
