from collections import defaultdict
from datetime import date

from django.db import transaction

from accounts.models import IdentityAnchor
from affordability.norms import as_json
from arrangements.domain.lifecycle import AnswerState, ProposalState, Thing
from arrangements.domain.policy_values import policy_on
from arrangements.models import Answer, Application, Assessment, Proposal, ProposalLine
from arrangements.operations.assess_application import inputs_of, missing_facts, norms_on
from arrangements.operations.lock_household import lock_household
from arrangements.operations.make_certificates import promise_certificates
from arrangements.operations.make_proposal import AmountTooHigh
from arrangements.operations.moves import move
from arrangements.operations.tell import tell_creditor
from arrangements.queries.household import fits_beside_partner
from infra import clock, jobs
from kernel.working_days import add_working_days


class NotIdentified(Exception):
    """Nobody has proved yet that this login is this person: a creditor must not answer to a stranger."""


@transaction.atomic
def submit_proposal(*, proposal: Proposal) -> Proposal:
    """Send the draft to all its creditors. The citizen's own act: a coach prepares, the client sends.

    Raises NotIdentified without an identity anchor (architecture.md, "Who may see which debts"), AmountTooHigh when the
    assessment behind it does not cover the amount (the database refuses it too), was about other answers than the ones
    that stand now, rests on the norms of another half-year, or the partner promised so much since that it does not fit any
    more; NormsMissing without norms for today, and lifecycle.IllegalMove when it is no draft. Sending twice sends once.
    """
    # Two partners who send at the same moment do so one after the other: the second sees what the first promised.
    lock_household(proposal.citizen_id)
    row = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    if row.state == ProposalState.SUBMITTED:
        return row
    if not IdentityAnchor.objects.filter(citizen_id=row.citizen_id).exists():
        raise NotIdentified
    assessment = row.assessment
    if assessment.verdict != Assessment.Verdict.GREEN or row.monthly_cents > assessment.sure_cents:
        raise AmountTooHigh
    # Held still: an income that is being changed in another window counts before anything is sent.
    application = Application.objects.select_for_update(of=("self",)).get(pk=row.application_id)
    if not fits_beside_partner(citizen_id=row.citizen_id, monthly_cents=row.monthly_cents, assessment=assessment):
        raise AmountTooHigh
    today = clock.today()
    if row.state == ProposalState.DRAFT:
        record = norms_on(today)
        if (
            missing_facts(application)
            or assessment.norms != as_json(record)
            or inputs_of(application, record, today) != assessment.inputs
            or application.declared_cents != row.monthly_cents
        ):
            raise AmountTooHigh
    answer_by = add_working_days(today, policy_on(today).answer_working_days)
    move(Thing.PROPOSAL, row, ProposalState.SUBMITTED, submitted_on=today, answer_by=answer_by)
    for answer in open_answers(row, answer_by):
        tell_creditor(
            answer.creditor,
            key=f"proposal:{row.pk}:{answer.creditor_id}",
            kind="proposal_arrived",
            subject="Er staat een voorstel voor u klaar",
            body=(
                "Er staat een nieuw voorstel voor een regeling voor u klaar.\n\n"
                f"Antwoord uiterlijk op {answer_by:%d-%m-%Y}. Log in op de website en open uw werkvoorraad."
            ),
        )
    Application.objects.filter(pk=row.application_id, closed_at=None).update(closed_at=clock.now())
    jobs.enqueue(
        "apply_policies",
        key=f"apply_policies:{row.pk}",
        arguments={"proposal": row.pk},
        citizen_id=row.citizen_id,
    )
    promise_certificates(row)
    return row


def open_answers(proposal: Proposal, answer_by: date) -> list[Answer]:
    """Make the open answers of a version: one per creditor, with its totals in cents. Part of the caller's transaction."""
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for line in ProposalLine.objects.filter(proposal=proposal):
        mine = sums[line.creditor_id]
        mine[0] += line.outstanding_cents
        mine[1] += line.share_cents
        mine[2] += line.waived_cents
    return Answer.objects.bulk_create(
        Answer(
            proposal=proposal,
            citizen_id=proposal.citizen_id,
            creditor_id=creditor_id,
            state=AnswerState.OPEN,
            outstanding_cents=outstanding,
            share_cents=share,
            waived_cents=waived,
            answer_by=answer_by,
        )
        for creditor_id, (outstanding, share, waived) in sums.items()
    )


@transaction.atomic
def withdraw_proposal(*, proposal: Proposal) -> None:
    """The citizen stops. Nothing is held against anybody; filling in again is possible at any time."""
    row = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    move(Thing.PROPOSAL, row, ProposalState.WITHDRAWN, reason="de burger stopt")
