"""`./dev bench kills [N]`: kill whoever does the monthly run N times, at named points and at random, month after month.

Every month ends without hands, and then everything must have happened exactly once, in the tables and in the bank files. Stops
with what is wrong otherwise.
"""

import json
import os
import subprocess
import sys
from datetime import date
from random import Random

import django

KILLS = 500
PLANS = 1_000
MONTHS = 30


def run(count: int = KILLS) -> None:
    """In a process of its own, on servers with every guarantee against power failure."""
    from tests.bench.monthly import servers

    with servers() as environment:
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, check=True, env={**environment, "EENPLAN_DB_ROLE": "owner"})
        child = [sys.executable, "-m", "tests.bench.kills", str(count)]
        subprocess.run(child, check=True, env={**environment, "EENPLAN_DB_ROLE": "worker"})


def main() -> None:
    count = int(sys.argv[1])
    django.setup()
    from django.db import connection

    from arrangements.operations import monthly_run
    from infra.scope import as_worker
    from infra.servers.embedded import connect_superuser
    from tests.bench import monthly_data
    from tests.bench.monthly_child import _original
    from tests.factories.money import at
    from tests.support import kills

    sockets, name = os.environ["EENPLAN_SOCKETS"], connection.settings_dict["NAME"]
    # Small chunks: many moments to be killed at.
    monthly_run.CHUNK, monthly_run.LINES_PER_CHUNK = 100, 1_000  # type: ignore[misc,attr-defined]
    chance, killed, months = Random(20261125), 0, 0
    with connect_superuser(sockets, name) as database:
        with as_worker("proef"):
            monthly_data.make(database, _original(), PLANS)
        while killed < count and months < MONTHS:
            months += 1
            day = date(2027 + (months - 1) // 12, (months - 1) % 12 + 1, 8)
            at(day)
            monthly_data.pay(database, month=months, day=day)
            with as_worker("proef"):
                monthly_run.start_monthly_run(day=day)
            for point in kills.POINTS:
                killed += kills.kill_at_random(chance, times=2)
                if kills.comes_to(point):
                    kills.kill_at(point, sockets, name)
                    killed += 1
            killed += kills.kill_at_random(chance, times=count - killed)
            kills.work_until_nothing_waits()
            if wrong := kills.wrong():
                raise SystemExit(f"after {killed} kills in {months} months: {wrong}")
            print(
                json.dumps({"case": "kills in a monthly run", "months": months, "killed": killed, "wrong": 0}),
                flush=True,
            )


if __name__ == "__main__":
    main()
