"""The shock test of a proposal: for the citizen and the coach, never for an organisation."""

from arrangements.domain.term import installments
from arrangements.models import Proposal, StressTest


def term_of(proposal: Proposal) -> int:
    """How many months are really paid: fewer than the term when everything is paid sooner."""
    return len(installments(proposal.monthly_cents, proposal.months, proposal.pot_cents))


def stress_test_of(proposal: Proposal) -> StressTest | None:
    """The test of this assessment, amount and term; None when it was not done. Scope: the citizen's."""
    return StressTest.objects.filter(
        assessment_id=proposal.assessment_id, monthly_cents=proposal.monthly_cents, months=term_of(proposal)
    ).first()
