"""Workers that die in the middle of a monthly run: afterwards, without hands, everything happened exactly once."""

import os
from collections.abc import Iterator
from datetime import date
from random import Random

import pytest
from django.db import connections, transaction

from arrangements.models import MoneyRun
from arrangements.operations import monthly_run as operation
from arrangements.operations.monthly_run import start_monthly_run
from infra import jobs
from infra.scope import as_worker
from infra.servers.embedded import connect_superuser
from tests.bench import monthly_data
from tests.factories.money import at, running_case
from tests.support import kills
from tests.support.databases import database_name
from tests.support.waiting import eventually
from tests.support.workers import Worker

pytestmark = pytest.mark.django_db(transaction=True)

PLANS = 200
DAY = date(2027, 1, 5)


@pytest.fixture(autouse=True)
def plans(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Some hundreds of plans that paid; it is the day of the run, and its chunks are small."""
    monkeypatch.setattr(operation, "CHUNK", 50)
    monkeypatch.setattr(operation, "LINES_PER_CHUNK", 600)
    with transaction.atomic():
        _case, arrangement = running_case(10_000_00, 20_000_00, declared=450_00)
    with connect_superuser(os.environ["EENPLAN_SOCKETS"], database_name()) as database:
        with as_worker("test"), transaction.atomic():
            monthly_data.make(database, arrangement, PLANS)
        at(DAY)
        monthly_data.pay(database, month=1, day=DAY)
    with as_worker("test"):
        start_monthly_run(day=DAY)
    yield
    connections.close_all()


def test_killed_at_every_named_point_the_run_is_done_exactly_once() -> None:
    for point in kills.POINTS:
        kills.kill_at(point, os.environ["EENPLAN_SOCKETS"], database_name())
    kills.work_until_nothing_waits()
    assert kills.wrong() == []


def test_killed_ten_times_at_random_the_run_is_done_exactly_once() -> None:
    killed = kills.kill_at_random(Random(7), times=10)
    kills.work_until_nothing_waits()
    assert killed > 0
    assert kills.wrong() == []


def test_a_celery_worker_that_is_killed_is_followed_by_one_that_finishes(own_worker: Worker) -> None:
    """The whole worker dies in the middle; the next one finds what is left by the sweeper alone."""
    own_worker.start()
    jobs.wake_sweeper()

    def divided_some() -> bool:
        return bool(kills.ask("SELECT 1 FROM arrangements_runchunk WHERE step = 'divide' AND state = 'done'"))

    eventually(divided_some, seconds=60, log=own_worker.log)
    own_worker.kill()
    kills.work_until_nothing_waits()
    with as_worker("test"), transaction.atomic():
        assert MoneyRun.objects.get().state == "built"
    assert kills.wrong() == []
