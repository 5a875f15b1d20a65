"""What creditors have to do because of a plan: stop collecting, sign off at the CAK; confirmed with a date (features.md S8)."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from arrangements.documents.content import long_date
from arrangements.domain.lifecycle import UNDER_WAY
from arrangements.domain.policy_values import policy_on
from arrangements.models import Arrangement, CaseTask, CreditorTask
from arrangements.operations.finish_task import finish_task
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_creditor
from creditors.models import Creditor
from infra import audit, clock
from kernel.periods import add_months, first_of_month
from kernel.working_days import add_working_days

Kind, Outcome = CreditorTask.Kind, CreditorTask.Outcome
OF_DIRECTOR = {Kind.STOP_COLLECTING: CaseTask.Kind.STOP_COLLECTING, Kind.CAK_SIGN_OFF: CaseTask.Kind.CAK}


class DateNotPossible(ValueError):
    """The day cannot be. `str()` of it is a Dutch sentence for who typed it."""


def ask_creditors_to_stop(*, arrangement: Arrangement, creditors: Sequence[Creditor]) -> None:
    """Every creditor stops collecting; a health insurer also signs off at the CAK. Once each. Worker; caller's transaction."""
    today = clock.today()
    soon = add_working_days(today, policy_on(today).stop_confirm_working_days)
    for creditor in creditors:
        _give(arrangement, creditor, Kind.STOP_COLLECTING, soon)
        if creditor.is_health_insurer:
            # The scheme ends on the first day of a month (domain.md 7.6).
            _give(arrangement, creditor, Kind.CAK_SIGN_OFF, max(soon, add_months(first_of_month(today), 1)))


def let_insurers_sign_on(*, arrangement: Arrangement, creditors: Sequence[Creditor]) -> None:
    """The plan was stopped: nothing is asked of creditors any more, and an insurer may report again at the CAK.

    Worker only; part of the caller's transaction.
    """
    today = clock.today()
    CreditorTask.objects.filter(arrangement=arrangement, outcome="").update(
        outcome=Outcome.NOT_NEEDED, confirmed_on=today
    )
    soon = add_working_days(today, policy_on(today).stop_confirm_working_days)
    for creditor in creditors:
        if creditor.is_health_insurer:
            _give(arrangement, creditor, Kind.CAK_SIGN_ON, soon)


def _give(arrangement: Arrangement, creditor: Creditor, kind: CreditorTask.Kind, due_on: date) -> None:
    CreditorTask.objects.get_or_create(
        arrangement=arrangement,
        creditor=creditor,
        kind=kind,
        defaults={"citizen_id": arrangement.citizen_id, "asked_on": clock.today(), "due_on": due_on},
    )


@transaction.atomic
def confirm_creditor_task(
    *, task: CreditorTask, user: User, outcome: CreditorTask.Outcome, done_on: date | None = None
) -> CreditorTask:
    """The creditor says since when it is so, or that there was nothing to do. The first answer stays. Scope: the creditor's.

    Raises DateNotPossible: no day, one before the signature, or one that has yet to come. The CAK scheme ends on the first
    day of a month, so there the first day of the next month may be told already.
    """
    row = CreditorTask.objects.select_for_update(of=("self",)).get(pk=task.pk)
    if row.outcome:
        return row
    today = clock.today()
    if outcome == Outcome.DONE:
        _check_day(row, done_on, today)
    row.outcome = outcome
    row.done_on = done_on if outcome == Outcome.DONE else None
    row.confirmed_on, row.confirmed_by = today, user
    row.save(update_fields=["outcome", "done_on", "confirmed_on", "confirmed_by"])
    audit.record(
        "creditor_task_confirmed",
        object_type="creditor_task",
        object_id=row.pk,
        from_state="open",
        to_state=row.outcome,
        citizen_id=row.citizen_id,
        creditor_id=row.creditor_id,
    )
    return row


def _check_day(row: CreditorTask, done_on: date | None, today: date) -> None:
    if done_on is None:
        raise DateNotPossible("Vul de datum in. Bijvoorbeeld 3 12 2026.")
    last = today if row.kind == Kind.STOP_COLLECTING else add_months(first_of_month(today), 1)
    if done_on > last:
        raise DateNotPossible(f"Deze dag moet nog komen. Vul een dag in tot en met {long_date(last)}.")
    signed_on = Arrangement.objects.values_list("signed_on", flat=True).get(pk=row.arrangement_id)
    if done_on < signed_on:
        raise DateNotPossible(f"De regeling is getekend op {long_date(signed_on)}. Vul die dag of een latere dag in.")


def unconfirmed() -> QuerySet[CreditorTask]:
    """What creditors still have to confirm, and were not reminded of."""
    return CreditorTask.objects.filter(
        outcome="", reminded_on=None, kind__in=list(OF_DIRECTOR), arrangement__state__in=UNDER_WAY
    )


@transaction.atomic
def watch_creditor_tasks(*, today: date) -> int:
    """Not confirmed in time: the creditor is reminded and the director gets a task, once. Worker only, daily."""
    late = (
        unconfirmed().select_for_update(of=("self",)).select_related("creditor", "arrangement").filter(due_on__lt=today)
    )
    count = 0
    for task in late:
        _remind(task)
        task.reminded_on = today
        task.save(update_fields=["reminded_on"])
        count += 1
    _finish_confirmed()
    return count


def _remind(task: CreditorTask) -> None:
    what = "dat u bent gestopt met innen" if task.kind == Kind.STOP_COLLECTING else "het afmelden bij het CAK"
    tell_creditor(
        task.creditor,
        key=f"creditor_task:{task.pk}",
        kind="creditor_task_reminder",
        subject="Een taak wacht op uw antwoord",
        body=f"Regeling {task.arrangement.payment_reference}: bevestig {what}.\nDat kan bij Taken.",
    )
    make_task(
        citizen_id=task.citizen_id,
        key=f"creditor_task:{task.pk}",
        kind=OF_DIRECTOR[Kind(task.kind)],
        text=f"{task.creditor.name} heeft nog niet bevestigd: {task.get_kind_display().lower()}. Bel de organisatie.",
    )


def _finish_confirmed() -> None:
    """A creditor cannot reach the director's list: what it confirmed since is taken off here."""
    waiting = CaseTask.objects.filter(
        done_on=None, kind__in=list(OF_DIRECTOR.values()), key__startswith="creditor_task:"
    )
    by_number = {int(task.key.rpartition(":")[2]): task for task in waiting}
    for pk in CreditorTask.objects.filter(pk__in=by_number).exclude(outcome="").values_list("pk", flat=True):
        finish_task(task=by_number[pk])
