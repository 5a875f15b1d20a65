"""The monthly run: once per month, in chunks, in order; what goes wrong in one chunk is told and tried again."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from arrangements.models import (
    Arrangement,
    ArrangementLine,
    MoneyRun,
    PayoutBatch,
    PayoutLine,
    Receipt,
    Reconciliation,
    RunChunk,
)
from arrangements.operations import monthly_run as operation
from arrangements.operations.check_books import check_books
from arrangements.operations.monthly_run import TooEarly, do_chunk, retry_run, start_monthly_run
from arrangements.queries.run_progress import run_progress
from infra import jobs
from infra.scope import as_worker
from tests.factories.money import at, running_case
from tests.factories.waiting import receives

pytestmark = pytest.mark.django_db

DAY = date(2026, 12, 7)
FIGURES = {"checks": [], "entry_count": 0, "entry_hash": ""}


@pytest.fixture
def plans() -> list[Arrangement]:
    """Three plans that paid for December; it is the day of the run."""
    found = [running_case(1_000_00, 2_000_00, 333_33)[1] for _ in range(3)]
    at(DAY)
    for plan in found:
        receives(plan, 45_00)
    return found


def run_it(day: date = DAY) -> MoneyRun:
    with as_worker("test"):
        run = start_monthly_run(day=day)
        jobs.run_all()
        run.refresh_from_db()
    return run


def assert_books_are_right() -> None:
    connection.check_constraints()
    with as_worker("test"):
        assert check_books() == []


def test_a_month_is_counted_divided_and_made_ready_to_pay(plans: list[Arrangement]) -> None:
    run = run_it()
    with as_worker("test"):
        assert run.state == "built"
        assert [(step.step, step.done, step.to_go, step.failed) for step in run_progress(run)] == [
            ("due", 1, 0, 0),
            ("divide", 1, 0, 0),
            ("remit", 1, 0, 0),
        ]
        due, divided, remitted = run_progress(run)
        assert (divided.counted, divided.amount_cents) == (3, 3 * 45_00)
        assert (remitted.counted, remitted.amount_cents) == (9, 3 * 45_00)
        assert due.amount_cents == 3 * 45_00
        assert run.total_cents == 3 * 45_00
        assert run.files.count() == 1
        assert not Receipt.objects.filter(divided_on=None).exists()
        assert all(line.paid_cents == line.remitted_cents for line in ArrangementLine.objects.all())
    assert_books_are_right()


def test_started_again_and_with_an_earlier_date_there_is_one_run(plans: list[Arrangement]) -> None:
    run = run_it()
    for day in (DAY, DAY, date(2026, 12, 1), date(2026, 12, 31), date(2026, 11, 23)):
        assert run_it(day) == run
    with as_worker("test"):
        assert MoneyRun.objects.count() == 1
        assert PayoutLine.objects.count() == 9
    assert_books_are_right()


def test_a_month_that_has_not_come_is_not_run(plans: list[Arrangement]) -> None:
    with as_worker("test"), pytest.raises(TooEarly, match="01-2027 kan vanaf 05-01-2027"):
        start_monthly_run(day=date(2027, 1, 1))


def test_a_chunk_is_done_once(plans: list[Arrangement]) -> None:
    run_it()
    with as_worker("test"):
        for chunk in RunChunk.objects.all():
            assert do_chunk(chunk_id=chunk.pk) is None
    assert_books_are_right()


def test_many_small_chunks_come_to_the_same(plans: list[Arrangement], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operation, "CHUNK", 1)
    monkeypatch.setattr(operation, "LINES_PER_CHUNK", 1)
    run = run_it()
    with as_worker("test"):
        assert run.state == "built"
        assert [(step.done, step.failed) for step in run_progress(run)] == [(3, 0), (3, 0), (9, 0)]
        assert run.total_cents == 3 * 45_00
    assert_books_are_right()


def test_what_goes_wrong_is_told_and_the_others_go_on(
    plans: list[Arrangement], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operation, "CHUNK", 1)
    with as_worker("test"):
        lines = ArrangementLine.objects.filter(arrangement=plans[1]).order_by("position")
        broken = lines[0]
        ArrangementLine.objects.filter(pk=broken.pk).update(paid_cents=10_00)
    run = run_it()
    with as_worker("test"):
        assert run.state == "running"
        failed = RunChunk.objects.get(state="failed")
        assert str(plans[1].pk) in failed.error
        assert run_progress(run)[1].done == 2
        assert not PayoutBatch.objects.exists(), "nothing is paid on before everything was divided"
        ArrangementLine.objects.filter(pk=broken.pk).update(paid_cents=0)
        assert retry_run(run_id=run.pk) == 1
        jobs.run_all()
        run.refresh_from_db()
        assert run.state == "built"
        assert run.total_cents == 3 * 45_00
    assert_books_are_right()


def test_red_books_stop_paying_on_and_not_the_division(plans: list[Arrangement]) -> None:
    with as_worker("test"):
        red = Reconciliation.objects.create(day=DAY, is_green=False, **FIGURES)
    run = run_it()
    with as_worker("test"):
        assert not Receipt.objects.filter(divided_on=None).exists()
        assert not PayoutBatch.objects.exists()
        assert run.state == "running"
        Reconciliation.objects.create(day=date(2026, 12, 8), is_green=True, **FIGURES)
    assert red.pk
    at(date(2026, 12, 8))
    assert run_it(date(2026, 12, 8)).state == "built"
    assert_books_are_right()


def test_the_terminal_starts_follows_and_shows(plans: list[Arrangement], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("arrangements.management.commands.monthly_run.PAUSE_SECONDS", 0)
    out = StringIO()
    call_command("monthly_run", "--follow", stdout=out)
    assert "Maandrun 2026-12: Klaar om vrij te geven" in out.getvalue()
    assert "Verdelen: 1 klaar, 0 te gaan, 0 mislukt; 3 geteld" in out.getvalue()
    with pytest.raises(CommandError, match="kan vanaf"):
        call_command("monthly_run", "--date", "2027-02-01", stdout=out)
