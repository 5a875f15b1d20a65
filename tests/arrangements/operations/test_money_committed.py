"""What only shows with real commits: two workers at once, a posting added later, a killed worker."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from django.db import Error, connection, transaction

from arrangements.models import LedgerEntry, LedgerPosting, MoneyRun, Payment, Receipt
from arrangements.operations.check_books import check_books
from arrangements.operations.pay_out import pay_out
from arrangements.operations.receive_payment import receive_payment
from arrangements.operations.store_event import store_event
from arrangements.payments import demobank
from arrangements.payments.provider import Verified
from infra import jobs
from infra.scope import as_worker
from infra.servers.embedded import connect_superuser
from tests.factories.money import next_open, open_link, pay_next, running_case
from tests.support.databases import database_name
from tests.support.waiting import eventually
from tests.support.workers import Worker

pytestmark = pytest.mark.django_db(transaction=True)


def in_threads(count: int, work: Callable[[], object]) -> list[BaseException]:
    errors: list[BaseException] = []
    start = threading.Barrier(count)

    def one() -> None:
        try:
            start.wait(10)
            with as_worker("test"):
                work()
        except BaseException as error:  # noqa: BLE001  shown by the assertion
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return errors


def books_are_right() -> bool:
    with as_worker("test"):
        return check_books() == []


def test_four_workers_that_receive_the_same_payment_divide_it_once() -> None:
    with transaction.atomic():
        _case, arrangement = running_case(1_000_00, 2_000_00, 333_33)
        payment = open_link(arrangement.citizen, next_open(arrangement))
        demobank.pay(payment.provider_id, notify=False)
    errors = in_threads(4, lambda: receive_payment(payment_id=payment.pk, amount_cents=45_00))
    assert errors == []
    with as_worker("test"), transaction.atomic():
        assert Receipt.objects.count() == 1
        assert LedgerEntry.objects.filter(kind="distribution").count() == 2
    assert books_are_right()


def test_two_payout_runs_at_once_pay_once() -> None:
    with transaction.atomic():
        case, arrangement = running_case(1_000_00, 2_000_00)
        pay_next(arrangement)
    kinds = iter([MoneyRun.Kind.MONTHLY, MoneyRun.Kind.ON_DEMAND])
    assert in_threads(2, lambda: pay_out(kind=next(kinds), run_date=date(2026, 12, 7))) == []
    with as_worker("test"), transaction.atomic():
        paid = LedgerEntry.objects.filter(kind="remittance_submitted").count()
    assert paid == len(case.creditors)
    assert books_are_right()


def test_a_posting_added_later_is_refused() -> None:
    with transaction.atomic():
        running_case(1_000_00)
    with as_worker("test"):
        with transaction.atomic():
            old = LedgerEntry.objects.order_by("pk")[0]
        with pytest.raises(Error, match="earlier transaction"), transaction.atomic():
            LedgerPosting.objects.bulk_create(
                [
                    LedgerPosting(entry=old, line=98, booked_on=old.booked_on, account=100, debit_cents=1),
                    LedgerPosting(entry=old, line=99, booked_on=old.booked_on, account=900, credit_cents=1),
                ]
            )


def test_one_job_in_two_workers_is_done_once() -> None:
    with transaction.atomic():
        _case, arrangement = running_case(10_000_00, months=1)
        pay_next(arrangement)
    assert in_threads(2, jobs.run_all) == []
    with as_worker("test"), transaction.atomic():
        assert LedgerEntry.objects.filter(kind="waiver").count() == 1
    assert books_are_right()


@contextmanager
def books_held_shut() -> Iterator[Callable[[], bool]]:
    """Nobody can write in the books inside the block; gives a function that says whether somebody stands waiting there.

    Whoever waits has stored the receipt and the new totals of the lines, in a transaction that is not finished.
    """
    with (
        connect_superuser(os.environ["EENPLAN_SOCKETS"], database_name()) as holder,
        connect_superuser(os.environ["EENPLAN_SOCKETS"], database_name()) as watcher,
    ):
        holder.execute("BEGIN")
        holder.execute("LOCK TABLE arrangements_ledgerentry IN SHARE MODE")

        def somebody_waits() -> bool:
            row = watcher.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'arrangements_ledgerentry'::regclass"
            ).fetchone()
            return bool(row and row[0])

        yield somebody_waits
        holder.execute("ROLLBACK")


def paid_at_the_bank() -> Payment:
    with transaction.atomic():
        _case, arrangement = running_case(1_000_00, 2_000_00, 333_33)
        payment = open_link(arrangement.citizen, next_open(arrangement))
        demobank.pay(payment.provider_id, notify=False)
    return payment


def nothing_happened() -> bool:
    with as_worker("test"), transaction.atomic():
        return not Receipt.objects.exists() and not LedgerEntry.objects.filter(kind="distribution").exists()


def exactly_once() -> bool:
    with as_worker("test"), transaction.atomic():
        receipts = Receipt.objects.count()
        divided = LedgerEntry.objects.filter(kind="distribution", ledger="cash").count()
        assert receipts <= 1
        assert divided <= 1
        return receipts == divided == 1


@pytest.mark.parametrize("whole_worker", [False, True])
def test_a_worker_killed_in_the_middle_of_a_distribution_leaves_nothing_half_done(
    own_worker: Worker, whole_worker: bool
) -> None:
    payment = paid_at_the_bank()
    own_worker.start()
    with books_held_shut() as somebody_waits:
        event = Verified(event_id="evt_kill", kind="collection.succeeded", provider_id=payment.provider_id)
        with as_worker("test"):
            store_event(provider=demobank.NAME, event=event, raw=b"{}")
        eventually(somebody_waits, message="the worker does not get to the books", log=own_worker.log)
        if whole_worker:
            own_worker.kill()
        else:
            for child in own_worker.children():
                os.kill(child, signal.SIGKILL)
            # PostgreSQL only notices once the statement it is waiting in is over.
    if whole_worker:
        eventually(nothing_happened)
        # What beat does every minute.
        eventually(lambda: jobs.sweep() is not None and exactly_once())
    else:
        eventually(exactly_once, log=own_worker.log)
    for _ in range(3):
        jobs.sweep()
    assert exactly_once()
    assert books_are_right()
