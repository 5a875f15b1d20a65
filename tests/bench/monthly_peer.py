"""The best bulk path of django-hordak, in a virtual environment of its own under `var/`."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from infra.servers.embedded import connect_superuser
from infra.servers.files import CHECKOUT

PACKAGES: Final = ("django-hordak==2.0.0", "Django==5.2.19", "psycopg[binary]")
_VENV: Final = CHECKOUT / "var" / "peer-venv"
_CHILD: Final = Path(__file__).with_name("monthly_peer_child.py")


def run(environment: Mapping[str, str], product: float) -> None:
    """Print how many times faster the product is, from its seconds per posting. Says so when the peer is not to be had."""
    python = _VENV / "bin" / "python"
    try:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(_VENV)], check=True)
        if subprocess.run([python, "-c", "import hordak"], check=False, capture_output=True).returncode:
            subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True, capture_output=True)
        sockets = environment["EENPLAN_SOCKETS"]
        with connect_superuser(sockets) as database:
            database.execute("DROP DATABASE IF EXISTS peer WITH (FORCE)")
            database.execute("CREATE DATABASE peer")
        said = subprocess.run([python, _CHILD, sockets, "peer"], check=True, capture_output=True, text=True).stdout
    except subprocess.CalledProcessError as failed:
        why = str(failed.stderr or failed)[-300:]
        print(json.dumps({"case": "django-hordak", "not_measured": why}), flush=True)
        return
    found = json.loads(said.splitlines()[-1])
    print(
        json.dumps(
            {
                "case": "monthly run against django-hordak, bulk_create of 1,000 transactions",
                "times_faster": round(1 / product / found["postings_per_second"], 1),
                "goal": "at least 5 times, per posting; without bank files; the peer keeps no balances and pays nobody",
                "peer": found,
            }
        ),
        flush=True,
    )
