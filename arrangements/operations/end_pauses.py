from datetime import date

from django.db import transaction

from arrangements.domain.lifecycle import ArrangementState, Thing
from arrangements.models import Arrangement
from arrangements.operations.moves import move


@transaction.atomic
def end_pauses(*, today: date) -> int:
    """Pauses whose last day has passed: the plan goes on. Worker only, daily; returns how many ended."""
    over = Arrangement.objects.select_for_update(of=("self",)).filter(
        state=ArrangementState.PAUSED, paused_until__lt=today
    )
    count = 0
    for row in over.order_by("pk"):
        move(Thing.ARRANGEMENT, row, ArrangementState.ACTIVE, reason="de pauze is voorbij", paused_until=None)
        count += 1
    return count
