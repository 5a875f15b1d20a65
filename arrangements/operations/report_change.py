"""Passing on that something changed, or that nothing did: assess, close, tell the citizen, and the director if needed."""

from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from accounts.contact import contact_of
from accounts.models import Citizen
from affordability.norms import NormsMissing
from arrangements.documents.content import weekday_date
from arrangements.domain.change import Comparison, Outcome
from arrangements.domain.lifecycle import UNDER_WAY
from arrangements.models import Application, Arrangement, Assessment, CaseTask, YearlyReview
from arrangements.operations.assess_application import FactsMissing, assess_application
from arrangements.operations.finish_task import finish_task
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen
from arrangements.queries.changes import ReportedChange, comparison_of, reported_change, task_key
from infra import audit, clock
from kernel.cents import spoken_euro
from kernel.working_days import add_working_days

WORKING_DAYS = 2
"""Within so many working days the director calls (ux.md C22)."""


class PlanIsOver(Exception):
    """The arrangement ended while the change was being filled in."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the gate says of the new figures. `missing`: the answers it still needs; `no_norms`: today has no norms."""

    assessment: Assessment | None
    missing: list[str] = field(default_factory=list)
    no_norms: bool = False


def try_change(*, change: Application) -> Finding:
    """What `report_change` would find now, for the page that shows old and new side by side. Nothing is written.

    It is the very same assessment, taken back: the page never shows something else than what is passed on.
    """
    with transaction.atomic():
        found = _assess(change)
        transaction.set_rollback(True)
    return found


def _assess(change: Application) -> Finding:
    try:
        return Finding(assess_application(application=change))
    except FactsMissing as error:
        return Finding(None, missing=error.fields)
    except NormsMissing:
        return Finding(None, no_norms=True)


@transaction.atomic
def report_change(*, change: Application) -> ReportedChange:
    """Assess the new figures for the present monthly amount and pass them on, once; a second call gives the first answer.

    Nothing of the plan itself changes: not the amount, not an instalment, not the books. The citizen is told what was found
    and who does what next. The director gets a task only when there is something to do: the amount does not surely fit any
    more, or nothing could be computed. Then the change is passed on all the same.
    Raises PlanIsOver; ValueError for an application that is no change.
    """
    row = Application.objects.select_for_update(of=("self",)).select_related("arrangement__proposal").get(pk=change.pk)
    if row.arrangement is None:
        raise ValueError("this application is no change")
    if row.reported_on is not None:
        return reported_change(row)
    if row.arrangement.state not in UNDER_WAY:
        raise PlanIsOver
    row.declared_cents = row.arrangement.monthly_cents
    row.save(update_fields=["declared_cents", "updated_at"])
    found = _assess(row)
    row.closed_at, row.reported_on = clock.now(), clock.today()
    row.save(update_fields=["closed_at", "reported_on", "updated_at"])
    comparison = comparison_of(row, found.assessment)
    citizen = Citizen.objects.select_related("director", "user").get(pk=row.citizen_id)
    _one_task_is_enough(row)
    due_on = _give_task(row, found, comparison) if comparison.outcome.needs_a_person else None
    if row.purpose == Application.Purpose.REVIEW:
        _review_is_done(row.arrangement, row)
    audit.record(
        "change_reported",
        object_type="application",
        object_id=row.pk,
        from_state="open",
        to_state=comparison.outcome.value,
        citizen_id=row.citizen_id,
        details={
            "purpose": row.purpose,
            "arrangement": row.arrangement.pk,
            "assessment": found.assessment.pk if found.assessment else None,
        },
    )
    tell_citizen(
        citizen,
        key=f"change:{row.pk}",
        kind="change_reported",
        subject="Bericht over uw afspraak",
        body=_message(row, comparison, citizen, due_on),
    )
    return ReportedChange(row, found.assessment, comparison, due_on)


def _one_task_is_enough(change: Application) -> None:
    """An amber assessment asks for the missing fact by itself; here that is part of the task of the change."""
    for task in CaseTask.objects.filter(key=f"missing_fact:{change.pk}", done_on=None):
        finish_task(task=task)


_TASKS = {
    Outcome.TOO_MUCH: "Het bedrag is te hoog voor de nieuwe gegevens. Bel en bespreek wat kan.",
    Outcome.UNSURE: "Het is niet zeker of het bedrag nog past. Vraag na wat ontbreekt of verouderd is.",
    Outcome.UNKNOWN: "De nieuwe gegevens konden niet worden getoetst: er ontbreekt een antwoord. Bel en vul aan.",
}
_NO_NORMS = "De nieuwe gegevens konden niet worden getoetst: de normen van vandaag ontbreken. Bel en leg uit."


def _give_task(change: Application, found: Finding, comparison: Comparison) -> date:
    review = change.purpose == Application.Purpose.REVIEW
    due_on = add_working_days(clock.today(), WORKING_DAYS)
    make_task(
        citizen_id=change.citizen_id,
        key=task_key(change),
        kind=CaseTask.Kind.REVIEW if review else CaseTask.Kind.CHANGED,
        text=_NO_NORMS if found.no_norms else _TASKS[comparison.outcome],
        due_on=due_on,
    )
    return due_on


def _review_is_done(arrangement: Arrangement, change: Application) -> None:
    """The newest year that was asked for is done; a year before it that was never done stays so, with its task."""
    review = (
        YearlyReview.objects.select_for_update(of=("self",))
        .filter(arrangement=arrangement, done_on=None)
        .order_by("-due_on")
        .first()
    )
    if review is None:
        return
    review.application, review.done_on = change, clock.today()
    review.save(update_fields=["application", "done_on"])
    for task in CaseTask.objects.filter(key=review_task_key(review), done_on=None):
        finish_task(task=task)


def review_task_key(review: YearlyReview) -> str:
    """The key of the task for a review that was not done in time."""
    return f"review:{review.pk}"


def _message(change: Application, comparison: Comparison, citizen: Citizen, due_on: date | None) -> str:
    amount = spoken_euro(comparison.monthly)
    review = change.purpose == Application.Purpose.REVIEW
    lines = ["Wij hebben uw controle gekregen." if review else "Wij hebben uw nieuwe gegevens gekregen."]
    match comparison.outcome:
        case Outcome.FITS:
            lines += [f"Uw bedrag past: {amount} per maand.", "Uw bedrag blijft gelijk. U hoeft niets te doen."]
        case Outcome.TOO_MUCH:
            lines += [f"Met deze gegevens is {amount} per maand te veel."]
        case Outcome.UNSURE:
            lines += [f"Wij weten nog niet zeker of {amount} per maand past."]
        case Outcome.UNKNOWN:
            lines += ["Wij kunnen nu niet uitrekenen of uw bedrag past.", "Uw gegevens zijn bewaard."]
    if due_on is not None:
        lines += [f"{contact_of(citizen.director).name} belt u uiterlijk {weekday_date(due_on)}."]
        if not citizen.phone:
            lines += ["Wij weten uw telefoonnummer nog niet. Vul het in, of bel zelf."]
        lines += ["Tot dan verandert er niets aan uw afspraak."]
    return "\n".join(lines)
