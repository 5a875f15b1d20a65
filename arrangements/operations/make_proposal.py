"""Composing one version of the proposal: the draft the citizen looks at, and every later version."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from arrangements.domain.claim import PlanClaim
from arrangements.domain.lifecycle import ClaimState, ProposalState
from arrangements.domain.policy_values import policy_on
from arrangements.domain.proposal import Plan, PlanLine, basis_points, compute_plan, content_hash
from arrangements.domain.term import installments
from arrangements.models import Application, Assessment, Claim, Proposal, ProposalLine
from infra import audit, clock

SHARES_THE_STORY = Application.StoryReaders.EVERYBODY


class NothingToPropose(Exception):
    """There is no claim that can take part: none found yet, or no amount is known."""


class AmountTooHigh(Exception):
    """The gate did not say green for this amount. No path, role or policy gets past this."""


@dataclass(frozen=True, slots=True)
class ClaimsForPlan:
    """The citizen's claims, sorted by whether they can take part now."""

    taking_part: list[Claim]
    amount_unknown: list[Claim]
    not_connected: list[Claim]
    disputed: list[Claim]


def claims_for_plan(citizen_id: int) -> ClaimsForPlan:
    """Which claims take part: amount known, organisation connected, not disputed. Scope: the citizen's or the worker's.

    A claim that was in an arrangement takes part in no other one: it is being paid there, or what was left is waived.
    """
    taking_part: list[Claim] = []
    unknown: list[Claim] = []
    outside: list[Claim] = []
    disputed: list[Claim] = []
    own = Claim.objects.select_related("creditor").filter(citizen_id=citizen_id, arrangement_line=None)
    for claim in own.order_by("pk"):
        if claim.state in (ClaimState.WITHDRAWN, ClaimState.TRANSFERRED):
            continue
        if claim.state == ClaimState.DISPUTED:
            disputed.append(claim)
        elif not claim.creditor.participates:
            outside.append(claim)
        elif claim.known_cents is None:
            unknown.append(claim)
        elif claim.known_cents > 0:
            taking_part.append(claim)
    return ClaimsForPlan(taking_part, unknown, outside, disputed)


def plan_for(*, monthly_cents: int, months: int, claims: Sequence[Claim]) -> Plan:
    """Ask the pure core: what does each claim get out of this amount (cents per month) over this term (months)?"""
    return compute_plan(
        monthly_cents,
        months,
        [
            PlanClaim(
                key=str(claim.pk),
                outstanding=claim.known_cents or 0,
                preferent=claim.is_preferent,
                dischargeable=claim.dischargeable,
            )
            for claim in claims
        ],
    )


def plan_of(proposal: Proposal) -> Plan:
    """The stored version as the pure core knows it; its lines are keyed by the claim's number."""
    lines = tuple(
        PlanLine(
            key=str(line.claim_id),
            outstanding=line.outstanding_cents,
            preferent=line.is_preferent,
            dischargeable=line.dischargeable,
            share=line.share_cents,
            waived=line.waived_cents,
            remains=line.remains_cents,
            basis_points=basis_points(line.share_cents, line.outstanding_cents),
        )
        for line in ProposalLine.objects.filter(proposal=proposal).order_by("position")
    )
    due = tuple(installments(proposal.monthly_cents, proposal.months, proposal.pot_cents))
    return Plan(proposal.monthly_cents, proposal.months, due, lines)


@transaction.atomic
def make_draft(*, application: Application, assessment: Assessment) -> Proposal:
    """The proposal as the citizen sees it before sending; a second call replaces the first draft.

    Raises AmountTooHigh unless the assessment is green for the declared amount, NothingToPropose without claims.
    """
    if assessment.verdict != Assessment.Verdict.GREEN or application.declared_cents is None:
        raise AmountTooHigh
    if assessment.declared_cents != application.declared_cents or application.declared_cents > assessment.sure_cents:
        raise AmountTooHigh
    if application.declared_cents == 0:
        raise NothingToPropose
    claims = claims_for_plan(application.citizen_id).taking_part
    if not claims:
        raise NothingToPropose
    months = application.months or policy_on(clock.today()).term_months
    for old in Proposal.objects.select_for_update(of=("self",)).filter(
        citizen_id=application.citizen_id, state=ProposalState.DRAFT
    ):
        ProposalLine.objects.filter(proposal=old).delete()
        old.delete()
    plan = plan_for(monthly_cents=application.declared_cents, months=months, claims=claims)
    return write_version(application=application, assessment=assessment, claims=claims, plan=plan)


def next_version(citizen_id: int) -> int:
    """The number of the next version of this citizen's proposal, from 1."""
    last = Proposal.objects.filter(citizen_id=citizen_id).order_by("-version").values_list("version", flat=True).first()
    return (last or 0) + 1


def version_row(
    *, application: Application, assessment: Assessment, claims: Sequence[Claim], plan: Plan, version: int
) -> Proposal:
    """One version of a proposal that is not stored yet: a draft."""
    shares_story = application.story_readers == SHARES_THE_STORY
    return Proposal(
        citizen_id=application.citizen_id,
        application=application,
        assessment=assessment,
        version=version,
        monthly_cents=plan.monthly,
        months=plan.months,
        pot_cents=plan.pot,
        total_cents=plan.total_outstanding,
        creditor_count=len({claim.creditor_id for claim in claims}),
        capacity_cents=assessment.sure_cents,
        pay_day=application.pay_day,
        content_hash=content_hash(plan),
        story_shared=application.story if shares_story else "",
        story_cause_shared=application.story_cause if shares_story else "",
    )


def line_rows(proposal: Proposal, claims: Sequence[Claim], plan: Plan) -> list[ProposalLine]:
    """The lines of a stored version, in the order of the plan; not stored yet."""
    return [
        ProposalLine(
            proposal=proposal,
            claim=claim,
            citizen_id=proposal.citizen_id,
            creditor_id=claim.creditor_id,
            position=position,
            outstanding_cents=line.outstanding,
            is_preferent=line.preferent,
            dischargeable=line.dischargeable,
            share_cents=line.share,
            waived_cents=line.waived,
            remains_cents=line.remains,
        )
        for position, (claim, line) in enumerate(zip(claims, plan.lines, strict=True), start=1)
    ]


def write_version(*, application: Application, assessment: Assessment, claims: Sequence[Claim], plan: Plan) -> Proposal:
    """Store one version with its lines, as a draft. Part of the caller's transaction."""
    proposal = version_row(
        application=application,
        assessment=assessment,
        claims=claims,
        plan=plan,
        version=next_version(application.citizen_id),
    )
    proposal.save(force_insert=True)
    ProposalLine.objects.bulk_create(line_rows(proposal, claims, plan))
    audit.record(
        "proposal_drafted",
        object_type="proposal",
        object_id=proposal.pk,
        to_state=ProposalState.DRAFT,
        citizen_id=proposal.citizen_id,
    )
    return proposal
