from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction

from arrangements.domain.answer_clock import AnswerClock, clock_from
from arrangements.domain.lifecycle import AnswerState, ProposalState, Thing
from arrangements.domain.policy_values import policy_on
from arrangements.models import Answer, Application, Proposal, ProposalLine
from arrangements.operations.bewind_consent import require_bewind_consent
from arrangements.operations.lock_household import lock_household
from arrangements.operations.make_certificates import promise_certificates
from arrangements.operations.make_proposal import AmountTooHigh
from arrangements.operations.moves import move
from arrangements.operations.tell import tell_creditor
from arrangements.queries.submission_gaps import ABOUT_THE_AMOUNT, IDENTITY, Gap, submission_gaps
from infra import clock, jobs


class NotComplete(Exception):
    """It cannot be sent yet; `gaps` says all that is missing or out of date."""

    def __init__(self, gaps: Sequence[Gap] = ()) -> None:
        super().__init__(", ".join(gap.fact for gap in gaps))
        self.gaps = tuple(gaps)


class NotIdentified(NotComplete):
    """Nobody has proved yet that this login is this person: a creditor must not answer to a stranger."""


class NotCovered(NotComplete, AmountTooHigh):
    """No assessment of what stands now says that this amount can surely be missed."""


def _check_complete(gaps: Sequence[Gap]) -> None:
    facts = {gap.fact for gap in gaps}
    if IDENTITY in facts:
        raise NotIdentified(gaps)
    if facts & ABOUT_THE_AMOUNT:
        raise NotCovered(gaps)
    if gaps:
        raise NotComplete(gaps)


@transaction.atomic
def submit_proposal(*, proposal: Proposal) -> Proposal:
    """Send the draft to all its creditors. The citizen's own act: a coach prepares, the client sends.

    Raises NotComplete with every gap (`queries.submission_gaps`): as NotIdentified when an identity anchor is one of them
    (architecture.md, "Who may see which debts"), as NotCovered when the assessment behind it does not cover the amount (the
    database refuses it too), was about other answers than the ones that stand now, rests on the norms of another half-year,
    or the partner promised so much since that it does not fit any more. lifecycle.IllegalMove when it is no draft. Sending
    twice sends once. BewindConsentMissing when a bewindvoerder has to say yes first (the database refuses it too).
    """
    # Two partners who send at the same moment do so one after the other: the second sees what the first promised.
    lock_household(proposal.citizen_id)
    row = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    if row.state == ProposalState.SUBMITTED:
        return row
    require_bewind_consent(row.citizen_id)
    # Held still: an income that is being changed in another window counts before anything is sent.
    application = Application.objects.select_for_update(of=("self",)).get(pk=row.application_id)
    today = clock.today()
    if row.state == ProposalState.DRAFT:
        _check_complete(submission_gaps(application, row))
    asked = clock_from(today, policy_on(today).answer_working_days)
    answer_by = asked.answer_by
    move(
        Thing.PROPOSAL,
        row,
        ProposalState.SUBMITTED,
        submitted_on=today,
        first_submitted_on=today,
        answer_by=answer_by,
    )
    lines = ProposalLine.objects.filter(proposal=row).order_by("position")
    for answer in Answer.objects.bulk_create(answer_rows(row, lines, asked)):
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


def answer_rows(proposal: Proposal, lines: Iterable[ProposalLine], clock_now: AnswerClock) -> list[Answer]:
    """The open answers of a version: one per creditor, with its totals in cents; not stored yet."""
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for line in lines:
        mine = sums[line.creditor_id]
        mine[0] += line.outstanding_cents
        mine[1] += line.share_cents
        mine[2] += line.waived_cents
    return [
        Answer(
            proposal=proposal,
            citizen_id=proposal.citizen_id,
            creditor_id=creditor_id,
            state=AnswerState.OPEN,
            outstanding_cents=outstanding,
            share_cents=share,
            waived_cents=waived,
            asked_on=clock_now.asked_on,
            answer_by=clock_now.answer_by,
        )
        for creditor_id, (outstanding, share, waived) in sums.items()
    ]
