"""What a creditor owes us because of a storno comes off what it would get now (payments.md 5.4, "set-off")."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Sum

from arrangements.domain import postings
from arrangements.domain.postings import Part
from arrangements.models import ArrangementLine, StornoPart
from arrangements.operations.post_entries import post_entries


def set_off_balances(creditor_ids: Sequence[int]) -> dict[int, int]:
    """Per creditor what it owes us by stornos and is not set off yet, in cents (account 1310); only those above zero."""
    open_parts = StornoPart.objects.filter(creditor_id__in=list(creditor_ids), open_cents__gt=0)
    sums = open_parts.order_by().values("creditor_id").annotate(owes=Sum("open_cents"))
    return {row["creditor_id"]: row["owes"] for row in sums}


@transaction.atomic
def set_off_for(creditor_id: int, lines: Sequence[ArrangementLine], *, key: str) -> dict[int, int]:
    """Set off what this creditor owes us against what these lines would pay it now. Worker only, in the caller's transaction.

    `lines`: payable lines of this one creditor, locked by the caller (`select_for_update`), in the order in which they are
    paid. `key`: of the payout, once per creditor and run (payments.md 5.5); the entries are named by it.

    Returns cents set off by claim, only where there are any. For those `remitted_cents` of the line is raised and saved, and
    `set_off` (2100 to 1310) is posted, so that what is left to transfer is paid_cents − remitted_cents. A claim's own storno
    comes first, then the oldest. ValueError for a line of another creditor.
    """
    parts = list(
        StornoPart.objects.select_for_update(of=("self",))
        .filter(creditor_id=creditor_id, open_cents__gt=0)
        .order_by("pk")
    )
    found: dict[int, int] = {}
    by_arrangement: dict[int, list[Part]] = defaultdict(list)
    for line in lines:
        if line.creditor_id != creditor_id:
            raise ValueError(f"line {line.pk} is of another creditor")
        amount = _take(parts, line.claim_id, line.paid_cents - line.remitted_cents)
        if amount:
            found[line.claim_id] = amount
            line.remitted_cents += amount
            by_arrangement[line.arrangement_id].append(Part(line.claim_id, creditor_id, amount))
    if found:
        StornoPart.objects.bulk_update(parts, ["open_cents"])
        ArrangementLine.objects.bulk_update([line for line in lines if line.claim_id in found], ["remitted_cents"])
        post_entries(
            postings.set_off(f"{key}:set_off:{arrangement}", arrangement=arrangement, parts=each)
            for arrangement, each in sorted(by_arrangement.items())
        )
    return found


def _take(parts: Sequence[StornoPart], claim_id: int, payable: int) -> int:
    taken = 0
    for part in sorted(parts, key=lambda one: one.claim_id != claim_id):
        step = min(payable - taken, part.open_cents)
        part.open_cents -= step
        taken += step
    return taken
