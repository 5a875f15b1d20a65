"""New versions for many proposals at once, after one creditor corrected its balances."""

import json
import os
import subprocess
import sys

from tests.bench.measure import Timing, report

SIZE = 10_000


def run(size: int = SIZE) -> None:
    """`size` proposals of fourteen claims, and a tenth of it for how time grows."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.demo"}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        check=True,
        env={**environment, "EENPLAN_DB_ROLE": "owner"},
    )
    sizes, first, found = (max(size // 10, 1), size), 0, []
    for one in sizes:
        _child(environment, "make", one, first)
        # Autovacuum does this in production; throw-away servers have none. Only the owner may.
        _child(environment, "analyze", one, first, role="owner")
        found.append(json.loads(_child(environment, "recalculate", one, first).splitlines()[-1]))
        first += one
    for outcome in found:
        report(
            f"recalculation of {outcome['proposals']} proposals of {outcome['claims']} claims",
            product=Timing(outcome["seconds"], outcome["seconds"]),
            reference=Timing(outcome["kernel_seconds"], outcome["kernel_seconds"]),
            goal="linear and flat in memory; reference: the pure core alone (plan and hash) for as many",
            **outcome,
        )
    small, large = found
    against_kernel = (large["seconds"] / large["kernel_seconds"]) / (small["seconds"] / small["kernel_seconds"])
    print(
        json.dumps(
            {
                "case": f"recalculation, {large['proposals']} proposals against {small['proposals']}",
                "ratio": round(large["seconds"] / small["seconds"], 2),
                "ratio_per_proposal_against_the_kernel": round(against_kernel, 2),
                "goal": f"linear: at most {round(large['proposals'] / small['proposals'])} x 1.2",
                "peak_memory_ratio": round(large["peak_mb"] / small["peak_mb"], 3),
            }
        ),
        flush=True,
    )


def _child(environment: dict[str, str], word: str, size: int, first: int, *, role: str = "worker") -> str:
    return subprocess.run(
        [sys.executable, "-m", "tests.bench.recalculate", word, str(size), str(first)],
        check=True,
        env={**environment, "EENPLAN_DB_ROLE": role},
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
