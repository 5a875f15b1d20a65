"""What was promised to people and is not done yet is promised again: no failed job may be the end of it."""

from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef

from arrangements.domain.lifecycle import AnswerState, ArrangementState, ProposalState
from arrangements.models import Answer, Arrangement, Proposal
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
    to_settle = Proposal.objects.filter(
        Exists(answers.filter(state=AnswerState.BALANCE_DIFFERS)) | all_said_yes, state=ProposalState.SUBMITTED
    )
    for proposal_id, citizen_id in to_settle.values_list("pk", "citizen_id"):
        jobs.enqueue(
            "settle_proposal",
            key=f"settle_proposal:{proposal_id}:{today.isoformat()}",
            arguments={"proposal": proposal_id},
            citizen_id=citizen_id,
        )
        count += 1
    return count
