from datetime import date

from django.db.models import F, OuterRef, Subquery

from accounts.models import CaseWorker, Citizen
from arrangements.models import CaseTask
from infra import clock
from kernel.working_days import add_working_days


def make_task(
    *, citizen_id: int, key: str, kind: CaseTask.Kind, text: str, due_on: date | None = None, working_days: int = 2
) -> None:
    """Give the director of a case something to do, once per `key`, by default within two working days.

    Part of the caller's transaction. Scope: the citizen's, or the worker's.
    """
    citizen = Citizen.objects.get(pk=citizen_id)
    today = clock.today()
    CaseTask.objects.get_or_create(
        key=key,
        defaults={
            "citizen": citizen,
            "assigned_to_id": citizen.director_id,
            "kind": kind,
            "text": text,
            "made_on": today,
            "due_on": due_on or add_working_days(today, working_days),
        },
    )


def bring_tasks(*, citizen: Citizen, to: CaseWorker) -> int:
    """The open tasks of one case go along with it, at once. Part of the caller's transaction. Returns how many moved."""
    open_tasks = CaseTask.objects.filter(citizen_id=citizen.pk, done_on=None)
    return open_tasks.exclude(assigned_to_id=to.pk).update(assigned_to_id=to.pk)


def follow_director(*, today: date) -> int:
    """Open tasks go to whoever is the director now: a task never stays with a coach who may not see the case any more.

    Worker only, daily. Returns how many moved.
    """
    strayed = CaseTask.objects.filter(done_on=None, made_on__lte=today).exclude(
        assigned_to_id=F("citizen__director_id")
    )
    director = Citizen.objects.filter(pk=OuterRef("citizen_id")).values("director_id")
    return strayed.update(assigned_to_id=Subquery(director))
