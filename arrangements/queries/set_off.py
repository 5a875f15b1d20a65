"""What creditors owe us because a receipt was taken back after it was paid on (account 1310)."""

from collections.abc import Sequence

from django.db.models import F, Sum

from arrangements.domain.postings import Account
from arrangements.models import LedgerPosting, Storno


def open_set_off(creditor_ids: Sequence[int]) -> dict[int, int]:
    """Per creditor what is still to be set off, in cents; creditors that owe nothing are left out. Worker only."""
    # Looked for first: almost always there is none, and the postings of all months need not be read.
    if not creditor_ids or not Storno.objects.filter(way=Storno.Way.SET_OFF, won_on=None).exists():
        return {}
    rows = (
        LedgerPosting.objects.filter(
            account=Account.SET_OFF_CLAIM_ON_CREDITOR.value, creditor_id__in=list(creditor_ids)
        )
        .order_by()
        .values("creditor_id")
        .annotate(owes=Sum(F("debit_cents") - F("credit_cents")))
    )
    return {row["creditor_id"]: row["owes"] for row in rows if row["owes"] > 0}
