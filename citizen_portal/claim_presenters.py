"""The claims of a client as the coach sees them: who collects, what is disputed, and costs above the table."""

from dataclasses import dataclass

from arrangements.domain.charges import CostsCheck
from arrangements.domain.lifecycle import ClaimState, Thing, state_label
from arrangements.models import Claim, ClaimDispute
from arrangements.queries.claims import costs_check


@dataclass(frozen=True, slots=True)
class ClaimShown:
    """One claim. `over`: the costs, when more is asked than law allows; the coach decides whether to say so."""

    claim: Claim
    state: str
    dispute: ClaimDispute | None
    over: CostsCheck | None


def for_coach(citizen_id: int) -> list[ClaimShown]:
    """All claims that were not handed over or withdrawn. Scope: the coach's who works for this citizen."""
    gone = (ClaimState.TRANSFERRED, ClaimState.WITHDRAWN)
    rows = Claim.objects.filter(citizen_id=citizen_id).exclude(state__in=gone).select_related("creditor")
    disputes = {row.claim_id: row for row in ClaimDispute.objects.filter(citizen_id=citizen_id, closed_on=None)}
    return [_shown(claim, disputes.get(claim.pk)) for claim in rows.order_by("creditor__name", "pk")]


def _shown(claim: Claim, dispute: ClaimDispute | None) -> ClaimShown:
    found = costs_check(claim)
    return ClaimShown(
        claim, state_label(Thing.CLAIM, claim.state), dispute, found if found is not None and found.over else None
    )
