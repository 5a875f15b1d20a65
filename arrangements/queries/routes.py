"""Two clocks: one proposal beside the municipal route and beside paying everything, for all and per organisation."""

from collections.abc import Mapping
from dataclasses import dataclass

from arrangements.domain.claim import PlanClaim
from arrangements.domain.policy_values import policy_on
from arrangements.domain.proposal import (
    CreditorOutcome,
    Route,
    TermOutcome,
    compare_terms,
    per_creditor,
    term_outcome,
)
from arrangements.models import Proposal, ProposalLine
from arrangements.operations.make_proposal import plan_of
from infra import clock


@dataclass(frozen=True, slots=True)
class RoutesOfCreditor:
    """What one organisation gets on every route, in cents."""

    name: str
    outstanding_cents: int
    routes: Mapping[Route, CreditorOutcome]


@dataclass(frozen=True, slots=True)
class Routes:
    """The three routes with the same amount per month, and the same per organisation; `municipal_months` is policy."""

    monthly_cents: int
    municipal_months: int
    routes: Mapping[Route, TermOutcome]
    creditors: tuple[RoutesOfCreditor, ...]


def routes_of(proposal: Proposal) -> Routes:
    """Compare this version with the other routes. Scope: the citizen's. The policy values are today's."""
    values = policy_on(clock.today())
    plan = plan_of(proposal)
    claims = [PlanClaim(line.key, line.outstanding, line.preferent, line.dischargeable) for line in plan.lines]
    compared = compare_terms(
        plan.monthly, claims, months=proposal.months, municipal_months=values.municipal_term_months
    )
    # Ours is what was agreed, to the cent; after a refusal that is not what a new division would give.
    routes = {one.route: one for one in compared} | {Route.PLATFORM: term_outcome(Route.PLATFORM, plan)}
    creditor_of = {
        str(line.claim_id): line.creditor
        for line in ProposalLine.objects.filter(proposal=proposal).select_related("creditor")
    }
    parties = {key: str(creditor.pk) for key, creditor in creditor_of.items()}
    names = {str(creditor.pk): creditor.name for creditor in creditor_of.values()}
    found: dict[str, dict[Route, CreditorOutcome]] = {}
    for route, outcome in routes.items():
        for one in per_creditor(outcome, parties):
            found.setdefault(one.creditor, {})[route] = one
    return Routes(
        monthly_cents=plan.monthly,
        municipal_months=values.municipal_term_months,
        routes=routes,
        creditors=tuple(
            RoutesOfCreditor(names[party], mine[Route.PLATFORM].outstanding, mine) for party, mine in found.items()
        ),
    )
