"""Er is iets veranderd, and the yearly review: assessed, told, passed on; the plan itself is not touched."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from accounts.models import Citizen
from arrangements.domain.change import Outcome
from arrangements.models import (
    Application,
    Arrangement,
    ArrangementLine,
    Assessment,
    CaseTask,
    Claim,
    Installment,
    LedgerPosting,
    OfficialFigure,
    Proposal,
    YearlyReview,
)
from arrangements.operations.advance import next_day_with_work
from arrangements.operations.application import save_answers, start_application
from arrangements.operations.ask_call import ask_call
from arrangements.operations.assess_application import assess_application
from arrangements.operations.enter_official_figure import enter_official_figure
from arrangements.operations.make_proposal import make_draft
from arrangements.operations.report_change import PlanIsOver, report_change, try_change
from arrangements.operations.review_yearly import last_anniversary
from arrangements.operations.run_day import run_day
from arrangements.operations.start_change import NoPlan, start_change
from arrangements.queries.changes import ReportedChange, prognosis_for
from infra import clock
from infra.models import AuditLine, Message
from infra.scope import Scope, act_as, as_worker
from tests.factories.money import START, at, pay_all, pay_next, running_case
from tests.factories.papers import png
from tests.factories.people import citizen_scope, creditor_scope, make_citizen
from tests.factories.plans import Case, agreed, fill_in, make_case

pytestmark = pytest.mark.django_db

WEDNESDAY = date(2026, 11, 25)


@pytest.fixture
def case() -> Iterator[Case]:
    """Two claims, 150 a month, one month paid; the test acts as the citizen."""
    case, arrangement = running_case(2_000_00, 4_000_00, declared=150_00)
    pay_next(arrangement)
    with act_as(citizen_scope(case.citizen)):
        yield case


def change(case: Case, purpose: str = "change", **answers: Any) -> Application:
    made = start_change(citizen=case.citizen, purpose=Application.Purpose(purpose))
    return save_answers(application=made, answers=answers) if answers else made


def report(case: Case, purpose: str = "change", **answers: Any) -> ReportedChange:
    return report_change(change=change(case, purpose, **answers))


def everything_of_the_plan(case: Case) -> list[Any]:
    with as_worker("test"):
        return [
            list(Arrangement.objects.filter(citizen=case.citizen).values()),
            list(ArrangementLine.objects.filter(citizen=case.citizen).order_by("pk").values()),
            list(Installment.objects.filter(citizen=case.citizen).order_by("pk").values()),
            list(LedgerPosting.objects.order_by("pk").values()),
            list(Proposal.objects.filter(citizen=case.citizen).values()),
        ]


def message_of(citizen: Citizen) -> Message:
    with as_worker("test"):
        return Message.objects.get(kind="change_reported", citizen_id=citizen.pk)


# --- starting -------------------------------------------------------------------------------------------------------


def test_a_change_is_filled_in_with_everything_we_knew_and_nothing_is_sent(case: Case) -> None:
    with as_worker("test"):
        Application.objects.filter(pk=case.application.pk).update(
            budget={"rent": {"cents": 650_00, "period": "month"}},
            budget_notes={"rent": "ruime woning"},
            entered_by={"net_income_cents": "citizen", "budget.rent": "coach:7", "story": "citizen"},
            official_beslagvrije_voet_cents=1_500_00,
            official_beslagvrije_voet_source="brief",
            uncertain=["other_income"],
            story="Dat ging zo.",
            story_readers="nobody",
            income_day=23,
        )
        before = Message.objects.count(), CaseTask.objects.count(), Assessment.objects.count()
    made = start_change(citizen=case.citizen)
    assert (made.purpose, made.arrangement_id) == ("change", Arrangement.objects.get().pk)
    assert (made.situation, made.net_income_cents, made.taxable_income_cents) == ("alleenstaand", 1_900_00, 26_000_00)
    assert made.official_beslagvrije_voet_source == "brief"
    assert (made.uncertain, made.income_day) == (["other_income"], 23)
    assert made.budget == {"rent": {"cents": 650_00, "period": "month"}}
    assert made.budget_notes == {"rent": "ruime woning"}
    assert made.entered_by == {"net_income_cents": "citizen", "budget.rent": "coach:7"}
    assert made.declared_cents == 150_00
    assert (made.consent_at, made.story, made.story_readers, made.months) == (None, "", "", None)
    with as_worker("test"):
        assert (Message.objects.count(), CaseTask.objects.count(), Assessment.objects.count()) == before


def test_starting_again_gives_the_same_one_and_the_last_intention_counts(case: Case) -> None:
    first = start_change(citizen=case.citizen)
    again = start_change(citizen=case.citizen, purpose=Application.Purpose.REVIEW)
    assert (again.pk, again.purpose) == (first.pk, "review")
    assert start_change(citizen=case.citizen).purpose == "change"
    assert Application.objects.filter(closed_at=None).count() == 1


def test_the_next_change_begins_with_the_figures_of_the_last_one(case: Case) -> None:
    report(case, net_income_cents=1_850_00)
    assert start_change(citizen=case.citizen).net_income_cents == 1_850_00


def test_without_a_running_plan_there_is_nothing_to_change() -> None:
    at(START)
    citizen = make_citizen()
    with act_as(citizen_scope(citizen)), pytest.raises(NoPlan):
        start_change(citizen=citizen)


def test_a_plan_that_is_signed_and_not_active_yet_counts() -> None:
    at(START)
    case = make_case(1_000_00)
    agreed(case)
    case.sign()
    with act_as(citizen_scope(case.citizen)):
        assert start_change(citizen=case.citizen).declared_cents == 45_00


def test_a_plan_that_is_over_does_not_change_and_makes_room_for_a_new_application() -> None:
    case, arrangement = running_case(60_00)
    with act_as(citizen_scope(case.citizen)):
        left_open = start_change(citizen=case.citizen)
    pay_all(arrangement)
    with act_as(citizen_scope(case.citizen)):
        with pytest.raises(PlanIsOver):
            report_change(change=left_open)
        with pytest.raises(NoPlan):
            start_change(citizen=case.citizen)
        new = start_application(citizen=case.citizen)
        assert (new.purpose, new.pk != left_open.pk) == ("first", True)
        left_open.refresh_from_db()
        assert (left_open.closed_at is not None, left_open.reported_on) == (True, None)


def test_an_application_left_open_is_set_aside_with_its_answers_and_its_draft(case: Case) -> None:
    left = start_application(citizen=case.citizen)
    case.application = left
    Claim.objects.create(
        citizen=case.citizen,
        creditor=case.creditors[0],
        state="confirmed",
        reference="later gevonden",
        debtor_name=case.citizen.full_name,
        confirmed_cents=500_00,
        confirmed_on=START,
        reported_on=START,
    )
    fill_in(case)
    left.refresh_from_db()
    make_draft(application=left, assessment=assess_application(application=left))
    made = start_change(citizen=case.citizen)
    assert made.net_income_cents == 1_900_00
    left.refresh_from_db()
    assert (left.closed_at is not None, left.net_income_cents) == (True, 1_900_00)
    assert not Proposal.objects.filter(state="draft").exists()
    with as_worker("test"):
        assert AuditLine.objects.filter(action="application_set_aside", object_id=str(left.pk)).exists()


def test_the_figures_of_an_application_that_was_set_aside_do_not_count(case: Case) -> None:
    left = start_application(citizen=case.citizen)
    save_answers(application=left, answers={"net_income_cents": 9_999_00})
    assert start_change(citizen=case.citizen).net_income_cents == 1_900_00


# --- passing on -----------------------------------------------------------------------------------------------------


def test_a_fall_that_still_fits_is_a_line_in_the_file_and_no_task(case: Case) -> None:
    at(WEDNESDAY)
    before = everything_of_the_plan(case)
    found = report(case, net_income_cents=1_800_00)
    assert found.comparison.outcome is Outcome.FITS
    assert (found.comparison.old.sure, found.comparison.new.sure) == (493_58, 393_58)
    assert found.due_on is None
    assert not CaseTask.objects.exists()
    assert found.assessment is not None
    assert found.assessment.purpose == "change"
    assert (found.application.reported_on, found.application.closed_at is not None) == (WEDNESDAY, True)
    with as_worker("test"):
        line = AuditLine.objects.get(action="change_reported")
    assert (line.to_state, line.details["arrangement"]) == ("fits", Arrangement.objects.get().pk)
    assert everything_of_the_plan(case) == before
    body = message_of(case.citizen).body
    assert "Uw bedrag past: 150 euro per maand." in body
    assert "U hoeft niets te doen." in body
    assert message_of(case.citizen).subject == "Bericht over uw afspraak"


def test_a_fall_below_the_amount_is_told_with_a_name_and_a_day_and_changes_nothing_by_itself(case: Case) -> None:
    at(WEDNESDAY)
    before = everything_of_the_plan(case)
    found = report(case, net_income_cents=1_500_00)
    assert found.comparison.outcome is Outcome.TOO_MUCH
    assert found.comparison.lower_amount == 93_58
    task = CaseTask.objects.get()
    assert (task.kind, task.due_on, task.assigned_to_id) == ("changed", date(2026, 11, 27), case.citizen.director_id)
    assert found.due_on == task.due_on
    body = message_of(case.citizen).body
    assert "150 euro per maand te veel" in body
    assert "Noor Bakker belt u uiterlijk vrijdag 27 november 2026." in body
    assert "Wij weten uw telefoonnummer nog niet." in body
    assert "Tot dan verandert er niets aan uw afspraak." in body
    assert everything_of_the_plan(case) == before


def test_a_raise_of_the_capacity_never_raises_the_amount(case: Case) -> None:
    before = everything_of_the_plan(case)
    found = report(case, net_income_cents=3_000_00)
    assert (found.comparison.outcome, found.comparison.capacity_rose) == (Outcome.FITS, True)
    assert found.assessment is not None
    assert found.assessment.declared_cents == 150_00
    assert not CaseTask.objects.exists()
    assert everything_of_the_plan(case) == before


def test_the_amount_is_that_of_the_plan_whatever_stands_in_the_answers(case: Case) -> None:
    found = report(case, declared_cents=1_00)
    assert found.assessment is not None
    assert found.assessment.declared_cents == 150_00


def test_amber_is_one_task_that_says_what_is_not_sure(case: Case) -> None:
    found = report(
        case,
        net_income_cents=1_500_00,
        taxable_income_cents=None,
        taxable_income_unknown=True,
        uncertain=["other_income"],
    )
    assert found.comparison.outcome is Outcome.UNSURE
    (task,) = CaseTask.objects.filter(done_on=None)
    assert task.kind == "changed"
    assert "Wij weten nog niet zeker of 150 euro per maand past." in message_of(case.citizen).body


def test_without_norms_the_change_is_kept_and_passed_on_all_the_same(case: Case) -> None:
    made = change(case, net_income_cents=1_400_00)
    at(date(2034, 1, 2))
    assert try_change(change=made).no_norms
    found = report_change(change=made)
    assert (found.comparison.outcome, found.assessment) == (Outcome.UNKNOWN, None)
    assert found.comparison.old.sure == 493_58
    (task,) = CaseTask.objects.all()
    assert (task.kind, task.due_on) == ("changed", date(2034, 1, 4))
    assert "normen" in task.text
    assert "Uw gegevens zijn bewaard." in message_of(case.citizen).body
    # and the next change starts from what was passed on, beside what was last computed
    at(WEDNESDAY)
    again = report(case)
    assert again.application.net_income_cents == 1_400_00
    assert again.comparison.old.income == 1_900_00


def test_a_fact_that_is_missing_is_passed_on_too(case: Case) -> None:
    made = change(case, situation="gehuwd")
    assert try_change(change=made).missing == ["partner_takes_part"]
    found = report_change(change=made)
    assert found.comparison.outcome is Outcome.UNKNOWN
    assert "er ontbreekt een antwoord" in CaseTask.objects.get().text


def test_passing_on_twice_is_once(case: Case) -> None:
    made = change(case, net_income_cents=1_500_00)
    first, second = report_change(change=made), report_change(change=made)
    assert second.assessment is not None
    assert first.assessment is not None
    assert (second.assessment.pk, second.due_on) == (first.assessment.pk, first.due_on)
    assert second.comparison == first.comparison
    assert CaseTask.objects.count() == 1
    message_of(case.citizen)


def test_trying_writes_nothing_and_says_what_reporting_finds(case: Case) -> None:
    made = change(case, net_income_cents=1_500_00)
    with as_worker("test"):
        before = Assessment.objects.count(), CaseTask.objects.count(), AuditLine.objects.count()
    tried = try_change(change=made).assessment
    with as_worker("test"):
        assert (Assessment.objects.count(), CaseTask.objects.count(), AuditLine.objects.count()) == before
    found = report_change(change=made).assessment
    assert tried is not None
    assert found is not None
    assert (tried.verdict, tried.capacity_low_cents, tried.trace) == (
        found.verdict,
        found.capacity_low_cents,
        found.trace,
    )


def test_an_official_figure_of_before_the_change_is_not_trusted_for_the_new_facts(case: Case) -> None:
    with as_worker("test"):
        Application.objects.filter(pk=case.application.pk).update(
            official_beslagvrije_voet_cents=1_300_00,
            official_beslagvrije_voet_source="brief van 1 mei",
            official_paper_date=clock.today(),
        )
    assert report(case, "review").comparison.outcome is Outcome.FITS
    found = report(case, situation="alleenstaande_ouder")
    assert found.comparison.outcome is Outcome.UNSURE
    newer = start_change(citizen=case.citizen)
    enter_official_figure(
        application=newer,
        kind=OfficialFigure.Kind.BESLAGVRIJE_VOET,
        cents=1_700_00,
        paper=OfficialFigure.Paper.LETTER,
        paper_date=clock.today(),
        photo=png(),
        photo_type="image/png",
    )
    assert report_change(change=newer).comparison.outcome is Outcome.FITS


def test_a_payslip_of_one_person_does_not_do_for_two(case: Case) -> None:
    found = report(case, situation="gehuwd", partner_takes_part=False, partner_income_cents=700_00)
    assert found.assessment is not None
    assert (found.assessment.verdict, found.comparison.outcome) == ("green", Outcome.UNSURE)


def test_a_first_application_cannot_be_passed_on_as_a_change() -> None:
    at(START)
    case = make_case(1_000_00)
    with act_as(citizen_scope(case.citizen)), pytest.raises(ValueError, match="no change"):
        report_change(change=case.application)


def test_a_proposal_cannot_rest_on_the_assessment_of_a_change(case: Case) -> None:
    found = report(case)
    assert found.assessment is not None
    left = start_application(citizen=case.citizen)
    proposal = Proposal.objects.create(
        citizen=case.citizen,
        application=left,
        assessment=found.assessment,
        version=9,
        monthly_cents=150_00,
        months=36,
        pot_cents=5_400_00,
        total_cents=6_000_00,
        creditor_count=2,
        content_hash="x",
    )
    with pytest.raises(DatabaseError, match="asks more than the assessment"), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(state="submitted", submitted_on=START, answer_by=START)


def test_the_plan_as_it_would_be_adds_up_with_the_books(case: Case) -> None:
    at(WEDNESDAY)
    arrangement = Arrangement.objects.get()
    foreseen = prognosis_for(arrangement, 60_00)
    assert foreseen.months == 35
    assert foreseen.to_pay_now == 35 * 150_00
    assert foreseen.to_pay_then == 35 * 60_00
    assert foreseen.waived_then == 6_000_00 - 150_00 - 35 * 60_00


# --- the walls ------------------------------------------------------------------------------------------------------


def test_nobody_else_sees_a_change_or_a_review(case: Case) -> None:
    report(case, net_income_cents=1_500_00)
    with as_worker("test"):
        arrangement = Arrangement.objects.get()
        YearlyReview.objects.create(arrangement=arrangement, citizen=case.citizen, due_on=START, asked_on=START)
    others = [
        citizen_scope(make_citizen(family_name="Ander")),
        creditor_scope(case.creditors[0], case.members[0]),
        Scope(coach_id=99_999, reason="test"),
    ]
    for scope in others:
        with act_as(scope):
            assert not Application.objects.exists()
            assert not Assessment.objects.exists()
            assert not CaseTask.objects.exists()
            assert not YearlyReview.objects.exists()
    assert YearlyReview.objects.count() == 1


def test_a_citizen_cannot_ask_for_a_review_of_their_own(case: Case) -> None:
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        YearlyReview.objects.create(
            arrangement=Arrangement.objects.get(), citizen=case.citizen, due_on=START, asked_on=START
        )


# --- being called ---------------------------------------------------------------------------------------------------


def test_who_wants_to_be_called_is_one_task_until_it_is_done(case: Case) -> None:
    at(WEDNESDAY)
    arrangement = Arrangement.objects.get()
    assert ask_call(arrangement=arrangement) == date(2026, 11, 27)
    assert ask_call(arrangement=arrangement) == date(2026, 11, 27)
    task = CaseTask.objects.get()
    assert task.kind == "call_back"
    CaseTask.objects.update(done_on=WEDNESDAY)
    ask_call(arrangement=arrangement)
    assert CaseTask.objects.filter(done_on=None).count() == 1


# --- once a year ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signed", "today", "expected"),
    [
        (date(2026, 11, 23), date(2027, 11, 22), None),
        (date(2026, 11, 23), date(2027, 11, 23), date(2027, 11, 23)),
        (date(2026, 11, 23), date(2028, 11, 22), date(2027, 11, 23)),
        (date(2026, 11, 23), date(2029, 1, 1), date(2028, 11, 23)),
        (date(2028, 2, 29), date(2029, 2, 28), date(2029, 2, 28)),
        (date(2028, 2, 29), date(2032, 2, 28), date(2031, 2, 28)),
    ],
)
def test_the_anniversary_of_a_signature(signed: date, today: date, expected: date | None) -> None:
    assert last_anniversary(signed, today, 12) == expected


def day(today: date) -> None:
    at(today)
    with as_worker("test"):
        run_day(today=today)


def reviews() -> list[tuple[date, date | None]]:
    with as_worker("test"):
        return list(YearlyReview.objects.order_by("due_on").values_list("due_on", "done_on"))


def asked() -> int:
    with as_worker("test"):
        return Message.objects.filter(kind="review_asked").count()


def review_tasks(**where: Any) -> int:
    with as_worker("test"):
        return CaseTask.objects.filter(kind="review", **where).count()


def test_the_review_is_asked_a_year_after_signing_once_and_neutrally() -> None:
    running_case(10_000_00)
    day(date(2027, 11, 22))
    assert asked() == 0
    day(date(2027, 11, 23))
    day(date(2027, 11, 24))
    assert asked() == 1
    with as_worker("test"):
        message = Message.objects.get(kind="review_asked")
    assert message.subject == "Bericht over uw afspraak"
    assert "Kloppen uw gegevens nog?" in message.body
    day(date(2028, 11, 23))
    assert asked() == 2
    assert [due for due, _ in reviews()] == [date(2027, 11, 23), date(2028, 11, 23)]


def test_a_day_that_was_missed_is_made_up_for() -> None:
    running_case(10_000_00)
    day(date(2027, 12, 1))
    assert reviews() == [(date(2027, 11, 23), None)]


def test_a_review_not_done_in_thirty_days_is_a_task_once_and_done_it_is_none() -> None:
    case, _ = running_case(10_000_00)
    day(date(2027, 11, 23))
    day(date(2027, 12, 22))
    assert review_tasks() == 0
    day(date(2027, 12, 23))
    day(date(2027, 12, 24))
    assert review_tasks(done_on=None) == 1
    with act_as(citizen_scope(case.citizen)):
        found = report(case, "review")
    assert found.comparison.outcome is Outcome.FITS
    assert found.assessment is not None
    assert (found.assessment.purpose, found.assessment.on_date) == ("review", date(2027, 12, 24))
    assert reviews() == [(date(2027, 11, 23), date(2027, 12, 24))]
    assert (review_tasks(done_on=None), review_tasks()) == (0, 1)


def test_a_review_done_in_time_never_becomes_a_task() -> None:
    case, _ = running_case(10_000_00)
    day(date(2027, 11, 23))
    with act_as(citizen_scope(case.citizen)):
        report(case, "review")
    day(date(2028, 1, 10))
    assert review_tasks() == 0


def test_a_change_is_no_review() -> None:
    case, _ = running_case(10_000_00)
    day(date(2027, 11, 23))
    with act_as(citizen_scope(case.citizen)):
        report(case)
    assert reviews() == [(date(2027, 11, 23), None)]


def test_a_plan_that_is_over_is_not_reviewed() -> None:
    _, arrangement = running_case(60_00)
    pay_all(arrangement)
    day(date(2027, 11, 23))
    assert asked() == 0


def test_the_time_machine_stops_on_the_day_of_a_review() -> None:
    running_case(10_000_00)
    at(date(2027, 11, 20))
    with as_worker("test"):
        assert next_day_with_work(date(2027, 11, 22)) == date(2027, 11, 23)
    day(date(2027, 11, 23))
    with as_worker("test"):
        assert next_day_with_work(date(2027, 12, 22)) == date(2027, 11, 23) + timedelta(days=30)
        assert YearlyReview.objects.count() == 1
