from django.db import transaction

from arrangements.models import CaseTask
from infra import audit, clock


@transaction.atomic
def finish_task(*, task: CaseTask) -> None:
    """Put a task behind us. Doing it twice changes nothing. Scope: who it was given to, or the citizen's."""
    row = CaseTask.objects.select_for_update(of=("self",)).get(pk=task.pk)
    if row.done_on is not None:
        return
    row.done_on = clock.today()
    row.save(update_fields=["done_on"])
    audit.record(
        "task_done", object_type="task", object_id=row.pk, from_state="open", to_state="done", citizen_id=row.citizen_id
    )
