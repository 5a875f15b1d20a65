"""Killing whoever does the monthly run, at any moment, and looking afterwards whether everything happened exactly once."""

import gzip
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any, Final

from defusedxml.ElementTree import fromstring
from django.db import connection, connections, transaction

from arrangements.domain.split import distribute
from arrangements.models import MoneyRun, RunChunk
from infra import jobs
from infra.models import Job
from infra.scope import as_worker
from infra.servers.embedded import connect_superuser
from tests.support.waiting import eventually

KINDS: Final = ("monthly_run", "run_chunk", "advance_run", "close_monthly_run")

#: Where somebody can be killed: a name, what is about to happen, and the table that is written at that moment. Whoever stands
#: there has done everything before it, in a transaction that is not finished.
POINTS: Final[tuple[tuple[str, str, str], ...]] = (
    ("arrangements locked, nothing booked", "divide", "arrangements_ledgerentry"),
    ("booked, lines not changed", "divide", "arrangements_arrangementline"),
    ("divided, nobody told", "divide", "infra_message"),
    ("divided, chunk not marked", "divide", "arrangements_runchunk"),
    ("divided, paying on not planned", "plan", "arrangements_runchunk"),
    ("payouts made, lines not", "remit", "arrangements_payoutline"),
    ("payouts booked, chunk not marked", "remit", "arrangements_runchunk"),
    ("everything built, no file", "close", "arrangements_payoutfile"),
)


def waiting_jobs() -> list[Job]:
    with as_worker("test"), transaction.atomic():
        return list(Job.objects.filter(kind__in=KINDS, state__in=["waiting", "running"]).order_by("created_at", "key"))


def work_until_nothing_waits() -> None:
    """What a worker does with the jobs of a run, whatever another one left behind."""
    with as_worker("test"):
        while found := waiting_jobs():
            for job in found:
                jobs.run(job.pk)


def start_worker() -> int:
    """A process that does the jobs of the run; its number. It ends when nothing waits."""
    connections.close_all()  # else both would speak on one line
    pid = os.fork()
    if pid:
        return pid
    try:
        work_until_nothing_waits()
    finally:
        os._exit(0)


def kill(pid: int) -> bool:
    """SIGKILL; whether it was still at work."""
    finished, _status = os.waitpid(pid, os.WNOHANG)
    if finished:
        return False
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return True


def kill_at_random(chance: Random, *, times: int, longest: float = 0.4) -> int:
    """Start a worker and kill it after a moment, over and over, until nothing waits; how many were killed at work."""
    killed = 0
    while killed < times and waiting_jobs():
        pid = start_worker()
        time.sleep(chance.uniform(0.01, longest))
        killed += kill(pid)
    return killed


def kill_at(point: tuple[str, str, str], sockets: str, database: str) -> None:
    """Let the run come to `point`, and kill whoever stands there."""
    name, before, table = point
    if not _come_to(before):
        raise AssertionError(f"the run is past: {name}")
    with _held_shut(table, sockets, database) as somebody_waits:
        pid = start_worker()
        eventually(somebody_waits, seconds=60, message=f"nobody comes to: {name}")
        if not kill(pid):
            raise AssertionError(f"the worker was gone at: {name}")


def comes_to(point: tuple[str, str, str]) -> bool:
    """Let the run come to where `point` can be next; False when it is past that."""
    return _come_to(point[1])


def _come_to(before: str) -> bool:
    """Do jobs one by one until the next one is the kind that is wanted; False when nothing waits any more."""
    with as_worker("test"):
        while found := waiting_jobs():
            if _is_next(found[0], before):
                return True
            jobs.run(found[0].pk)
    return False


def _is_next(job: Job, before: str) -> bool:
    with transaction.atomic():
        if job.kind == "run_chunk":
            return bool(RunChunk.objects.get(pk=job.arguments["chunk"]).step == before)
        if job.kind == "advance_run" and before == "plan":
            run = MoneyRun.objects.get(pk=job.arguments["run"])
            divided = run.chunks.filter(step="divide")
            return (
                divided.exists()
                and not divided.exclude(state="done").exists()
                and not run.chunks.filter(step="remit").exists()
            )
        return job.kind == "close_monthly_run" and before == "close"


@contextmanager
def _held_shut(table: str, sockets: str, database: str) -> Iterator[Callable[[], bool]]:
    """Nobody writes in `table` inside the block; gives a function that says whether somebody stands waiting there."""
    with connect_superuser(sockets, database) as holder, connect_superuser(sockets, database) as watcher:
        holder.execute("BEGIN")
        holder.execute(f"LOCK TABLE {table} IN SHARE MODE")

        def somebody_waits() -> bool:
            row = watcher.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [table]
            ).fetchone()
            return bool(row and row[0])

        yield somebody_waits
        holder.execute("ROLLBACK")


def ask(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with as_worker("test"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


# What is wrong after a run: each query gives rows that should not be there. Reads tables only.
_WRONG: Final = {
    "a receipt waits": "SELECT id FROM arrangements_receipt WHERE divided_on IS NULL",
    "a receipt was not divided exactly once": """
        SELECT r.key, count(e.id) FROM arrangements_receipt r
        LEFT JOIN arrangements_ledgerentry e ON e.key = 'cash:' || r.key || ':distribution:1'
        WHERE r.divided_cents > 0 GROUP BY r.key HAVING count(e.id) <> 1""",
    "an entry does not balance": """
        SELECT entry_id FROM arrangements_ledgerposting GROUP BY entry_id HAVING sum(debit_cents) <> sum(credit_cents)""",
    "an entry has no postings": """
        SELECT id FROM arrangements_ledgerentry e
        WHERE NOT EXISTS (SELECT 1 FROM arrangements_ledgerposting p WHERE p.entry_id = e.id)""",
    "a line is not what the books say": """
        SELECT l.id, l.paid_cents, l.remitted_cents, b.paid, b.remitted FROM arrangements_arrangementline l LEFT JOIN (
            SELECT claim_id, sum(credit_cents) AS paid, sum(debit_cents) AS remitted FROM arrangements_ledgerposting
            WHERE account = 2100 GROUP BY claim_id) b ON b.claim_id = l.claim_id
        WHERE l.paid_cents <> coalesce(b.paid, 0) OR l.remitted_cents <> coalesce(b.remitted, 0)
            OR l.paid_cents <> l.remitted_cents""",
    "a claim was not paid on exactly what it had": """
        SELECT l.claim_id, l.paid_cents, p.amount FROM arrangements_arrangementline l
        LEFT JOIN (SELECT claim_id, sum(amount_cents) AS amount FROM arrangements_payoutline GROUP BY 1) p USING (claim_id)
        WHERE l.paid_cents <> coalesce(p.amount, 0)""",
    "instalments and plan differ": """
        SELECT a.id FROM arrangements_arrangement a JOIN (
            SELECT arrangement_id, sum(paid_cents) AS paid FROM arrangements_installment GROUP BY 1) i ON i.arrangement_id = a.id
        WHERE a.received_cents <> i.paid""",
    "somebody was told twice or never": """
        SELECT r.id, count(m.id) FROM arrangements_receipt r LEFT JOIN infra_message m ON m.key = 'receipt:' || r.id
        GROUP BY r.id HAVING count(m.id) <> 1""",
    "a chunk is not done": "SELECT run_id, step, number, error FROM arrangements_runchunk WHERE state <> 'done'",
    "a run is not built": "SELECT period, state FROM arrangements_moneyrun WHERE state = 'running'",
}


def wrong() -> list[str]:
    """Everything that did not happen exactly once, from the tables and the bank files. Empty when all is well."""
    found = [f"{name}: {rows[:3]}" for name, sql in _WRONG.items() if (rows := ask(sql))]
    return found + _wrong_divisions() + _wrong_files()


def _wrong_divisions() -> list[str]:
    rows = ask(
        """SELECT l.arrangement_id, array_agg(l.share_cents ORDER BY l.position), array_agg(l.paid_cents ORDER BY l.position),
            (SELECT array_agg(r.divided_cents ORDER BY r.id) FROM arrangements_receipt r
             WHERE r.arrangement_id = l.arrangement_id AND r.divided_cents > 0)
        FROM arrangements_arrangementline l GROUP BY l.arrangement_id"""
    )
    found = []
    for number, shares, paid, amounts in rows:
        have = [0] * len(shares)
        for amount in amounts or []:
            have = distribute(sum(have) + amount, shares, have)
        if have != paid:
            found.append(f"arrangement {number} was divided otherwise")
    return found


def _wrong_files() -> list[str]:
    """The transfers in the files against the payout lines: each once, each the same cents."""
    transfers: list[tuple[str, int]] = []
    for (packed,) in ask("SELECT packed FROM arrangements_payoutfile"):
        root = fromstring(gzip.decompress(packed), forbid_dtd=True)
        space = root.tag.partition("}")[0] + "}"
        for one in root.iter(f"{space}CdtTrfTxInf"):
            amount = one.findtext(f"{space}Amt/{space}InstdAmt", "")
            name = one.findtext(f"{space}PmtId/{space}EndToEndId", "")
            transfers.append((name, int(amount.replace(".", ""))))
    lines = [
        (str(name), int(cents))
        for name, cents in ask("SELECT end_to_end_id, amount_cents FROM arrangements_payoutline")
    ]
    return [] if sorted(transfers) == sorted(lines) else [f"files {len(transfers)}, lines {len(lines)}"]
