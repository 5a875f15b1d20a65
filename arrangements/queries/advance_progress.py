"""How far the time machine is; for everybody in the demo, so through a door that says nothing else."""

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class AdvanceProgress:
    """The newest run: `state` is waiting, running, done or failed; `done` of `total` days."""

    state: str
    done: int
    total: int
    text: str


def advance_progress() -> AdvanceProgress | None:
    """The newest run of the time machine; None when there was none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, done, total, progress FROM advance_progress()")
        row = cursor.fetchone()
    return AdvanceProgress(*row) if row else None
