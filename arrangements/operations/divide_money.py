"""Dividing money of an arrangement over its claims: the one place where `distribute` meets the rows and the books."""

from collections.abc import Sequence

from arrangements.domain import postings
from arrangements.domain.lifecycle import ClaimState
from arrangements.domain.postings import Entry, Part
from arrangements.domain.split import distribute
from arrangements.models import Arrangement, ArrangementLine


def divide(arrangement: Arrangement, amount: int, *, key: str) -> Sequence[Entry]:
    """Give every claim its part of `amount` more cents; returns the entries, to be posted by the caller under `key`.

    Counted from where the present version of the plan began: what was divided before stays with whom it went to. The part
    of a disputed claim is set aside. The rows of the lines are written here; `received_cents` is the caller's, because it
    stands for the receipt. Worker only; the arrangement is locked.
    """
    lines = list(
        ArrangementLine.objects.select_for_update(of=("self",))
        .filter(arrangement=arrangement)
        .select_related("claim")
        .order_by("position")
    )
    before = [line.settled_cents - line.base_settled_cents for line in lines]
    shares = [line.share_cents - line.base_settled_cents for line in lines]
    after = distribute(sum(before) + amount, shares, before)
    parts, parked = [], []
    for line, now, then in zip(lines, after, before, strict=True):
        step = Part(line.claim_id, line.creditor_id, now - then)
        if not step.amount:
            continue
        if line.claim.state == ClaimState.DISPUTED:
            line.parked_cents += step.amount
            parked.append(step)
        else:
            line.paid_cents += step.amount
            parts.append(step)
    ArrangementLine.objects.bulk_update(lines, ["paid_cents", "parked_cents"])
    return postings.distribution(key, arrangement=arrangement.pk, parts=parts, parked=parked)
