from arrangements.domain import postings
from arrangements.models import BankLine, LedgerEntry
from arrangements.operations.post_entries import post_entries


def book_unidentified(line: BankLine) -> None:
    """Money came in and nobody knows yet whose it is: 1000 to 2900, once per line of the bank. Worker only."""
    key = f"bank_line:{line.pk}:unidentified"
    if not LedgerEntry.objects.filter(key=f"cash:{key}").exists():
        post_entries([postings.receipt_transfer(key, arrangement=None, amount=line.amount_cents)])
