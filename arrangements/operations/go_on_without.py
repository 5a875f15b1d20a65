from django.db import transaction

from arrangements.domain.lifecycle import AnswerState, ProposalState
from arrangements.models import Answer
from infra import audit, clock, jobs


class NotPossible(Exception):
    """This organisation has not refused and its time to answer is not over."""


@transaction.atomic
def go_on_without(*, answer: Answer) -> None:
    """The citizen chooses to go on without a creditor that refused, or that was silent for fifteen working days.

    Raises NotPossible. The new version is made by the worker, because it touches all the others. Choosing twice is
    choosing once.
    """
    row = Answer.objects.select_for_update(of=("self",)).select_related("proposal").get(pk=answer.pk)
    if row.state not in (AnswerState.REFUSED, AnswerState.UNANSWERED) or row.proposal.state != ProposalState.SUBMITTED:
        raise NotPossible
    others = Answer.objects.filter(proposal=row.proposal, left_out_on=None, share_cents__gt=0).exclude(pk=row.pk)
    if not others.exists():
        raise NotPossible
    if row.without_chosen_on is not None:
        return
    row.without_chosen_on = clock.today()
    row.save(update_fields=["without_chosen_on"])
    audit.record(
        "goes_on_without",
        object_type="answer",
        object_id=row.pk,
        citizen_id=row.citizen_id,
        creditor_id=row.creditor_id,
    )
    promise_without(row)


def promise_without(answer: Answer, *, again: str = "") -> None:
    """Promise the worker's part, once per answer; `again`: a day on which it is promised anew. Caller's transaction."""
    jobs.enqueue(
        "go_on_without",
        key=f"go_on_without:{answer.pk}" + (f":{again}" if again else ""),
        arguments={"proposal": answer.proposal_id, "creditor": answer.creditor_id},
        citizen_id=answer.citizen_id,
    )
