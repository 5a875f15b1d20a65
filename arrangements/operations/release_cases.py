from datetime import date

from django.db import transaction

from accounts.contact import default_director
from accounts.models import Citizen, HandOver
from accounts.operations.move_director import move_director
from arrangements.operations.tasks_for_director import bring_tasks
from infra import clock, jobs


@jobs.job("release_cases")
def release_cases_job(_work: jobs.Work) -> dict[str, int]:
    """See `release_cases`: promised the moment somebody is switched off in /beheer/."""
    return {"released": release_cases(today=clock.today())}


@transaction.atomic
def release_cases(*, today: date) -> int:  # noqa: ARG001  every step of a day is asked the same way
    """The cases of whoever does not work here any more go to the desk, each with a hand-over and a message. Worker only.

    Returns how many. Nothing happens while nobody of the desk is appointed to get them.
    """
    desk = default_director()
    if desk is None:
        return 0
    orphans = Citizen.objects.select_for_update(of=("self",)).filter(director__active=False).order_by("pk")
    count = 0
    for citizen in orphans:
        move_director(citizen=citizen, to=desk, reason=HandOver.Reason.LEFT)
        bring_tasks(citizen=citizen, to=desk)
        count += 1
    return count
