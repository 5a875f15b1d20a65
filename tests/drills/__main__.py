"""`./dev drill [--people N] [--postgres N] [--workers N] [--flushes N] [--seed N]`: faults under load, then the books.

Prints one line of JSON; ends with 1 when a cent is lost, doubled or not in its place.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.drills.machine import Machine


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev drill")
    parser.add_argument("--people", type=int, default=60, help="arrangements with a payment")
    parser.add_argument("--postgres", type=int, default=2, help="SIGKILLs of PostgreSQL")
    parser.add_argument("--workers", type=int, default=4, help="SIGKILLs of the workers")
    parser.add_argument("--flushes", type=int, default=2, help="times that the queue is emptied, and once stopped")
    parser.add_argument("--seed", type=int, default=36)
    wanted = parser.parse_args()
    for name in [name for name in os.environ if name.startswith("DATABASE_") or name in ("REDIS_URL", "CACHE_URL")]:
        del os.environ[name]
    with tempfile.TemporaryDirectory() as schedule, Machine.running(Path(schedule) / "beat") as machine:
        os.environ.update(machine.environment)
        import django

        django.setup()
        found = _drill(machine, wanted)
    sys.stdout.write(json.dumps(found) + "\n")
    return 0 if found["right"] else 1


def _drill(machine: Machine, wanted: argparse.Namespace) -> dict[str, object]:
    from django.db import connection

    from tests.drills import payments

    draw = random.Random(wanted.seed)
    ids = payments.people_who_paid(wanted.people)
    sender = payments.Sender(list(ids), draw)
    machine.start_worker()
    stop = threading.Event()
    faults = ["postgres"] * wanted.postgres + ["worker"] * wanted.workers + ["flush"] * wanted.flushes
    draw.shuffle(faults)
    if wanted.flushes:
        faults.append("broker away")
    # Messages keep coming as long as there are faults.
    pause = len(faults) * 1.5 / max(len(ids), 1)

    def send() -> None:
        try:
            while not stop.is_set() and sender.send_next():
                time.sleep(pause)
        finally:
            connection.close()

    thread = threading.Thread(target=send)
    thread.start()
    back: list[float] = []
    for fault in faults:
        time.sleep(draw.uniform(0.2, 1.5))
        if fault == "postgres":
            back.append(machine.kill_postgres())
        elif fault == "worker":
            machine.kill_worker()
        elif fault == "flush":
            machine.flush_valkey()
        else:
            machine.restart_valkey(2)
    thread.join(120)
    stop.set()
    deadline = time.monotonic() + 240
    begin = time.monotonic()
    while not payments.all_booked(len(ids)) and time.monotonic() < deadline:
        time.sleep(0.5)
    recovered = time.monotonic() - begin
    machine.stop_worker()
    said = payments.outcome(sender)
    right = (
        said["acknowledged"] == said["receipts"] == said["divided"] == len(ids)
        and not said["acknowledged_and_lost"]
        and not said["receipts_twice"]
        and not said["divided_twice"]
        and not said["still_pending"]
        and not said["findings"]
    )
    return {
        "right": right,
        **said,
        "faults": len(faults),
        "postgres_back_seconds": [round(one, 1) for one in back],
        "recovered_after_seconds": round(recovered, 1),
    }


if __name__ == "__main__":
    sys.exit(main())
