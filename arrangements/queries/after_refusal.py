"""What somebody has to know before choosing what to do about an organisation that says no or nothing."""

from dataclasses import dataclass

from arrangements.domain.lifecycle import AnswerState, ProposalState
from arrangements.domain.proposal import basis_points, continue_without
from arrangements.models import Answer, ProposalLine
from arrangements.operations.make_proposal import plan_of

NOT_YES = (AnswerState.REFUSED, AnswerState.UNANSWERED)


@dataclass(frozen=True, slots=True)
class AfterRefusal:
    """Amounts in cents per month. `part_basis_points`: what this organisation asks, of everything that is asked.

    `monthly_without`: None when nobody would be left to pay. `chosen`: the citizen goes on without, and the worker is at it.
    """

    answer: Answer
    part_basis_points: int
    yes: int
    asked: int
    monthly: int
    monthly_without: int | None
    chosen: bool


def after_refusal(answer: Answer) -> AfterRefusal | None:
    """The figures of that choice; None when there is nothing to choose about this answer. Scope: the citizen's."""
    proposal = answer.proposal
    if proposal.state != ProposalState.SUBMITTED or answer.state not in NOT_YES or answer.left_out_on is not None:
        return None
    states = Answer.objects.filter(proposal=proposal, left_out_on=None).values_list("state", flat=True)
    plan = plan_of(proposal)
    own = ProposalLine.objects.filter(proposal=proposal, creditor_id=answer.creditor_id)
    leaving = {str(pk) for pk in own.values_list("claim_id", flat=True)}
    stays = any(line.share for line in plan.lines if line.key not in leaving)
    return AfterRefusal(
        answer=answer,
        part_basis_points=basis_points(answer.outstanding_cents, proposal.total_cents),
        yes=sum(state == AnswerState.ACCEPTED for state in states),
        asked=len(states),
        monthly=proposal.monthly_cents,
        monthly_without=continue_without(plan, leaving).monthly if stays else None,
        chosen=answer.without_chosen_on is not None,
    )
