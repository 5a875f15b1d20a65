"""What follows from the answers. Runs as the worker: it looks at all creditors of one citizen."""

from django.db import transaction

from arrangements.domain.lifecycle import AnswerState, ClaimState, ProposalState, RefusalCode, Thing
from arrangements.domain.policy_values import policy_on
from arrangements.domain.proposal import Plan, continue_without
from arrangements.models import Answer, CaseTask, Claim, Proposal, ProposalLine
from arrangements.operations.answer_proposal import accept
from arrangements.operations.make_certificates import promise_certificates
from arrangements.operations.make_proposal import plan_for, plan_of, write_version
from arrangements.operations.moves import move
from arrangements.operations.submit_proposal import open_answers
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen, tell_creditor
from creditors.models import AcceptancePolicy
from creditors.policies.acceptance import Offer, judge
from infra import clock, jobs
from kernel.working_days import add_working_days


@jobs.job("apply_policies")
def apply_policies(work: jobs.Work) -> None:
    """Let the creditors' own published policies say yes where they hold. They never say no.

    A policy judges a balance its creditor confirmed, not one the citizen told; and it does not overrule a person who said
    no to an earlier version. Both wait for a person.
    """
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=work.arguments["proposal"])
    if proposal.state != ProposalState.SUBMITTED:
        return
    today = clock.today()
    only_told = ProposalLine.objects.filter(proposal=proposal).exclude(claim__state=ClaimState.CONFIRMED)
    said_no = Answer.objects.filter(
        proposal__application_id=proposal.application_id, state=AnswerState.REFUSED, decided_by__isnull=False
    )
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
    return proposal


def _locked_answers(proposal: Proposal) -> list[Answer]:
    """The answers as they stand, held still: what somebody is saying at this moment is waited for, never overtaken."""
    rows = Answer.objects.select_for_update(of=("self",)).filter(proposal=proposal).select_related("creditor")
    return list(rows.order_by("pk"))


def _tell_refusal(proposal: Proposal, answer: Answer) -> None:
    tell_citizen(
        proposal.citizen,
        key=f"refused:{answer.pk}",
        kind="refused",
        subject="Er is een antwoord op uw voorstel",
        body=(
            "Eén organisatie zegt nee.\n"
            f"{RefusalCode(answer.refusal_code).citizen_text}\n"
            "Log in. U leest daar wat u nu kunt doen."
        ),
    )
    make_task(
        citizen_id=proposal.citizen_id,
        key=f"refusal:{answer.pk}",
        kind=CaseTask.Kind.REFUSAL,
        text=f"{answer.creditor.name} zegt nee. Bespreek met de cliënt wat nu kan.",
    )


def _new_version(old: Proposal) -> Proposal:
    """A balance changed: everybody's share is computed again from the same monthly amount, by the same rule.

    A yes stays a yes where the share does not fall; where it falls, the creditor is asked again. When nothing is open any
    more there is nothing to propose: the proposal lapses and the citizen hears it.
    """
    claims = list(
        Claim.objects.filter(proposal_lines__proposal=old)
        .exclude(confirmed_cents=0)
        .select_related("creditor")
        .order_by("pk")
    )
    if not claims:
        return _nothing_left(old)
    plan = plan_for(monthly_cents=old.monthly_cents, months=old.months, claims=claims)
    return replace_version(old=old, claims=claims, plan=plan, reason="een saldo is gewijzigd")


def _nothing_left(old: Proposal) -> Proposal:
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


def replace_version(*, old: Proposal, claims: list[Claim], plan: Plan, reason: str) -> Proposal:
    """Put a new version in the place of `old`; keeps every yes to at least its share. Part of the caller's transaction.

    Where nothing changed for a creditor its no and its silence stay what they were, so that the citizen does not have to
    wait for the same answer again; a late yes to silence is still possible.
    """
    given = {answer.creditor_id: answer for answer in Answer.objects.filter(proposal=old)}
    move(Thing.PROPOSAL, old, ProposalState.LAPSED, reason=reason)
    new = write_version(application=old.application, assessment=old.assessment, claims=claims, plan=plan)
    today = clock.today()
    answer_by = add_working_days(today, policy_on(today).answer_working_days)
    move(Thing.PROPOSAL, new, ProposalState.SUBMITTED, reason=reason, submitted_on=today, answer_by=answer_by)
    Proposal.objects.filter(pk=old.pk).update(replaced_by=new)
    for answer in open_answers(new, answer_by):
        before = given.get(answer.creditor_id)
        if before is not None and before.state == AnswerState.ACCEPTED and answer.share_cents >= before.share_cents:
            move(
                Thing.ANSWER,
                answer,
                AnswerState.ACCEPTED,
                reason=f"ja op versie {old.version} geldt ook voor minstens dit deel",
                creditor_id=answer.creditor_id,
                decided_by_id=before.decided_by_id,
                decided_by_policy_id=before.decided_by_policy_id,
                decided_at=before.decided_at,
                decided_on=before.decided_on,
                why=before.why,
                seen_hash=before.seen_hash,
            )
        elif before is not None and _same_part(before, answer):
            _keep_no_or_silence(before, answer, old)
        tell_creditor(
            answer.creditor,
            key=f"proposal:{new.pk}:{answer.creditor_id}",
            kind="proposal_changed",
            subject="Een voorstel is gewijzigd",
            body=(
                "Een voorstel is gewijzigd.\n"
                + (
                    "U zei al ja. Uw deel is niet lager geworden. U hoeft niets te doen."
                    if answer.state == AnswerState.ACCEPTED
                    else "U zei nee. Voor u is er niets veranderd. U hoeft niets te doen."
                    if answer.state == AnswerState.REFUSED
                    else f"Wilt u opnieuw antwoorden? Dat kan tot en met {answer_by:%d-%m-%Y}."
                )
            ),
        )
    jobs.enqueue(
        "apply_policies", key=f"apply_policies:{new.pk}", arguments={"proposal": new.pk}, citizen_id=new.citizen_id
    )
    jobs.enqueue(
        "settle_proposal",
        key=f"settle_proposal:{new.pk}:new",
        arguments={"proposal": new.pk},
        citizen_id=new.citizen_id,
    )
    promise_certificates(new)
    return new


def _same_part(before: Answer, answer: Answer) -> bool:
    """Whether this creditor is offered exactly the same again."""
    return (before.outstanding_cents, before.share_cents, before.waived_cents) == (
        answer.outstanding_cents,
        answer.share_cents,
        answer.waived_cents,
    )


def _keep_no_or_silence(before: Answer, answer: Answer, old: Proposal) -> None:
    reason = f"op versie {old.version} hetzelfde antwoord op hetzelfde deel"
    if before.state == AnswerState.UNANSWERED:
        move(Thing.ANSWER, answer, AnswerState.UNANSWERED, reason=reason, creditor_id=answer.creditor_id)
    elif before.state == AnswerState.REFUSED:
        move(
            Thing.ANSWER,
            answer,
            AnswerState.REFUSED,
            reason=reason,
            creditor_id=answer.creditor_id,
            refusal_code=before.refusal_code,
            refusal_note=before.refusal_note,
            decided_by_id=before.decided_by_id,
            decided_at=before.decided_at,
            decided_on=before.decided_on,
            seen_hash=before.seen_hash,
        )


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
    old = settle_proposal(proposal_id=_newest_version(proposal_id).pk)
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
        body="Het voorstel gaat zonder uw organisatie verder. Wilt u later toch meedoen, voor hetzelfde deel? Bel ons dan.",
    )
    claims = [staying[int(line.key)] for line in plan.lines]
    return replace_version(old=old, claims=claims, plan=plan, reason="verder zonder één organisatie")


def _newest_version(proposal_id: int) -> Proposal:
    """The version that took the place of this one, or of its successor, locked."""
    row = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal_id)
    return row if row.replaced_by_id is None else _newest_version(row.replaced_by_id)


def _claim_ids(proposal: Proposal, creditor_id: int) -> list[int]:
    lines = ProposalLine.objects.filter(proposal=proposal, creditor_id=creditor_id)
    return list(lines.values_list("claim_id", flat=True))
