"""What was promised to people and is not done yet is promised again: no failed job may be the end of it."""

from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef

from arrangements.domain.lifecycle import AnswerState, ArrangementState, ClaimState, ProposalState
from arrangements.models import Answer, Arrangement, ArrangementLine, Beslag, ClaimCorrection, Proposal
from arrangements.operations.change_plan import CHANGEABLE
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
        _promise(unfinished[ArrangementState(state)], "arrangement", pk, citizen_id, today)
        count += 1
    count += _beslagen(today)
    count += _claims(today)
    answers = Answer.objects.filter(proposal=OuterRef("pk"))
    all_said_yes = Exists(answers) & ~Exists(answers.exclude(state=AnswerState.ACCEPTED))
    all_said_no = Exists(answers) & ~Exists(answers.filter(share_cents__gt=0).exclude(state=AnswerState.REFUSED))
    to_settle = Proposal.objects.filter(
        Exists(answers.filter(state=AnswerState.BALANCE_DIFFERS)) | all_said_yes | all_said_no,
        state=ProposalState.SUBMITTED,
    )
    for proposal_id, citizen_id in to_settle.values_list("pk", "citizen_id"):
        _promise("settle_proposal", "proposal", proposal_id, citizen_id, today)
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


def _beslagen(today: date) -> int:
    """A beslag that was reported stops the plan; a plan with none left goes on."""
    not_stopped = Beslag.objects.filter(
        lifted_on=None, suspended_on=None, arrangement__state__in=[ArrangementState.ACTIVE, ArrangementState.PAUSED]
    )
    for pk, citizen_id in not_stopped.values_list("pk", "citizen_id"):
        _promise("follow_beslag", "beslag", pk, citizen_id, today)
    living = Exists(Beslag.objects.filter(arrangement=OuterRef("pk"), lifted_on=None))
    to_resume = Arrangement.objects.filter(~living, state=ArrangementState.SUSPENDED)
    for pk, citizen_id in to_resume.values_list("pk", "citizen_id"):
        _promise("resume_after_beslag", "arrangement", pk, citizen_id, today)
    return len(not_stopped) + len(to_resume)


def _claims(today: date) -> int:
    """What a creditor or citizen decided about a claim in a running plan, and the plan does not show yet."""
    lines = ArrangementLine.objects.filter(arrangement__state__in=CHANGEABLE, closed_on=None)
    withdrawn = lines.filter(claim__state=ClaimState.WITHDRAWN)
    released = lines.filter(claim__state=ClaimState.CONFIRMED, parked_cents__gt=0)
    corrections = ClaimCorrection.objects.filter(applied_on=None, refused_on=None)
    waiting = [
        *(("settle_withdrawal", "claim", *row) for row in withdrawn.values_list("claim_id", "citizen_id")),
        *(("release_claim", "claim", *row) for row in released.values_list("claim_id", "citizen_id")),
        *(("apply_correction", "correction", *row) for row in corrections.values_list("pk", "citizen_id")),
    ]
    for kind, name, pk, citizen_id in waiting:
        _promise(kind, name, pk, citizen_id, today)
    return len(waiting)


def _promise(kind: str, name: str, pk: int, citizen_id: int, today: date) -> None:
    """The same job once more, once a day."""
    jobs.enqueue(kind, key=f"{kind}:{pk}:{today.isoformat()}", arguments={name: pk}, citizen_id=citizen_id)
