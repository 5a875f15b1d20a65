from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef

from arrangements.domain.lifecycle import ClaimState
from arrangements.models import Answer, Arrangement, ArrangementLine, Claim
from arrangements.operations.change_plan import CHANGEABLE
from arrangements.operations.tell import tell_citizen


@transaction.atomic
def tell_late_claims(*, today: date) -> int:
    """A claim that is not in the running plan got its balance: the citizen hears, once, that they can go on. Worker only.

    Not for who was left out: that creditor was never waited for. Returns how many people were told.
    """
    running = Arrangement.objects.filter(citizen_id=OuterRef("citizen_id"), state__in=CHANGEABLE)
    left_out = Answer.objects.filter(
        citizen_id=OuterRef("citizen_id"), creditor_id=OuterRef("creditor_id"), left_out_on__isnull=False
    )
    found = (
        Claim.objects.filter(Exists(running.filter(signed_on__lte=OuterRef("reported_on"))), ~Exists(left_out))
        .exclude(pk__in=ArrangementLine.objects.values("claim_id"))
        .filter(state=ClaimState.CONFIRMED, confirmed_cents__gt=0, confirmed_on__lte=today)
        .select_related("citizen__director", "citizen__user", "creditor")
    )
    for claim in found.order_by("pk"):
        tell_citizen(
            claim.citizen,
            key=f"late_claim:{claim.pk}",
            kind="late_claim",
            subject="Het bedrag van uw schuld is bekend",
            body=(
                f"{claim.creditor.name} heeft het bedrag bevestigd.\n"
                "Deze schuld zit nog niet in uw regeling.\n"
                "Log in. U kiest zelf of u hem erbij wilt."
            ),
        )
    return len(found)
