from datetime import date

from django.db import transaction

from arrangements.models import Arrangement, CaseTask
from arrangements.operations.report_change import WORKING_DAYS
from arrangements.operations.tasks_for_director import make_task
from infra import audit, clock
from kernel.working_days import add_working_days


def asked_break(citizen_id: int) -> CaseTask | None:
    """The question for a pause that waits for the director; None when there is none."""
    return CaseTask.objects.filter(citizen_id=citizen_id, kind=CaseTask.Kind.PAUSE, done_on=None).first()


@transaction.atomic
def ask_break(*, arrangement: Arrangement) -> date:
    """The citizen would like a pause: a task for the director, once as long as it is open.

    Nothing of the plan changes: who helps decides (`grant_break`). Returns the last day on which the director calls.
    Scope: the citizen's.
    """
    Arrangement.objects.select_for_update(of=("self",)).get(pk=arrangement.pk)
    waiting = asked_break(arrangement.citizen_id)
    if waiting is not None:
        return waiting.due_on
    due_on = add_working_days(clock.today(), WORKING_DAYS)
    number = CaseTask.objects.filter(citizen_id=arrangement.citizen_id, kind=CaseTask.Kind.PAUSE).count() + 1
    make_task(
        citizen_id=arrangement.citizen_id,
        key=f"pause:{arrangement.pk}:{number}",
        kind=CaseTask.Kind.PAUSE,
        text="De cliënt vraagt een pauze. Bel, en kijk samen of een pauze helpt of een lager bedrag.",
        due_on=due_on,
    )
    audit.record("break_asked", object_type="arrangement", object_id=arrangement.pk, citizen_id=arrangement.citizen_id)
    return due_on
