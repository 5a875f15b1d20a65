"""Old and new side by side, as pages show it. No rule is made here: figures come from the queries and the pure core."""

from dataclasses import dataclass
from typing import Any

from affordability.gate import Verdict
from arrangements.domain.change import Comparison, Figures, Outcome
from arrangements.domain.lifecycle import UNDER_WAY
from arrangements.models import Application, Arrangement, ArrangementLine
from arrangements.queries.changes import (
    call_to_come,
    figures_before,
    is_changed,
    last_reported,
    official_is_out_of_date,
    open_change,
    payslip_is_out_of_date,
    prognosis_for,
    reported_change,
    review_to_do,
)
from citizen_portal import presenters
from kernel.cents import format_euro

UNKNOWN = "Nog niet bekend"
NOTHING = "Niet ingevuld"


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """One answer that is another than before."""

    label: str
    before: str
    after: str
    page: str


@dataclass(frozen=True, slots=True)
class SideBySide:
    """One line of the comparison; `check` names it for whoever reads the page by machine."""

    label: str
    before: str
    after: str
    check: str


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One organisation if the amount fell, in cents."""

    name: str
    to_pay_now: int
    to_pay_then: int
    waived_then: int
    remains_then: int


def changed_rows(change: Application) -> list[ChangedRow]:
    """The answers that differ from those before, in words; an answer that is no longer asked is shown too."""
    before = {row.label: row for row in presenters.figures(figures_before(change))}
    now = {row.label: row for row in presenters.figures(change)}
    rows = []
    for label in [*now, *(label for label in before if label not in now)]:
        old, new = before.get(label), now.get(label)
        if old is None or new is None or old.value != new.value:
            known = new or old
            rows.append(
                ChangedRow(
                    label, old.value if old else NOTHING, new.value if new else NOTHING, known.page if known else ""
                )
            )
    return rows


def _between(low: int | None, high: int | None) -> str:
    if low is None or high is None:
        return UNKNOWN
    return format_euro(low) if low == high else f"{format_euro(low)} tot {format_euro(high)}"


def _fits(figures: Figures, *, unsure: bool = False) -> str:
    if figures.verdict is None:
        return UNKNOWN
    if figures.verdict is Verdict.RED:
        return "Nee"
    return "Misschien" if unsure or figures.verdict is Verdict.AMBER else "Ja"


def side_by_side(found: Comparison, *, for_staff: bool = False) -> list[SideBySide]:
    """Income, floor, capacity and verdict, before and now."""
    old, new = found.old, found.new
    amount = format_euro(found.monthly)
    return [
        SideBySide("Er komt binnen", _between(old.income, old.income), _between(new.income, new.income), "income"),
        SideBySide(
            "Vrij om van te leven" if for_staff else "Dit houdt u om van te leven",
            _between(old.floor_low, old.floor_high),
            _between(new.floor_low, new.floor_high),
            "floor",
        ),
        SideBySide(
            "Afloscapaciteit" if for_staff else "Dit kunt u missen",
            _between(old.capacity_low, old.capacity_high),
            _between(new.capacity_low, new.capacity_high),
            "capacity",
        ),
        SideBySide(
            f"Past {amount} per maand?", _fits(old), _fits(new, unsure=found.outcome is Outcome.UNSURE), "verdict"
        ),
    ]


def _effect(arrangement: Arrangement, monthly: int) -> dict[str, Any]:
    foreseen = prognosis_for(arrangement, monthly)
    names = dict(
        ArrangementLine.objects.filter(arrangement=arrangement)
        .values_list("claim_id", "creditor__name")
        .order_by("position")
    )
    rows: dict[str, list[int]] = {}
    for line in foreseen.lines:
        sums = rows.setdefault(names[int(line.key)], [0, 0, 0, 0])
        for place, cents in enumerate((line.to_pay_now, line.to_pay_then, line.waived_then, line.remains_then)):
            sums[place] += cents
    return {
        "monthly": monthly,
        "months": foreseen.months,
        "rows": [EffectRow(name, *sums) for name, sums in rows.items()],
        "totals": EffectRow(
            "Samen", foreseen.to_pay_now, foreseen.to_pay_then, foreseen.waived_then, foreseen.remains_then
        ),
    }


def comparison(change: Application, found: Comparison, *, for_staff: bool = False) -> dict[str, Any]:
    """The two sides, what they mean, and what a lower amount would do to the plan."""
    lower = found.lower_amount
    assert change.arrangement is not None  # noqa: S101  a change has one; for the type checker
    return {
        "found": found,
        "outcome": found.outcome.value,
        "monthly": found.monthly,
        "rows": side_by_side(found, for_staff=for_staff),
        "changed": changed_rows(change),
        "lower": lower,
        # Nothing to miss is no lower plan: then people look for another way together.
        "effect": _effect(change.arrangement, lower) if lower else None,
        "official_is_old": official_is_out_of_date(change),
        "payslip_is_old": payslip_is_out_of_date(change),
        "review": change.purpose == Application.Purpose.REVIEW,
    }


def on_overview(arrangement: Arrangement) -> dict[str, Any] | None:
    """What the overview says about changes; None when the plan is over. `due_on`: somebody is still going to call."""
    if arrangement.state not in UNDER_WAY:
        return None
    last = last_reported(arrangement)
    begun = open_change(arrangement)
    return {
        "review": review_to_do(arrangement),
        "due_on": call_to_come(last) if last else None,
        "begun": begun is not None and is_changed(begun),
    }


def for_coach(arrangement: Arrangement | None) -> dict[str, Any] | None:
    """The change that was passed on last, for the page of the client; None without one."""
    last = last_reported(arrangement) if arrangement is not None else None
    if last is None:
        return None
    told = reported_change(last)
    return comparison(last, told.comparison, for_staff=True) | {"told": told}
