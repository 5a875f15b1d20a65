"""The daily check of books that are right; and what comes of a line that is red."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import Error, transaction

from arrangements.domain import postings
from arrangements.models import LedgerDay, Payment, Reconciliation
from arrangements.operations.book_storno import book_fee
from arrangements.operations.own_money import book_top_up
from arrangements.operations.post_entries import post_entries
from arrangements.operations.reconcile import reconcile, reconcile_yesterday
from arrangements.queries.reconciliation import newest_per_day
from arrangements.queries.remittance import books_allow
from infra import jobs
from infra.scope import as_worker
from tests.factories.books import END, lively, red
from tests.factories.money import at, pay_next

pytestmark = pytest.mark.django_db


def checked(day: date = END) -> Reconciliation:
    with as_worker("test"):
        return reconcile(day=day)


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
    assert first.is_green
    assert again.is_green


def test_an_empty_ledger_is_green() -> None:
    at(END)
    assert checked().is_green


def test_a_day_that_has_yet_to_come_is_not_checked() -> None:
    at(END)
    with pytest.raises(ValueError, match="yet to come"):
        checked(END + timedelta(days=1))


def test_a_day_that_is_not_over_is_checked_without_closing_it() -> None:
    arrangement = lively()
    at(END + timedelta(days=1))
    pay_next(arrangement, amount_cents=1_00)
    first = checked(END + timedelta(days=1))
    pay_next(arrangement, amount_cents=1_00)
    second = checked(END + timedelta(days=1))
    assert first.is_green
    assert second.is_green
    assert second.entry_count > first.entry_count
    with as_worker("test"):
        assert not LedgerDay.objects.filter(day__gt=END).exists()


def test_what_is_booked_later_does_not_change_an_earlier_day() -> None:
    arrangement = lively()
    first = checked()
    pay_next(arrangement, amount_cents=5_00)
    at(date(2027, 2, 1))
    again = checked()
    assert (again.entry_hash, again.entry_count) == (first.entry_hash, first.entry_count)
    assert again.is_green, again.checks
    assert checked(date(2027, 1, 31)).entry_hash != first.entry_hash


def test_a_shortfall_is_named_at_once_with_its_causes_and_red_when_nobody_tops_up() -> None:
    lively()
    with as_worker("test"):
        book_fee(payment_id=Payment.objects.order_by("-pk")[0].pk, fee_cents=29)
    row = checked(date(2026, 12, 10))
    cover = row.checks[3]
    assert cover["is_green"]
    assert ["aan te vullen", "€\xa00,29"] in cover["figures"]
    assert "kosten van de betaaldienst" in cover["notes"][0]
    at(date(2026, 12, 16))
    assert red(checked(date(2026, 12, 15))) == set()
    assert red(checked(date(2026, 12, 16))) == {4}
    with as_worker("test"):
        book_top_up(key="top", amount_cents=29)
    assert red(checked(date(2026, 12, 16))) == set()


def test_a_red_line_stops_the_remittance_of_the_next_day_and_of_no_day_before() -> None:
    at(END)
    with as_worker("test"):
        assert books_allow(END - timedelta(days=1))
        for day, green in ((1, True), (2, False), (2, True), (3, False)):
            Reconciliation.objects.create(
                day=date(2026, 12, day), is_green=green, checks=[], entry_count=0, entry_hash=""
            )
        assert books_allow(date(2026, 12, 1))
        assert books_allow(date(2026, 12, 2))
        assert not books_allow(date(2026, 12, 3))
        assert not books_allow(date(2026, 12, 30))
        shown = [(row.day.day, row.is_green) for row in newest_per_day(most=10)]
    assert shown == [(3, False), (2, True), (1, True)]


def test_yesterday_is_checked_once_a_morning_and_on_request_again() -> None:
    lively()
    with as_worker("test"):
        assert reconcile_yesterday(today=date(2026, 12, 10)) == 1
        assert reconcile_yesterday(today=date(2026, 12, 10)) == 0
        with transaction.atomic():
            jobs.enqueue("reconcile", key="reconcile:test", arguments={"day": "2026-12-09"})
    jobs.run_all()
    with as_worker("test"):
        assert list(Reconciliation.objects.values_list("day", "is_green")) == [(END, True), (END, True)]


def test_what_came_out_is_never_changed() -> None:
    lively()
    row = checked()
    with as_worker("test"), pytest.raises(Error), transaction.atomic():
        Reconciliation.objects.filter(pk=row.pk).update(is_green=False)
    with as_worker("test"), pytest.raises(Error), transaction.atomic():
        LedgerDay.objects.all().delete()


def test_the_command_prints_seven_lines_and_fails_when_one_is_red() -> None:
    lively()
    out = StringIO()
    call_command("reconcile", "--date", "2026-12-09", stdout=out)
    assert [line[0] for line in out.getvalue().splitlines() if line[:1].isdigit()] == list("1234567")
    assert "ROOD" not in out.getvalue()
    with as_worker("test"):
        post_entries([postings.settlement("twice", amount=5)])
    with pytest.raises(CommandError, match="rood"):
        call_command("reconcile", "--date", "2026-12-10", stdout=out)
    assert "1 ROOD" in out.getvalue()
