"""Machines that fail in the middle of money: what was acknowledged is there, what was tried again is there once."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import InterfaceError, OperationalError, connection, transaction

from arrangements.models import Arrangement, LedgerEntry, Payment, Receipt
from arrangements.operations.check_books import check_books
from arrangements.operations.receive_payment import receive_payment
from arrangements.payments import demobank
from infra.scope import as_worker
from tests.factories.money import next_open, open_link, running_case
from tests.support.cutting_relay import Cut, Relay, relayed

ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def through(relay: Relay) -> Iterator[None]:
    """This process talks to the database through the relay."""
    settings = connection.settings_dict
    before = settings["HOST"]
    connection.close()
    settings["HOST"] = str(relay.directory)
    try:
        yield
    finally:
        connection.close()
        settings["HOST"] = before


def next_payment(arrangement: Arrangement) -> Payment:
    with transaction.atomic():
        payment = open_link(arrangement.citizen, next_open(arrangement))
        demobank.pay(payment.provider_id, notify=False)
    return payment


def receive_until_it_is_known(payment: Payment) -> int:
    """As everybody who gets no answer does: the same again. How many tries ended without an answer."""
    lost = 0
    while True:
        try:
            with as_worker("test"):
                receive_payment(payment_id=payment.pk, amount_cents=payment.amount_cents)
        except (OperationalError, InterfaceError):
            lost += 1
            connection.close()
        else:
            return lost


def cut_many_times(count: int) -> None:
    with transaction.atomic():
        _case, arrangement = running_case(10_000_00, 20_000_00, 3_333_33, months=count + 2)
    cuts: list[Cut] = ["before", "after"]
    with relayed(Path(os.environ["EENPLAN_SOCKETS"])) as relay:
        for number in range(count):
            payment = next_payment(arrangement)
            with through(relay):
                relay.cut = cuts[number % 2]
                assert receive_until_it_is_known(payment) == 1
        assert relay.cuts == count
    with as_worker("test"), transaction.atomic():
        assert Receipt.objects.count() == count
        assert LedgerEntry.objects.filter(kind="distribution", ledger="cash").count() == count
        assert Arrangement.objects.get().received_cents == count * 45_00
        assert check_books() == []


def test_a_connection_cut_before_or_after_the_commit_books_once_when_it_is_tried_again() -> None:
    cut_many_times(30)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_two_thousand_cuts_around_the_commit_book_each_payment_once() -> None:
    for _ in range(40):
        cut_many_times(50)
        from tests.support.databases import reset_database

        reset_database()


def drill(*arguments: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.drills", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.strip().splitlines()
    assert lines, done.stderr
    found: dict[str, object] = json.loads(lines[-1])
    return found


@pytest.mark.timeout(420)
def test_killed_databases_and_workers_and_a_lost_queue_cost_no_cent_and_no_hands() -> None:
    found = drill("--people", "40", "--postgres", "2", "--workers", "3", "--flushes", "1")
    assert found["right"], found


@pytest.mark.long
@pytest.mark.timeout(3 * 3600)
def test_fifty_killed_databases_cost_no_cent() -> None:
    found = drill("--people", "600", "--postgres", "50", "--workers", "100", "--flushes", "5")
    assert found["right"], found
