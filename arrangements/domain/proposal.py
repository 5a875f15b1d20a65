"""One proposal over all claims: the amounts per creditor, what is waived, and what remains."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256

from affordability.gate import Assessment, Verdict
from arrangements.domain.claim import PlanClaim
from arrangements.domain.split import shares
from arrangements.domain.term import installments, months_needed
from kernel.cents import half_up, whole_number

FULL_BASIS_POINTS = 10_000


class BelowFloor(ValueError):
    """The amount is not one the household can surely miss. `highest` is the most that may be proposed, in cents."""

    def __init__(self, declared: int, highest: int) -> None:
        """Keep the figures for whoever has to explain the refusal."""
        super().__init__(f"{declared} cents per month may not be proposed; the most is {highest}")
        self.declared = declared
        self.highest = highest


@dataclass(frozen=True)
class PlanLine:
    """One claim in the plan, in cents: share + waived + remains is what is outstanding."""

    key: str
    outstanding: int
    preferent: bool
    dischargeable: bool
    share: int
    waived: int
    remains: int
    basis_points: int
    """The share as a percentage of the claim, times 100, half-up; 10.000 when nothing is outstanding."""


@dataclass(frozen=True)
class Plan:
    """A whole proposal: one monthly amount in cents, one term, and the line of every claim."""

    monthly: int
    months: int
    installments: tuple[int, ...]
    lines: tuple[PlanLine, ...]

    @property
    def effective_months(self) -> int:
        """How many months are really paid: fewer than `months` when everything is paid sooner."""
        return len(self.installments)

    @property
    def pot(self) -> int:
        """What the citizen pays in all."""
        return sum(self.installments)

    @property
    def total_outstanding(self) -> int:
        """What all claims ask together."""
        return sum(line.outstanding for line in self.lines)

    @property
    def total_share(self) -> int:
        """What all creditors get together: the pot, to the cent."""
        return sum(line.share for line in self.lines)

    @property
    def total_waived(self) -> int:
        """What is waived at the end."""
        return sum(line.waived for line in self.lines)

    @property
    def total_remains(self) -> int:
        """What remains at the end because law does not let it go ("blijft over")."""
        return sum(line.remains for line in self.lines)

    @property
    def basis_points(self) -> int:
        """The part of all claims that is paid, as a percentage times 100, half-up."""
        return basis_points(self.total_share, self.total_outstanding)


class Route(StrEnum):
    """The terms a citizen compares."""

    PLATFORM = "platform"
    MUNICIPAL = "municipal"
    IN_FULL = "in_full"


@dataclass(frozen=True)
class TermOutcome:
    """What one term comes to, in cents; `lines` are the claims, and add up to it."""

    route: Route
    months: int
    paid: int
    waived: int
    remains: int
    basis_points: int
    lines: tuple[PlanLine, ...]


@dataclass(frozen=True)
class CreditorOutcome:
    """What one term comes to for one creditor, in cents. `months`: how long it is paid; 0 when it gets nothing."""

    creditor: str
    outstanding: int
    months: int
    paid: int
    waived: int
    remains: int
    basis_points: int


def basis_points(part: int, whole: int) -> int:
    """`part` of `whole` as a percentage times 100, half-up; 10.000 when the whole is nothing."""
    return half_up(Fraction(part * FULL_BASIS_POINTS, whole)) if whole else FULL_BASIS_POINTS


def _line(claim: PlanClaim, share: int) -> PlanLine:
    rest = claim.outstanding - share
    return PlanLine(
        key=claim.key,
        outstanding=claim.outstanding,
        preferent=claim.preferent,
        dischargeable=claim.dischargeable,
        share=share,
        waived=rest if claim.dischargeable else 0,
        remains=0 if claim.dischargeable else rest,
        basis_points=basis_points(share, claim.outstanding),
    )


def compute_plan(monthly: int, months: int, claims: Sequence[PlanClaim]) -> Plan:
    """Divide `monthly` cents during at most `months` months over `claims`, in their order.

    The order only decides who gets an odd cent, so callers keep it fixed. Says nothing about what the household can
    miss: see `propose`. ValueError when amount or term is below 1 or two claims have the same key.
    """
    if len({claim.key for claim in claims}) != len(claims):
        raise ValueError("two claims have the same key")
    due = installments(monthly, months, sum(claim.outstanding for claim in claims))
    split = shares(sum(due), [claim.line for claim in claims])
    lines = tuple(_line(claim, share) for claim, share in zip(claims, split, strict=True))
    return Plan(monthly, months, tuple(due), lines)


def propose(assessment: Assessment, declared: int, months: int, claims: Sequence[PlanClaim]) -> Plan:
    """The plan for `declared` cents per month, when the gate says it can be missed.

    BelowFloor unless the verdict is green and `declared` is at most the sure capacity: both, because a verdict
    belongs to the amount it was asked for. Nobody can overrule this (domain.md 1.4). ValueError as `compute_plan`; 0
    is no proposal.
    """
    whole_number(declared, "declared")
    if assessment.verdict is not Verdict.GREEN or declared > assessment.sure_capacity:
        raise BelowFloor(declared, assessment.sure_capacity)
    return compute_plan(declared, months, claims)


def continue_without(plan: Plan, refusers: Collection[str]) -> Plan:
    """The plan that goes on without the claims named in `refusers` (architecture.md, "One refusal does not sink the
    plan").

    The other shares stay as agreed, to the cent; the monthly amount drops by the part of those who left, rounded up
    to a whole cent so that the agreed term suffices. ValueError for a key that is not in the plan, and when nobody is
    left.
    """
    gone = set(refusers)
    if unknown := gone - {line.key for line in plan.lines}:
        raise ValueError(f"not in the plan: {sorted(unknown)}")
    stay = tuple(line for line in plan.lines if line.key not in gone)
    pot = sum(line.share for line in stay)
    if not pot:
        raise ValueError("nobody is left to pay")
    monthly = months_needed(plan.effective_months, pot)  # the same division, rounded up: cents per month
    return Plan(monthly, plan.months, tuple(installments(monthly, plan.effective_months, pot)), stay)


def join_again(plan: Plan, joining: Sequence[PlanLine], *, months: int) -> Plan:
    """The plan that takes back lines it went on without, at exactly the share they had (architecture.md, "Silence is
    never a yes, and never a hostage").

    All other shares stay; the monthly amount rises by the part of those who join. `months`: how many monthly amounts
    the version had in which they still took part. Says nothing about what the household can miss. ValueError for a
    claim that is in the plan already, and when nobody joins.
    """
    if not joining:
        raise ValueError("nobody joins")
    if {line.key for line in plan.lines} & {line.key for line in joining}:
        raise ValueError("a claim that joins is in the plan already")
    lines = (*plan.lines, *joining)
    pot = sum(line.share for line in lines)
    term = max(months, plan.effective_months)
    monthly = months_needed(term, pot)  # the same division as in `continue_without`
    return Plan(monthly, max(plan.months, term), tuple(installments(monthly, term, pot)), lines)


def compare_terms(
    monthly: int,
    claims: Sequence[PlanClaim],
    *,
    months: int,
    municipal_months: int,
) -> tuple[TermOutcome, ...]:
    """The same monthly amount for our term, for the municipal term, and until everything is paid.

    Both terms are dated policy values (36 and 18 in 2026): the citizen sees the shorter route before signing
    (domain.md 0, rule 5). ValueError as `compute_plan`.
    """
    in_full = max(1, months_needed(monthly, sum(claim.outstanding for claim in claims)))
    terms = {Route.PLATFORM: months, Route.MUNICIPAL: municipal_months, Route.IN_FULL: in_full}
    plans = {route: compute_plan(monthly, term, claims) for route, term in terms.items()}
    return tuple(term_outcome(route, plan) for route, plan in plans.items())


def term_outcome(route: Route, plan: Plan) -> TermOutcome:
    """What `plan` comes to, to put beside other routes."""
    return TermOutcome(
        route=route,
        months=plan.effective_months,
        paid=plan.pot,
        waived=plan.total_waived,
        remains=plan.total_remains,
        basis_points=plan.basis_points,
        lines=plan.lines,
    )


def per_creditor(outcome: TermOutcome, creditor_of: Mapping[str, str]) -> tuple[CreditorOutcome, ...]:
    """The outcome per creditor, in the order of their first claim; together they are the outcome, to the cent.

    `creditor_of` names the creditor of each claim by the claim's key. KeyError when one is missing.
    """
    lines: dict[str, list[PlanLine]] = {}
    for line in outcome.lines:
        lines.setdefault(creditor_of[line.key], []).append(line)
    found = []
    for creditor, mine in lines.items():
        outstanding, paid = sum(line.outstanding for line in mine), sum(line.share for line in mine)
        found.append(
            CreditorOutcome(
                creditor=creditor,
                outstanding=outstanding,
                months=outcome.months if paid else 0,
                paid=paid,
                waived=sum(line.waived for line in mine),
                remains=sum(line.remains for line in mine),
                basis_points=basis_points(paid, outstanding),
            )
        )
    return tuple(found)


def content_hash(plan: Plan) -> str:
    """A stable SHA-256 (64 hex digits) of everything the plan promises: what a yes was a yes to.

    Canonical JSON, keys sorted, ASCII: the same plan gives the same hash in every process and version of Python.
    """
    text = json.dumps({"plan": 1, **asdict(plan)}, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode("ascii")).hexdigest()
