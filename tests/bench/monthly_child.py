"""In a process of its own: `SIZE ROUNDS PAST`. Some months of SIZE plans, the product and the reference in turns.

The product does each month with one process or with two, in turns; two is what the worker starts with. `PAST`: after those,
fill the books of as many earlier months, and do one month more. Prints one JSON line.
"""

import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from multiprocessing import get_context
from typing import Any

import django

from tests.bench.rerun import _peak_mb

DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
SAMPLE = 500


def main() -> None:
    size, rounds, past = (int(word) for word in sys.argv[1:4])
    django.setup()
    from infra.scope import as_worker

    with as_worker("meting"), _workers(1) as one, _workers(2) as two:
        print(json.dumps(measure(size, rounds, past, [one, two])))


@contextmanager
def _workers(count: int) -> Iterator[Executor]:
    """Processes that do jobs, as workers do; each has its own connection, open before anything is timed."""
    with ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=django.setup) as pool:
        list(pool.map(_warm, range(count)))
        yield pool


def _warm(_number: int) -> None:
    from django.db import connection

    connection.ensure_connection()
    time.sleep(0.5)  # until each of them has one to do


def measure(size: int, rounds: int, past: int, workers: list[Executor]) -> dict[str, Any]:
    from django.db import connection

    from infra.servers.embedded import connect_superuser
    from tests.bench import monthly_data, monthly_reference
    from tests.factories.money import at

    database = connect_superuser(os.environ["EENPLAN_SOCKETS"], connection.settings_dict["NAME"])
    settings = {
        name: database.execute(f"SHOW {name}").fetchone()[0]  # type: ignore[index]
        for name in (*DURABLE, "shared_buffers", "max_wal_size", "wal_compression", "server_version")
    }
    began = time.perf_counter()
    monthly_data.make(database, _original(), size)
    _age(database)
    made = time.perf_counter() - began
    before_mb = _peak_mb()
    months: list[dict[str, Any]] = []
    day = date(2027, 1, 8)
    for number in range(1, rounds + 1):
        processes = 1 + (number - 1) % len(workers)
        day = date(2027, number, 8)
        at(day)
        monthly_data.pay(database, month=number, day=day)
        monthly_reference.prepare(database)
        database.execute("CHECKPOINT")
        wal, began = _wal(database), time.perf_counter()
        monthly_reference.run(database)
        seconds = time.perf_counter() - began
        postings = monthly_reference.postings(database)
        found = {
            "processes": processes,
            "reference_seconds": seconds,
            "reference_postings": postings,
            "reference_wal_bytes_per_posting": round((_wal(database) - wal) / postings, 1),
        }
        months.append(found | _month(database, day, workers[processes - 1]))
    result: dict[str, Any] = {"plans": size, "settings": settings, "made_seconds": round(made, 1), "months": months}
    if past:
        monthly_data.fill_past(database, months=past, day=day)
        day = date(2027, rounds + 1, 8)
        at(day)
        monthly_data.pay(database, month=rounds + 1, day=day)
        monthly_reference.prepare(database)
        result["after"] = _month(database, day, workers[0])
    return result | {"memory_before_mb": before_mb, "peak_mb": max(month["peak_mb"] for month in months)}


def _original() -> Any:
    from django.db import transaction

    from tests.factories.money import running_case

    with transaction.atomic():
        _case, arrangement = running_case(10_000_00, 20_000_00, declared=450_00)
    return arrangement


def _age(database: Any) -> None:
    """Every plan has paid for as many months as it is old, divided by the product and paid on."""
    from arrangements.operations.divide_waiting import _next_ids, divide_waiting
    from tests.bench import monthly_data
    from tests.factories.money import at

    day = date(2026, 12, 1)
    at(day)
    monthly_data.pay(database, month=0, day=day, age=True)
    first = 0
    while (ids := _next_ids(first, 2**62)) is not None:
        divide_waiting(arrangement_ids=range(ids[0], ids[1] + 1))
        first = ids[1] + 1
    database.execute("SET session_replication_role = replica")
    database.execute("UPDATE arrangements_arrangementline SET remitted_cents = paid_cents WHERE paid_cents > 0")
    database.execute("SET session_replication_role = origin")
    database.execute("VACUUM ANALYZE")


def _month(database: Any, day: date, workers: Executor) -> dict[str, Any]:
    """One month of the product: times, counters and what they are worth. SystemExit when the result is not right."""
    partition = f"arrangements_ledgerposting_{day:%Y%m}"
    database.execute("CHECKPOINT")
    waiting = database.execute(
        "SELECT count(*), sum(amount_cents) FROM arrangements_receipt WHERE divided_on IS NULL"
    ).fetchone()
    before = _counters(database, partition)
    times: dict[str, float] = defaultdict(float)
    statements: dict[str, int] = defaultdict(int)
    chunks: dict[str, int] = defaultdict(int)
    began = time.perf_counter()
    run, peak_mb = _run(day, workers, times, statements, chunks)
    seconds = time.perf_counter() - began
    after = _counters(database, partition)
    postings = after["postings"] - before["postings"]
    _check(database, day, run, waiting)
    _check_again(database, day, run, after)
    return {
        "receipts": waiting[0],
        "peak_mb": peak_mb,
        "postings": postings,
        "seconds": seconds,
        # The last step makes the bank files, which the reference does not.
        "seconds_without_files": seconds - times["close_monthly_run"],
        "step_seconds": {step: round(value, 3) for step, value in times.items()},
        "statements_per_chunk": {
            step: round(statements[step] / chunks[step], 1) for step in ("due", "divide", "remit")
        },
        "chunks": dict(chunks),
        "bytes_per_posting": round((after["bytes"] - before["bytes"]) / postings, 1),
        "wal_bytes_per_posting": round((after["wal"] - before["wal"]) / postings, 1),
    }


def _counters(database: Any, partition: str) -> dict[str, int]:
    row = database.execute(
        f"SELECT count(*), pg_total_relation_size('{partition}'), pg_current_wal_lsn() - '0/0'::pg_lsn FROM {partition}"
    ).fetchone()
    return {"postings": int(row[0]), "bytes": int(row[1]), "wal": int(row[2])}


def _wal(database: Any) -> int:
    return int(database.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone()[0])


def _run(
    day: date, workers: Executor, times: dict[str, float], statements: dict[str, int], chunks: dict[str, int]
) -> tuple[Any, float]:
    """Start it, and have its jobs done until it is built; the run, and the most memory one of the processes had, in MB."""
    from arrangements.models import MoneyRun
    from arrangements.operations.monthly_run import start_monthly_run
    from infra.models import Job

    kinds = ("run_chunk", "advance_run", "close_monthly_run")
    run, peak_mb = start_monthly_run(day=day), 0.0
    while found := list(
        Job.objects.filter(kind__in=kinds, state="waiting").order_by("created_at").values_list("pk", flat=True)[:1000]
    ):
        for step, seconds, count, memory_mb in workers.map(_job, found):
            times[step] += seconds
            statements[step] += count
            chunks[step] += 1
            peak_mb = max(peak_mb, memory_mb)
    run.refresh_from_db()
    if run.state != MoneyRun.State.BUILT:
        raise SystemExit(f"the run is {run.state}")
    return run, peak_mb


def _job(number: Any) -> tuple[str, float, int, float]:
    """Do one job: what it was, its seconds and statements, and the most memory this process had. SystemExit when it failed."""
    from django.db import connection

    from arrangements.models import RunChunk
    from infra import jobs
    from infra.models import Job
    from infra.scope import as_worker

    count = 0

    def counting(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal count
        count += 1
        return execute(sql, params, many, context)

    with as_worker("meting"):
        began = time.perf_counter()
        with connection.execute_wrapper(counting):
            done = jobs.run(number)
        seconds = time.perf_counter() - began
        job = Job.objects.get(pk=number)
        if not done:
            raise SystemExit(f"a job failed: {job.last_error}")
        step = job.kind
        if step == "run_chunk":
            chunk = RunChunk.objects.get(pk=job.arguments["chunk"])
            if chunk.state != "done":
                raise SystemExit(f"a chunk failed: {chunk.error}")
            step = chunk.step
    return step, seconds, count, _peak_mb()


def _check(database: Any, day: date, run: Any, waiting: tuple[int, int]) -> None:
    """Nothing waits any more, every entry balances, all that was divided is paid on, and a sample is `distribute` to the cent."""
    from arrangements.domain.split import distribute

    facts = database.execute(
        """SELECT (SELECT count(*) FROM arrangements_receipt WHERE divided_on IS NULL),
            (SELECT count(*) FROM (SELECT entry_id FROM arrangements_ledgerposting WHERE booked_on = %(day)s
                GROUP BY entry_id HAVING sum(debit_cents) <> sum(credit_cents)) wrong),
            (SELECT sum(debit_cents) FROM arrangements_ledgerposting WHERE booked_on = %(day)s AND account = 2000),
            (SELECT count(*) FROM arrangements_arrangementline WHERE paid_cents <> remitted_cents),
            (SELECT sum(debit_cents) FROM arrangements_ledgerposting WHERE booked_on = %(day)s AND account = 2100)""",
        {"day": day},
    ).fetchone()
    if facts[:4] != (0, 0, waiting[1], 0) or facts[4] != run.total_cents:
        raise SystemExit(f"the month is not right: {facts}, {waiting}, {run.total_cents}")
    rows = database.execute(
        """SELECT c.arrangement_id, array_agg(c.share ORDER BY c.position), array_agg(c.had ORDER BY c.position),
            array_agg(l.paid_cents ORDER BY c.position),
            (SELECT array_agg(r.amount ORDER BY r.id) FROM reference.receipt r WHERE r.arrangement_id = c.arrangement_id)
        FROM reference.claim c JOIN arrangements_arrangementline l ON l.id = c.id
        WHERE c.arrangement_id IN (SELECT arrangement_id FROM reference.receipt WHERE turn > 1
            UNION (SELECT arrangement_id FROM reference.receipt ORDER BY id % 997, id LIMIT %(sample)s))
        GROUP BY c.arrangement_id""".replace("% 997", "%% 997"),
        {"sample": SAMPLE},
    ).fetchall()
    for number, shares, paid, now, amounts in rows:
        have = paid
        for amount in amounts:
            have = distribute(min(sum(have) + amount, sum(shares)), shares, have)
        if have != now:
            raise SystemExit(f"arrangement {number} was divided otherwise than distribute does")


def _check_again(database: Any, day: date, run: Any, after: dict[str, int]) -> None:
    """Started once more, nothing changes."""
    from arrangements.operations.monthly_run import start_monthly_run

    again = start_monthly_run(day=day)
    now = _counters(database, f"arrangements_ledgerposting_{day:%Y%m}")
    if again.pk != run.pk or now["postings"] != after["postings"]:
        raise SystemExit("a second start changed something")


@contextmanager
def timed(times: dict[str, float], name: str) -> Iterator[None]:
    """Add what the block takes."""
    began = time.perf_counter()
    yield
    times[name] += time.perf_counter() - began


if __name__ == "__main__":
    main()
