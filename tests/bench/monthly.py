"""A month for everybody against plain SQL, and against the best a Django ledger package can do."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from infra.servers import Profile, running_servers
from tests.bench import monthly_peer
from tests.bench.monthly_child import DURABLE

SIZES = (10_000, 100_000)
ROUNDS = 4
PAST = 35
# Room for a month in memory and no checkpoint in the middle of one; nothing that makes a power failure dangerous.
SETTINGS = {
    "shared_buffers": "1GB",
    "max_wal_size": "16GB",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",
    "wal_compression": "off",
}


def run(size: int | None = None) -> None:
    """At 10,000 and 100,000 plans, or at `size` and a tenth of it."""
    sizes = SIZES if size is None else (max(size // 10, 1), size)
    found = [_measure(one, past=PAST if one == sizes[0] else 0) for one in sizes]
    small, large = found
    growth = _best(large["months"]) / _best(small["months"])
    _say(
        case=f"monthly run, {large['plans']} plans against {small['plans']}",
        ratio=round(growth, 2),
        goal=f"at most {round(large['plans'] / small['plans'] * 1.1, 1)}",
        peak_memory_ratio=round(large["peak_mb"] / small["peak_mb"], 3),
    )
    # One process, before and after: what is compared is the books, not the workers.
    per_posting = min(month["seconds"] / month["postings"] for month in small["months"] if month["processes"] == 1)
    after = small["after"]["seconds"] / small["after"]["postings"]
    _say(
        case=f"monthly run, {small['plans']} plans, {PAST} months of books before it, against none",
        ratio=round(after / per_posting, 3),
        goal="at most 1.15",
    )
    with servers() as environment:
        alone = [month for month in large["months"] if month["processes"] == 1]
        monthly_peer.run(environment, min(month["seconds_without_files"] / month["postings"] for month in alone))


def _best(months: list[dict[str, Any]]) -> float:
    return float(min(month["seconds"] for month in months if month["processes"] == 1))


def _measure(size: int, *, past: int) -> dict[str, Any]:
    with servers() as environment:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            check=True,
            env={**environment, "EENPLAN_DB_ROLE": "owner"},
        )
        said = subprocess.run(
            [sys.executable, "-m", "tests.bench.monthly_child", str(size), str(ROUNDS), str(past)],
            check=True,
            env={**environment, "EENPLAN_DB_ROLE": "worker"},
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    if any(found["settings"][name] != "on" for name in DURABLE):
        raise SystemExit(f"not durable: {found['settings']}")
    months = {processes: [m for m in found["months"] if m["processes"] == processes] for processes in (1, 2)}
    each = {processes: [m["seconds_without_files"] / m["postings"] for m in some] for processes, some in months.items()}
    whole = [month["seconds"] / month["postings"] for month in months[2]]
    reference = [month["reference_seconds"] / month["reference_postings"] for month in found["months"]]
    product, best = each[2], min(months[2], key=lambda month: month["seconds"] / month["postings"])
    _say(
        case=f"monthly run of {size} plans",
        ratio_of_the_reference=round(min(reference) / min(product), 3),
        goal="at least 0.5 of plain SQL, per posting, with the two processes a worker has; neither makes bank files here",
        ratio_with_one_process=round(min(reference) / min(each[1]), 3),
        ratio_with_bank_files=round(min(reference) / min(whole), 3),
        postings=best["postings"],
        postings_per_second=round(1 / min(product)),
        worst_postings_per_second=round(1 / max(product)),
        reference_postings_per_second=round(1 / min(reference)),
        reference_worst_postings_per_second=round(1 / max(reference)),
        seconds=round(best["seconds"], 2),
        reference_wal_bytes_per_posting=best["reference_wal_bytes_per_posting"],
        step_seconds=best["step_seconds"],
        chunks=best["chunks"],
        statements_per_chunk=best["statements_per_chunk"],
        bytes_per_posting=best["bytes_per_posting"],
        wal_bytes_per_posting=best["wal_bytes_per_posting"],
        memory_before_mb=found["memory_before_mb"],
        peak_mb=found["peak_mb"],
        settings=found["settings"],
    )
    return found


@contextmanager
def servers(settings: Mapping[str, str] = SETTINGS) -> Iterator[dict[str, str]]:
    """Throw-away servers with every guarantee against power failure. `./dev bench` itself runs on fast ones."""
    theirs = {
        name: os.environ.pop(name) for name in list(os.environ) if name.endswith("_URL") or name == "EENPLAN_SOCKETS"
    }
    try:
        with running_servers(Profile("bench", throwaway=True), settings=settings) as environment:
            yield {**os.environ, **environment, "DJANGO_SETTINGS_MODULE": "config.settings.demo"}
    finally:
        os.environ.update(theirs)


def _say(**facts: object) -> None:
    print(json.dumps(facts, ensure_ascii=False), flush=True)
