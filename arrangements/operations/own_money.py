"""Our own money: what we add to the segregated account, and what creditors and municipalities pay us (payments.md 5.4).

Never out of what a citizen paid.
"""

from django.db import transaction

from arrangements.domain import postings
from arrangements.domain.postings import Entry
from arrangements.models import LedgerEntry
from arrangements.operations.post_entries import post_entries
from infra import audit


@transaction.atomic
def book_top_up(*, key: str, amount_cents: int) -> bool:
    """Our own account made up what fees and stornos took (1010 to 1000), in cents. `key`: of the bank line.

    Once per key: returns whether it was booked now. ValueError for an amount that is not positive. Worker only.
    """
    return _book(postings.top_up(f"{key}:top_up", amount=amount_cents), "top_up")


@transaction.atomic
def book_revenue(*, key: str, amount_cents: int) -> bool:
    """A creditor or municipality paid an invoice, on our own account (1010, 4000), in cents. `key`: of the invoice.

    Once per key: returns whether it was booked now. ValueError for an amount that is not positive. Worker only.
    """
    return _book(postings.revenue(f"{key}:revenue", amount=amount_cents), "revenue")


def _book(entry: Entry, what: str) -> bool:
    if LedgerEntry.objects.filter(key=f"{entry.ledger.value}:{entry.key}").exists():
        return False
    row = post_entries([entry])[0]
    audit.record(f"{what}_booked", object_type="entry", object_id=row.pk, details={"amount_cents": entry.amount})
    return True
