"""Days of the ledgers: closed when they are over, and read again later to see that nothing changed. Worker only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from django.db import connection
from django.db.models import Max, Sum

from arrangements.models import LedgerDay
from infra import clock
from kernel.periods import add_months

READ_ALL = 500_000
"""Up to so many entries all days are read again; above it the newest two months and one older month, in turn."""
START = "0" * 64
_ONE_DAY = timedelta(days=1)

# A day as bytes: every column of every entry and of its postings, in the order of their numbers. Bounded by month, so that
# one partition is read. An entry without postings, or a posting without its entry, is a torn one.
_DAYS = """
WITH posted AS (
    SELECT entry_id, booked_on, count(*) AS n, sum(debit_cents - credit_cents) AS difference,
        string_agg(concat_ws(':', line, account, debit_cents, credit_cents, coalesce(arrangement_id, 0),
            coalesce(claim_id, 0), coalesce(creditor_id, 0)), ';' ORDER BY line) AS said,
        bool_or(account < 1000) AS owed, bool_or(account >= 1000) AS cash
    FROM arrangements_ledgerposting WHERE booked_on BETWEEN %(first)s AND %(last)s GROUP BY entry_id, booked_on),
entries AS (
    SELECT id, ledger, kind, key, booked_on FROM arrangements_ledgerentry WHERE booked_on BETWEEN %(first)s AND %(last)s),
whole AS (
    SELECT coalesce(e.booked_on, p.booked_on) AS day, coalesce(e.id, p.entry_id) AS id, coalesce(p.n, 0) AS n,
        e.id IS NULL OR coalesce(p.n, 0) < 2 OR p.difference <> 0
            OR (e.ledger = 'cash' AND p.owed) OR (e.ledger = 'owed' AND p.cash) AS torn,
        sha256(convert_to(concat_ws('|', coalesce(e.id, p.entry_id), coalesce(e.ledger, '-'), coalesce(e.kind, '-'),
            coalesce(e.key, '-'), coalesce(p.said, '-')), 'UTF8')) AS hash
    FROM entries e FULL JOIN posted p ON p.entry_id = e.id AND p.booked_on = e.booked_on)
SELECT day, count(*), sum(n)::bigint, encode(sha256(string_agg(hash, ''::bytea ORDER BY id)), 'hex'),
    (array_agg(id ORDER BY id) FILTER (WHERE torn))[1:5]
FROM whole GROUP BY day ORDER BY day
"""
_TOTALS = """
SELECT booked_on, account, sum(debit_cents - credit_cents)::bigint FROM arrangements_ledgerposting
WHERE booked_on BETWEEN %(first)s AND %(last)s GROUP BY 1, 2 ORDER BY 1, 2
"""
_EDGES = """
SELECT least((SELECT min(booked_on) FROM arrangements_ledgerentry), (SELECT min(booked_on) FROM arrangements_ledgerposting)),
    greatest((SELECT max(booked_on) FROM arrangements_ledgerentry), (SELECT max(booked_on) FROM arrangements_ledgerposting))
"""


@dataclass(frozen=True, slots=True)
class DayRead:
    """A day as it is read from the ledgers now. `torn`: the first entries that are not whole, or do not balance."""

    day: date
    entry_count: int
    posting_count: int
    day_hash: str
    torn: tuple[int, ...]
    totals: dict[str, int]


def read_days(first: date, last: date) -> Iterator[DayRead]:
    """The days with entries from `first` to `last`, both inclusive, month by month."""
    start = first
    while start <= last:
        end = min(last, add_months(start.replace(day=1), 1) - _ONE_DAY)
        bounds = {"first": start, "last": end}
        totals: dict[date, dict[str, int]] = {}
        with connection.cursor() as cursor:
            cursor.execute(_TOTALS, bounds)
            for day, account, cents in cursor.fetchall():
                totals.setdefault(day, {})[str(account)] = cents
            cursor.execute(_DAYS, bounds)
            rows = cursor.fetchall()
        for day, entries, postings, day_hash, torn in rows:
            yield DayRead(day, entries, postings, day_hash, tuple(torn or ()), totals.get(day, {}))
        start = end + _ONE_DAY


def edges() -> tuple[date, date] | None:
    """The first and the last day on which something was booked; None for empty books."""
    with connection.cursor() as cursor:
        cursor.execute(_EDGES)
        first, last = cursor.fetchone()
    return None if first is None else (first, last)


def chain(before: str, one: DayRead) -> str:
    """The hash of a day with that of all days before it."""
    return sha256(f"{before}|{one.day.isoformat()}|{one.entry_count}|{one.day_hash}".encode()).hexdigest()


def close_ledger_days(*, until: date) -> int:
    """Close every day with entries up to and including `until` that is over and not closed yet. How many were closed.

    A day is over when the business date has passed it. Part of the caller's transaction; repeating it closes nothing more.
    """
    until = min(until, clock.today() - _ONE_DAY)
    found = edges()
    if found is None:
        return 0
    last = LedgerDay.objects.order_by("-day").first()
    start = found[0] if last is None else last.day + _ONE_DAY
    before = START if last is None else last.chain_hash
    closed = []
    for one in read_days(start, until):
        before = chain(before, one)
        closed.append(
            LedgerDay(
                day=one.day,
                entry_count=one.entry_count,
                posting_count=one.posting_count,
                totals=one.totals,
                day_hash=one.day_hash,
                chain_hash=before,
            )
        )
    LedgerDay.objects.bulk_create(closed)
    return len(closed)


def read_again(*, day: date) -> tuple[list[str], int]:
    """What changed in closed days since they were closed, in sentences, and how many days were read. Changes nothing.

    Everything while the books are small; else the newest two months up to `day` and one older month, a next one each day.
    """
    newest = LedgerDay.objects.filter(day__lte=day).aggregate(day=Max("day"), entries=Sum("entry_count"))
    found = edges()
    if newest["day"] is None or found is None:
        return [], 0
    first = min(found[0], LedgerDay.objects.order_by("day").values_list("day", flat=True)[0])
    spans = [(first, newest["day"])]
    if newest["entries"] > READ_ALL:
        recent = max(first, add_months(newest["day"].replace(day=1), -1))
        spans = [(recent, newest["day"])]
        older = (recent.year - first.year) * 12 + recent.month - first.month
        if older > 0:
            month = add_months(first.replace(day=1), day.toordinal() % older)
            spans.append((max(first, month), add_months(month, 1) - _ONE_DAY))
    changed: list[str] = []
    count = 0
    for start, end in spans:
        now = {one.day: one for one in read_days(start, end)}
        then = {row.day: row for row in LedgerDay.objects.filter(day__range=(start, end))}
        count += len(now)
        for moment in sorted({*now, *then}):
            one, row = now.get(moment), then.get(moment)
            if one is None or row is None or (one.day_hash, one.totals) != (row.day_hash, row.totals):
                changed.append(
                    f"De boekstukken van {moment:%d-%m-%Y} zijn veranderd nadat de dag was afgesloten: "
                    f"het waren er {row.entry_count if row else 0}, het zijn er nu {one.entry_count if one else 0}."
                )
    # The chain itself: a closed day cannot be taken out or put in between.
    before = START
    for row in LedgerDay.objects.filter(day__lte=day).iterator():
        expected = chain(before, DayRead(row.day, row.entry_count, row.posting_count, row.day_hash, (), {}))
        if expected != row.chain_hash:
            changed.append(f"De keten van afgesloten dagen is gebroken bij {row.day:%d-%m-%Y}.")
            break
        before = row.chain_hash
    return changed, count
