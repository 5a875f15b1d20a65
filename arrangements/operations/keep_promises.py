"""What was promised to people and is not done yet is promised again: no failed job may be the end of it."""

from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef

from arrangements.domain.lifecycle import AnswerState, ArrangementState, ProposalState
from arrangements.models import Answer, Arrangement, Proposal
from arrangements.operations.go_on_without import promise_without
from arrangements.operations.join_later import promise_join
from infra import jobs


@transaction.atomic
def keep_promises(*, today: date) -> int:
    """Once a day: signed is activated, fulfilled is waived, answers are settled. Worker only; returns how many waited.

    The jobs themselves do nothing when their work was done meanwhile.
    """
    count = 0
    unfinished = {ArrangementState.SIGNED: "activate_arrangement", ArrangementState.FULFILLED: "grant_kwijtschelding"}
    for pk, state, citizen_id in Arrangement.objects.filter(state__in=list(unfinished)).values_list(
        "pk", "state", "citizen_id"
    ):
        kind = unfinished[ArrangementState(state)]
        jobs.enqueue(kind, key=f"{kind}:{pk}:{today.isoformat()}", arguments={"arrangement": pk}, citizen_id=citizen_id)
        count += 1
    answers = Answer.objects.filter(proposal=OuterRef("pk"))
    all_said_yes = Exists(answers) & ~Exists(answers.exclude(state=AnswerState.ACCEPTED))
    all_said_no = Exists(answers) & ~Exists(answers.filter(share_cents__gt=0).exclude(state=AnswerState.REFUSED))
    to_settle = Proposal.objects.filter(
        Exists(answers.filter(state=AnswerState.BALANCE_DIFFERS)) | all_said_yes | all_said_no,
        state=ProposalState.SUBMITTED,
    )
    for proposal_id, citizen_id in to_settle.values_list("pk", "citizen_id"):
        jobs.enqueue(
            "settle_proposal",
            key=f"settle_proposal:{proposal_id}:{today.isoformat()}",
            arguments={"proposal": proposal_id},
            citizen_id=citizen_id,
        )
        count += 1
    return count + _keep_choices(today)


def _keep_choices(today: date) -> int:
    """What a citizen or a creditor chose after a refusal, and the worker did not get done."""
    count = 0
    chosen = Answer.objects.filter(
        state__in=[AnswerState.REFUSED, AnswerState.UNANSWERED],
        left_out_on=None,
        without_chosen_on__lt=today,
        proposal__state=ProposalState.SUBMITTED,
    )
    for answer in chosen:
        promise_without(answer, again=today.isoformat())
        count += 1
    for answer in Answer.objects.filter(join_asked_on__lt=today, join_handled_on=None):
        promise_join(answer, again=today.isoformat())
        count += 1
    return count
