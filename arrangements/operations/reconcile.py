"""The daily check of all books (payments.md 5.6): seven lines, green or red, with their figures."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from psycopg import IsolationLevel

from arrangements.domain.policy_values import policy_on
from arrangements.domain.reconciliation import Check, Line, add, coverage, shortfall, some, trial_balance
from arrangements.models import LedgerDay, Reconciliation
from arrangements.operations import reconcile_lines as lines
from arrangements.operations.close_ledger_days import START, chain, close_ledger_days, edges, read_again, read_days
from arrangements.operations.pay_out import payout_date
from infra import audit, clock, jobs
from kernel.periods import add_months
from kernel.working_days import working_days_between

_ONE_DAY = timedelta(days=1)


@jobs.job("reconcile", chunked=True)
def reconcile_job(work: jobs.Work) -> dict[str, Any]:
    """See `reconcile`. Asked for on the page of the desk, for one day."""
    row = reconcile(day=date.fromisoformat(work.arguments["day"]))
    return {"is_green": row.is_green}


def reconcile_yesterday(*, today: date) -> int:
    """The check of the day before `today`, once: the first work of a morning. Worker only.

    Where the time machine passes hundreds of days, once before every monthly run is enough as long as it is green.
    """
    day = today - _ONE_DAY
    with transaction.atomic():
        last = Reconciliation.objects.order_by("-day", "-pk").first()
        if last is not None and last.day >= day:
            return 0
        by_hand = settings.BUSINESS_DATE_SOURCE == "table"
        if by_hand and last is not None and last.is_green and last.day >= _last_run_day(today) - _ONE_DAY:
            return 0
    reconcile(day=day)
    return 1


def _last_run_day(today: date) -> date:
    """The day of the newest monthly run, `today` included."""
    this_month = payout_date(today)
    return this_month if this_month <= today else payout_date(add_months(today.replace(day=1), -1))


def reconcile(*, day: date) -> Reconciliation:
    """Check all books as they stood at the end of `day` (inclusive), and keep what came out. Worker only.

    A day that is over is closed first; a day that was closed before gives the same count and the same hash, or a red line
    7. What is compared with rows that carry no date is compared as of now. ValueError for a day that has yet to come.
    """
    if day > clock.today():
        raise ValueError("that day has yet to come")
    with _one_moment():
        close_ledger_days(until=day)
        checks, entry_count, entry_hash = _checks(day)
        row = Reconciliation.objects.create(
            day=day,
            is_green=all(check.is_green for check in checks.values()),
            checks=[checks[line].as_row() for line in Line],
            entry_count=entry_count,
            entry_hash=entry_hash,
        )
        audit.record(
            "books_reconciled",
            object_type="reconciliation",
            object_id=row.pk,
            to_state="green" if row.is_green else "red",
            details={"day": day.isoformat(), "red": [int(line) for line in Line if not checks[line].is_green]},
        )
    return row


@contextmanager
def _one_moment() -> Iterator[None]:
    """A transaction that sees one moment of the books, however long it takes and whatever comes in meanwhile."""
    if connection.in_atomic_block:
        # The caller's transaction decides.
        with transaction.atomic():
            yield
        return
    connection.ensure_connection()
    bare = connection.connection
    before = bare.isolation_level
    bare.isolation_level = IsolationLevel.REPEATABLE_READ
    try:
        with transaction.atomic():
            yield
    finally:
        if not bare.closed:
            bare.isolation_level = before


def _checks(day: date) -> tuple[dict[Line, Check], int, str]:
    totals, entry_count, entry_hash, short_since, torn = _as_of(day)
    remittance, owed = lines.remittance_and_owed(totals)
    policy = policy_on(day)
    checks = {
        Line.PROVIDER: lines.provider(day, totals),
        Line.BANK: lines.bank(day, totals),
        Line.REMITTANCE: remittance,
        Line.COVERAGE: coverage(
            totals,
            short_working_days=0 if short_since is None else working_days_between(short_since, day),
            allowed_working_days=policy.top_up_working_days,
        ),
        Line.OWED: owed,
        Line.AGEING: lines.ageing(day),
        Line.TRIAL_BALANCE: trial_balance(totals),
    }
    last = checks[Line.TRIAL_BALANCE]
    changed, days_read = read_again(day=day)
    last.count("boekstukken", entry_count)
    last.count("dagen opnieuw gelezen", days_read)
    last.figures.append(("controlegetal", entry_hash[:16]))
    if torn:
        last.faults.append(f"Boekstukken die niet compleet zijn of niet in evenwicht: {some(torn)}.")
    last.faults += changed
    lines.books(checks)
    return checks, entry_count, entry_hash


def _as_of(day: date) -> tuple[dict[int, int], int, str, date | None, list[str]]:
    """Totals per account, count and chained hash at the end of `day`; since when money falls short; what is torn.

    Closed days count as they were closed, later ones as they are read now.
    """
    totals: dict[int, int] = {}
    count, entry_hash, short_since = 0, START, None
    last_closed: date | None = None
    for row in LedgerDay.objects.filter(day__lte=day).iterator():
        add(totals, row.totals)
        count += row.entry_count
        entry_hash, last_closed = row.chain_hash, row.day
        short_since = (short_since or row.day) if shortfall(totals) else None
    found = edges()
    torn: list[str] = []
    if found is None:
        return totals, count, entry_hash, short_since, torn
    start = found[0] if last_closed is None else last_closed + _ONE_DAY
    for one in read_days(start, day):
        add(totals, one.totals)
        count += one.entry_count
        entry_hash = chain(entry_hash, one)
        torn += [str(number) for number in one.torn]
        short_since = (short_since or one.day) if shortfall(totals) else None
    return totals, count, entry_hash, short_since, torn
