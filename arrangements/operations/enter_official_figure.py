from dataclasses import replace
from datetime import date

from django.db import transaction

from accounts.models import CaseWorker
from affordability import gate
from affordability.household import Situation
from affordability.norms import NormsMissing
from affordability.official_figure import HIGHEST, least_of_anybody, still_holds
from arrangements.domain.paper_file import MAX_BYTES, media_type
from arrangements.models import Application, Assessment, CaseTask, OfficialFigure
from arrangements.operations.application import save_answers
from arrangements.operations.assess_application import (
    FactsMissing,
    IncomeUnknown,
    assess_application,
    household_of,
    norms_on,
    report_missing_norms,
)
from arrangements.operations.make_proposal import NothingToPropose, make_draft
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen
from infra import audit, clock, scope

MOST_FIGURES = 20
"""Of one application. Every one may bring a file of some megabytes, so there is an end to it (ASVS 5.2.4)."""

# Which columns of the application hold the figure the gate reads.
COLUMNS = {
    OfficialFigure.Kind.BESLAGVRIJE_VOET: (
        "official_beslagvrije_voet_cents",
        "official_beslagvrije_voet_source",
        "official_paper_date",
    ),
    OfficialFigure.Kind.VTLB: ("vtlb_cents", "vtlb_source", "vtlb_paper_date"),
}
_SEEN = {CaseWorker.Kind.COACH: "gezien door de coach", CaseWorker.Kind.DESK: "gezien aan de balie"}


class LowerThanExpected(Exception):
    """The figure is under what the gate would keep for this household: nothing was saved, ask whether it is right."""


class TooManyFigures(Exception):
    """There are as many papers as one application may have. Nothing was saved; a person has to look."""


@transaction.atomic
def enter_official_figure(
    *,
    application: Application,
    kind: OfficialFigure.Kind,
    cents: int,
    paper: OfficialFigure.Paper,
    paper_date: date,
    seen_by: CaseWorker | None = None,
    photo: bytes | None = None,
    photo_type: str = "",
    surely: bool = False,
) -> Assessment | None:
    """A paper with an official beslagvrije voet or vtlb: `cents` per month, with the date that stands on it.

    The only way to another floor when the gate is not sure: a better fact, never a decision to go under it (domain.md
    1.4). There is a photo (or PDF; `photo_type` as `paper_file.media_type` tells it), or the helper who acts now saw the
    paper (`seen_by`); a citizen can never be the one who saw it, and the database refuses that too. The row stays when a
    newer one comes; the columns of the application hold the newest one.

    A paper decides, also when its figure is lower than the law's formula gives: so a figure under the floor the gate would
    keep without it is not refused, but a mistyped one would take a household under its floor. It raises LowerThanExpected
    until it comes with `surely` (the second, explicit yes), which the audit line remembers; and it only counts once a
    helper saw the paper: from a citizen alone the row is kept, a task is made, and nothing else changes.

    Assesses anew where enough is known; a green answer makes the draft, and when a helper entered the figure the citizen is
    told to go on. Returns the new assessment, or None while other answers or the norms are missing (then the desk has its
    task, and the figure is saved). Raises LowerThanExpected, TooManyFigures, and ValueError for what no form lets through:
    a closed application, an amount below 1 cent or above `HIGHEST`, a paper of another kind, of tomorrow or older than
    twelve months, no photo and nobody who saw it, a file that is too large or of another kind than it says.
    """
    today = clock.today()
    _check(kind=kind, cents=cents, paper=paper, paper_date=paper_date, today=today)
    _check_evidence(seen_by=seen_by, photo=photo, photo_type=photo_type)
    row = Application.objects.select_for_update().get(pk=application.pk)
    if row.closed_at is not None:
        raise ValueError("the application is closed")
    if OfficialFigure.objects.filter(application=row).count() >= MOST_FIGURES:
        raise TooManyFigures
    is_low = cents < _least(row, today)
    if is_low and not surely:
        raise LowerThanExpected
    coach_id = scope.current().coach_id
    figure = OfficialFigure(
        citizen_id=row.citizen_id,
        application=row,
        kind=kind,
        amount_cents=cents,
        paper=paper,
        paper_date=paper_date,
        seen_by=seen_by,
        photo=photo,
        photo_type=photo_type,
        entered_by="citizen" if coach_id is None else f"coach:{coach_id}",
        entered_on=today,
    )
    figure.save(force_insert=True)
    audit.record(
        "official_figure_entered",
        object_type="official_figure",
        object_id=figure.pk,
        citizen_id=row.citizen_id,
        details={"kind": kind, "paper": paper, "photo": photo is not None, "lower_than_expected": is_low},
    )
    if is_low and seen_by is None:
        # A second yes is no paper: under the floor we would keep, somebody of us looks first (domain.md 1.4).
        make_task(
            citizen_id=row.citizen_id,
            key=f"low_figure:{figure.pk}",
            kind=CaseTask.Kind.CALL_BACK,
            text="De cliënt gaf een officieel bedrag door dat lager is dan de wet. Bekijk het papier en vul het in.",
        )
        return None
    amount, source, on_paper = COLUMNS[kind]
    row = save_answers(
        application=row, answers={amount: cents, source: _source(figure)[:100], on_paper: figure.paper_date}
    )
    return _assess_anew(row, figure)


def _check(
    *, kind: OfficialFigure.Kind, cents: int, paper: OfficialFigure.Paper, paper_date: date, today: date
) -> None:
    if not 0 < cents <= HIGHEST:
        raise ValueError("no household keeps such an amount per month")
    if (kind == OfficialFigure.Kind.VTLB) != (paper == OfficialFigure.Paper.VTLB_SHEET):
        raise ValueError("this figure does not stand on such a paper")
    if not still_holds(paper_date, today):
        raise ValueError("the paper is of tomorrow, or older than twelve months")


def _check_evidence(*, seen_by: CaseWorker | None, photo: bytes | None, photo_type: str) -> None:
    if seen_by is None and photo is None:
        raise ValueError("there is a photo, or somebody saw the paper")
    if seen_by is not None and seen_by.pk != scope.current().coach_id:
        raise ValueError("only the helper who acts now can say that the paper was seen")
    if photo is None:
        if photo_type:
            raise ValueError("a type of a photo that is not there")
    elif len(photo) > MAX_BYTES or media_type(photo) is None or media_type(photo) != photo_type:
        raise ValueError("a file that is too large, or not what it says it is")


def _least(row: Application, today: date) -> int:
    """What we expect at least, in cents per month: the floor of the gate without any paper."""
    try:
        record = norms_on(today)
    except NormsMissing:
        return 0  # nothing to compare with; the figure itself decides once there are norms
    try:
        household = replace(household_of(row, record, today), official_beslagvrije_voet=None, vtlb=None)
    except (FactsMissing, IncomeUnknown):
        situation = Situation(row.situation) if row.situation else None
        return least_of_anybody(situation, row.net_income_cents, record)
    return gate.assess_with(household, 0, record).floor_low


def _source(figure: OfficialFigure) -> str:
    seen = "met foto" if figure.seen_by is None else _SEEN[CaseWorker.Kind(figure.seen_by.kind)]
    return f"{figure.get_paper_display()} van {figure.paper_date:%d-%m-%Y}, {seen}"


def _assess_anew(row: Application, figure: OfficialFigure) -> Assessment | None:
    if row.purpose != Application.Purpose.FIRST:
        return None  # a change is judged when it is passed on; before that it is nobody's latest figures
    before = Assessment.objects.filter(inputs__application=str(row.public_id)).order_by("-pk").first()
    try:
        assessment = assess_application(application=row)
    except FactsMissing:
        return None
    except NormsMissing as error:
        report_missing_norms(application=row, error=error)
        return None
    if assessment.verdict != Assessment.Verdict.GREEN:
        return assessment
    try:
        make_draft(application=row, assessment=assessment)
    except NothingToPropose:
        return assessment
    if scope.current().coach_id is not None and (before is None or before.verdict != Assessment.Verdict.GREEN):
        tell_citizen(
            row.citizen,
            key=f"go_on:{figure.pk}",
            kind="go_on",
            subject="U kunt verder met uw plan",
            body="Wij hebben uw papier gezien. Uw bedrag past.\n\nLog in en kijk uw plan na. Daarna verstuurt u het zelf.",
        )
    return assessment
