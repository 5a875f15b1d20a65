from django.db import transaction

from accounts.models import CaseWorker, Citizen, HandOver, Mandate, User
from accounts.operations.move_director import move_director
from arrangements.operations.tasks_for_director import bring_tasks
from infra import clock


class CannotTakeOver(Exception):
    """Not active, the director already, or a coach without a living mandate of this citizen."""


def possible_directors(citizen: Citizen) -> list[CaseWorker]:
    """Who can take this case over: the desk, and the coaches this citizen gave a mandate that holds today; not who has it.

    Scope: the citizen's (also of a coach who acts), or the worker's.
    """
    today = clock.today()
    mandates = Mandate.objects.filter(
        citizen_id=citizen.pk, ended_at=None, valid_from__lte=today, valid_until__gte=today
    ).values_list("coach_id", flat=True)
    desk = CaseWorker.objects.filter(kind=CaseWorker.Kind.DESK)
    workers = (desk | CaseWorker.objects.filter(pk__in=list(mandates))).filter(active=True)
    return list(workers.exclude(pk=citizen.director_id).order_by("kind", "name"))


@transaction.atomic
def hand_over_case(*, citizen: Citizen, to: CaseWorker, note: str, by: User) -> HandOver:
    """Give a case to another director, with its open tasks and a note for the new one only; the citizen hears who it is.

    Nobody works on a case without the citizen's mandate because of it: a coach needs one already. Raises CannotTakeOver,
    ValueError for an empty note. Scope: that of a coach, or of the desk, acting for this citizen.
    """
    if not note.strip():
        raise ValueError("a hand-over has a note for the new director")
    row = Citizen.objects.select_for_update(of=("self",)).get(pk=citizen.pk)
    if to.pk not in {worker.pk for worker in possible_directors(row)}:
        raise CannotTakeOver
    made = move_director(citizen=row, to=to, reason=HandOver.Reason.BY_HAND, by=by, note=note.strip())
    if made is None:
        raise CannotTakeOver
    bring_tasks(citizen=row, to=to)
    return made
