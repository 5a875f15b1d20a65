"""What a variation makes of a plan as it stands: the pure core (`domain.variation`) with the rows around it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from arrangements.domain import variation as core
from arrangements.domain.deciders import ChangeGround
from arrangements.domain.lifecycle import ArrangementState, ClaimState
from arrangements.domain.plan_change import PlanImpossible
from arrangements.domain.policy_values import policy_on
from arrangements.domain.shift import Rule, Shift, ShiftRefused
from arrangements.models import Arrangement, Claim, ClaimCorrection
from arrangements.operations.change_plan import RunningPlan, new_line
from arrangements.operations.shift_plan import foresee_skip

GROUNDS = (
    ChangeGround.PROVEN_FALL,
    ChangeGround.LOWERING,
    ChangeGround.LONG_PAUSE,
    ChangeGround.LATE_CREDITOR,
    ChangeGround.JOINS_LATER,
)
"""The changes somebody asks for as a variation. A correction becomes one when others get less (`correct_claim`)."""


def plan_now(plan: RunningPlan, today: date) -> core.Now:
    """The plan as the pure core knows it."""
    return core.Now(
        monthly=plan.arrangement.monthly_cents,
        received=plan.arrangement.received_cents,
        lines=plan.lines,
        installments=plan.due(today),
        bases={str(row.claim_id): row.base_settled_cents for row in plan.rows},
    )


def compute_variation(
    plan: RunningPlan, *, ground: ChangeGround, wanted: Mapping[str, Any], today: date
) -> tuple[core.Then, tuple[core.Ask, ...]]:
    """The plan as it would be, and who has to say yes. Scope: the citizen's (a preview) or the worker's.

    `wanted`: {"monthly_cents": 4000}, {"months": 3}, {"claims": [12]}, {"shares": {"12": 4000}}, {"correction": 7}.
    Raises PlanImpossible with a Dutch sentence; ValueError for a ground that is no variation.
    """
    now = plan_now(plan, today)
    claims = {row.claim_id: row.creditor_id for row in plan.rows}
    match ground:
        case ChangeGround.PROVEN_FALL | ChangeGround.LOWERING:
            then = core.lower(now, wanted["monthly_cents"])
        case ChangeGround.LONG_PAUSE:
            foresee_pause(plan.arrangement, wanted["months"], today)
            then = core.pause(now, wanted["months"])
        case ChangeGround.LATE_CREDITOR:
            found = _claims(plan, wanted["claims"])
            then = core.late_claims(now, [new_line(one, one.confirmed_cents or 0) for one in found])
            claims |= {one.pk: one.creditor_id for one in found}
        case ChangeGround.JOINS_LATER:
            found = _claims(plan, [int(key) for key in wanted["shares"]])
            then = core.joins(
                now, [(new_line(one, one.confirmed_cents or 0), wanted["shares"][str(one.pk)]) for one in found]
            )
            claims |= {one.pk: one.creditor_id for one in found}
        case ChangeGround.CORRECTION:
            then = core.corrected(now, *_correction(wanted["correction"]))
        case _:
            raise ValueError(f"{ground} is no variation")
    creditor_of = {str(claim): creditor for claim, creditor in claims.items()}
    return then, core.whom_to_ask(ground, now.lines, then.lines, creditor_of)


def foresee_pause(arrangement: Arrangement, months: int, today: date) -> Shift:
    """What a long pause does: the skipped months come after the last one, the amount stays. Raises PlanImpossible.

    Never the other way (higher months): the creditors say yes to a later end, and nobody's gate has to be asked again.
    """
    most = policy_on(today).long_pause_months
    if not 1 <= months <= most:
        raise PlanImpossible(f"Een pauze is ten hoogste {most} maanden.")
    if arrangement.state != ArrangementState.ACTIVE:
        raise PlanImpossible("De regeling staat nu al stil.")
    try:
        return foresee_skip(arrangement, months, rule=Rule.LATER)
    except ShiftRefused as error:
        raise PlanImpossible(str(error)) from error


def _correction(correction_id: int) -> tuple[str, int]:
    """The claim and what was really open at the start. PlanImpossible when it ended already."""
    row = ClaimCorrection.objects.filter(pk=correction_id, applied_on=None, refused_on=None).first()
    if row is None:
        raise PlanImpossible("Deze correctie is al klaar.")
    return str(row.claim_id), row.after_cents


def _claims(plan: RunningPlan, ids: list[int]) -> list[Claim]:
    """The claims that come in. PlanImpossible when one has no confirmed balance, or is in the plan already."""
    inside = {row.claim_id for row in plan.rows}
    found = list(Claim.objects.filter(pk__in=ids, citizen_id=plan.arrangement.citizen_id).order_by("pk"))
    if len(found) != len(set(ids)) or not found:
        raise PlanImpossible("Deze schuld kennen wij niet.")
    for one in found:
        if one.pk in inside:
            raise PlanImpossible("Deze schuld zit al in het plan.")
        if one.state != ClaimState.CONFIRMED or not one.confirmed_cents:
            raise PlanImpossible("De organisatie moet het bedrag eerst bevestigen.")
    return found
