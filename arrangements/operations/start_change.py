from django.db import IntegrityError, transaction

from accounts.models import Citizen
from arrangements.models import Application, Arrangement
from arrangements.operations.application import CARRIED_OVER, set_aside
from arrangements.queries.changes import latest_figures, open_change, plan_under_way
from infra import audit


class NoPlan(Exception):
    """There is no arrangement that is signed and not over: a change has nothing to be a change of."""


@transaction.atomic
def start_change(*, citizen: Citizen, purpose: Application.Purpose = Application.Purpose.CHANGE) -> Application:
    """An open change (or yearly review) of the running arrangement, filled in with everything we knew last.

    The amount is the one that is paid now; who entered a figure stays with it. Nothing is sent to anybody. Starting again
    gives the open one; it becomes a review when a review is asked for, and the other way round: the last intention counts.
    Raises NoPlan; ValueError for the purpose of a first application.

    A first application that was left open is set aside: closed with its answers, and its draft proposal removed. Somebody
    whose plan runs cannot sign another one, and an old form must not keep them from saying that life has changed.
    """
    if purpose == Application.Purpose.FIRST:
        raise ValueError("a change is no first application")
    arrangement = plan_under_way(citizen.pk)
    if arrangement is None:
        raise NoPlan
    found = open_change(arrangement)
    if found is not None:
        return _meant_as(found, purpose)
    for left in Application.objects.select_for_update(of=("self",)).filter(citizen=citizen, closed_at=None):
        set_aside(left)
    try:
        with transaction.atomic():
            made = _prefilled(arrangement, purpose)
    except IntegrityError:  # the other window was first
        found = open_change(arrangement)
        if found is None:
            raise
        return _meant_as(found, purpose)
    audit.record(
        "change_started",
        object_type="application",
        object_id=made.pk,
        to_state=made.purpose,
        citizen_id=made.citizen_id,
        details={"arrangement": arrangement.pk},
    )
    return made


def _prefilled(arrangement: Arrangement, purpose: Application.Purpose) -> Application:
    known = latest_figures(arrangement)
    return Application.objects.create(
        citizen_id=arrangement.citizen_id,
        purpose=purpose,
        arrangement=arrangement,
        declared_cents=arrangement.monthly_cents,
        entered_by={name: who for name, who in known.entered_by.items() if name.partition(".")[0] in CARRIED_OVER},
        **{name: getattr(known, name) for name in CARRIED_OVER},
    )


def _meant_as(change: Application, purpose: Application.Purpose) -> Application:
    if change.purpose != purpose:
        row = Application.objects.select_for_update(of=("self",)).get(pk=change.pk)
        before, row.purpose = row.purpose, purpose
        row.save(update_fields=["purpose", "updated_at"])
        audit.record(
            "change_renamed",
            object_type="application",
            object_id=row.pk,
            from_state=before,
            to_state=purpose,
            citizen_id=row.citizen_id,
        )
        return row
    return change
