"""What the rules ask about one claim. Scope: the citizen's or the creditor's whose claim it is, or the worker's."""

from typing import Final

from django.db import connection

from arrangements.domain.charges import CostsCheck, check_costs
from arrangements.domain.lifecycle import ProposalState
from arrangements.domain.plan_change import Line, correct_claim
from arrangements.models import ArrangementLine, Claim, Proposal, ProposalLine
from arrangements.operations.change_plan import CHANGEABLE
from arrangements.operations.change_plan import line_of as plan_line
from creditors.models import UploadedClaim
from infra import clock

#: What is owed in terms: there the costs have a ceiling of their own (domain.md 7.1).
RECURRING: Final = frozenset(
    {Claim.Kind.RENT, Claim.Kind.CARE_PREMIUM, Claim.Kind.ENERGY, Claim.Kind.WATER, Claim.Kind.TELECOM}
)


def line_of(claim: Claim) -> ArrangementLine | None:
    """The claim's line in an arrangement, of whatever state; None when it was never signed for."""
    return ArrangementLine.objects.select_related("arrangement").filter(claim=claim).first()


def running_line(claim: Claim) -> ArrangementLine | None:
    """The claim's line when it takes part in a plan that runs now."""
    line = line_of(claim)
    takes_part = line is not None and line.closed_on is None and line.arrangement.state in CHANGEABLE
    return line if takes_part else None


def live_proposal(claim: Claim) -> Proposal | None:
    """The proposal with this claim that creditors are looking at, or said yes to and is not signed yet."""
    lines = ProposalLine.objects.filter(claim=claim).values("proposal_id")
    waiting = Proposal.objects.filter(pk__in=lines, state__in=(ProposalState.SUBMITTED, ProposalState.AGREED))
    return waiting.order_by("-version").first() if line_of(claim) is None else None


def costs_check(claim: Claim | UploadedClaim) -> CostsCheck | None:
    """The costs of a claim beside what the table allows (Besluit BIK); None when principal or costs are not known."""
    if claim.principal_cents is None or claim.costs_cents is None:
        return None
    return check_costs(
        claim.principal_cents,
        claim.costs_cents,
        recurring=claim.kind in RECURRING,
        origin=claim.origin_date,
        on=clock.today(),
    )


def foreseen_share(line: ArrangementLine, after_cents: int) -> int:
    """About what this claim would get over the whole plan if `after_cents` was open at its start, in cents. A preview.

    The others are known by their totals only, so the outcome can be some cents away from what it becomes. Scope: the
    creditor's own. Raises PlanImpossible as the correction itself.
    """
    own = ArrangementLine.objects.filter(arrangement_id=line.arrangement_id, creditor_id=line.creditor_id)
    lines = [plan_line(row) for row in own.order_by("position")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM plan_totals(%s)", [line.arrangement_id])
        for is_preferent, outstanding, share, settled in cursor.fetchall():
            lines.append(
                Line(
                    key=f"others-{is_preferent}",
                    outstanding=outstanding,
                    share=share,
                    waived=outstanding - share,
                    remains=0,
                    settled=settled,
                    preferent=is_preferent,
                )
            )
    after = correct_claim(lines, str(line.claim_id), after_cents)
    return next(one.share for one in after if one.key == str(line.claim_id))
