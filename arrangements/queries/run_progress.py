"""How far a run is, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, Sum

from arrangements.models import MoneyRun, RunChunk


@dataclass(frozen=True, slots=True)
class StepProgress:
    """One step of a run: chunks done, to go and failed; what was counted, and the cents. `planned`: it has begun."""

    step: str
    label: str
    done: int
    to_go: int
    failed: int
    counted: int
    amount_cents: int

    @property
    def planned(self) -> bool:
        return bool(self.done + self.to_go + self.failed)


def monthly_runs() -> Sequence[MoneyRun]:
    """The latest year of monthly runs, newest first. Scope: the desk's or the worker's."""
    return list(MoneyRun.objects.filter(kind=MoneyRun.Kind.MONTHLY).order_by("-run_date")[:12])


def run_progress(run: MoneyRun) -> list[StepProgress]:
    """Every step of `run`, also those that have not begun. One query. Scope: the desk's or the worker's."""
    states = RunChunk.State
    rows: dict[str, dict[str, Any]] = {
        row["step"]: dict(row)
        for row in run.chunks.order_by()
        .values("step")
        .annotate(
            done=Count("pk", filter=Q(state=states.DONE)),
            to_go=Count("pk", filter=Q(state=states.WAITING)),
            failed=Count("pk", filter=Q(state=states.FAILED)),
            counts=Sum("counted"),
            cents=Sum("amount_cents"),
        )
    }
    found = []
    for step in (RunChunk.Step.DUE, RunChunk.Step.DIVIDE, RunChunk.Step.REMIT):
        row = rows.get(step.value, {})
        found.append(
            StepProgress(
                step=step.value,
                label=str(step.label),
                done=row.get("done", 0),
                to_go=row.get("to_go", 0),
                failed=row.get("failed", 0),
                counted=row.get("counts") or 0,
                amount_cents=row.get("cents") or 0,
            )
        )
    return found


def failed_chunks(run: MoneyRun) -> list[RunChunk]:
    """What went wrong and waits for a person. Scope: the desk's or the worker's."""
    return list(run.chunks.filter(state=RunChunk.State.FAILED).order_by("step", "number")[:50])
