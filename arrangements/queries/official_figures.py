"""The official figures of one application with the paper behind each; never the photo itself."""

import re
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from accounts.models import CaseWorker
from affordability.official_figure import still_holds
from arrangements.models import Application, OfficialFigure

_COACH = re.compile(r"coach:([0-9]+)")


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One paper. `cents` per month. `helper`: who entered it, "" for the citizen; `seen_by`: who saw it, "" for nobody.

    `counts`: the gate uses this one now, because it is the newest of its kind and not older than twelve months.
    """

    public_id: UUID
    kind: OfficialFigure.Kind
    paper: OfficialFigure.Paper
    cents: int
    paper_date: date
    entered_on: date
    helper: str
    seen_by: str
    has_photo: bool
    holds: bool
    counts: bool


def official_figures(application: Application, on: date) -> list[FigureRow]:
    """All papers of this application, the newest first. Scope: the citizen's, or the coach's acting for the citizen."""
    found = list(
        OfficialFigure.objects.filter(application=application).defer("photo").select_related("seen_by").order_by("-pk")
    )
    numbers = {row.pk: int(match[1]) for row in found if (match := _COACH.fullmatch(row.entered_by))}
    names = dict(CaseWorker.objects.filter(pk__in=numbers.values()).values_list("pk", "name"))
    newest: dict[str, int] = {}
    for row in found:
        newest.setdefault(row.kind, row.pk)
    return [
        FigureRow(
            public_id=row.public_id,
            kind=OfficialFigure.Kind(row.kind),
            paper=OfficialFigure.Paper(row.paper),
            cents=row.amount_cents,
            paper_date=row.paper_date,
            entered_on=row.entered_on,
            helper=names.get(numbers.get(row.pk, 0), ""),
            seen_by=row.seen_by.name if row.seen_by else "",
            has_photo=row.photo_type != "",
            holds=still_holds(row.paper_date, on),
            counts=newest[row.kind] == row.pk and still_holds(row.paper_date, on),
        )
        for row in found
    ]
