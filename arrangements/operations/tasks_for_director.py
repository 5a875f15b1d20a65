from datetime import date

from accounts.models import Citizen
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
