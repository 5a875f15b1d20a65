"""An organisation that was left out joins after all, at exactly the share it had."""

from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from affordability.norms import NormsMissing
from arrangements.domain.lifecycle import UNDER_WAY, ClaimState, ProposalState
from arrangements.domain.proposal import Plan, join_again
from arrangements.models import (
    Answer,
    Arrangement,
    Assessment,
    CaseTask,
    Claim,
    HouseholdMember,
    Proposal,
    ProposalLine,
)
from arrangements.operations.collect_claims import confirm_balance
from arrangements.operations.coverage import fits_the_household, fits_the_norms
from arrangements.operations.join_running_plan import put_offer_to_citizen
from arrangements.operations.lock_household import lock_household
from arrangements.operations.make_proposal import plan_of
from arrangements.operations.replace_version import Joining, replace_version
from arrangements.operations.settle_proposal import newest_version
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen, tell_creditor
from infra import audit, clock, jobs
from kernel.cents import spoken_euro

ONE_JOINS = "één organisatie doet alsnog mee"


class NotLeftOut(Exception):
    """The proposal did not go on without this organisation."""


@transaction.atomic
def join_later(*, answer: Answer, user: User) -> None:
    """The creditor that was left out says: we join after all, for the same share. Scope: the creditor's.

    Raises NotLeftOut. What follows is the worker's, because a creditor does not see the version that goes on without it.
    Asking twice is asking once.
    """
    row = Answer.objects.select_for_update(of=("self",)).get(pk=answer.pk)
    if row.left_out_on is None:
        raise NotLeftOut
    if row.join_asked_on is not None:
        return
    row.join_asked_on, row.join_asked_by = clock.today(), user
    row.save(update_fields=["join_asked_on", "join_asked_by"])
    audit.record(
        "join_asked", object_type="answer", object_id=row.pk, citizen_id=row.citizen_id, creditor_id=row.creditor_id
    )
    promise_join(row)


def promise_join(answer: Answer, *, again: str = "") -> None:
    """Promise the worker's part, once per answer; `again`: a day on which it is promised anew. Caller's transaction."""
    jobs.enqueue(
        "join_later",
        key=f"join_later:{answer.pk}" + (f":{again}" if again else ""),
        arguments={"answer": answer.pk},
        citizen_id=answer.citizen_id,
    )


@jobs.job("join_later")
def join_later_job(work: jobs.Work) -> None:
    """See `take_back`."""
    take_back(answer_id=work.arguments["answer"])


@transaction.atomic
def take_back(*, answer_id: int) -> Proposal | None:
    """Put a creditor that was left out back in the proposal, or say to everybody concerned why that cannot be done here.

    Back in: a new version with exactly its original share, the monthly amount up by that part, all other shares and every
    yes kept. Returns it; None when it did not join. Worker only; repeating it changes nothing.

    After the signature this is no longer a proposal: the arrangement itself has to change, and the citizen is asked.
    """
    citizen_id = Answer.objects.values_list("citizen_id", flat=True).get(pk=answer_id)
    household = lock_household(citizen_id)
    answer = Answer.objects.select_for_update(of=("self",)).select_related("creditor", "proposal").get(pk=answer_id)
    if answer.left_out_on is None or answer.join_asked_on is None or answer.join_handled_on is not None:
        return None
    Answer.objects.filter(pk=answer.pk).update(join_handled_on=clock.today())
    old = newest_version(answer.proposal_id)
    signed = Arrangement.objects.filter(proposal=old).first()
    if signed is not None:
        _offer_for_plan(answer, signed)
        return None
    if old.state not in (ProposalState.SUBMITTED, ProposalState.AGREED):
        _tell(answer, "Dit voorstel loopt niet meer. U kunt er niet meer aan meedoen.")
        return None
    if Answer.objects.filter(proposal=old, creditor_id=answer.creditor_id).exists():
        return None  # It takes part already, with a later version.
    back = _back_in(answer, old)
    if back is None:
        _ask_director(answer, "Haar vordering is intussen veranderd. Bel de organisatie.")
        _tell(answer, "Uw vordering is intussen veranderd. Wij bellen u en kijken samen wat kan.")
        return None
    if not _is_covered(old.assessment, back.plan.monthly, citizen_id, household):
        _ask_director(answer, "Het bedrag dat daarbij hoort past niet meer bij de toets. Kijk samen naar de cijfers.")
        _tell(answer, "De burger kan dit bedrag nu misschien niet missen. Wij zoeken dat uit en bellen u.")
        return None
    return _join(answer, old, back)


def _offer_for_plan(answer: Answer, signed: Arrangement) -> None:
    """It was signed meanwhile: the plan itself has to change, and the citizen decides (`join_running_plan`)."""
    if signed.state not in UNDER_WAY or answer.join_asked_by_id is None:
        _tell(answer, "De regeling is al klaar of gestopt. U kunt er niet meer aan meedoen.")
        return
    if put_offer_to_citizen(answer_id=answer.pk, user_id=answer.join_asked_by_id) is None:
        _ask_director(answer, "De regeling is al getekend. Bel de organisatie en kijk of zij nog mee kan doen.")
    else:
        _tell(answer, "De burger heeft al getekend. Wij leggen uw vraag aan de burger voor.")


@dataclass(frozen=True, slots=True)
class _BackIn:
    plan: Plan
    claims: list[Claim]


def _back_in(answer: Answer, old: Proposal) -> _BackIn | None:
    """The plan with this creditor's lines as they were; None when one of its claims is not what it was."""
    left = answer.proposal
    whole = plan_of(left)
    own = ProposalLine.objects.filter(proposal=left, creditor_id=answer.creditor_id).values_list("claim_id", flat=True)
    joining = [line for line in whole.lines if int(line.key) in set(own)]
    plan = join_again(plan_of(old), joining, months=whole.effective_months)
    claims = Claim.objects.select_related("creditor").in_bulk([int(line.key) for line in plan.lines])
    for line in joining:
        claim = claims[int(line.key)]
        same = (claim.known_cents, claim.is_preferent, claim.dischargeable)
        if claim.state not in (ClaimState.REPORTED, ClaimState.CONFIRMED) or same != (
            line.outstanding,
            line.preferent,
            line.dischargeable,
        ):
            return None
    return _BackIn(plan, [claims[int(line.key)] for line in plan.lines])


def _is_covered(assessment: Assessment, monthly_cents: int, citizen_id: int, household: HouseholdMember | None) -> bool:
    """Never more than was judged green, by the norms of today, and beside what a partner promised since."""
    if monthly_cents > min(assessment.declared_cents, assessment.sure_cents):
        return False
    try:
        fits = fits_the_norms(assessment=assessment, monthly_cents=monthly_cents, on=clock.today())
    except NormsMissing:
        return False
    return fits and fits_the_household(
        citizen_id=citizen_id, monthly_cents=monthly_cents, assessment=assessment, household=household
    )


def _join(answer: Answer, old: Proposal, back: _BackIn) -> Proposal:
    new = replace_version(old=old, claims=back.claims, plan=back.plan, reason=ONE_JOINS, joining=_joining(answer))
    for claim in back.claims:
        if claim.creditor_id == answer.creditor_id and claim.state == ClaimState.REPORTED:
            confirm_balance(claim=claim, confirmed_cents=claim.told_cents or 0)
    tell_citizen(
        new.citizen,
        key=f"joins:{answer.pk}",
        kind="joins_later",
        subject="Uw voorstel is aangepast",
        body=(
            f"Goed nieuws: {answer.creditor.name} doet toch mee.\n"
            f"Uw bedrag is nu {spoken_euro(new.monthly_cents)} per maand. "
            "De andere organisaties krijgen evenveel als eerst.\n"
            "U hoeft nu niets te doen. Log in om het voorstel te lezen."
        ),
    )
    _tell(answer, "U doet weer mee, voor hetzelfde deel als eerst. Wij noteerden uw ja. U hoeft niets te doen.")
    return new


def _joining(answer: Answer) -> Joining:
    if answer.join_asked_by_id is None:
        raise ValueError("nobody asked to join")
    return Joining(answer.creditor_id, answer.join_asked_by_id, answer.proposal.content_hash)


def _ask_director(answer: Answer, text: str) -> None:
    make_task(
        citizen_id=answer.citizen_id,
        key=f"joins_later:{answer.pk}",
        kind=CaseTask.Kind.JOINS_LATER,
        text=f"{answer.creditor.name} wil toch meedoen. {text}",
    )


def _tell(answer: Answer, text: str) -> None:
    tell_creditor(
        answer.creditor,
        key=f"joins_later:{answer.pk}",
        kind="joins_later",
        subject="Antwoord op uw vraag om mee te doen",
        body=text,
    )
