from django.db import connection, transaction

from accounts import codes
from accounts.models import Citizen
from arrangements.models import HouseholdMember
from arrangements.operations.invite_partner import PURPOSE, AlreadyTogether
from arrangements.operations.tell_partner import tell_partner
from infra import audit, clock


class PartnerCodeUnknown(Exception):
    """The code does not exist, was used, is too old, is one's own, or its maker has a partner already: nothing to guess."""


@transaction.atomic
def join_household(*, citizen: Citizen, code: str) -> HouseholdMember:
    """Take part together with whoever made the code: one household with one capacity, each their own claims and plan.

    Joining opens nothing, so it needs no proof of identity: neither sees a row of the other. Only sharing a claim shows
    something, and that asks for an identity anchor of both (`share_claim`). What changes is the sum: what one promises
    is no longer free for the other. Therefore both are asked again whether the partner takes part. The maker of the code
    gets a message. Raises AlreadyTogether, PartnerCodeUnknown. Scope: the citizen's own.
    """
    if HouseholdMember.objects.filter(citizen=citizen, left_on=None).exists():
        raise AlreadyTogether
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT household, member_id FROM join_household(%s, %s)", [codes.code_hash(PURPOSE, code), clock.today()]
        )
        members = cursor.fetchall()
    if not members:
        raise PartnerCodeUnknown
    for household, member_id in members:
        audit.record("household_joined", object_type="household", object_id=str(household), citizen_id=member_id)
        if member_id != citizen.pk:
            tell_partner("joined", about=household, partner_id=member_id)
    return HouseholdMember.objects.get(citizen=citizen, left_on=None)
