from django.db.models import Sum

from arrangements.models import Arrangement, ArrangementLine, Receipt, Refund
from arrangements.operations.ask_refund import may_be_gone
from arrangements.operations.move_refund import move_refund

_HERE = (Refund.State.ASKED, Refund.State.APPROVED)
_AWAY = (Refund.State.SUBMITTED, Refund.State.PAID)


def free_refund_money(arrangement: Arrangement, *, wanted_cents: int) -> int:
    """How much of `wanted_cents` is still there of what was set aside for this citizen (account 2200), in cents.

    Refunds that nobody handed in yet are withdrawn when they would send away what is not there any more. What is on its way
    or went back is gone: the second outflow is the citizen's to repay (payments.md 5.7). Worker only; the arrangement is
    locked.
    """
    if not wanted_cents:
        return 0
    mine = list(
        Refund.objects.select_for_update(of=("self",))
        .filter(arrangement=arrangement, state__in=[*_HERE, *_AWAY])
        .order_by("-pk")
    )
    here = [one for one in mine if not _handed_in(one)]
    gone = sum(one.amount_cents for one in mine if _handed_in(one))
    there = max(0, refund_due_cents(arrangement) - gone)
    taken = min(wanted_cents, there)
    promised = sum(one.amount_cents for one in here)
    for refund in here:
        if promised <= there - taken:
            break
        promised -= refund.amount_cents
        move_refund(refund, Refund.State.WITHDRAWN, reason="de bank van de betaler nam het geld terug")
    return taken


def _handed_in(refund: Refund) -> bool:
    """Whether a bank or a provider may have it already."""
    return refund.state in _AWAY or may_be_gone(refund)


def refund_due_cents(arrangement: Arrangement) -> int:
    """All that was ever set aside for this citizen and not taken back by storno, in cents, refunded or not."""
    extra = Receipt.objects.filter(arrangement=arrangement).aggregate(sum=Sum("extra_cents"))["sum"] or 0
    returned = ArrangementLine.objects.filter(arrangement=arrangement).aggregate(sum=Sum("returned_cents"))["sum"] or 0
    return extra + returned
