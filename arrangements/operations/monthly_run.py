"""The month of everybody: what is due is counted, what came in is divided, what creditors get is paid on (performance.md 3).

A run is a row, once per month; its work is chunks, each a row that is done and marked in one transaction. Jobs do the chunks;
a job that is lost is found by the sweeper, a chunk that is done is never done again.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import uuid4

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Count, F, Q, Sum

from arrangements.domain.lifecycle import InstallmentState
from arrangements.models import ArrangementLine, Installment, MoneyRun, PayoutBatch, RunChunk
from arrangements.operations.build_payouts import build_in_transaction
from arrangements.operations.close_run import close_run
from arrangements.operations.divide_waiting import CHUNK, divide_waiting
from arrangements.operations.pay_out import payout_date, period_of
from arrangements.operations.receive_payment import RUNNING
from arrangements.queries.remittance import books_allow
from infra import audit, clock, jobs
from infra.models import Job

log = logging.getLogger(__name__)

LINES_PER_CHUNK: Final = 100_000
"""Of paying on: whole creditors, until there are this many claims. They lie all over the tables, so few chunks are better."""

WORTH_A_CHUNK: Final = 10_000
"""Claims. A run with fewer than two full chunks is halved, for two workers, as long as a half has this many."""

STEPS: Final = (RunChunk.Step.DUE, RunChunk.Step.DIVIDE, RunChunk.Step.REMIT)
_ERROR_LENGTH: Final = 500
# The lowest and the highest number of every so many arrangements.
_RANGES: Final = """
SELECT min(id), max(id) FROM (
    SELECT id, (row_number() OVER (ORDER BY id) - 1) / %s AS part FROM arrangements_arrangement) numbered
GROUP BY part ORDER BY part
"""
_Done = tuple[int, int]


class TooEarly(ValueError):
    """The day of this run has not come. `str()` is the Dutch sentence to show."""

    def __init__(self, run_date: date) -> None:
        super().__init__(f"De maandrun van {run_date:%m-%Y} kan vanaf {run_date:%d-%m-%Y}.")
        self.run_date = run_date


@transaction.atomic
def start_monthly_run(*, day: date, asked_by: int | None = None) -> MoneyRun:
    """The run of the month of `day`: made now, or the one there is; its next chunks are promised. Safe to repeat.

    A month before one that was run already is not run again: then it is the latest one. TooEarly before the day of the run.
    Worker only.
    """
    run_date = payout_date(day)
    if run_date > clock.today():
        raise TooEarly(run_date)
    monthly = MoneyRun.objects.filter(kind=MoneyRun.Kind.MONTHLY)
    run = monthly.filter(run_date__gte=run_date).order_by("run_date").first()
    if run is None:
        run, made = MoneyRun.objects.get_or_create(
            period=period_of(MoneyRun.Kind.MONTHLY, run_date),
            defaults={"kind": MoneyRun.Kind.MONTHLY, "run_date": run_date, "asked_by_id": asked_by},
        )
        if made:
            audit.record("run_started", object_type="money_run", object_id=run.pk, to_state=run.state)
    advance_run(run_id=run.pk)
    return run


@jobs.job("monthly_run")
def monthly_run_job(work: jobs.Work) -> dict[str, int]:
    """See `start_monthly_run`."""
    run = start_monthly_run(day=date.fromisoformat(work.arguments["date"]), asked_by=work.arguments.get("user"))
    return {"run": run.pk}


@transaction.atomic
def advance_run(*, run_id: int) -> None:
    """Plan the first step that has no chunks yet, once everything before it is done; after the last one the run is closed.

    Paying on waits while the books are red; the run goes on when it is started again. Safe to repeat: the run is locked.
    """
    run = MoneyRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.state != MoneyRun.State.RUNNING:
        return
    for step in STEPS:
        chunks = run.chunks.filter(step=step)
        if chunks.exclude(state=RunChunk.State.DONE).exists():
            return
        if not chunks.exists():
            if step == RunChunk.Step.REMIT and not books_allow(clock.today()):
                return
            planned = RunChunk.objects.bulk_create(
                RunChunk(run=run, step=step, number=number, first_id=first, last_id=last)
                for number, (first, last) in enumerate(_ranges(step), start=1)
            )
            if planned:
                _promise(planned)
                return
    jobs.enqueue("close_monthly_run", key=f"close_monthly_run:{run.pk}", arguments={"run": run.pk})


@jobs.job("advance_run")
def advance_run_job(work: jobs.Work) -> None:
    """See `advance_run`."""
    advance_run(run_id=work.arguments["run"])


@jobs.job("close_monthly_run")
def close_monthly_run_job(work: jobs.Work) -> dict[str, int]:
    """Everything is built: totals and bank files."""
    run = close_run(run_id=work.arguments["run"])
    return {"batches": run.batch_count, "total_cents": run.total_cents}


def _ranges(step: str) -> list[tuple[int, int]]:
    """First and last number of every chunk: of arrangements, or of creditors that have something to get."""
    if step != RunChunk.Step.REMIT:
        with connection.cursor() as cursor:
            cursor.execute(_RANGES, [CHUNK])
            return [(int(first), int(last)) for first, last in cursor.fetchall()]
    counts = (
        ArrangementLine.objects.filter(paid_cents__gt=F("remitted_cents"))
        .order_by("creditor_id")
        .values_list("creditor_id")
        .annotate(lines=Count("pk"))
    )
    return _together(list(counts))


def _together(counts: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Neighbours until they have the lines of a chunk together."""
    found: list[tuple[int, int]] = []
    half = -(-sum(count for _creditor, count in counts) // 2)
    limit = lines = min(LINES_PER_CHUNK, max(half, WORTH_A_CHUNK))
    for creditor_id, count in counts:
        if lines + count > limit:
            found.append((creditor_id, creditor_id))
            lines = 0
        found[-1] = (found[-1][0], creditor_id)
        lines += count
    return found


def _promise(chunks: Iterable[RunChunk]) -> None:
    """A job per chunk. Each one is announced by itself, so that every worker takes one."""
    for chunk in chunks:
        jobs.enqueue("run_chunk", key=f"run_chunk:{chunk.pk}:{uuid4().hex}", arguments={"chunk": chunk.pk})


@transaction.atomic
def retry_run(*, run_id: int) -> int:
    """Try every chunk once more that is not done and that nobody is about to do. How many. Worker only."""
    promised = {
        found["chunk"]
        for found in Job.objects.filter(kind="run_chunk", state__in=[Job.State.WAITING, Job.State.RUNNING]).values_list(
            "arguments", flat=True
        )
    }
    chunks = RunChunk.objects.filter(run_id=run_id).exclude(state=RunChunk.State.DONE).exclude(pk__in=promised)
    again = list(chunks.order_by("pk"))
    _promise(again)
    advance_run(run_id=run_id)
    return len(again)


@jobs.job("retry_run")
def retry_run_job(work: jobs.Work) -> dict[str, int]:
    """See `retry_run`."""
    return {"chunks": retry_run(run_id=work.arguments["run"])}


@jobs.job("run_chunk")
def run_chunk_job(work: jobs.Work) -> dict[str, int]:
    """See `do_chunk`."""
    chunk = do_chunk(chunk_id=work.arguments["chunk"])
    return {} if chunk is None else {"counted": chunk.counted, "amount_cents": chunk.amount_cents}


@transaction.atomic(savepoint=False)
def do_chunk(*, chunk_id: int) -> RunChunk | None:
    """Do one chunk and mark it, in one transaction that holds its row. None when it is done, or somebody else is at it.

    What goes wrong is written on the chunk, for a person to look at; the others go on. A deadlock or a lost connection is
    raised instead: the job tries again by itself. Worker only.
    """
    chunk = (
        RunChunk.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("run")
        .filter(pk=chunk_id)
        .exclude(state=RunChunk.State.DONE)
        .first()
    )
    if chunk is None:
        return None
    try:
        # One business date for all of it, looked up once.
        with transaction.atomic(), clock.one_day():
            chunk.counted, chunk.amount_cents = _WORK[RunChunk.Step(chunk.step)](chunk)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("chunk %s of run %s failed", chunk.pk, chunk.run_id)
        chunk.state, chunk.error = RunChunk.State.FAILED, f"{type(error).__name__}: {error}"[:_ERROR_LENGTH]
    else:
        chunk.state, chunk.error, chunk.done_at = RunChunk.State.DONE, "", clock.now()
    chunk.attempts += 1
    chunk.save(update_fields=["state", "attempts", "counted", "amount_cents", "error", "done_at"])
    if chunk.state == RunChunk.State.DONE:
        # After the commit: the last one to finish sees that all others are done.
        jobs.enqueue("advance_run", key=f"advance_run:{chunk.run_id}:{chunk.pk}", arguments={"run": chunk.run_id})
    return chunk


def _count_due(chunk: RunChunk) -> _Done:
    """What citizens are asked in the month of the run and have not paid yet."""
    first = chunk.run.run_date.replace(day=1)
    found = Installment.objects.filter(
        arrangement_id__gte=chunk.first_id,
        arrangement_id__lte=chunk.last_id,
        arrangement__state__in=RUNNING,
        due_date__gte=first,
        due_date__lt=(first + timedelta(days=31)).replace(day=1),
        state__in=[InstallmentState.OPEN, InstallmentState.PARTLY_PAID, InstallmentState.MISSED],
    ).aggregate(count=Count("pk"), cents=Sum(F("amount_cents") - F("paid_cents")))
    return found["count"], found["cents"] or 0


def _divide(chunk: RunChunk) -> _Done:
    done = divide_waiting(arrangement_ids=range(chunk.first_id, chunk.last_id + 1))
    return done.receipts, done.amount_cents


def _remit(chunk: RunChunk) -> _Done:
    mine = Q(creditor_id__gte=chunk.first_id, creditor_id__lte=chunk.last_id)
    waiting = ArrangementLine.objects.filter(mine, paid_cents__gt=F("remitted_cents"))
    creditors = list(waiting.order_by("creditor_id").values_list("creditor_id", flat=True).distinct())
    build_in_transaction(run=chunk.run, creditor_ids=creditors)
    found = PayoutBatch.objects.filter(mine, run=chunk.run).aggregate(lines=Sum("line_count"), cents=Sum("total_cents"))
    return found["lines"] or 0, found["cents"] or 0


_WORK: Final[dict[Any, Callable[[RunChunk], _Done]]] = {
    RunChunk.Step.DUE: _count_due,
    RunChunk.Step.DIVIDE: _divide,
    RunChunk.Step.REMIT: _remit,
}
