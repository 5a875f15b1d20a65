"""The budget of an application, for the citizen and the coach. Nothing in here is ever read for a creditor."""

from dataclasses import dataclass
from datetime import date

from accounts.models import Citizen
from affordability.budget import BUFFER, Budget, DoubleCount, double_counts, make_budget
from affordability.household import Situation
from affordability.reference_amounts import (
    EIGEN_RISICO,
    FOOD,
    Person,
    Reference,
    default_buffer,
    eigen_risico_reference,
    food_reference,
)
from arrangements.models import Application, BudgetMark
from arrangements.operations.make_proposal import claims_for_plan
from arrangements.operations.mark_budget import answered_lines
from infra import clock

# What `Application.unknown` calls these facts (affordability.household.UncertainReason).
HOLIDAY_UNKNOWN = "holiday_allowance_unknown"


@dataclass(frozen=True, slots=True)
class BudgetFile:
    """A budget with what is said about it. `mark`: the one given last, living or dropped. `buffer_is_ours`: the small buffer
    counts because nobody said otherwise.
    """

    budget: Budget
    double_counts: tuple[DoubleCount, ...]
    references: dict[str, Reference]
    mark: BudgetMark | None
    buffer_is_ours: bool

    @property
    def left(self) -> int | None:
        """What is left in cents per month; None while something is missing or counted twice."""
        return None if self.double_counts else self.budget.left


def budget_file(application: Application, citizen: Citizen) -> BudgetFile:
    """The budget of these answers, with warnings, reference amounts of today and the coach's mark. Scope: the citizen's."""
    today = clock.today()
    answered = answered_lines(application)
    made = make_budget(
        application.budget,
        net_income=application.net_income_cents,
        partner_income=_partner_income(application),
        holiday_unknown=HOLIDAY_UNKNOWN in application.unknown
        or application.holiday_allowance == Application.HolidayAllowance.UNKNOWN,
        answered=answered,
        buffer=default_buffer(today),
    )
    claims = claims_for_plan(citizen.pk)
    counted_twice = double_counts(
        application.budget,
        holiday=application.holiday_allowance,
        holiday_typed_apart=bool(application.income_typed.get("holiday_cents")),
        organisations_in_plan=len({claim.creditor_id for claim in (*claims.taking_part, *claims.amount_unknown)}),
    )
    return BudgetFile(
        budget=made,
        double_counts=counted_twice,
        references=references_for(application, citizen, today),
        mark=BudgetMark.objects.select_related("coach").filter(application=application).order_by("-pk").first(),
        buffer_is_ours=BUFFER in made.per_month and BUFFER not in answered and BUFFER not in application.budget,
    )


def references_for(application: Application, citizen: Citizen, today: date) -> dict[str, Reference]:
    """The reference amounts for this household, by code of the line; only those that have a source."""
    found = {
        FOOD: food_reference(today, persons_at_home(application, citizen, today)),
        EIGEN_RISICO: eigen_risico_reference(today, _adults(application)),
    }
    return {code: reference for code, reference in found.items() if reference is not None}


def persons_at_home(application: Application, citizen: Citizen, today: date) -> list[Person] | None:
    """Everybody who eats at home; None while we do not know who that is."""
    if not application.situation:
        return None
    situation = Situation(application.situation)
    children = [one for one in application.members if one.get("role") == "child"]
    if situation.has_children and not children:
        return None  # children, but nobody said how many and how old
    born = citizen.birth_date
    if born is None:
        applicant = Person.adult()
    else:
        applicant = Person.of_age(today.year - born.year - ((today.month, today.day) < (born.month, born.day)))
    partner = [Person.adult()] if situation.is_couple else []
    return [applicant, *partner, *(Person.born_in(int(one["birth_year"]), today) for one in application.members)]


def _adults(application: Application) -> int:
    """Who has an own excess in this budget: applicant and partner; 0 while we do not know."""
    if not application.situation:
        return 0
    return 2 if Situation(application.situation).is_couple else 1


def _partner_income(application: Application) -> int | None:
    """The partner's income in cents per month: 0 without a partner, None when it is not known, or who lives there is not."""
    if application.situation and not Situation(application.situation).is_couple:
        return 0
    return application.partner_income_cents
