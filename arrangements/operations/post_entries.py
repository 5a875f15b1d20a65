"""The only writer of the two ledgers."""

from collections.abc import Iterable
from datetime import date

from django.db import connection, transaction

from arrangements.domain.postings import Entry, Ref
from arrangements.models import LedgerEntry, LedgerPosting
from infra import clock

_NUMBERS = "SELECT nextval('arrangements_ledger_number') FROM generate_series(1, %s)"


@transaction.atomic
def post_entries(entries: Iterable[Entry]) -> list[LedgerEntry]:
    """Write balanced entries, booked on the business date, as part of the caller's transaction. Worker only.

    IntegrityError when an entry with the same key stands in the same ledger: the caller decides beforehand, under its
    lock, whether the event was booked already. A distribution and its mirror in the other ledger share their key.
    """
    wanted = list(entries)
    if not wanted:
        return []
    today = clock.today()
    numbers = _take_numbers(len(wanted), today)
    rows: list[LedgerEntry] = []
    postings: list[LedgerPosting] = []
    for entry in wanted:
        row = LedgerEntry(
            id=numbers.pop(),
            ledger=entry.ledger.value,
            kind=entry.kind.value,
            key=f"{entry.ledger.value}:{entry.key}",
            booked_on=today,
        )
        rows.append(row)
        postings += [
            LedgerPosting(
                entry_id=row.pk,
                line=number,
                booked_on=today,
                account=line.account.value,
                debit_cents=line.debit,
                credit_cents=line.credit,
                arrangement_id=_number(line.arrangement),
                claim_id=_number(line.claim),
                creditor_id=_number(line.creditor),
            )
            for number, line in enumerate(entry.lines, start=1)
        ]
    LedgerEntry.objects.bulk_create(rows)
    LedgerPosting.objects.bulk_create(postings)
    return rows


def _take_numbers(count: int, day: date) -> list[int]:
    """`count` fresh numbers for entries of `day`, the lowest last."""
    with connection.cursor() as cursor:
        # The partition of the month is made when it is not there yet: no posting ever waits for a calendar.
        cursor.execute("SELECT ledger_month(%s)", [day])
        cursor.execute(_NUMBERS, [count])
        return sorted((int(row[0]) for row in cursor.fetchall()), reverse=True)


def _number(ref: Ref | None) -> int | None:
    if ref is not None and not isinstance(ref, int):
        raise TypeError("the books know numbers only")
    return ref
