from datetime import date

from arrangements.domain.lifecycle import ArrangementState, Thing
from arrangements.models import Arrangement
from arrangements.operations.moves import move
from infra import jobs


def fulfill_if_paid(arrangement: Arrangement, today: date) -> bool:
    """When nothing is left to pay the arrangement is fulfilled, and the kwijtschelding is promised to the system.

    `arrangement` is locked by the caller. Returns whether it was fulfilled now.
    """
    if arrangement.received_cents != arrangement.pot_cents or arrangement.fulfilled_on is not None:
        return False
    if arrangement.state in (ArrangementState.PAUSED, ArrangementState.SUSPENDED):
        # Paid to the last cent while standing still: there is nothing left to stand still for.
        move(Thing.ARRANGEMENT, arrangement, ArrangementState.ACTIVE, reason="alles is betaald", paused_until=None)
    move(
        Thing.ARRANGEMENT,
        arrangement,
        ArrangementState.FULFILLED,
        reason="alle termijnen zijn betaald",
        fulfilled_on=today,
    )
    jobs.enqueue(
        "grant_kwijtschelding",
        key=f"grant_kwijtschelding:{arrangement.pk}",
        arguments={"arrangement": arrangement.pk},
        citizen_id=arrangement.citizen_id,
    )
    return True
