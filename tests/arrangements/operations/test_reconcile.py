"""The daily check: green for books that are right, and red for each fault that is planted."""

from datetime import date, timedelta

import pytest

from arrangements.models import LedgerDay, Reconciliation
from arrangements.operations.pay_out import book_payouts, pay_out
from arrangements.operations.reconcile import reconcile
from arrangements.operations.settle_receipts import settle_receipts
from infra.scope import as_worker
from tests.factories.money import at, pay_next, running_case

pytestmark = pytest.mark.django_db

END = date(2026, 12, 9)


def lively() -> None:
    """A plan that was paid twice, settled, and paid on; checked at the end of 9 December 2026."""
    _case, arrangement = running_case(1_000_00, 2_000_00, 500_00)
    pay_next(arrangement)
    at(date(2026, 12, 7))
    with as_worker("test"):
        settle_receipts(today=date(2026, 12, 7))
        pay_out(run_date=date(2026, 12, 7))
    at(date(2026, 12, 8))
    with as_worker("test"):
        book_payouts(today=date(2026, 12, 8))
    pay_next(arrangement, amount_cents=33_33)
    at(date(2026, 12, 10))


def checked(day: date = END) -> Reconciliation:
    with as_worker("test"):
        return reconcile(day=day)


def red(row: Reconciliation) -> set[int]:
    return {check["number"] for check in row.checks if not check["is_green"]}


def test_books_that_are_right_give_seven_green_lines() -> None:
    lively()
    row = checked()
    assert [check["number"] for check in row.checks] == [1, 2, 3, 4, 5, 6, 7]
    assert red(row) == set(), row.checks
    assert row.is_green
    with as_worker("test"):
        days = list(LedgerDay.objects.values_list("day", flat=True))
    assert days == [date(2026, 11, 23), date(2026, 12, 7), date(2026, 12, 8)]


def test_a_day_that_is_checked_again_gives_the_same_hash() -> None:
    lively()
    first = checked(END - timedelta(days=2))
    last = checked()
    again = checked(END - timedelta(days=2))
    assert (first.entry_hash, first.entry_count) == (again.entry_hash, again.entry_count)
    assert last.entry_hash != first.entry_hash
    assert first.is_green and again.is_green
