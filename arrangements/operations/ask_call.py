from datetime import date

from django.db import transaction

from arrangements.models import Arrangement, CaseTask
from arrangements.operations.report_change import WORKING_DAYS
from arrangements.operations.tasks_for_director import make_task
from infra import audit, clock
from kernel.working_days import add_working_days


@transaction.atomic
def ask_call(*, arrangement: Arrangement) -> date:
    """Somebody whose plan runs would rather be called than fill in a form: a task for the director, once as long as it is open.

    Returns the last day on which the director calls.
    """
    waiting = CaseTask.objects.filter(
        citizen_id=arrangement.citizen_id, kind=CaseTask.Kind.CALL_BACK, done_on=None
    ).first()
    if waiting is not None:
        return waiting.due_on
    today = clock.today()
    due_on = add_working_days(today, WORKING_DAYS)
    # Numbered, so that somebody who was called can ask again, also on the same day.
    number = CaseTask.objects.filter(citizen_id=arrangement.citizen_id, kind=CaseTask.Kind.CALL_BACK).count() + 1
    make_task(
        citizen_id=arrangement.citizen_id,
        key=f"call_back:{arrangement.pk}:{number}",
        kind=CaseTask.Kind.CALL_BACK,
        text="De cliënt wil gebeld worden: er is iets veranderd.",
        due_on=due_on,
    )
    audit.record("call_asked", object_type="arrangement", object_id=arrangement.pk, citizen_id=arrangement.citizen_id)
    return due_on
