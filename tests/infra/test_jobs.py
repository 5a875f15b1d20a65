"""Jobs: a promise is a row, kept once, also when the alarm clock is lost or the worker dies."""

import os
import signal
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from infra import clock, jobs, scope
from infra.models import BusinessDate, Job
from tests.support.workers import Worker

pytestmark = pytest.mark.django_db


def made(kind: str, **arguments: object) -> uuid.UUID:
    with scope.as_worker("test"):
        return jobs.enqueue(kind, key=f"{kind}:{uuid.uuid4()}", arguments=dict(arguments))


def job_of(job_id: uuid.UUID) -> Job:
    with scope.as_worker("test"), transaction.atomic():
        return Job.objects.get(pk=job_id)


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Register a handler for this test alone."""
    monkeypatch.setattr(jobs, "_handlers", dict(jobs._handlers))

    def register(kind: str, what: jobs.Handler, *, chunked: bool = False) -> None:
        jobs.job(kind, chunked=chunked)(what)

    return register


def test_the_same_promise_is_made_once() -> None:
    with scope.as_worker("test"):
        jobs.enqueue("x", key="once")
        jobs.enqueue("x", key="once")
        assert Job.objects.filter(key="once").count() == 1


def test_the_sweeper_keeps_a_promise_the_queue_forgot(handler: Callable[..., None]) -> None:
    seen = []
    handler("remember", lambda work: seen.append(work.arguments["number"]))
    job_id = made("remember", number=7)
    jobs.sweep()
    jobs.sweep()
    assert seen == [7]
    assert job_of(job_id).state == Job.State.DONE


def test_a_promise_for_later_is_left_alone(handler: Callable[..., None]) -> None:
    handler("later", lambda work: None)
    with scope.as_worker("test"):
        jobs.enqueue("later", key="later", delay=timedelta(minutes=5))
    assert jobs.sweep() == 0


def test_what_a_failed_handler_wrote_is_gone_and_it_is_tried_again(handler: Callable[..., None]) -> None:
    def breaks(work: jobs.Work) -> None:
        BusinessDate.objects.update_or_create(pk=1, defaults={"date": "2030-01-01"})
        raise RuntimeError("half-way")

    handler("breaks", breaks)
    job_id = made("breaks")
    assert jobs.run(job_id) is False
    row = job_of(job_id)
    assert row.state == Job.State.WAITING
    assert row.attempts == 1
    assert "half-way" in row.last_error
    assert row.not_before > clock.now()
    with scope.as_worker("test"):
        assert not BusinessDate.objects.filter(date="2030-01-01").exists()


def test_after_the_last_attempt_a_person_can_see_that_it_failed(handler: Callable[..., None]) -> None:
    def breaks(work: jobs.Work) -> None:
        raise RuntimeError("again")

    handler("breaks", breaks)
    job_id = made("breaks")
    for _ in range(jobs.MAX_ATTEMPTS):
        jobs.run(job_id)
    assert job_of(job_id).state == Job.State.FAILED
    assert jobs.run(job_id) is False


def test_a_kind_nobody_knows_fails_at_once() -> None:
    job_id = made("nobody_knows_this")
    assert jobs.run(job_id) is False
    assert job_of(job_id).state == Job.State.FAILED


def test_progress_is_shown(handler: Callable[..., None]) -> None:
    handler("slow", lambda work: work.progress(3, 10, "drie van de tien"), chunked=True)
    job_id = made("slow")
    jobs.run(job_id)
    row = job_of(job_id)
    assert (row.progress_done, row.progress_total, row.progress_text) == (3, 10, "drie van de tien")


def test_a_page_sees_only_its_own_jobs() -> None:
    with scope.as_worker("test"):
        jobs.enqueue("x", key="a", citizen_id=1)
        jobs.enqueue("x", key="b", citizen_id=2)
    with scope.act_as(scope.Scope(citizen_id=1)):
        assert [job.key for job in Job.objects.all()] == ["a"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_wakes_up_after_the_commit(celery_worker: Worker, eventually: Callable[..., object]) -> None:
    with scope.act_as(scope.Scope(reason="pagina")), transaction.atomic():
        job_id = jobs.enqueue("nobody_knows_this", key="wake")
    eventually(lambda: job_of(job_id).state == Job.State.FAILED, log=celery_worker.log)


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_worker_is_killed_half_way_is_done_exactly_once_by_the_next(
    own_worker: Worker, eventually: Callable[..., object]
) -> None:
    """The worker is stopped in the middle of its transaction: it waits for a row lock that this test holds."""
    from infra.outbox import post_message
    from infra.tasks import run_job

    with scope.as_worker("test"), transaction.atomic():
        post_message(key="m", kind="test", subject="s", body="b", to_address="a@b.example")
    with scope.as_worker("test"), transaction.atomic():
        job = Job.objects.get(key="send:m")
    with scope.as_worker("test"), transaction.atomic(), connection.cursor() as message:
        message.execute("SELECT id FROM infra_message WHERE key = 'm' FOR UPDATE")
        own_worker.queue = "killed"  # else the worker of the session may take it
        own_worker.start()
        run_job.apply_async((str(job.pk),), queue=own_worker.queue)
        eventually(_somebody_waits_for_a_lock, log=own_worker.log)
        for child in own_worker.children():
            os.kill(child, signal.SIGKILL)
        own_worker.kill()
        # Still inside: once our lock is gone, whoever sweeps next may do it at once.
        assert job_of(job.pk).state == Job.State.WAITING

    def swept() -> bool:
        # The dead worker's connection gives up its locks when PostgreSQL notices that nobody is there any more.
        jobs.sweep()
        return job_of(job.pk).state == Job.State.DONE

    eventually(swept)
    assert job_of(job.pk).attempts == 1


def _somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return bool(cursor.fetchone()[0])
