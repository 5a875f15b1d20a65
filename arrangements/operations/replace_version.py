"""Putting new versions in the place of old ones, for one citizen or for many at once: one way of doing it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max

from arrangements.domain.answer_clock import AnswerClock, clock_from
from arrangements.domain.lifecycle import AnswerState, ProposalState, Thing, check_move
from arrangements.domain.policy_values import policy_on
from arrangements.domain.proposal import Plan
from arrangements.models import Answer, Claim, Proposal, ProposalLine
from arrangements.operations.make_certificates import promise_certificates
from arrangements.operations.make_proposal import line_rows, version_row
from arrangements.operations.moves import move_line
from arrangements.operations.submit_proposal import answer_rows
from arrangements.operations.tell import message_for_creditor
from creditors.models import Creditor
from infra import audit, clock, jobs, outbox
from infra.models import AuditLine

_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Joining:
    """A creditor that was left out of an earlier version and now says yes to the share it had there."""

    creditor_id: int
    user_id: int
    seen_hash: str


@dataclass(frozen=True, slots=True)
class Replacement:
    """What takes the place of `old`, which the caller holds locked; the claims are in the order of the plan's lines."""

    old: Proposal
    claims: Sequence[Claim]
    plan: Plan
    joining: Joining | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One move of an answer that was carried over: from, to and why."""

    from_: AnswerState
    to: AnswerState
    reason: str


def replace_version(
    *, old: Proposal, claims: Sequence[Claim], plan: Plan, reason: str, joining: Joining | None = None
) -> Proposal:
    """Put a new version in the place of `old` (submitted, or agreed and not signed). Part of the caller's transaction.

    Keeps every yes to at least its share. Where nothing changed for a creditor its no, its silence, its question and its
    days stay what they were, so that the citizen does not have to wait for the same answer again; a late yes to silence is
    still possible. `reason`: what everybody reads, without a name.
    """
    [new] = replace_versions([Replacement(old, claims, plan, joining)], reason=reason)
    for kind in ("apply_policies", "settle_proposal"):
        jobs.enqueue(kind, key=f"{kind}:{new.pk}:new", arguments={"proposal": new.pk}, citizen_id=new.citizen_id)
    promise_certificates(new)
    return new


def replace_versions(replacements: Sequence[Replacement], *, reason: str) -> list[Proposal]:
    """As `replace_version`, for many citizens in as many statements as for one. What follows is for the caller to promise.

    At most one replacement per citizen. Part of the caller's transaction; worker only.
    """
    if not replacements:
        return []
    today = clock.today()
    asked = clock_from(today, policy_on(today).answer_working_days)
    log: list[AuditLine] = []
    new = _write_versions(replacements, asked, reason, log)
    lines: list[ProposalLine] = []
    for proposal, one in zip(new, replacements, strict=True):
        lines += line_rows(proposal, one.claims, one.plan)
    ProposalLine.objects.bulk_create(lines, batch_size=_BATCH)
    answers = _write_answers(replacements, new, lines, asked, log)
    audit.record_all(log)
    _tell_creditors(replacements, answers, reason)
    return new


def _write_versions(
    replacements: Sequence[Replacement], asked: AnswerClock, reason: str, log: list[AuditLine]
) -> list[Proposal]:
    olds = [one.old for one in replacements]
    for old in olds:
        check_move(Thing.PROPOSAL, old.state, ProposalState.LAPSED)
        log.append(move_line(Thing.PROPOSAL, old, old.state, ProposalState.LAPSED, reason=reason))
        old.state = ProposalState.LAPSED
    Proposal.objects.filter(pk__in=[old.pk for old in olds]).update(state=ProposalState.LAPSED)
    last = dict(
        Proposal.objects.filter(citizen_id__in=[old.citizen_id for old in olds])
        .order_by()
        .values_list("citizen_id")
        .annotate(Max("version"))
    )
    new = []
    for one in replacements:
        old = one.old
        row = version_row(
            application=old.application,
            assessment=old.assessment,
            claims=one.claims,
            plan=one.plan,
            version=last[old.citizen_id] + 1,
        )
        check_move(Thing.PROPOSAL, row.state, ProposalState.SUBMITTED)
        row.state = ProposalState.SUBMITTED
        row.submitted_on, row.answer_by = asked.asked_on, asked.answer_by
        # The days to make an arrangement count from the first sending, and what the citizen chose stays chosen.
        row.first_submitted_on = old.first_submitted_on or old.submitted_on
        row.shift_rule, row.windfall_rule = old.shift_rule, old.windfall_rule
        new.append(row)
    Proposal.objects.bulk_create(new, batch_size=_BATCH)
    for row, old in zip(new, olds, strict=True):
        old.replaced_by = row
        log.append(
            audit.line(
                "proposal_drafted",
                object_type="proposal",
                object_id=row.pk,
                to_state=ProposalState.DRAFT,
                citizen_id=row.citizen_id,
            )
        )
        log.append(move_line(Thing.PROPOSAL, row, ProposalState.DRAFT, ProposalState.SUBMITTED, reason=reason))
    Proposal.objects.bulk_update(olds, ["replaced_by"], batch_size=_BATCH)
    return new


def _write_answers(
    replacements: Sequence[Replacement],
    new: Sequence[Proposal],
    lines: Sequence[ProposalLine],
    asked: AnswerClock,
    log: list[AuditLine],
) -> list[Answer]:
    given = {
        (answer.proposal_id, answer.creditor_id): answer
        for answer in Answer.objects.filter(proposal_id__in=[one.old.pk for one in replacements])
    }
    lines_of: dict[int, list[ProposalLine]] = defaultdict(list)
    for line in lines:
        lines_of[line.proposal_id].append(line)
    answers: list[Answer] = []
    moved: list[tuple[Answer, list[Step]]] = []
    for proposal, one in zip(new, replacements, strict=True):
        for answer in answer_rows(proposal, lines_of[proposal.pk], asked):
            before = given.get((one.old.pk, answer.creditor_id))
            if one.joining is not None and answer.creditor_id == one.joining.creditor_id:
                moved.append((answer, _joins(answer, one.joining)))
            elif before is not None:
                moved.append((answer, carry_over(before, answer, version=one.old.version)))
            answers.append(answer)
    Answer.objects.bulk_create(answers, batch_size=_BATCH)
    for answer, steps in moved:
        for step in steps:
            check_move(Thing.ANSWER, step.from_, step.to)
            log.append(
                move_line(Thing.ANSWER, answer, step.from_, step.to, reason=step.reason, creditor_id=answer.creditor_id)
            )
    return answers


def _joins(answer: Answer, joining: Joining) -> list[Step]:
    answer.state = AnswerState.ACCEPTED
    answer.decided_by_id = joining.user_id
    answer.decided_at, answer.decided_on = clock.now(), clock.today()
    answer.seen_hash = joining.seen_hash
    return [Step(AnswerState.OPEN, AnswerState.ACCEPTED, "doet alsnog mee, voor hetzelfde deel")]


_WORDS = (
    "question",
    "question_on",
    "reply",
    "replied_on",
    "reconsideration_on",
    "reconsideration_note",
    # a no of before stands beside the round that was asked after it
    "refusal_code",
    "refusal_note",
)
_DECISION = ("decided_by_id", "decided_by_policy_id", "decided_at", "decided_on", "why", "seen_hash")
_DAYS = ("asked_on", "answer_by", "reminded_on")


def carry_over(before: Answer, answer: Answer, *, version: int) -> list[Step]:
    """What of the answer to version `version` still counts for the new one, set on `answer`; the moves it comes down to.

    A yes to at least this share stays a yes. Exactly the same part keeps its no, its silence, its round of looking again
    and its days. A question stays asked. Everything else is asked anew, with what was said in words beside it.
    """
    _copy(before, answer, _WORDS)
    state = AnswerState(before.state)
    if state == AnswerState.ACCEPTED and answer.share_cents >= before.share_cents:
        _copy(before, answer, _DECISION)
        return _to(answer, f"ja op versie {version} geldt ook voor minstens dit deel", AnswerState.ACCEPTED)
    same = (before.outstanding_cents, before.share_cents, before.waived_cents) == (
        answer.outstanding_cents,
        answer.share_cents,
        answer.waived_cents,
    )
    if not same:
        if state == AnswerState.QUESTION:
            _copy(before, answer, _DECISION)
            return _to(answer, f"de vraag over versie {version} staat nog open", AnswerState.QUESTION)
        return []
    if state in (AnswerState.ACCEPTED, AnswerState.BALANCE_DIFFERS):
        return []
    _copy(before, answer, _DAYS)
    reason = f"op versie {version} hetzelfde antwoord op hetzelfde deel"
    if state in (AnswerState.REFUSED, AnswerState.RECONSIDERATION):
        _copy(before, answer, _DECISION)
        again = (AnswerState.RECONSIDERATION,) if state == AnswerState.RECONSIDERATION else ()
        return _to(answer, reason, AnswerState.REFUSED, *again)
    if state == AnswerState.QUESTION:
        _copy(before, answer, _DECISION)
    return _to(answer, reason, state) if state != AnswerState.OPEN else []


def _copy(before: Answer, answer: Answer, names: Sequence[str]) -> None:
    for name in names:
        setattr(answer, name, getattr(before, name))


def _to(answer: Answer, reason: str, *states: AnswerState) -> list[Step]:
    steps = []
    for state in states:
        steps.append(Step(AnswerState(answer.state), state, reason))
        answer.state = state
    return steps


def _tell_creditors(replacements: Sequence[Replacement], answers: Sequence[Answer], reason: str) -> None:
    creditors: dict[int, Creditor] = {claim.creditor_id: claim.creditor for one in replacements for claim in one.claims}
    outbox.post_messages(
        [
            message_for_creditor(
                creditors[answer.creditor_id],
                key=f"proposal:{answer.proposal_id}:{answer.creditor_id}",
                kind="proposal_changed",
                subject="Een voorstel is gewijzigd",
                body=f"Een voorstel is gewijzigd: {reason}.\n{_what_to_do(answer)}",
            )
            for answer in answers
        ]
    )


def _what_to_do(answer: Answer) -> str:
    if answer.state == AnswerState.ACCEPTED:
        return "U zei al ja. Uw deel is niet lager geworden. U hoeft niets te doen."
    if answer.state == AnswerState.REFUSED:
        return "U zei nee. Voor u is er niets veranderd. U hoeft niets te doen."
    if answer.state == AnswerState.QUESTION:
        return "Uw vraag ligt nog bij de burger. Zodra er een antwoord is, krijgt u bericht."
    assert answer.answer_by is not None  # noqa: S101  set with the clock; for the type checker
    return f"Wilt u opnieuw antwoorden? Dat kan tot en met {answer.answer_by:%d-%m-%Y}."
