"""A lower amount after a proven fall: at once, nobody asked, everybody told in figures; never without a paper or the gate."""

import pytest
from django.db import transaction

from accounts.models import Mandate
from arrangements.domain.deciders import ChangeGround, Decider, NotYours
from arrangements.domain.lifecycle import ArrangementState, PaymentState, VariationState
from arrangements.domain.plan_change import PlanImpossible
from arrangements.models import Application, CaseTask, Consent, Installment, Payment, PlanVersion
from arrangements.operations.application import save_answers
from arrangements.operations.check_books import check_books
from arrangements.operations.lower_amount import NotProven, Paper, lower_amount, sure_amount
from arrangements.operations.report_change import report_change
from arrangements.operations.start_change import start_change
from arrangements.queries.changes import assessment_of, comparison_of, last_reported, task_key
from infra import jobs
from infra.models import AuditLine, Message
from infra.scope import act_as, as_worker
from tests.factories import stages
from tests.factories.money import at, next_open, open_link, pay_next
from tests.factories.people import creditor_scope
from tests.factories.plans import Case
from tests.factories.variations import (
    coach_scope,
    lowered,
    plan_of,
    proposed,
    shares_of,
    variation_of,
    versions_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    """150 a month, and an income that fell to 1.500: passed on."""
    return stages.changed()


@pytest.fixture
def mandate(case: Case) -> Mandate:
    found = stages.acting_coach(case, "Sam Helper").acting
    assert found is not None
    return found


def change_of(case: Case) -> Application:
    with as_worker("test"):
        found = last_reported(plan_of(case))
    assert found is not None
    return found


def lower(case: Case, mandate: Mandate, cents: int, *papers: Paper, decider: Decider = Decider.COACH) -> None:
    with act_as(coach_scope(case, mandate)):
        lower_amount(
            change=change_of(case), monthly_cents=cents, papers=papers, decided_by=decider, user=mandate.coach.user
        )
    jobs.run_all()


def sure(case: Case) -> int:
    with as_worker("test"):
        return sure_amount(change_of(case))


def test_it_takes_effect_at_once_and_shares_fall_pro_rata(case: Case, mandate: Mandate) -> None:
    before = shares_of(case)
    lower(case, mandate, sure(case), Paper.PAYSLIP)
    plan = plan_of(case)
    assert variation_of(case).state == VariationState.APPLIED
    assert (plan.version, plan.monthly_cents, plan.state) == (2, sure_before(case), ArrangementState.ACTIVE)
    for old, new in zip(before, shares_of(case), strict=True):
        assert abs(new - old * plan.pot_cents / sum(before)) < 1
    with as_worker("test"):
        assert Consent.objects.count() == 0
        assert set(Installment.objects.filter(arrangement=plan).values_list("amount_cents", flat=True)) == {
            plan.monthly_cents
        }
    with as_worker("test"), transaction.atomic():
        assert check_books() == []


def sure_before(case: Case) -> int:
    return int(variation_of(case).wanted["monthly_cents"])


def test_every_creditor_reads_the_trace_in_figures_and_never_the_income_or_the_papers(
    case: Case, mandate: Mandate
) -> None:
    lower(case, mandate, 20_00, Paper.BENEFIT)
    with as_worker("test"):
        bodies = [
            Message.objects.filter(creditor_id=one.pk).latest("created_at").body.replace("\u00a0", " ")
            for one in case.creditors
        ]
    for body, share in zip(bodies, shares_of(case), strict=True):
        assert "van € 150,00 naar € 20,00" in body
        assert f"{share // 100 % 1000},{share % 100:02d}" in body
        assert "Dit is geen wanbetaling." in body
        assert "1.500" not in body
        assert "uitkering" not in body.lower()
    with act_as(creditor_scope(case.creditors[0])):
        version = PlanVersion.objects.get(number=2)
    assert "papers" not in version.details
    assert version.decided_by == "coach"


def test_which_papers_were_seen_stands_in_the_audit_with_who_saw_them(case: Case, mandate: Mandate) -> None:
    lower(case, mandate, 20_00, Paper.PAYSLIP, Paper.BANK)
    with as_worker("test"):
        line = AuditLine.objects.get(action="variation_proposed")
    assert line.details["papers"] == ["bank", "payslip"]
    assert line.actor_coach_id == mandate.coach_id


@pytest.mark.parametrize("cents", [0, 150_00, 149_99])
def test_never_above_what_is_sure_and_never_nothing(case: Case, mandate: Mandate, cents: int) -> None:
    with pytest.raises(NotProven, match="Kies een bedrag"):
        lower(case, mandate, cents, Paper.PAYSLIP)
    assert plan_of(case).version == 1


def test_without_a_paper_nothing_is_proven(case: Case, mandate: Mandate) -> None:
    with pytest.raises(NotProven, match="bewijs"):
        lower(case, mandate, 20_00)


def test_the_citizen_does_not_decide_it_alone(case: Case, mandate: Mandate) -> None:
    with pytest.raises(NotYours):
        lower(case, mandate, 20_00, Paper.PAYSLIP, decider=Decider.CITIZEN)


def test_nothing_left_to_miss_is_a_talk_and_no_lowering() -> None:
    case = stages.changed("Niets", uncertain=["other_income"])
    mandate = stages.acting_coach(case, "Sam Helper").acting
    assert mandate is not None
    with pytest.raises(NotProven, match="niets te missen"):
        lower(case, mandate, 1_00, Paper.PAYSLIP)


def test_figures_that_still_fit_prove_nothing() -> None:
    case = stages.changed("Past", net_income_cents=1_850_00)
    mandate = stages.acting_coach(case, "Sam Helper").acting
    assert mandate is not None
    with pytest.raises(NotProven, match="geen lager bedrag"):
        lower(case, mandate, 20_00, Paper.PAYSLIP)


def test_what_was_missed_before_stays_owed_and_what_is_paid_stays_paid(case: Case, mandate: Mandate) -> None:
    plan = plan_of(case)
    with as_worker("test"):
        first, second = Installment.objects.filter(arrangement=plan).order_by("number")[:2]
    at(first.due_date)
    pay_next(plan)
    at(second.due_date.replace(day=20))
    lower(case, mandate, 20_00, Paper.PAYSLIP)
    with as_worker("test"):
        amounts = list(
            Installment.objects.filter(arrangement=plan).order_by("number").values_list("amount_cents", flat=True)
        )
    assert amounts == [150_00, 150_00, *[20_00] * 34]
    assert plan_of(case).pot_cents == sum(amounts)


def test_it_can_fall_twice_and_money_is_divided_to_the_cent_in_between(case: Case, mandate: Mandate) -> None:
    lower(case, mandate, 21_37, Paper.PAYSLIP)
    plan = plan_of(case)
    with as_worker("test"):
        first = Installment.objects.filter(arrangement=plan).order_by("number")[0]
    at(first.due_date)
    pay_next(plan)
    with act_as(coach_scope(case, mandate)):
        assert comparison_of(change_of(case), assessment_of(change_of(case))).outcome == "fits"
        save_answers(application=start_change(citizen=case.citizen), answers={"uncertain": ["other_income"]})
        report_change(change=start_change(citizen=case.citizen))
        with pytest.raises(NotProven, match="niets te missen"):
            sure_amount(change_of(case))
        save_answers(
            application=start_change(citizen=case.citizen), answers={"uncertain": [], "net_income_cents": 200_00}
        )
        report_change(change=start_change(citizen=case.citizen))
    lower(case, mandate, 10_00, Paper.PAYSLIP)
    with as_worker("test"), transaction.atomic():
        assert check_books() == []
    assert [one.ground for one in versions_of(case)] == ["signed", "proven_fall", "proven_fall"]
    assert plan_of(case).pot_cents == sum(shares_of(case)) == 21_37 + 35 * 10_00
    pay_next(plan_of(case))
    with as_worker("test"), transaction.atomic():
        assert check_books() == []


def test_an_open_question_gives_way_to_a_proven_fall(case: Case, mandate: Mandate) -> None:
    waiting = proposed(case, ChangeGround.LOWERING, monthly_cents=100_00)
    lower(case, mandate, 20_00, Paper.PAYSLIP)
    with as_worker("test"):
        waiting.refresh_from_db()
        body = Message.objects.filter(creditor_id=case.creditors[0].pk, kind="consent_stopped").get().body
    assert waiting.state == VariationState.WITHDRAWN
    assert "gaat niet door" in body
    assert plan_of(case).monthly_cents == 20_00


def test_a_page_of_the_bank_for_the_old_amount_is_closed_and_the_call_is_behind_us(
    case: Case, mandate: Mandate
) -> None:
    payment = open_link(case.citizen, next_open(plan_of(case)))
    lower(case, mandate, 20_00, Paper.PAYSLIP)
    with as_worker("test"):
        assert Payment.objects.get(pk=payment.pk).state == PaymentState.FAILED
        assert not CaseTask.objects.filter(key=task_key(change_of(case)), done_on=None).exists()


def test_pressing_twice_lowers_once(case: Case, mandate: Mandate) -> None:
    with act_as(coach_scope(case, mandate)):
        lower_amount(
            change=change_of(case),
            monthly_cents=20_00,
            papers=[Paper.PAYSLIP],
            decided_by=Decider.COACH,
            user=mandate.coach.user,
        )
        with pytest.raises(PlanImpossible, match="al verlaagd"):
            lower_amount(
                change=change_of(case),
                monthly_cents=20_00,
                papers=[Paper.PAYSLIP],
                decided_by=Decider.COACH,
                user=mandate.coach.user,
            )
    jobs.run_all()
    assert plan_of(case).version == 2


def test_the_factory_lowers() -> None:
    assert plan_of(lowered()).version == 2
