"""What a creditor answers. One decision per creditor and version; the second decider hears who was first."""

import uuid

from django.db import transaction

from accounts.models import User
from arrangements.domain.lifecycle import AnswerState, ClaimState, ProposalState, RefusalCode, Thing
from arrangements.models import Answer, Claim, Proposal, ProposalLine
from arrangements.operations.collect_claims import confirm_balance
from arrangements.operations.moves import move
from creditors.models import AcceptancePolicy
from infra import clock, jobs


class Changed(Exception):
    """The version on the screen is not the version that counts any more: "gewijzigd, kijk opnieuw"."""


class AlreadyDecided(Exception):
    """Somebody was first. `answer` is the answer as it stands."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"answer {answer.pk} is {answer.state}")
        self.answer = answer


WAITING = (AnswerState.OPEN, AnswerState.QUESTION, AnswerState.RECONSIDERATION, AnswerState.UNANSWERED)


def locked_answer(answer: Answer, seen_hash: str) -> Answer:
    """The answer, held, when this version can still be answered. Raises AlreadyDecided, Changed."""
    row = Answer.objects.select_for_update(of=("self",)).get(pk=answer.pk)
    proposal = Proposal.objects.get(pk=row.proposal_id)
    if row.state not in WAITING:
        raise AlreadyDecided(row)
    if proposal.state != ProposalState.SUBMITTED or proposal.content_hash != seen_hash or row.left_out_on is not None:
        raise Changed
    return row


def promise_settling(row: Answer) -> None:
    """What follows from an answer is the worker's: it looks at all creditors. Part of the caller's transaction."""
    jobs.enqueue(
        "settle_proposal",
        key=f"settle_proposal:{row.proposal_id}:{uuid.uuid4()}",
        arguments={"proposal": row.proposal_id},
        citizen_id=row.citizen_id,
    )


@transaction.atomic
def accept(
    *, answer: Answer, seen_hash: str, user: User | None = None, policy: AcceptancePolicy | None = None, why: str = ""
) -> Answer:
    """Say yes, by a person or by a policy version (then `why` says which conditions held). A yes confirms the balance too.

    Raises AlreadyDecided, Changed; ValueError without exactly one of `user` and `policy`.
    """
    if (user is None) == (policy is None):
        raise ValueError("a yes is said by a person or by a policy, and by one of them only")
    row = locked_answer(answer, seen_hash)
    claim_ids = ProposalLine.objects.filter(proposal_id=row.proposal_id, creditor_id=row.creditor_id).values("claim_id")
    for claim in Claim.objects.filter(pk__in=claim_ids, state=ClaimState.REPORTED):
        confirm_balance(claim=claim, confirmed_cents=claim.told_cents or 0)
    move(
        Thing.ANSWER,
        row,
        AnswerState.ACCEPTED,
        reason=f"beleid versie {policy.version}" if policy else "akkoord",
        creditor_id=row.creditor_id,
        decided_by=user,
        decided_by_policy=policy,
        decided_at=clock.now(),
        decided_on=clock.today(),
        why=why,
        seen_hash=seen_hash,
    )
    promise_settling(row)
    return row


@transaction.atomic
def refuse(*, answer: Answer, seen_hash: str, user: User, code: RefusalCode, note: str = "") -> Answer:
    """Say no, with a code; the sentence for the citizen comes from the code. Never done by a machine.

    Raises AlreadyDecided, Changed.
    """
    row = locked_answer(answer, seen_hash)
    move(
        Thing.ANSWER,
        row,
        AnswerState.REFUSED,
        reason=code.value,
        creditor_id=row.creditor_id,
        refusal_code=code.value,
        refusal_note=note[:300],
        decided_by=user,
        decided_at=clock.now(),
        decided_on=clock.today(),
        seen_hash=seen_hash,
    )
    promise_settling(row)
    return row


@transaction.atomic
def say_balance_differs(*, answer: Answer, seen_hash: str, user: User, claim: Claim, balance_cents: int) -> Answer:
    """The claim is another amount (cents). The balance is corrected and everybody gets a new version of the proposal.

    Raises AlreadyDecided, Changed; ValueError for a negative amount, the amount that stands in this version already,
    or a claim that is not this creditor's part of it.
    """
    row = locked_answer(answer, seen_hash)
    line = ProposalLine.objects.filter(
        proposal_id=row.proposal_id, creditor_id=row.creditor_id, claim_id=claim.pk
    ).first()
    if line is None:
        raise ValueError("the claim is not in this creditor's part of the version")
    if balance_cents < 0 or balance_cents == line.outstanding_cents:
        raise ValueError("another balance is not negative and not the same")
    confirm_balance(claim=claim, confirmed_cents=balance_cents)
    move(
        Thing.ANSWER,
        row,
        AnswerState.BALANCE_DIFFERS,
        reason="saldo wijkt af",
        creditor_id=row.creditor_id,
        claimed_balance_cents=balance_cents,
        decided_by=user,
        decided_at=clock.now(),
        decided_on=clock.today(),
        seen_hash=seen_hash,
    )
    promise_settling(row)
    return row
