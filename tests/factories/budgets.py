"""Budgets for tests: every line answered, and marked by a coach."""

from typing import Any

from accounts.models import Mandate
from affordability.budget import LINES
from arrangements.models import Application, BudgetMark
from arrangements.operations.application import save_budget
from arrangements.operations.mark_budget import figures_hash, mark_budget
from infra.scope import Scope, act_as
from tests.factories.people import citizen_scope
from tests.factories.plans import Case

Lines = dict[str, dict[str, Any] | None]

SOME: Lines = {
    "zorgtoeslag": {"cents": 131_00, "period": "month"},
    "rent": {"cents": 640_00, "period": "month", "overlap": "no"},
    "energy": {"cents": 145_00, "period": "month"},
    "health_insurance": {"cents": 152_00, "period": "month", "overlap": "no"},
    "water": {"cents": 45_00, "period": "quarter"},
    "eigen_risico": {"cents": 385_00, "period": "year"},
    "food": {"cents": 65_00, "period": "week"},
}
"""With a net income of 1.900: 2.031 in, 952 fixed, 57,08 put aside (25 of it our buffer), 281,67 at home; 740,25 left."""
LEFT = 740_25


def every_line(**changed: dict[str, Any] | None) -> Lines:
    """All lines as a person leaves them after going through the four parts; the buffer is not touched."""
    return {code: None for code in LINES if code != "buffer"} | SOME | changed


def fill_in_budget(case: Case, notes: dict[str, str] | None = None, **changed: dict[str, Any] | None) -> Application:
    """Everything gone through, by the citizen."""
    with act_as(citizen_scope(case.citizen)):
        case.application = save_budget(application=case.application, lines=every_line(**changed), notes=notes)
    return case.application


def coach_scope(case: Case, mandate: Mandate) -> Scope:
    """The coach of this mandate, working for the citizen of the case."""
    return Scope(user_id=mandate.coach.user_id, citizen_id=case.citizen.pk, coach_id=mandate.coach_id, reason="test")


def give_mark(case: Case, mandate: Mandate) -> BudgetMark:
    """The coach looked at the figures as they are now."""
    with act_as(coach_scope(case, mandate)):
        application = Application.objects.get(pk=case.application.pk)
        return mark_budget(application=application, seen_hash=figures_hash(application))
