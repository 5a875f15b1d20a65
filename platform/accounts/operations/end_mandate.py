from django.db import transaction

from accounts.contact import default_director
from accounts.models import HandOver, Mandate, PaperCode, User
from accounts.operations.move_director import move_director
from infra import audit, clock


@transaction.atomic
def end_mandate(*, mandate: Mandate, user: User) -> None:
    """Stop a coach's access at once; no reason is asked. The case goes back to the desk: a case always has a director.

    Ending twice changes nothing.
    """
    row = Mandate.objects.select_for_update(of=("self",)).select_related("citizen").get(pk=mandate.pk)
    if row.ended_at is not None:
        return
    row.ended_at = clock.now()
    row.ended_by_user = user
    row.save(update_fields=["ended_at", "ended_by_user"])
    # A code on paper logs in as the citizen: one this coach wrote is used up, or it would be a way back in.
    codes = PaperCode.objects.filter(citizen_id=row.citizen_id, given_by_id=row.coach_id, used_at=None)
    codes.update(used_at=row.ended_at)
    desk = default_director()
    if desk is not None and row.citizen.director_id == row.coach_id:
        move_director(citizen=row.citizen, to=desk, reason=HandOver.Reason.MANDATE_ENDED, by=user)
    audit.record("mandate_ended", object_type="mandate", object_id=row.pk, citizen_id=row.citizen_id)
