from django.db import connection, models, transaction

from accounts.models import IdentityAnchor
from arrangements.models import Claim
from arrangements.operations.lock_household import lock_household
from arrangements.operations.submit_proposal import NotIdentified
from arrangements.operations.tell_partner import tell_partner
from arrangements.queries.household import partner_of
from infra import audit, clock


class Ground(models.TextChoices):
    """Why both have to pay, in the words of the citizen. What the law makes of it is not decided here."""

    SIGNED = "Wij hebben samen getekend"
    RENT = "Wij huren samen"
    BOTH_NAMES = "De rekening staat op ons allebei"
    OTHER = "Een andere reden"


class NotTogether(Exception):
    """There is no partner to share with."""


class PartnerNotIdentified(Exception):
    """Nobody has proved yet that the partner's login is that person: a claim is not shown to a stranger."""


class NotToBeShared(Exception):
    """The claim was withdrawn or went to somebody else: there is nothing to be liable for."""


@transaction.atomic
def share_claim(*, claim: Claim, ground: Ground) -> None:
    """The one whose claim it is names the partner as co-debtor. The partner sees this claim and no other.

    It stays one claim, of one citizen, in that citizen's plan: nothing is paid twice. Naming again changes the ground.
    Raises NotTogether, NotIdentified and PartnerNotIdentified (architecture.md, "Who may see which debts": a login by
    e-mail alone shows nothing), NotToBeShared, and Claim.DoesNotExist for a claim that is not one's own. Scope: the
    citizen's own.
    """
    household = lock_household(claim.citizen_id)
    row = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    partner = partner_of(row.citizen_id)
    if household is None or partner is None:
        raise NotTogether
    if not IdentityAnchor.objects.filter(citizen_id=row.citizen_id).exists():
        raise NotIdentified
    if not partner.identified:
        raise PartnerNotIdentified
    with connection.cursor() as cursor:
        # The door looks at all of this itself; what is asked above is asked for a clear answer.
        cursor.execute(
            "SELECT sharing_id, partner_id FROM share_claim(%s, %s, %s)", [row.pk, Ground(ground).value, clock.today()]
        )
        named = cursor.fetchone()
    if named is None:
        raise NotToBeShared
    audit.record(
        "claim_shared", object_type="claim", object_id=row.pk, citizen_id=row.citizen_id, creditor_id=row.creditor_id
    )
    tell_partner("shared", about=named[0], partner_id=named[1])
