"""What the console reads: the creditor's own rows, and of the others only totals. Scope: the creditor's."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.expressions import RawSQL

from arrangements.domain.lifecycle import AnswerState, ArrangementState, ClaimState, ProposalState
from arrangements.models import (
    Answer,
    Arrangement,
    ArrangementLine,
    Claim,
    CreditorTask,
    Document,
    PayoutBatch,
    PayoutLine,
    Proposal,
    ProposalLine,
)
from arrangements.operations.answer_proposal import WAITING
from creditors.console.presenters import RUNS_OUT_WITHIN, Totals
from creditors.models import CreditorMember, IbanChange
from kernel.working_days import add_working_days

DECIDED = (AnswerState.ACCEPTED, AnswerState.REFUSED, AnswerState.BALANCE_DIFFERS)


def waiting_answers() -> QuerySet[Answer]:
    """What this creditor still has to answer, the nearest deadline first."""
    return (
        Answer.objects.select_related("proposal")
        .filter(state__in=WAITING, left_out_on=None, proposal__state=ProposalState.SUBMITTED)
        .order_by("answer_by", "id")
    )


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of the work queue."""

    name: str
    title: str
    rows: QuerySet[Answer]
    count: int

    @property
    def done(self) -> bool:
        """Whether nothing in it waits for a decision with a deadline."""
        return self.name in ("zonder-u", "afgehandeld")


def work_queue(today: date) -> list[Tab]:
    """The tabs of the work queue with their counts."""
    soon = add_working_days(today, RUNS_OUT_WITHIN)
    waiting = waiting_answers()
    done = Answer.objects.select_related("proposal", "decided_by_policy").filter(
        Q(state__in=DECIDED) | Q(left_out_on__isnull=False)
    )
    tabs = (
        ("alles", "Te doen", waiting),
        ("nieuw", "Nieuw", waiting.filter(answer_by__gt=soon)),
        ("loopt-af", "Loopt af", waiting.filter(answer_by__lte=soon)),
        ("zonder-u", "Zonder u verder", left_out()),
        ("afgehandeld", "Afgehandeld", done.order_by("-decided_at", "-id")),
    )
    return [Tab(name, title, rows, rows.count()) for name, title, rows in tabs]


def left_out() -> QuerySet[Answer]:
    """Proposals that went on without this creditor and that it does not take part in again."""
    again = Answer.objects.filter(
        citizen_id=OuterRef("citizen_id"), proposal__version__gt=OuterRef("proposal__version")
    )
    return (
        Answer.objects.select_related("proposal", "decided_by_policy")
        .filter(~Exists(again), left_out_on__isnull=False)
        .order_by("-left_out_on", "-id")
    )


def lines_of(answers: Iterable[Answer]) -> dict[int, list[ProposalLine]]:
    """Own lines per proposal, with their claims."""
    found: dict[int, list[ProposalLine]] = defaultdict(list)
    ids = [answer.proposal_id for answer in answers]
    for line in ProposalLine.objects.select_related("claim").filter(proposal_id__in=ids).order_by("position"):
        found[line.proposal_id].append(line)
    return found


def answers() -> QuerySet[Answer]:
    """All answers of this creditor, old versions included."""
    return Answer.objects.select_related("proposal", "decided_by_policy")


def next_waiting(than: Answer) -> Answer | None:
    """The proposal to do after this one: the next deadline, else the first that waits."""
    others = waiting_answers().exclude(pk=than.pk)
    later = Q(answer_by__gt=than.answer_by) | Q(answer_by=than.answer_by, pk__gt=than.pk)
    return others.filter(later).first() or others.first()


def current_answer(answer: Answer) -> Answer | None:
    """This creditor's answer to the version that counts now, when that is another one."""
    version = (
        Proposal.objects.filter(citizen_id=answer.citizen_id, version__gt=answer.proposal.version)
        .order_by("-version")
        .first()
    )
    return Answer.objects.filter(proposal=version).first() if version else None


def totals_of(proposal_id: int) -> Totals:
    """All claims of the version together; through the door, because the lines themselves are the others' business."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT claims, total_cents, preferent_claims, preferent_cents FROM proposal_totals(%s)", [proposal_id]
        )
        claims, total, preferent_claims, preferent = cursor.fetchone()
    return Totals(claims, total, preferent_claims, preferent)


@dataclass(frozen=True, slots=True)
class SoFar:
    """How many creditors have answered; numbers, never names."""

    asked: int
    accepted: int
    refused: int


def answers_so_far(proposal_id: int) -> SoFar:
    """See `SoFar`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT asked, accepted, refused FROM answers_so_far(%s)", [proposal_id])
        return SoFar(*cursor.fetchone())


def decider_name(answer: Answer) -> str:
    """Who gave this answer: a colleague by name, or the version of the policy."""
    if answer.decided_by_policy is not None:
        return f"uw beleid, versie {answer.decided_by_policy.version}"
    if answer.decided_by_id is None:
        return "een medewerker"
    member = CreditorMember.objects.filter(user_id=answer.decided_by_id).first()
    return member.name if member else "een medewerker"


def balance_requests() -> QuerySet[Claim]:
    """Claims whose amount this creditor has to confirm: named by a citizen, or disputed.

    Asked only for a citizen we know and who consented; the door looks that up.
    """
    asked = RawSQL("SELECT * FROM balance_requests_open()", [])
    waiting = Claim.objects.filter(state__in=[ClaimState.REPORTED, ClaimState.DISPUTED], pk__in=asked)
    # A claim in an arrangement is frozen: a dispute about it is settled on the claim's own page.
    return waiting.filter(arrangement_line=None).order_by("reported_on", "id")


def disputed_in_plan() -> QuerySet[Claim]:
    """Claims in an arrangement that the citizen disputes: somebody has to look."""
    return Claim.objects.filter(state=ClaimState.DISPUTED, arrangement_line__isnull=False).order_by("id")


def open_answer_about(claim: Claim) -> Answer | None:
    """The answer that waits on a proposal with this claim in it, if any: the balance is corrected there."""
    ids = ProposalLine.objects.filter(claim=claim).values("proposal_id")
    return waiting_answers().filter(proposal_id__in=ids).first()


def arrangements() -> QuerySet[Arrangement]:
    """The arrangements this creditor takes part in, newest first."""
    return Arrangement.objects.distinct().order_by("-signed_on", "-id")


def arrangement_lines(found: Iterable[Arrangement]) -> dict[int, list[ArrangementLine]]:
    """Own lines per arrangement."""
    lines: dict[int, list[ArrangementLine]] = defaultdict(list)
    for line in (
        ArrangementLine.objects.select_related("claim")
        .filter(arrangement_id__in=[one.pk for one in found])
        .order_by("position")
    ):
        lines[line.arrangement_id].append(line)
    return lines


def tasks() -> QuerySet[CreditorTask]:
    """What this creditor was asked to do because of an arrangement."""
    return CreditorTask.objects.select_related("arrangement")


def open_tasks() -> QuerySet[CreditorTask]:
    """What it has not confirmed yet, the nearest day first. After the waiver there is nothing left to stop."""
    return tasks().filter(outcome="").exclude(arrangement__state=ArrangementState.WAIVED).order_by("due_on", "pk")


def documents(arrangement: Arrangement | None = None) -> QuerySet[Document]:
    """This creditor's documents, without the files in them."""
    rows = Document.objects.defer("pdf", "content").order_by("id")
    return rows.filter(arrangement=arrangement) if arrangement else rows


def document_file(public_id: UUID) -> Document | None:
    """One document with its file."""
    return Document.objects.filter(public_id=public_id).first()


def payouts() -> QuerySet[PayoutBatch]:
    """What we paid out to this creditor: not what may still be withdrawn."""
    return PayoutBatch.objects.filter(state__in=PayoutBatch.SHOWN)


def iban_changes() -> QuerySet[IbanChange]:
    """Every other account this creditor asked for, the newest first."""
    return IbanChange.objects.order_by("-id")


def open_iban_change() -> IbanChange | None:
    """The change that is being checked, or waits for its day."""
    return iban_changes().filter(state__in=[IbanChange.State.ASKED, IbanChange.State.APPROVED]).first()


def payout_lines(batch: PayoutBatch) -> QuerySet[PayoutLine]:
    """The specification of one payout."""
    return PayoutLine.objects.select_related("claim", "arrangement").filter(batch=batch).order_by("id")


def paid_out_for(arrangement: Arrangement) -> QuerySet[PayoutLine]:
    """What was paid out for one arrangement, newest first."""
    return (
        PayoutLine.objects.select_related("batch", "claim")
        .filter(claim__arrangement_line__arrangement=arrangement, batch__state__in=PayoutBatch.SHOWN, returned_on=None)
        .order_by("-batch_id", "id")
    )


def sums(lines: Iterable[ArrangementLine]) -> dict[str, int]:
    """The totals under the own lines, in cents."""
    names = ("outstanding_cents", "share_cents", "paid_cents", "waived_cents", "remains_cents")
    rows = list(lines)
    return {name: sum(getattr(line, name) for line in rows) for name in names}


def paid_out_total() -> int:
    """Everything that was paid out to this creditor and did not come back, in cents."""
    shown = PayoutLine.objects.filter(batch__state__in=PayoutBatch.SHOWN, returned_on=None)
    return shown.aggregate(total=Sum("amount_cents"))["total"] or 0
