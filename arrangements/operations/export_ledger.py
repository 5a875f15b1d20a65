"""The ledger of a period for a stranger's eyes: opening balances and every entry, as a journal of another program."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import Any

from django.db import connection, transaction

from arrangements.domain import ledger_journal as journal
from arrangements.domain.ledger_journal import Posting
from infra import audit, clock

_CHUNK = 2000

# In accounts as the journal names them: numbers of parties that are no part of a name are left out.
_ACCOUNTS = """
SELECT account, CASE WHEN account IN (1300, 2000, 2200) THEN arrangement_id END AS arrangement,
    CASE WHEN account NOT IN (1300, 2000, 2200) THEN claim_id END AS claim,
    CASE WHEN account NOT IN (1300, 2000, 2200) THEN creditor_id END AS creditor,
    coalesce(sum(debit_cents - credit_cents) FILTER (WHERE booked_on < %(first)s), 0)::bigint
FROM arrangements_ledgerposting WHERE booked_on <= %(last)s GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
_ENTRIES = """
SELECT e.id, e.booked_on, e.ledger, e.kind, p.account, p.debit_cents - p.credit_cents, p.arrangement_id, p.claim_id, p.creditor_id
FROM arrangements_ledgerentry e JOIN arrangements_ledgerposting p ON p.entry_id = e.id AND p.booked_on = e.booked_on
WHERE e.booked_on BETWEEN %(first)s AND %(last)s AND p.booked_on BETWEEN %(first)s AND %(last)s
ORDER BY e.booked_on, e.id, p.line
"""


class WrongPeriod(ValueError):
    """No such period. `str()` of it is a Dutch sentence."""


def _check(first: date, last: date) -> None:
    if last < first:
        raise WrongPeriod("De laatste dag ligt voor de eerste. Wissel ze om.")
    if last > clock.today():
        raise WrongPeriod("De laatste dag moet nog komen. Kies vandaag of een eerdere dag.")


@transaction.atomic
def record_export(*, first: date, last: date, kind: str) -> None:
    """Write down that somebody took the ledger of this period along. WrongPeriod as `export_ledger`."""
    _check(first, last)
    audit.record(
        "ledger_exported",
        object_type="ledger",
        object_id=f"{first.isoformat()}:{last.isoformat()}",
        details={"format": kind},
    )


def export_ledger(*, first: date, last: date, kind: str) -> Iterator[str]:
    """The journal of `first` to `last`, both inclusive, piece by piece; `kind` is one of `ledger_journal.FORMATS`.

    Holds a few thousand rows at a time, however large the ledger is. Raises WrongPeriod at once, and ValueError for another
    kind. Scope: the worker's or the desk's, while the pieces are read.
    """
    _check(first, last)
    return _pieces(first, last, kind, journal.head(kind, first, last))


def _pieces(first: date, last: date, kind: str, head: str) -> Iterator[str]:
    bounds = {"first": first, "last": last}
    yield head
    with transaction.atomic():
        for account, arrangement, claim, creditor, _opening in _rows(_ACCOUNTS, bounds):
            yield journal.opened(kind, first, journal.account_name(account, arrangement, claim, creditor))
        yield "\n"
        started = False
        for account, arrangement, claim, creditor, opening in _rows(_ACCOUNTS, bounds):
            if not opening:
                continue
            if not started:
                started = True
                yield journal.transaction(kind, first, "beginbalans")
            yield journal.side(journal.account_name(account, arrangement, claim, creditor), opening)
        yield "\n"
        for (number, day, ledger, what), rows in groupby(_rows(_ENTRIES, bounds), key=lambda row: row[:4]):
            postings = [Posting(*row[4:]) for row in rows]
            yield journal.entry(kind, day, f"{ledger} {what} {number}", postings)


def _rows(query: str, bounds: dict[str, date]) -> Iterator[tuple[Any, ...]]:
    """Rows through a cursor of the server: never all in memory. Inside a transaction."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, bounds)
        while rows := cursor.fetchmany(_CHUNK):
            yield from rows
