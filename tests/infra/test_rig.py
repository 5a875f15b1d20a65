"""The test rig itself: a fresh database after each committed test, and a real worker on it."""

import os

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from config.celery import app
from infra.servers.embedded import connect_superuser
from tests.support import databases
from tests.support.waiting import eventually
from tests.support.workers import Worker


def _leave_something() -> None:
    Session.objects.create(session_key="left", session_data="", expire_date=timezone.now())
    cache.set("left", 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_a_committed_test_starts_with_a_fresh_database_and_an_empty_cache(turn: int) -> None:
    assert not Session.objects.exists(), turn
    assert cache.get("left") is None
    _leave_something()


@pytest.mark.django_db
@pytest.mark.parametrize("turn", [1, 2])
def test_a_savepoint_test_is_rolled_back(turn: int) -> None:
    assert not Session.objects.exists(), turn
    Session.objects.create(session_key="left", session_data="", expire_date=timezone.now())


@pytest.mark.django_db
def test_this_process_has_its_own_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), session_user")
        assert cursor.fetchone() == (databases.database_name(), "eenplan_test")


def test_celery_is_never_eager_and_never_a_fake() -> None:
    assert not app.conf.task_always_eager
    assert app.conf.broker_url.startswith("redis+socket://")
    assert app.conf.broker_url == settings.CELERY_BROKER_URL
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1


@pytest.mark.parametrize("turn", [1, 2])
def test_the_same_worker_serves_the_next_test_after_a_reset(celery_worker: Worker, turn: int) -> None:
    sent = app.send_task("infra.sweep_jobs")
    eventually(lambda: f"{sent.id}] succeeded" in celery_worker.log(), message=f"turn {turn}", log=celery_worker.log)


def test_the_worker_runs_tasks_as_the_worker_role_on_this_database(celery_worker: Worker) -> None:
    app.send_task("infra.sweep_jobs")

    def worker_sessions() -> bool:
        with connect_superuser(os.environ["EENPLAN_SOCKETS"]) as superuser:
            rows = superuser.execute(
                "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = %s AND usename <> 'postgres'",
                [databases.database_name()],
            ).fetchall()
        return ("eenplan_worker",) in rows

    eventually(worker_sessions, message="no session of the worker role", log=celery_worker.log)
    assert celery_worker.quiet()
    assert "succeeded" in celery_worker.log()


def test_a_killed_worker_can_be_replaced(own_worker: Worker) -> None:
    own_worker.start()
    assert own_worker.children()
    own_worker.kill()
    own_worker.start()
    app.send_task("infra.sweep_jobs")
    eventually(lambda: "succeeded" in own_worker.log(), log=own_worker.log)
