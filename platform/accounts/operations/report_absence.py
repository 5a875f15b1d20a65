from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import Absence, CaseWorker, User
from infra import audit, clock


class StandInNotPossible(Exception):
    """Somebody else has to stand in; the subclass says why."""


class NotAColleague(StandInNotPossible):
    """Not active, the same person, or of another organisation and not of the desk."""


class StandInAway(StandInNotPossible):
    """The stand-in is away too, on one of these days."""


class AlreadyAway(Exception):
    """There is an absence on one of these days already."""


def possible_stand_ins(case_worker: CaseWorker) -> QuerySet[CaseWorker]:
    """Who may stand in: the desk for everybody, a colleague of the same organisation for a coach."""
    may = Q(kind=CaseWorker.Kind.DESK)
    if case_worker.kind == CaseWorker.Kind.COACH:
        may |= Q(organisation=case_worker.organisation)
    return CaseWorker.objects.filter(may, active=True).exclude(pk=case_worker.pk).order_by("name")


@transaction.atomic
def report_absence(
    *, case_worker: CaseWorker, stand_in: CaseWorker, from_date: date, until_date: date, user: User
) -> Absence:
    """From `from_date` up to and including `until_date` somebody is away and `stand_in` takes the phone.

    Raises NotAColleague, StandInAway, AlreadyAway; ValueError when it ends before it starts or is over. A stand-in is
    there on every day of it, so two people can never stand in for each other. Who falls ill while standing in may still
    go: then the phone goes on to the next (door `stand_ins`). Scope: the worker's own, or the desk's.
    """
    if until_date < from_date or until_date < clock.today():
        raise ValueError("an absence that ends before it starts, or is over")
    # Two colleagues who name each other at the same moment do so one after the other.
    list(CaseWorker.objects.select_for_update().filter(pk__in=[case_worker.pk, stand_in.pk]).order_by("pk"))
    if not possible_stand_ins(case_worker).filter(pk=stand_in.pk).exists():
        raise NotAColleague
    these_days = Absence.objects.filter(from_date__lte=until_date, until_date__gte=from_date)
    if these_days.filter(case_worker=case_worker).exists():
        raise AlreadyAway
    if these_days.filter(case_worker=stand_in).exists():
        raise StandInAway
    absence = Absence.objects.create(
        case_worker=case_worker, stand_in=stand_in, from_date=from_date, until_date=until_date, told_by_user=user
    )
    audit.record(
        "absence_reported",
        object_type="case_worker",
        object_id=case_worker.pk,
        details={"stand_in": stand_in.pk, "from": from_date.isoformat(), "until": until_date.isoformat()},
    )
    return absence


@transaction.atomic
def end_absence(*, absence: Absence) -> None:
    """Back today, or never gone. Doing it twice changes nothing. Scope: the worker's own, or the desk's."""
    today = clock.today()
    row = Absence.objects.select_for_update().filter(pk=absence.pk, until_date__gte=today).first()
    if row is None:
        return
    if row.from_date >= today:
        row.delete()
    else:
        row.until_date = today - timedelta(days=1)
        row.save(update_fields=["until_date"])
    audit.record("absence_ended", object_type="case_worker", object_id=row.case_worker_id)
