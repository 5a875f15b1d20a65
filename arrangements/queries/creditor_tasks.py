"""What creditors confirmed: since when they do not collect, and whether the CAK surcharge has stopped. Scope: the citizen's."""

from dataclasses import dataclass
from datetime import date

from arrangements.models import Arrangement, CreditorTask


@dataclass(frozen=True, slots=True)
class Stopped:
    """One creditor. `on`: the day it named; None while it has not confirmed, or when there was nothing to stop."""

    name: str
    on: date | None
    not_needed: bool
    is_late: bool

    @property
    def waits(self) -> bool:
        """Whether it still has to confirm."""
        return self.on is None and not self.not_needed


def stopped_collecting(arrangement: Arrangement, today: date) -> list[Stopped]:
    """Per creditor, by name."""
    return _rows(arrangement, CreditorTask.Kind.STOP_COLLECTING, today)


def cak_surcharge(arrangement: Arrangement, today: date) -> list[Stopped]:
    """Per health insurer in the plan; empty without one."""
    return _rows(arrangement, CreditorTask.Kind.CAK_SIGN_OFF, today)


def _rows(arrangement: Arrangement, kind: CreditorTask.Kind, today: date) -> list[Stopped]:
    found = CreditorTask.objects.filter(arrangement=arrangement, kind=kind).select_related("creditor")
    return [
        Stopped(
            name=task.creditor.name,
            on=task.done_on,
            not_needed=task.outcome == CreditorTask.Outcome.NOT_NEEDED,
            is_late=not task.outcome and task.due_on < today,
        )
        for task in found.order_by("creditor__name")
    ]
