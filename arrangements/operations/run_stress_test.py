from django.db import transaction

from affordability.assumptions import assumptions_on
from affordability.shock import PlanFigures, costs_to_cover, inputs_as_json, stress_test
from arrangements.models import Application, Proposal, StressTest
from arrangements.queries.stress_tests import stress_test_of
from infra import audit, clock

LINE = "budget."
"""How `Application.entered_by` names a line of the budget."""


@transaction.atomic
def run_stress_test(*, proposal: Proposal) -> StressTest:
    """Work out how much of a setback this proposal survives, and keep it: one test per assessment, amount and term.

    What the household needs is what the gate let it keep, or its costs when all of them are known and they are more. A
    second call gives the test that is there. Raises AssumptionsMissing when no assumptions hold today: the proposal does
    not wait for them. It warns and decides nothing, and no organisation ever reads it.
    """
    application = Application.objects.select_for_update(of=("self",)).get(pk=proposal.application_id)
    found = stress_test_of(proposal)
    if found is not None:
        return found
    assessment = proposal.assessment
    today = clock.today()
    assumptions = assumptions_on(today)
    net_income, sure = int(assessment.inputs["net_income"]), assessment.sure_cents
    costs = costs_to_cover(
        application.budget,
        answered=[name.removeprefix(LINE) for name in application.entered_by if name.startswith(LINE)],
        partner_income=int(assessment.inputs.get("partner_income") or 0),
    )
    plan = PlanFigures(
        net_income=net_income,
        need=max(net_income - sure, costs or 0),
        monthly=proposal.monthly_cents,
        term=proposal.months,
        total=proposal.total_cents,
        reserve=assumptions.reserve.value,
    )
    outcome = stress_test(plan, assumptions, highest=sure)
    made = StressTest.objects.create(
        citizen_id=proposal.citizen_id,
        assessment=assessment,
        on_date=today,
        monthly_cents=plan.monthly,
        months=plan.months,
        assumptions_key=assumptions.key,
        inputs={**inputs_as_json(plan, assumptions, highest=sure), "costs": costs},
        outcome=outcome.as_json,
        is_thin=outcome.is_thin,
        suggested_cents=outcome.suggested,
    )
    audit.record(
        "stress_tested",
        object_type="stress_test",
        object_id=made.pk,
        to_state="thin" if made.is_thin else "holds",
        citizen_id=made.citizen_id,
    )
    return made
