"""What an assessment of an application rests on, on the real database: facts, doubts, norms, and what is kept of it."""

import random
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from affordability.norms import NormsMissing
from affordability.replay import replay
from arrangements.models import Arrangement, Assessment, CaseTask, Proposal
from arrangements.operations.application import AlreadySent, save_answers, save_budget, start_application
from arrangements.operations.assess_application import assess_application, missing_facts
from arrangements.operations.make_proposal import AmountTooHigh, make_draft
from arrangements.operations.sign_arrangement import NoLongerFits
from arrangements.operations.submit_proposal import submit_proposal
from infra import clock
from infra.scope import act_as, as_worker
from tests.factories.partners import together
from tests.factories.people import citizen_scope, make_citizen
from tests.factories.plans import agreed, fill_in, make_case, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday() -> None:
    clock.set_today(date(2026, 11, 23))


def test_a_rent_far_above_the_maximum_needs_an_official_figure_also_when_the_allowance_was_taken_off_first() -> None:
    """475da(5): 110 % of 932,93 is 1.026,23 rounded up to the cent."""
    case = make_case(1_000_00)
    fill_in(case)
    with act_as(citizen_scope(case.citizen)):
        for rent, overlap, verdict in (
            (1_026_22, "no", "green"),
            (1_026_23, "no", "amber"),
            (900_00, "yes", "amber"),
            (700_00, "yes", "green"),
        ):
            application = save_budget(
                application=case.application,
                lines={
                    "rent": {"cents": rent, "period": "month", "overlap": overlap},
                    "huurtoeslag": {"cents": 200_00, "period": "month"},
                },
            )
            assert assess_application(application=application).verdict == verdict, (rent, overlap)


def test_what_somebody_does_not_know_is_amber_with_a_task_that_names_it_and_ends_with_the_answer() -> None:
    case = make_case(1_000_00)
    fill_in(case, net_income_cents=None, unknown=["net_income"])
    with act_as(citizen_scope(case.citizen)):
        unknown = assess_application(application=case.application)
        assert (unknown.verdict, unknown.missing, unknown.capacity_high_cents) == ("amber", ["net_income"], None)
        task = CaseTask.objects.get(kind=CaseTask.Kind.MISSING_FACT)
        assert "het inkomen" in task.text
        application = save_answers(
            application=case.application,
            answers={"net_income_cents": 1_900_00, "unknown": ["holiday_allowance_unknown"]},
        )
        assert assess_application(application=application).missing == ["holiday_allowance_unknown"]
        assert CaseTask.objects.filter(kind=CaseTask.Kind.MISSING_FACT, done_on=None).count() == 1
        application = save_answers(application=application, answers={"unknown": []})
        assert assess_application(application=application).verdict == "green"
        assert not CaseTask.objects.filter(kind=CaseTask.Kind.MISSING_FACT, done_on=None).exists()


def test_partners_who_take_part_are_judged_on_the_income_of_both_and_an_unknown_one_is_no_zero() -> None:
    case = make_case(1_000_00)
    together(case.citizen, make_citizen(family_name="Partner"))
    couple: dict[str, Any] = {"situation": "gehuwd", "taxable_income_cents": 45_000_00}
    fill_in(case, partner_takes_part=True, partner_income_cents=700_00, **couple)
    with act_as(citizen_scope(case.citizen)):
        both = assess_application(application=case.application)
        assert (both.inputs["net_income"], both.inputs["partner_income"]) == (2_600_00, 0)
        assert both.capacity_low_cents == 251_45  # 2.600,00 - 2.348,55 (domain.md 1.5, example 4, before the partner)
        application = save_answers(
            application=case.application,
            answers={"partner_income_cents": None, "unknown": ["partner_income_unknown"]},
        )
        assert assess_application(application=application).missing == ["partner_income_unknown"]
        application = save_answers(application=application, answers={"partner_takes_part": False})
        alone = assess_application(application=application)
        assert (alone.verdict, alone.missing) == ("amber", ["partner_income_unknown"])


def test_an_assessment_by_the_norms_of_another_half_year_is_not_sent_on() -> None:
    clock.set_today(date(2026, 6, 30))
    case = make_case(1_000_00)
    fill_in(case)
    with act_as(citizen_scope(case.citizen)):
        draft = make_draft(application=case.application, assessment=assess_application(application=case.application))
        clock.set_today(date(2026, 7, 1))
        with pytest.raises(AmountTooHigh):
            submit_proposal(proposal=draft)


@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_the_order_of_filling_in_does_not_matter(order: int) -> None:
    facts: list[tuple[str, object]] = [
        ("situation", "gehuwd"),
        ("partner_takes_part", False),
        ("partner_income_cents", 900_00),
        ("net_income_cents", 2_000_00),
        ("taxable_income_cents", 45_000_00),
        ("uncertain", ["other_income", "company_car"]),
        ("declared_cents", 100_00),
    ]
    random.Random(order).shuffle(facts)
    case = make_case(1_000_00)
    with act_as(citizen_scope(case.citizen)):
        application = case.application
        for name, value in facts:
            application = save_answers(application=application, answers={name: value})
        found = assess_application(application=application)
    inputs = {name: value for name, value in found.inputs.items() if name != "application"}
    assert inputs == {
        "situation": "gehuwd",
        "net_income": 2_000_00,
        "taxable_income": 45_000_00,
        "partner_income": 900_00,
        "official_beslagvrije_voet": None,
        "vtlb": None,
        "committed": 0,
        "partner_takes_part": False,
        "uncertain": ["company_car", "other_income"],
    }


def test_a_stored_assessment_done_over_gives_identical_cents_and_steps() -> None:
    case = make_case(1_000_00)
    fill_in(case)
    with act_as(citizen_scope(case.citizen)):
        assess_application(application=case.application)
        stored = Assessment.objects.get()
    again = replay(inputs=stored.inputs, norms=stored.norms, declared=stored.declared_cents, rules=stored.rules)
    assert again.trace_as_json == stored.trace
    assert (again.capacity_low, again.floor_low) == (stored.capacity_low_cents, stored.floor_low_cents)


def test_the_database_refuses_a_proposal_above_the_sure_capacity_whoever_writes_it() -> None:
    case = make_case(1_000_00)
    fill_in(case, declared=100_00)
    with act_as(citizen_scope(case.citizen)):
        draft = make_draft(application=case.application, assessment=assess_application(application=case.application))
    for role in (citizen_scope(case.citizen), None):
        with as_worker("test") if role is None else act_as(role), pytest.raises(DatabaseError), transaction.atomic():
            Proposal.objects.filter(pk=draft.pk).update(
                monthly_cents=493_59, state="submitted", submitted_on=clock.today(), answer_by=clock.today()
            )


def test_a_partner_who_takes_part_only_on_ones_word_is_not_sure_until_the_code_was_used() -> None:
    """Otherwise each of the two could promise the same income in a plan of their own."""
    case = make_case(1_000_00)
    couple: dict[str, Any] = {"situation": "gehuwd", "taxable_income_cents": 45_000_00}
    fill_in(case, partner_takes_part=True, partner_income_cents=700_00, **couple)
    with act_as(citizen_scope(case.citizen)):
        alone = assess_application(application=case.application)
    assert (alone.verdict, alone.missing, alone.sure_cents) == ("amber", ["partner_not_joined"], 0)
    together(case.citizen, make_citizen(family_name="Partner"))
    with act_as(citizen_scope(case.citizen)):
        application = save_answers(
            application=case.application, answers={"partner_takes_part": True, "taxable_income_cents": 45_000_00}
        )
        assert assess_application(application=application).verdict == "green"


def test_a_payslip_of_one_person_goes_when_there_is_a_partner() -> None:
    case = make_case(1_000_00)
    fill_in(case)
    with act_as(citizen_scope(case.citizen)):
        application = save_answers(application=case.application, answers={"situation": "gehuwd"})
        assert (application.taxable_income_cents, application.taxable_income_unknown) == (None, False)
        assert missing_facts(application) == ["partner_takes_part", "taxable_income_cents"]
        children = save_answers(application=application, answers={"taxable_income_cents": 45_000_00})
        children = save_answers(application=children, answers={"situation": "gehuwd_met_kinderen"})
        assert children.taxable_income_cents == 45_000_00


def test_a_paper_does_not_count_for_facts_that_came_after_it() -> None:
    case = make_case(1_000_00)
    fill_in(case)
    with act_as(citizen_scope(case.citizen)):
        paper = {"official_beslagvrije_voet_cents": 1_456_42, "official_paper_date": clock.today()}
        application = save_answers(application=case.application, answers=paper)
        assert assess_application(application=application).floor_low_cents == 1_456_42
        application = save_answers(application=application, answers={"situation": "alleenstaande_ouder"})
        assert assess_application(application=application).floor_low_cents != 1_456_42


def test_not_knowing_the_holiday_allowance_is_never_red_where_knowing_it_could_be_green() -> None:
    case = make_case(1_000_00)
    fill_in(case, declared=500_00, net_income_cents=1_800_00, taxable_income_cents=24_000_00)
    with act_as(citizen_scope(case.citizen)):
        application = save_answers(application=case.application, answers={"unknown": ["holiday_allowance_unknown"]})
        assert assess_application(application=application).verdict == "amber"
        application = save_answers(application=application, answers={"unknown": [], "net_income_cents": 1_944_00})
        assert assess_application(application=application).verdict == "green"


def test_an_allowance_that_is_not_known_is_not_taken_for_nothing_in_the_rent() -> None:
    case = make_case(1_000_00)
    fill_in(case)
    with act_as(citizen_scope(case.citizen)):
        application = save_budget(
            application=case.application,
            lines={
                "rent": {"cents": 700_00, "period": "month", "overlap": "yes"},
                "huurtoeslag": {"unknown": True},
            },
        )
        assert assess_application(application=application).verdict == "amber"


def test_an_agreed_proposal_is_looked_at_again_before_it_is_signed_in_another_half_year(settings: Any) -> None:
    settings.ALLOW_EXAMPLE_NORMS = True
    whole, part = make_case(30_000_00), make_case(30_000_00)
    agreed(whole, declared=493_58)
    agreed(part, declared=45_00)
    clock.set_today(date(2027, 1, 4))
    with pytest.raises(NoLongerFits):
        whole.sign()
    assert part.sign().monthly_cents == 45_00
    with act_as(citizen_scope(whole.citizen)):
        assert not Arrangement.objects.exists()


def test_without_norms_for_today_nothing_new_is_signed(settings: Any) -> None:
    settings.ALLOW_EXAMPLE_NORMS = False
    case = make_case(30_000_00)
    agreed(case, declared=45_00)
    clock.set_today(date(2027, 1, 4))
    with pytest.raises(NormsMissing):
        case.sign()


def test_a_paper_nobody_saw_never_goes_under_the_floor_whatever_came_first() -> None:
    case = make_case(1_000_00)
    with act_as(citizen_scope(case.citizen)):
        application = save_answers(
            application=case.application,
            answers={"official_beslagvrije_voet_cents": 900_00, "official_paper_date": clock.today()},
        )
    fill_in(case, net_income_cents=3_200_00, taxable_income_cents=40_000_00, declared=2_000_00)
    with act_as(citizen_scope(case.citizen)):
        found = assess_application(application=case.application)
        assert (found.verdict, found.inputs["official_beslagvrije_voet"]) == ("red", None)
        higher = save_answers(
            application=application,
            answers={"official_beslagvrije_voet_cents": 2_500_00, "official_paper_date": clock.today()},
        )
        assert assess_application(application=higher).floor_low_cents == 2_500_00


def test_a_payslip_far_below_the_income_is_asked_again_also_when_the_income_came_later() -> None:
    case = make_case(1_000_00)
    with act_as(citizen_scope(case.citizen)):
        application = save_answers(application=case.application, answers={"taxable_income_cents": 2_166_67})
        application = save_answers(application=application, answers={"net_income_cents": 1_900_00})
        assert application.taxable_income_cents is None
        assert "taxable_income_cents" in missing_facts(application)


def test_while_a_proposal_is_on_its_way_no_second_application_begins() -> None:
    waiting, to_sign, signed = make_case(1_000_00), make_case(1_000_00), make_case(1_000_00)
    submitted(waiting)
    agreed(to_sign)
    for case in (waiting, to_sign):
        with act_as(citizen_scope(case.citizen)), pytest.raises(AlreadySent):
            start_application(citizen=case.citizen)
    agreed(signed)
    signed.sign()
    with act_as(citizen_scope(signed.citizen)):
        assert start_application(citizen=signed.citizen).closed_at is None
