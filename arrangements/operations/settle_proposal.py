"""What follows from the answers. Runs as the worker: it looks at all creditors of one citizen."""

from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from arrangements.domain.lifecycle import AnswerState, ClaimState, ProposalState, RefusalCode, Thing
from arrangements.domain.proposal import continue_without
from arrangements.models import Answer, CaseTask, Claim, Proposal, ProposalLine
from arrangements.operations.answer_proposal import accept
from arrangements.operations.make_proposal import plan_for, plan_of
from arrangements.operations.moves import move
from arrangements.operations.refused_by_all import end_refused, refused_by_all
from arrangements.operations.replace_version import replace_version
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen, tell_creditor
from creditors.models import AcceptancePolicy
from creditors.policies.acceptance import Offer, judge
from infra import clock, jobs
from kernel.cents import spoken_euro

BALANCE_CHANGED: Final = "een saldo is gewijzigd"

WITHOUT_ONE = "verder zonder één organisatie"


@jobs.job("apply_policies")
def apply_policies(work: jobs.Work) -> None:
    """See `apply_policies_to`."""
    apply_policies_to(proposal_id=work.arguments["proposal"])


@transaction.atomic
def apply_policies_to(*, proposal_id: int) -> None:
    """Let the creditors' own published policies say yes where they hold. They never say no.

    A policy judges a balance its creditor confirmed, not one the citizen told; and it does not overrule a person who said
    no to an earlier version. Both wait for a person.
    """
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal_id)
    if proposal.state != ProposalState.SUBMITTED:
        return
    today = clock.today()
    only_told = ProposalLine.objects.filter(proposal=proposal).exclude(claim__state=ClaimState.CONFIRMED)
    said_no = Answer.objects.filter(proposal__application_id=proposal.application_id).exclude(refusal_code="")
    for_a_person = {*only_told.values_list("creditor_id", flat=True), *said_no.values_list("creditor_id", flat=True)}
    for answer in Answer.objects.select_for_update(of=("self",)).filter(proposal=proposal, state=AnswerState.OPEN):
        if answer.creditor_id in for_a_person:
            continue
        policy = (
            AcceptancePolicy.objects.filter(creditor_id=answer.creditor_id, valid_from__lte=today, valid_until=None)
            .order_by("-version")
            .first()
        )
        if policy is None:
            continue
        verdict = judge(
            Offer(answer.outstanding_cents, answer.share_cents, answer.waived_cents),
            minimum_basis_points=policy.minimum_basis_points,
            maximum_waived=policy.maximum_waived_cents,
        )
        if verdict.accepts:
            accept(answer=answer, seen_hash=proposal.content_hash, policy=policy, why=verdict.why)


@jobs.job("settle_proposal")
def settle(work: jobs.Work) -> None:
    """See `settle_proposal`."""
    settle_proposal(proposal_id=work.arguments["proposal"])


@transaction.atomic
def settle_proposal(*, proposal_id: int) -> Proposal:
    """Draw the conclusion from the answers given so far. Safe to repeat. Returns the version that counts now."""
    proposal = Proposal.objects.select_for_update(of=("self",)).select_related("citizen__director").get(pk=proposal_id)
    if proposal.state != ProposalState.SUBMITTED:
        return proposal
    answers = [answer for answer in _locked_answers(proposal) if answer.left_out_on is None]
    if any(answer.state == AnswerState.BALANCE_DIFFERS for answer in answers):
        return _new_version(proposal)
    for answer in answers:
        # A no that stood under the version before was told then.
        if answer.state == AnswerState.REFUSED and answer.seen_hash == proposal.content_hash:
            _tell_refusal(proposal, answer)
        elif answer.state == AnswerState.QUESTION:
            _tell_question(proposal, answer)
    if answers and all(answer.state == AnswerState.ACCEPTED for answer in answers):
        move(
            Thing.PROPOSAL,
            proposal,
            ProposalState.AGREED,
            reason="alle organisaties zeggen ja",
            agreed_on=clock.today(),
        )
        tell_citizen(
            proposal.citizen,
            key=f"agreed:{proposal.pk}",
            kind="all_agreed",
            subject="Goed nieuws over uw voorstel",
            body="Goed nieuws: alle organisaties zeggen ja.\nLog in en lees uw regeling. Daarna kunt u tekenen.",
        )
    elif refused_by_all(answers):
        end_refused(proposal, answers)
    return proposal


def _locked_answers(proposal: Proposal) -> list[Answer]:
    """The answers as they stand, held still: what somebody is saying at this moment is waited for, never overtaken."""
    rows = Answer.objects.select_for_update(of=("self",)).filter(proposal=proposal).select_related("creditor")
    return list(rows.order_by("pk"))


def _tell_refusal(proposal: Proposal, answer: Answer) -> None:
    again = answer.reconsideration_on is not None
    key = f"refused_again:{answer.pk}" if again else f"refused:{answer.pk}"
    tell_citizen(
        proposal.citizen,
        key=key,
        kind="refused",
        subject="Er is een antwoord op uw voorstel",
        body=(
            ("Eén organisatie keek nog eens. Zij zegt weer nee.\n" if again else "Eén organisatie zegt nee.\n")
            + f"{RefusalCode(answer.refusal_code).citizen_text}\n"
            "Log in. U leest daar wat u nu kunt doen."
        ),
    )
    make_task(
        citizen_id=proposal.citizen_id,
        key=f"refusal_again:{answer.pk}" if again else f"refusal:{answer.pk}",
        kind=CaseTask.Kind.REFUSAL,
        text=f"{answer.creditor.name} zegt {'weer ' if again else ''}nee. Bespreek met de cliënt wat nu kan.",
    )
    if answer.refusal_code == RefusalCode.NOT_OUR_CLAIM:
        make_task(
            citizen_id=proposal.citizen_id,
            key=f"not_our_claim:{answer.pk}",
            kind=CaseTask.Kind.UNKNOWN_CREDITOR,
            text=f"{answer.creditor.name} zegt dat de schuld nu van een ander is: {answer.refusal_note}"[:300],
        )


def _tell_question(proposal: Proposal, answer: Answer) -> None:
    """Once per organisation: it may ask one question, whatever the number of versions."""
    key = question_key(proposal, answer)
    tell_citizen(
        proposal.citizen,
        key=key,
        kind="question",
        subject="Bericht over uw voorstel",
        body="Eén organisatie heeft een vraag voor u.\nLog in. Daar leest u de vraag en kunt u antwoorden.",
    )
    make_task(
        citizen_id=proposal.citizen_id,
        key=key,
        kind=CaseTask.Kind.QUESTION,
        text=f"{answer.creditor.name} heeft een vraag. Help de cliënt met het antwoord.",
    )


def question_key(proposal: Proposal, answer: Answer) -> str:
    """What message and task about a creditor's question are known by, in every version of the proposal."""
    return f"question:{proposal.application_id}:{answer.creditor_id}"


def _new_version(old: Proposal) -> Proposal:
    """A balance changed: everybody's share is computed again from the same monthly amount, by the same rule.

    A yes stays a yes where the share does not fall; where it falls, the creditor is asked again. When nothing is open any
    more there is nothing to propose: the proposal lapses and the citizen hears it.
    """
    claims = list(still_owed().filter(proposal_lines__proposal=old))
    if not claims:
        return nothing_left(old)
    plan = plan_for(monthly_cents=old.monthly_cents, months=old.months, claims=claims)
    return replace_version(old=old, claims=claims, plan=plan, reason=BALANCE_CHANGED)


def still_owed() -> QuerySet[Claim]:
    """The claims that can stand in a new version, in the order that decides who gets an odd cent."""
    gone = (ClaimState.WITHDRAWN, ClaimState.TRANSFERRED)
    return Claim.objects.exclude(confirmed_cents=0).exclude(state__in=gone).select_related("creditor").order_by("pk")


def nothing_left(old: Proposal) -> Proposal:
    """All balances turned out to be nothing: there is nothing to propose. Part of the caller's transaction."""
    move(Thing.PROPOSAL, old, ProposalState.LAPSED, reason="er staat niets meer open")
    tell_citizen(
        old.citizen,
        key=f"nothing_left:{old.pk}",
        kind="nothing_left",
        subject="Goed nieuws over uw voorstel",
        body="De organisaties zeggen: er staat niets meer open.\nU hoeft niets te betalen. Uw voorstel stopt.",
    )
    make_task(
        citizen_id=old.citizen_id,
        key=f"nothing_left:{old.pk}",
        kind=CaseTask.Kind.CALL_BACK,
        text="Er staat niets meer open. Bel de cliënt en vraag of dat klopt.",
    )
    return old


@jobs.job("go_on_without")
def go_on_without_job(work: jobs.Work) -> None:
    """See `go_on_without`."""
    without_creditor(proposal_id=work.arguments["proposal"], creditor_id=work.arguments["creditor"])


@transaction.atomic
def without_creditor(*, proposal_id: int, creditor_id: int) -> Proposal:
    """Leave one creditor out: the monthly amount drops by its part, all other shares stay, everybody is told.

    Repeating it changes nothing. The version may have been replaced since the citizen chose: then the newest one counts,
    with every balance that was corrected. A creditor that said yes since, or has to answer to a better share, stays in.
    """
    old = settle_proposal(proposal_id=newest_version(proposal_id).pk)
    if old.state != ProposalState.SUBMITTED:
        return old
    answers = {row.creditor_id: row for row in _locked_answers(old)}
    answer = answers.pop(creditor_id, None)
    if answer is None or answer.state not in (AnswerState.REFUSED, AnswerState.UNANSWERED):
        return old
    if not any(row.share_cents for row in answers.values()):
        return old  # Nobody would be left: the citizen chooses another way.
    Answer.objects.filter(pk=answer.pk).update(left_out_on=clock.today())
    whole = plan_of(old)
    leaving = {str(pk) for pk in _claim_ids(old, creditor_id)}
    plan = continue_without(whole, leaving)
    staying = Claim.objects.select_related("creditor").in_bulk([int(line.key) for line in plan.lines])
    tell_creditor(
        answer.creditor,
        key=f"left_out:{answer.pk}",
        kind="left_out",
        subject="Een voorstel gaat zonder u verder",
        body=(
            "Het voorstel gaat zonder uw organisatie verder. Uw vordering blijft staan.\n"
            "Wilt u toch meedoen, voor hetzelfde deel? Dat kan tot de burger tekent.\n"
            "Log in, open uw werkvoorraad en kies Zonder u verder."
        ),
    )
    claims = [staying[int(line.key)] for line in plan.lines]
    new = replace_version(old=old, claims=claims, plan=plan, reason=WITHOUT_ONE)
    tell_citizen(
        new.citizen,
        key=f"without:{answer.pk}",
        kind="goes_on_without",
        subject="Uw voorstel is aangepast",
        body=(
            f"U gaat verder zonder {answer.creditor.name}.\n"
            f"Uw bedrag is nu {spoken_euro(new.monthly_cents)} per maand. De andere organisaties krijgen evenveel als eerst.\n"
            f"{answer.creditor.name} mag nog wel zelf geld vragen of een deurwaarder sturen. Bel ons als dat gebeurt."
        ),
    )
    _talked_about(old, creditor_id)
    return new


def _talked_about(proposal: Proposal, creditor_id: int) -> None:
    """The citizen chose: what the director was asked to discuss about this organisation is behind us."""
    asked = Answer.objects.filter(proposal__application_id=proposal.application_id, creditor_id=creditor_id)
    keys = [
        f"{kind}:{pk}"
        for pk in asked.values_list("pk", flat=True)
        for kind in ("refusal", "refusal_again", "no_answer")
    ]
    CaseTask.objects.filter(key__in=keys, done_on=None).update(done_on=clock.today())


def newest_version(proposal_id: int) -> Proposal:
    """The version that took the place of this one, or of its successor, locked."""
    row = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal_id)
    return row if row.replaced_by_id is None else newest_version(row.replaced_by_id)


def _claim_ids(proposal: Proposal, creditor_id: int) -> list[int]:
    lines = ProposalLine.objects.filter(proposal=proposal, creditor_id=creditor_id)
    return list(lines.values_list("claim_id", flat=True))
