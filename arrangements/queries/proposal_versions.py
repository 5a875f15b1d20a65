"""Everything that happened to one proposal: every version, and what everybody said to it, with dates and reasons."""

from dataclasses import dataclass
from datetime import date

from arrangements.domain.lifecycle import AnswerState, ProposalState, RefusalCode, Thing, state_label
from arrangements.models import Answer, Proposal


@dataclass(frozen=True, slots=True)
class Said:
    """What one creditor said to one version, in words. `share_cents` of `outstanding_cents` was offered."""

    name: str
    outstanding_cents: int
    share_cents: int
    word: str
    on: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Version:
    """One version that was sent; `ended` says in words what came of it."""

    proposal: Proposal
    ended: str
    said: tuple[Said, ...]


def versions_of(proposal: Proposal) -> tuple[Version, ...]:
    """The versions of the application of `proposal`, oldest first, drafts left out. Scope: the citizen's."""
    versions = Proposal.objects.filter(application_id=proposal.application_id).exclude(state=ProposalState.DRAFT)
    answers: dict[int, list[Answer]] = {}
    for answer in (
        Answer.objects.filter(proposal__in=versions).select_related("creditor").order_by("creditor__name", "pk")
    ):
        answers.setdefault(answer.proposal_id, []).append(answer)
    return tuple(
        Version(one, _ended(one), tuple(_said(answer) for answer in answers.get(one.pk, ())))
        for one in versions.order_by("version")
    )


def _ended(proposal: Proposal) -> str:
    if proposal.replaced_by_id is not None:
        return "vervangen door een nieuwe versie"
    return state_label(Thing.PROPOSAL, proposal.state)


def _said(answer: Answer) -> Said:
    reasons = []
    if answer.state == AnswerState.REFUSED:
        reasons.append(RefusalCode(answer.refusal_code).citizen_text)
        if answer.refusal_note:
            reasons.append(f"“{answer.refusal_note}”")
    if answer.reconsideration_on is not None:
        reasons.append(f"Opnieuw bekeken, gevraagd op {answer.reconsideration_on:%d-%m-%Y}.")
    if answer.claimed_balance_cents is not None:
        reasons.append("Noemde een ander saldo.")
    if answer.left_out_on is not None:
        reasons.append(f"Zonder deze organisatie verder op {answer.left_out_on:%d-%m-%Y}.")
    return Said(
        name=answer.creditor.name,
        outstanding_cents=answer.outstanding_cents,
        share_cents=answer.share_cents,
        word=state_label(Thing.ANSWER, answer.state),
        on=answer.decided_on,
        reason=" ".join(reasons),
    )
