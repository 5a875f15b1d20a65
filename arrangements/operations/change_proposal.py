"""A claim in a proposal that is out changes hands or falls away: everybody gets a new version, and keeps their yes."""

from collections.abc import Mapping, Sequence

from arrangements.domain.lifecycle import ProposalState
from arrangements.models import Claim, Proposal, ProposalLine
from arrangements.operations.make_proposal import plan_for
from arrangements.operations.replace_version import replace_version
from arrangements.operations.settle_proposal import nothing_left


def renew_proposal(*, claim: Claim, becomes: Sequence[Claim], reason: str) -> Proposal | None:
    """Put `becomes` in the place of `claim` in the proposal that is being made, sent or agreed.

    In the same place, so that no odd cent moves. A draft is thrown away: it is made again when its page is opened. None
    when there is no proposal, or it was signed meanwhile. Worker only; part of the caller's transaction.
    """
    lines = ProposalLine.objects.filter(claim=claim).values("proposal_id")
    live = (ProposalState.DRAFT, ProposalState.SUBMITTED, ProposalState.AGREED)
    old = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("citizen__director", "citizen__user", "application", "assessment")
        .filter(pk__in=lines, state__in=live, arrangement=None)
        .order_by("-version")
        .first()
    )
    if old is None:
        return None
    if old.state == ProposalState.DRAFT:
        ProposalLine.objects.filter(proposal=old).delete()
        old.delete()
        return None
    claims = _claims(old, {claim.pk: becomes})
    if not claims:
        return nothing_left(old)
    plan = plan_for(monthly_cents=old.monthly_cents, months=old.months, claims=claims)
    return replace_version(old=old, claims=claims, plan=plan, reason=reason)


def _claims(proposal: Proposal, becomes: Mapping[int, Sequence[Claim]]) -> list[Claim]:
    rows = ProposalLine.objects.filter(proposal=proposal).select_related("claim__creditor").order_by("position")
    found: list[Claim] = []
    for row in rows:
        found += becomes.get(row.claim_id, [row.claim])
    return [claim for claim in found if claim.known_cents]
