"""From the answers to a page: asks the gate and makes the draft, and says where the citizen reads what came out."""

from contextlib import suppress

from affordability.assumptions import AssumptionsMissing
from affordability.norms import NormsMissing
from arrangements.models import Application, Assessment
from arrangements.operations.assess_application import FactsMissing, assess_application, report_missing_norms
from arrangements.operations.make_proposal import NothingToPropose, make_draft
from arrangements.operations.run_stress_test import run_stress_test
from citizen_portal.change_flow import page_of_change
from citizen_portal.steps import PAGE_OF_FACT

PROPOSAL_PAGE = "voorstel"


def prepare_proposal(application: Application) -> str:
    """Assess and make the draft anew. Returns the name of the page that tells the outcome; `PROPOSAL_PAGE` is a draft.

    A change or a review never becomes a proposal: it leads to the page where old and new stand side by side.
    """
    if application.purpose != Application.Purpose.FIRST:
        return page_of_change(application)
    if application.declared_cents == 0:
        return "niets-missen"
    try:
        assessment = assess_application(application=application)
    except FactsMissing as error:
        return PAGE_OF_FACT[error.fields[0]]
    except NormsMissing as error:
        report_missing_norms(application=application, error=error)
        return "geen-normen"
    if assessment.verdict == Assessment.Verdict.RED:
        return "let-op"
    if assessment.verdict == Assessment.Verdict.AMBER:
        return "nog-even"
    try:
        proposal = make_draft(application=application, assessment=assessment)
    except NothingToPropose:
        return "geen-bedragen"
    with suppress(AssumptionsMissing):  # a warning less; the proposal is as good as it was
        run_stress_test(proposal=proposal)
    return PROPOSAL_PAGE
