"""When norms become usable: who waited for them is told, and the running plans are put through the gate once more."""

from datetime import date
from typing import Final

from django.db import transaction

from affordability.norms import NormsMissing, record_for
from arrangements.models import Application, CaseTask
from arrangements.operations.rerun_gate import promise_rerun
from arrangements.operations.tell import tell_citizen
from arrangements.queries.norm_records import norm_records
from infra import audit, clock, jobs

_BATCH: Final = 200


@jobs.job("use_new_norms", chunked=True)
def use_new_norms_job(_work: jobs.Work) -> dict[str, int]:
    """Promised when a colleague approved norms. Does nothing yet when they are of a later half-year; the day does it then."""
    today = clock.today()
    return {"told": tell_waiting(today=today), "reruns": rerun_for_new_norms(today=today)}


def tell_waiting(*, today: date) -> int:
    """Tell whoever waits for norms that they can go on, and close the task of the desk; each once. Worker only, daily.

    Returns how many tasks were closed. Does nothing while the norms for `today` are missing.
    """
    try:
        record_for(today, norm_records())
    except NormsMissing:
        return 0
    count = 0
    while done := _tell_some(today):
        count += done
    return count


@transaction.atomic
def _tell_some(today: date) -> int:
    waiting = list(
        CaseTask.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("citizen__director", "citizen__user")
        .filter(kind=CaseTask.Kind.NORMS_MISSING, done_on=None)
        .order_by("pk")[:_BATCH]
    )
    still_open = set(
        Application.objects.filter(
            citizen_id__in=[task.citizen_id for task in waiting], closed_at__isnull=True
        ).values_list("citizen_id", flat=True)
    )
    for task in waiting:
        # Who stopped meanwhile has nothing to go on with.
        if task.citizen_id in still_open:
            tell_citizen(
                task.citizen,
                key=f"norms_back:{task.pk}",
                kind="norms_back",
                subject="U kunt verder",
                body=(
                    "We konden uw bedrag eerst niet uitrekenen.\n"
                    "Nu kan dat wel.\n"
                    "Alles wat u invulde, is bewaard.\n"
                    "Log in en ga verder."
                ),
            )
        audit.record(
            "task_done",
            object_type="task",
            object_id=task.pk,
            from_state="open",
            to_state="done",
            citizen_id=task.citizen_id,
            reason="de normen zijn er",
        )
    CaseTask.objects.filter(pk__in=[task.pk for task in waiting]).update(done_on=today)
    return len(waiting)


def rerun_for_new_norms(*, today: date) -> int:
    """On the first day a record counts: promise to put the running plans through the gate with it. Worker only, daily.

    Returns 1 when it was promised now. While the norms for `today` are missing nothing happens: plans go on.
    """
    try:
        record = record_for(today, norm_records())
    except NormsMissing:
        return 0
    return int(promise_rerun(record=record, on=today))
