"""Whether an amount that was judged before is still one this household can surely miss: asked again before it binds."""

from datetime import date

from affordability.gate import Verdict, assess_with
from affordability.replay import household_from_json
from arrangements.models import Assessment, HouseholdMember
from arrangements.operations.assess_application import norms_on
from arrangements.queries.household import fits_beside_partner


def fits_the_norms(*, assessment: Assessment, monthly_cents: int, on: date) -> bool:
    """Whether `monthly_cents` is green by the norms of `on`; what was judged by these very norms is. NormsMissing."""
    record = norms_on(on)
    if record.key == assessment.norms_key:
        return True
    judged = assess_with(household_from_json(assessment.inputs), monthly_cents, record)
    return judged.verdict is Verdict.GREEN


def fits_the_household(
    *, citizen_id: int, monthly_cents: int, assessment: Assessment, household: HouseholdMember | None
) -> bool:
    """Whether it fits beside what a partner promised since. `household`: from `lock_household`, held by the caller.

    What was judged before the two took part together, on each one's own income, stands on its own.
    """
    together = assessment.inputs.get("partner_takes_part") is True
    if household is None or not (together or assessment.created_at >= household.created_at):
        return True
    return fits_beside_partner(citizen_id=citizen_id, monthly_cents=monthly_cents, assessment=assessment)
