from datetime import timedelta

from django.db import transaction

from accounts import codes
from accounts.models import Citizen
from arrangements.models import HouseholdInvitation
from arrangements.operations.lock_household import lock_household
from infra import audit, clock

CODE_LIVES = timedelta(hours=48)
PURPOSE = "household"


class AlreadyTogether(Exception):
    """This citizen takes part with a partner already; stop that first."""


@transaction.atomic
def invite_partner(*, citizen: Citizen) -> tuple[HouseholdInvitation, str]:
    """Make a code of 8 characters for the partner; it works once, for 48 hours. Returns the row and the readable code.

    An older code of the same citizen stops working: there is one to lose. Raises AlreadyTogether. Scope: the citizen's own.
    """
    if lock_household(citizen.pk) is not None:
        raise AlreadyTogether
    now = clock.now()
    HouseholdInvitation.objects.filter(citizen=citizen, used_at=None, expires_at__gt=now).update(expires_at=now)
    code = codes.new_code()
    invitation = HouseholdInvitation.objects.create(
        citizen=citizen, code_hash=codes.code_hash(PURPOSE, code), expires_at=now + CODE_LIVES
    )
    audit.record("partner_invited", object_type="household_invitation", object_id=invitation.pk, citizen_id=citizen.pk)
    return invitation, code
