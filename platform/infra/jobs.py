"""Jobs: rows that promise work, and the functions that keep the promise.

A page or an operation calls `enqueue` inside its own transaction. After the commit the worker is woken; if that call is
lost, the sweeper finds the row. A handler therefore may run twice and must have its effects once.

Two kinds of handler:

* `@job("kind")`: the handler runs in ONE transaction that holds the job's row lock. Killed half-way means nothing happened.
* `@job("kind", chunked=True)`: the handler commits as it goes, shows progress, and must be able to go on where it
  stopped. A session advisory lock keeps a second worker away and vanishes with the process that held it.
"""

import contextlib
import logging
import traceback
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

from django.db import connection, transaction

from infra import clock, scope
from infra.models import Job

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 6
#: More than this many jobs at once are left to the sweeper.
WAKE_EACH: Final = 50
#: What one sweep does at most.
SWEEP_LIMIT: Final = 500
Arguments = dict[str, Any]
Handler = Callable[["Work"], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class _Registered:
    handler: Handler
    chunked: bool


_handlers: dict[str, _Registered] = {}


@dataclass(slots=True)
class Work:
    """What a handler gets: its arguments, and a way to show how far it is."""

    job_id: uuid.UUID
    arguments: Arguments

    def progress(self, done: int, total: int, text: str = "") -> None:
        """Show progress; committed at once in a chunked job."""
        with scope.as_worker("voortgang"), transaction.atomic():
            Job.objects.filter(pk=self.job_id).update(
                progress_done=done, progress_total=total, progress_text=text[:200]
            )


def job(kind: str, *, chunked: bool = False) -> Callable[[Handler], Handler]:
    """Register the handler of one kind of job."""

    def register(handler: Handler) -> Handler:
        if kind in _handlers and _handlers[kind].handler is not handler:
            raise ValueError(f"two handlers for job kind {kind!r}")
        _handlers[kind] = _Registered(handler, chunked)
        return handler

    return register


def promise(
    kind: str,
    *,
    key: str,
    arguments: Arguments | None = None,
    citizen_id: int | None = None,
    creditor_id: int | None = None,
    delay: timedelta = timedelta(0),
) -> Job:
    """A job that is not promised yet.

    `arguments`: ids and dates only, never personal data (they also travel over the broker's neighbour, the log).
    """
    return Job(
        key=key,
        kind=kind,
        arguments=arguments or {},
        user_id=scope.current().user_id,
        citizen_id=citizen_id,
        creditor_id=creditor_id,
        not_before=clock.now() + delay,
    )


def enqueue(
    kind: str,
    *,
    key: str,
    arguments: Arguments | None = None,
    citizen_id: int | None = None,
    creditor_id: int | None = None,
    delay: timedelta = timedelta(0),
) -> uuid.UUID:
    """Promise work, once per `key`, as part of the caller's transaction. Returns the id the row has if it is new.

    `arguments`: ids and dates only, never personal data (they also travel over the broker's neighbour, the log).
    """
    row = promise(kind, key=key, arguments=arguments, citizen_id=citizen_id, creditor_id=creditor_id, delay=delay)
    # Through the base manager: making a promise needs no right to read the others.
    Job._base_manager.bulk_create([row], ignore_conflicts=True)  # noqa: SLF001  see above
    if not delay:
        transaction.on_commit(lambda: wake(row.id))
    return row.id


def enqueue_all(rows: Sequence[Job]) -> None:
    """Promise many jobs that can start now, each once per its key, as part of the caller's transaction.

    A few are each announced to the worker; for many the sweeper is woken once, and goes on until nothing waits.
    """
    Job._base_manager.bulk_create(rows, batch_size=2000, ignore_conflicts=True)  # noqa: SLF001  as in `enqueue`
    if len(rows) <= WAKE_EACH:
        for row in rows:
            transaction.on_commit(partial(wake, row.id))
    else:
        transaction.on_commit(wake_sweeper)


def wake_sweeper() -> None:
    """Tell the worker that there is much to do. A broker that does not answer costs a minute, not the work."""
    from infra.tasks import sweep_jobs

    try:
        sweep_jobs.delay()
    except Exception:  # noqa: BLE001  whatever is wrong with the broker, the rows are safe
        log.warning("broker unreachable; the sweeper will come by itself")


def wake(job_id: uuid.UUID) -> None:
    """Tell the worker. A broker that does not answer costs a minute, not the work."""
    from infra.tasks import run_job

    try:
        run_job.delay(str(job_id))
    except Exception:  # noqa: BLE001  whatever is wrong with the broker, the row is safe
        log.warning("broker unreachable; the sweeper will find job %s", job_id)


@contextlib.contextmanager
def _advisory_lock(job_id: uuid.UUID) -> Iterator[bool]:
    number = job_id.int & 0x7FFF_FFFF_FFFF_FFFF
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        got = bool(cursor.fetchone()[0])
    try:
        yield got
    finally:
        if got:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


def run(job_id: uuid.UUID) -> bool:
    """Do one job if it still waits and nobody else is at it. True when it is done now. Never raises for a handler's error."""
    with scope.as_worker("taak uitvoeren"):
        kind = _peek(job_id)
        if kind is None:
            return False
        registered = _handlers.get(kind)
        if registered is None:
            _fail(job_id, f"no handler for {kind}", final=True)
            return False
        try:
            return _run_chunked(job_id, registered) if registered.chunked else _run_atomic(job_id, registered)
        except Exception:
            log.exception("job %s (%s) failed", job_id, kind)
            _fail(job_id, traceback.format_exc(limit=8))
            return False


def _peek(job_id: uuid.UUID) -> str | None:
    with transaction.atomic():
        return (
            Job.objects.filter(pk=job_id, state__in=[Job.State.WAITING, Job.State.RUNNING])
            .values_list("kind", flat=True)
            .first()
        )


def _run_atomic(job_id: uuid.UUID, registered: _Registered) -> bool:
    with transaction.atomic():
        row = (
            Job.objects.select_for_update(skip_locked=True)
            .filter(pk=job_id, state__in=[Job.State.WAITING, Job.State.RUNNING])
            .first()
        )
        if row is None:
            return False
        with scope.as_worker(f"taak {row.kind}"):
            result = registered.handler(Work(row.id, row.arguments)) or {}
        Job.objects.filter(pk=row.id).update(
            state=Job.State.DONE, result=result, finished_at=clock.now(), attempts=row.attempts + 1, last_error=""
        )
    return True


def _run_chunked(job_id: uuid.UUID, registered: _Registered) -> bool:
    with _advisory_lock(job_id) as got:
        if not got:
            return False
        with transaction.atomic():
            row = Job.objects.filter(pk=job_id, state__in=[Job.State.WAITING, Job.State.RUNNING]).first()
            if row is None:
                return False
            Job.objects.filter(pk=job_id).update(state=Job.State.RUNNING)
        with scope.as_worker(f"taak {row.kind}"):
            result = registered.handler(Work(row.id, row.arguments)) or {}
        with transaction.atomic():
            Job.objects.filter(pk=job_id).update(
                state=Job.State.DONE, result=result, finished_at=clock.now(), attempts=row.attempts + 1, last_error=""
            )
    return True


def _fail(job_id: uuid.UUID, error: str, *, final: bool = False) -> None:
    with transaction.atomic():
        row = Job.objects.filter(pk=job_id).exclude(state=Job.State.DONE).first()
        if row is None:
            return
        attempts = row.attempts + 1
        over = final or attempts >= MAX_ATTEMPTS
        Job.objects.filter(pk=job_id).update(
            attempts=attempts,
            state=Job.State.FAILED if over else Job.State.WAITING,
            last_error=error[-4000:],
            not_before=clock.now() + timedelta(seconds=min(2**attempts, 300)),
            finished_at=clock.now() if over else None,
        )


def sweep(*, limit: int = SWEEP_LIMIT) -> int:
    """Run everything that was promised and not kept. Returns how many jobs were tried. Safe to repeat at any moment."""
    with scope.as_worker("veger"), transaction.atomic():
        waiting = list(
            Job.objects.filter(state__in=[Job.State.WAITING, Job.State.RUNNING], not_before__lte=clock.now())
            .order_by("created_at")
            .values_list("id", flat=True)[:limit]
        )
    for job_id in waiting:
        run(job_id)
    return len(waiting)


def run_all(*, rounds: int = 50) -> None:
    """Keep sweeping until nothing waits: for commands that must not return before their consequences are in."""
    for _ in range(rounds):
        if not sweep():
            return
