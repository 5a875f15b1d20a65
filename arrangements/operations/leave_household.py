from django.db import connection, transaction

from accounts.models import Citizen
from arrangements.operations.lock_household import lock_household
from arrangements.operations.tell_partner import tell_partner
from infra import audit, clock


@transaction.atomic
def leave_household(*, citizen: Citizen) -> None:
    """Stop taking part together, at once; no reason is asked. It ends for both, and the other one gets a message.

    From this moment neither learns what the other promised, and nothing new can be shared. Plans that were sent or signed
    go on: each is one citizen's own. A claim that was shared stays visible to the co-debtor, because being liable does not
    end with living together; who shared it by mistake takes it back with `stop_sharing_claim`, also later. Both are asked
    again whether a partner takes part in what is still being filled in. Leaving twice changes nothing. Scope: the
    citizen's own.
    """
    if lock_household(citizen.pk) is None:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT household, member_id FROM leave_household(%s)", [clock.today()])
        members = cursor.fetchall()
    for household, member_id in members:
        audit.record("household_left", object_type="household", object_id=str(household), citizen_id=member_id)
        if member_id != citizen.pk:
            tell_partner("left", about=household, partner_id=member_id)
