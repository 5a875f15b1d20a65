from django.db import transaction

from accounts.models import CaseWorker, Citizen, HandOver, User
from accounts.operations.tell_citizen import tell_citizen
from infra import audit, clock

# What the new director reads when nobody wrote a note: why the case came.
SYSTEM_NOTES = {
    HandOver.Reason.MANDATE_GIVEN: "De burger gaf een machtiging. Daardoor bent u nu contactpersoon.",
    HandOver.Reason.MANDATE_ENDED: "De burger stopte de machtiging van de vorige contactpersoon.",
    HandOver.Reason.MANDATE_OVER: "De machtiging van de vorige contactpersoon is verlopen.",
    HandOver.Reason.LEFT: "De vorige contactpersoon werkt hier niet meer.",
}


@transaction.atomic
def move_director(
    *,
    citizen: Citizen,
    to: CaseWorker,
    reason: HandOver.Reason,
    by: User | None = None,
    note: str = "",
    tell: bool = True,
) -> HandOver | None:
    """Give a case another director, with a hand-over on file, and tell the citizen who it is now. None when it is `to` already.

    `by`: who did it, None for the system. Without a `note` the reason is the note. `tell=False` when the caller's own
    message names the new person: nobody hears it twice. Tasks follow by `hand_over_case` or at night. Scope: the
    citizen's, or the worker's.
    """
    row = Citizen.objects.select_for_update(of=("self",)).select_related("director", "user").get(pk=citizen.pk)
    if row.director_id == to.pk:
        return None
    before, row.director = row.director, to
    row.save(update_fields=["director"])
    made = HandOver(
        citizen=row,
        from_worker=before,
        to_worker=to,
        reason=reason,
        note=note or SYSTEM_NOTES[reason],
        made_by_user=by,
        handed_on=clock.today(),
    )
    made.save(force_insert=True)
    audit.record(
        "case_handed_over",
        object_type="citizen",
        object_id=row.pk,
        citizen_id=row.pk,
        from_state=f"case_worker:{before.pk}",
        to_state=f"case_worker:{to.pk}",
        reason=reason,
    )
    if tell:
        tell_citizen(
            row,
            key=f"director:{made.pk}",
            kind="director_changed",
            subject="U heeft een andere contactpersoon",
            body=f"Uw contactpersoon is nu {to.name} van {to.organisation}.\nHet telefoonnummer is {to.phone}.",
        )
    return made
