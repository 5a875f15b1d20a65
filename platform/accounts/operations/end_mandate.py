from django.db import transaction

from accounts.models import CaseWorker, Citizen, Mandate, PaperCode, User
from infra import audit, clock


@transaction.atomic
def end_mandate(*, mandate: Mandate, user: User) -> None:
    """Stop a coach's access at once; no reason is asked. The case goes back to the desk: a case always has a director.

    Ending twice changes nothing.
    """
    row = Mandate.objects.select_for_update().get(pk=mandate.pk)
    if row.ended_at is not None:
        return
    row.ended_at = clock.now()
    row.ended_by_user = user
    row.save(update_fields=["ended_at", "ended_by_user"])
    # A code on paper logs in as the citizen: one this coach wrote is used up, or it would be a way back in.
    codes = PaperCode.objects.filter(citizen_id=row.citizen_id, given_by_id=row.coach_id, used_at=None)
    codes.update(used_at=row.ended_at)
    desk = CaseWorker.objects.filter(is_default_director=True, active=True).first()
    if desk is not None:
        Citizen.objects.filter(pk=row.citizen_id, director_id=row.coach_id).update(director=desk)
    audit.record("mandate_ended", object_type="mandate", object_id=row.pk, citizen_id=row.citizen_id)
