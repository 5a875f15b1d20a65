"""The money of a provider arrived: the bank's statement shows it (payments.md 5.4)."""

from datetime import date

from django.db import transaction

from arrangements.domain import postings
from arrangements.models import ProviderSettlement
from arrangements.operations.post_entries import post_entries
from infra import audit


@transaction.atomic
def book_settlement(*, settlement_id: int, booked_on: date) -> bool:
    """Post the net amount of this payout from the provider's balance to the bank (1000, 1100). Worker only.

    `booked_on`: the day of the bank line. Below zero the provider took it from our account. Once: returns whether now.
    A payout that was said to have failed and stands on the statement all the same, is there.
    """
    row = ProviderSettlement.objects.select_for_update().get(pk=settlement_id)
    if row.state == ProviderSettlement.State.PAID:
        return False
    key = f"{row.provider}:{row.provider_id}:settlement"
    if row.net_cents > 0:
        post_entries([postings.settlement(key, amount=row.net_cents)])
    elif row.net_cents < 0:
        post_entries([postings.reversal(key, postings.settlement(key, amount=-row.net_cents))])
    before, row.state = row.state, ProviderSettlement.State.PAID
    row.booked_on = booked_on
    row.save(update_fields=["state", "booked_on"])
    audit.record(
        "settlement_booked",
        object_type="settlement",
        object_id=row.pk,
        from_state=before,
        to_state=row.state,
        details={"net_cents": row.net_cents},
    )
    return True
