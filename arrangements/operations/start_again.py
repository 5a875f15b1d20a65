from django.db import transaction

from accounts.models import Citizen
from arrangements.models import Application
from arrangements.operations.application import CARRIED_OVER, start_application

#: Beside the household and its money: the citizen proposes again, so what was chosen then stands there to be looked at.
_CHOSEN = ("declared_cents", "months", "story_cause", "story", "story_readers")


@transaction.atomic
def start_again(*, citizen: Citizen) -> Application:
    """A new application after a proposal that ended without an arrangement, filled in with the answers of then.

    Who entered a figure stays with it; permission to ask for balances is asked anew. Nothing is sent. An application that
    is open already is given back as it is. Raises AlreadySent as `start_application`.
    """
    # The same lock as a second window takes: one of them makes it, the other finds it.
    Citizen.objects.select_for_update(of=("self",)).get(pk=citizen.pk)
    already = Application.objects.filter(citizen=citizen, closed_at=None).exists()
    made = start_application(citizen=citizen)
    before = (
        Application.objects.filter(citizen=citizen, purpose=Application.Purpose.FIRST, closed_at__isnull=False)
        .exclude(proposals=None)
        .order_by("-pk")
        .first()
    )
    if already or before is None:
        return made
    names = (*sorted(CARRIED_OVER), *_CHOSEN)
    for name in names:
        setattr(made, name, getattr(before, name))
    made.entered_by = {name: who for name, who in before.entered_by.items() if name.partition(".")[0] in names}
    made.save(update_fields=[*names, "entered_by", "updated_at"])
    return made
