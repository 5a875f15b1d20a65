from django.db import connection, transaction

from arrangements.models import Claim
from arrangements.operations.tell_partner import tell_partner
from infra import audit


@transaction.atomic
def stop_sharing_claim(*, claim: Claim) -> None:
    """The one whose claim it is takes the sharing back: a mistake must be mendable, also after the household ended.

    From this moment the other one does not see the claim. Who is liable does not change by it. Stopping twice changes
    nothing. Raises Claim.DoesNotExist for a claim that is not one's own. Scope: the citizen's own.
    """
    row = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sharing_id, partner_id FROM stop_sharing_claim(%s)", [row.pk])
        ended = cursor.fetchall()
    for sharing_id, partner_id in ended:
        audit.record(
            "claim_not_shared",
            object_type="claim",
            object_id=row.pk,
            citizen_id=row.citizen_id,
            creditor_id=row.creditor_id,
        )
        tell_partner("not_shared", about=sharing_id, partner_id=partner_id)
