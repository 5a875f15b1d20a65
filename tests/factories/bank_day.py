"""The day of the made-up bank without its statement, for tests about something else."""

from datetime import date

from django.db import transaction

from arrangements.models import ProviderSettlement
from arrangements.operations.book_settlement import book_settlement
from arrangements.operations.own_money import book_top_up
from arrangements.operations.take_settlements import take_all_settlements
from arrangements.payments import demobank


def settle(*, today: date) -> int:
    """What the bank collected before today is on the segregated account, made up for its fees. Cents arrived. Worker only."""
    demobank.close_day(today)
    take_all_settlements()
    with transaction.atomic():
        waiting = list(
            ProviderSettlement.objects.filter(state=ProviderSettlement.State.ON_ITS_WAY, paid_out_on__lte=today)
        )
        for row in waiting:
            book_settlement(settlement_id=row.pk, booked_on=today)
            if row.fee_cents:
                book_top_up(key=f"{row.provider}:{row.provider_id}", amount_cents=row.fee_cents)
    return sum(row.gross_cents for row in waiting)
