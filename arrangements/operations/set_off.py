"""What a creditor owes us because of a storno comes off what it would get now (payments.md 5.4, "set-off")."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F, Sum

from arrangements.domain import postings
from arrangements.domain.postings import Account, Part
from arrangements.models import ArrangementLine, LedgerPosting, Storno
from arrangements.operations.post_entries import post_entries


def set_off_balances(creditor_ids: Sequence[int]) -> dict[int, int]:
    """Per creditor what it owes us by stornos and is not set off yet, in cents (account 1310); only those above zero."""
    # Looked for first: almost always there is none, and the postings of all months need not be read.
    if not creditor_ids or not Storno.objects.filter(way=Storno.Way.SET_OFF).exists():
        return {}
    rows = (
        LedgerPosting.objects.filter(
            account=Account.SET_OFF_CLAIM_ON_CREDITOR.value, creditor_id__in=list(creditor_ids)
        )
        .order_by()
        .values("creditor_id")
        .annotate(owes=Sum(F("debit_cents") - F("credit_cents")))
    )
    return {row["creditor_id"] or 0: row["owes"] for row in rows if row["owes"] > 0}


@transaction.atomic
def set_off_for(creditor_id: int, lines: Sequence[ArrangementLine], *, key: str) -> dict[int, int]:
    """Set off what this creditor owes us against what these lines would pay it now. Worker only, in the caller's transaction.

    `lines`: payable lines of this one creditor, locked by the caller, in the order in which they are paid. `key`: of the
    payout, once per creditor and run (payments.md 5.5); the entries are named by it.

    Returns cents set off by claim, only where there are any. For those `remitted_cents` of the line is raised and saved, and
    `set_off` (2100 to 1310) is posted, so that what is left to transfer is paid_cents − remitted_cents. ValueError for a line
    of another creditor.
    """
    left = set_off_balances([creditor_id]).get(creditor_id, 0)
    found: dict[int, int] = {}
    by_arrangement: dict[int, list[Part]] = defaultdict(list)
    for line in lines:
        if line.creditor_id != creditor_id:
            raise ValueError(f"line {line.pk} is of another creditor")
        amount = min(left, line.paid_cents - line.remitted_cents)
        if amount > 0:
            left -= amount
            found[line.claim_id] = amount
            line.remitted_cents += amount
            by_arrangement[line.arrangement_id].append(Part(line.claim_id, creditor_id, amount))
    if found:
        ArrangementLine.objects.bulk_update([line for line in lines if line.claim_id in found], ["remitted_cents"])
        post_entries(
            postings.set_off(f"{key}:set_off:{arrangement}", arrangement=arrangement, parts=each)
            for arrangement, each in sorted(by_arrangement.items())
        )
    return found
