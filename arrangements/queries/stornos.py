"""Payments that a bank took back: what the citizen still has to pay back, and what the desk looks after."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch

from arrangements.models import MoneyDecision, Storno


@dataclass(frozen=True, slots=True)
class OpenStornos:
    """What is open together, in cents; `first` is paid back first."""

    first: Storno
    open_cents: int
    count: int


def open_stornos() -> OpenStornos | None:
    """What this citizen still pays back, also after the end of a plan; None when there is nothing. Scope: the citizen's."""
    rows = list(Storno.objects.filter(open_cents__gt=0).order_by("pk"))
    if not rows:
        return None
    return OpenStornos(rows[0], sum(row.open_cents for row in rows), len(rows))


@dataclass(frozen=True, slots=True)
class StornoRow:
    """One storno for the desk, with the decision that waits for a second person, or for the worker."""

    storno: Storno
    decision: MoneyDecision | None


def stornos_for_desk(*, only_open: bool = True, limit: int = 200) -> Sequence[StornoRow]:
    """The newest first; at most `limit`. `only_open`: what citizens still have to pay back. Scope: the desk's."""
    rows = Storno.objects.select_related("citizen", "arrangement").order_by("-pk")
    if only_open:
        rows = rows.filter(open_cents__gt=0)
    waiting = MoneyDecision.objects.filter(done_on=None).select_related("decided_by", "approved_by")
    found = rows.prefetch_related(Prefetch("decisions", queryset=waiting, to_attr="waiting"))[:limit]
    return [StornoRow(row, next(iter(row.waiting), None)) for row in found]
