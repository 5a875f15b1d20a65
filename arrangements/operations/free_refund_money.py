from django.db.models import Sum

from arrangements.models import Arrangement, ArrangementLine, Receipt, Refund
from infra import audit

_PROMISED = (Refund.State.ASKED, Refund.State.APPROVED)
_GONE = (Refund.State.SUBMITTED, Refund.State.PAID)


def free_refund_money(arrangement: Arrangement, *, wanted_cents: int) -> int:
    """How much of `wanted_cents` is still there of what was set aside for this citizen (account 2200), in cents.

    Refunds that nobody handed in yet are withdrawn when they would send away what is not there any more. What went back
    already is gone: the second outflow is the citizen's to repay (payments.md 5.7). Worker only; the arrangement is locked.
    """
    if not wanted_cents:
        return 0
    mine = Refund.objects.select_for_update(of=("self",)).filter(arrangement=arrangement)
    promised = list(mine.filter(state__in=_PROMISED).order_by("-pk"))
    gone = sum(refund.amount_cents for refund in mine.filter(state__in=_GONE))
    there = max(0, refund_due_cents(arrangement) - gone)
    taken = min(wanted_cents, there)
    for refund in promised:
        if sum(one.amount_cents for one in promised if one.state in _PROMISED) <= there - taken:
            break
        before, refund.state = refund.state, Refund.State.WITHDRAWN
        refund.save(update_fields=["state"])
        audit.record(
            "refund_withdrawn",
            object_type="refund",
            object_id=refund.pk,
            from_state=before,
            to_state=refund.state,
            citizen_id=arrangement.citizen_id,
            reason="de bank van de betaler nam het geld terug",
        )
    return taken


def refund_due_cents(arrangement: Arrangement) -> int:
    """All that was ever set aside for this citizen and not taken back by storno, in cents, refunded or not."""
    extra = Receipt.objects.filter(arrangement=arrangement).aggregate(sum=Sum("extra_cents"))["sum"] or 0
    returned = ArrangementLine.objects.filter(arrangement=arrangement).aggregate(sum=Sum("returned_cents"))["sum"] or 0
    return extra + returned
