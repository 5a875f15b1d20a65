"""A creditor that was left out says yes later: its share of then on top, when the gate is sure and the citizen says yes."""

import pytest
from django.db import transaction

from arrangements.domain.deciders import ChangeGround, Decider
from arrangements.domain.lifecycle import ConsentState, VariationState
from arrangements.models import Answer, ArrangementLine, Assessment, CaseTask, Installment
from arrangements.operations.check_books import check_books
from arrangements.operations.join_running_plan import (
    AmountChanged,
    CannotJoin,
    DoesNotFit,
    agree_to_join,
    offer_to_join,
    share_instead,
)
from arrangements.queries.variations import may_join
from infra import jobs
from infra.models import Message
from infra.scope import act_as, as_worker
from tests.factories.money import next_open, pay_next
from tests.factories.people import citizen_scope, creditor_scope, login_of
from tests.factories.plans import Case
from tests.factories.variations import (
    asked_lower,
    consent_of,
    offered,
    offered_too_much,
    plan_of,
    proposed,
    says_yes,
    shares_of,
    variation_of,
    went_on_without,
)

pytestmark = pytest.mark.django_db


def left_out(case: Case) -> Answer:
    with as_worker("test"):
        return Answer.objects.get(citizen=case.citizen, left_out_on__isnull=False)


def agree(case: Case, cents: int) -> Assessment:
    with act_as(citizen_scope(case.citizen)):
        found = agree_to_join(variation=variation_of(case), seen_monthly_cents=cents)
    jobs.run_all()
    return found


def test_its_share_of_then_comes_on_top_and_nobody_elses_changes() -> None:
    case = offered()
    before, plan = shares_of(case), plan_of(case)
    share = left_out(case).share_cents
    consent = consent_of(case.creditors[2], variation_of(case))
    assert (consent.state, consent.share_before_cents, consent.share_after_cents) == (ConsentState.ACCEPTED, 0, share)
    monthly = plan.monthly_cents + -(-share // plan.months)
    assessment = agree(case, monthly)
    assert (assessment.verdict, assessment.declared_cents) == ("green", monthly)
    after = plan_of(case)
    assert variation_of(case).state == VariationState.APPLIED
    assert shares_of(case) == [*before, share]
    assert (after.monthly_cents, after.pot_cents, after.version) == (monthly, plan.pot_cents + share, 2)
    with as_worker("test"), transaction.atomic():
        assert check_books() == []
    pay_next(after)
    with as_worker("test"):
        assert ArrangementLine.objects.get(creditor=case.creditors[2]).paid_cents > 0


def test_the_citizen_chooses_and_until_then_nothing_changes() -> None:
    case = offered()
    assert plan_of(case).version == 1
    with as_worker("test"):
        body = Message.objects.get(kind="joins_later").body
        assert CaseTask.objects.filter(citizen=case.citizen, kind=CaseTask.Kind.JOINS_LATER).count() == 1
    assert "U kiest zelf." in body
    with pytest.raises(AmountChanged):
        agree(case, 1_00)


def test_nobody_promises_more_than_the_gate_is_sure_of() -> None:
    """Since the signature the income fell: what runs may still fit, the share of the third does not fit on top."""
    case = offered_too_much()
    plan = plan_of(case)
    count = assessments_of(case)
    with pytest.raises(DoesNotFit, match="red"):
        agree(case, plan.monthly_cents + -(-left_out(case).share_cents // plan.months))
    assert plan_of(case).version == 1
    assert assessments_of(case) == count
    with act_as(citizen_scope(case.citizen)):
        share_instead(variation=variation_of(case), decided_by=Decider.CITIZEN, user=login_of(case.citizen))
    jobs.run_all()
    variation = variation_of(case)
    assert variation.ground == "late_creditor"
    for number in range(3):
        says_yes(case.creditors[number], case.members[number], variation)
    jobs.run_all()
    assert (plan_of(case).version, plan_of(case).pot_cents) == (2, plan.pot_cents)


def assessments_of(case: Case) -> int:
    with as_worker("test"):
        return Assessment.objects.filter(citizen=case.citizen).count()


def test_only_who_was_left_out_of_a_plan_that_runs_can_come_in() -> None:
    case = went_on_without()
    answer = left_out(case)
    with act_as(creditor_scope(case.creditors[2], case.members[2])):
        assert may_join(answer)
    with act_as(creditor_scope(case.creditors[0], case.members[0])):
        assert not may_join(answer)
    with act_as(creditor_scope(case.creditors[2], case.members[2])):
        offer_to_join(answer=answer, user=case.members[2].user)
    jobs.run_all()
    with act_as(creditor_scope(case.creditors[2], case.members[2])):
        assert not may_join(answer)
        with pytest.raises(CannotJoin):
            offer_to_join(answer=answer, user=case.members[2].user)


def test_another_open_question_goes_first() -> None:
    case = went_on_without("Druk")
    asked_lower()  # another citizen's question is no hindrance
    proposed(case, ChangeGround.LOWERING, monthly_cents=20_00)
    with act_as(creditor_scope(case.creditors[2], case.members[2])):
        offer_to_join(answer=left_out(case), user=case.members[2].user)
    jobs.run_all()
    with as_worker("test"):
        assert "andere wijziging" in Message.objects.get(kind="join_waits").body
    assert variation_of(case).ground == "lowering"


def test_the_months_to_come_pay_it_and_what_was_paid_stays() -> None:
    case = went_on_without("Halverwege")
    plan = plan_of(case)
    pay_next(plan)
    with act_as(creditor_scope(case.creditors[2], case.members[2])):
        offer_to_join(answer=left_out(case), user=case.members[2].user)
    jobs.run_all()
    share = left_out(case).share_cents
    agree(case, plan.monthly_cents + -(-share // 35))
    assert next_open(plan).amount_cents > plan.monthly_cents
    with as_worker("test"):
        total = sum(Installment.objects.filter(arrangement=plan).values_list("amount_cents", flat=True))
    assert total == plan.pot_cents + share
