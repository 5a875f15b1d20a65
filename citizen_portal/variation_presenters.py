"""A change of a running plan as the pages of citizen and coach show it. Figures come from the pure core and the rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from arrangements.domain.deciders import ChangeGround
from arrangements.domain.lifecycle import VariationState
from arrangements.domain.variation import Then
from arrangements.models import Arrangement, Claim, Consent, Variation
from arrangements.operations.change_plan import read_plan
from arrangements.operations.compute_variation import compute_variation
from arrangements.queries.variations import counted, last_variation, open_variation
from citizen_portal.change_presenters import EffectRow
from creditors.models import Creditor
from infra import clock


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do; amounts in cents. `asked`: how many organisations have to say yes."""

    monthly_now: int
    monthly: int
    asked: int
    effect: dict[str, Any]
    then: Then


def preview(arrangement: Arrangement, *, ground: ChangeGround, wanted: Mapping[str, Any]) -> Preview:
    """The plan as it would be, per organisation. Scope: the citizen's. Raises PlanImpossible."""
    plan = read_plan(arrangement)
    then, asks = compute_variation(plan, ground=ground, wanted=wanted, today=clock.today())
    claims = Claim.objects.filter(pk__in=[int(line.key) for line in then.lines])
    creditor_of = {str(pk): creditor for pk, creditor in claims.values_list("pk", "creditor_id")}
    rows: dict[int, list[int]] = {}
    old = {line.key: line for line in plan.lines}
    for line in then.lines:
        sums = rows.setdefault(creditor_of[line.key], [0, 0, 0, 0])
        before = old.get(line.key)
        for place, cents in enumerate((before.to_come if before else 0, line.to_come, line.waived, line.remains)):
            sums[place] += cents
    names = dict(Creditor.objects.filter(pk__in=rows).values_list("pk", "name"))
    totals = [sum(sums[place] for sums in rows.values()) for place in range(4)]
    coming = [one for one in plan.due(clock.today()) if one.is_to_come]
    return Preview(
        monthly_now=arrangement.monthly_cents,
        monthly=then.monthly,
        asked=len(asks),
        effect={
            "monthly": then.monthly,
            "months": len(coming),
            "rows": [EffectRow(names[creditor], *sums) for creditor, sums in rows.items()],
            "totals": EffectRow("Samen", *totals),
        },
        then=then,
    )


@dataclass(frozen=True, slots=True)
class ShownVariation:
    """A change that was asked, for the citizen: numbers of organisations, never who said what."""

    variation: Variation
    ground: str
    asked: int
    accepted: int
    is_open: bool
    wants_own_yes: bool
    monthly: int


def shown_variation(variation: Variation) -> ShownVariation:
    """See `ShownVariation`. Scope: the citizen's."""
    asked, accepted = counted(Consent.objects.filter(variation=variation))
    ground, is_open = ChangeGround(variation.ground), variation.state == VariationState.PROPOSED
    return ShownVariation(
        variation=variation,
        ground=ground.label,
        asked=asked,
        accepted=accepted,
        is_open=is_open,
        wants_own_yes=is_open and ground is ChangeGround.JOINS_LATER and "assessment" not in variation.wanted,
        monthly=int(variation.wanted.get("monthly_cents", 0)),
    )


def on_overview(arrangement: Arrangement) -> ShownVariation | None:
    """The change that waits for a yes, for the overview; None without one."""
    found = open_variation(arrangement)
    return shown_variation(found) if found else None


def newest(arrangement: Arrangement) -> ShownVariation | None:
    """The change that waits, else the one that was decided last."""
    found = last_variation(arrangement)
    return shown_variation(found) if found else None
