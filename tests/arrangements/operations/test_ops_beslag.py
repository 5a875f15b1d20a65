"""One report of a beslag stops the plan for all; nobody is late meanwhile; lifted, the plan goes on behind its last day."""

from datetime import date

import pytest
from django.db import connection, transaction

from affordability.gate import bounds_may_be_used
from arrangements.domain.deciders import Decider, NotYours
from arrangements.models import (
    Arrangement,
    ArrangementLine,
    Assessment,
    Beslag,
    CaseTask,
    Document,
    Installment,
)
from arrangements.operations.check_books import check_books
from arrangements.operations.follow_beslag import follow_beslag
from arrangements.operations.keep_promises import keep_promises
from arrangements.operations.lift_beslag import NothingToLift, lift_beslag, resume_after_beslag
from arrangements.operations.report_beslag import report_beslag
from arrangements.operations.report_change import PlanIsOver
from arrangements.queries.beslag import beslag_facts, comparison_for_creditor, comparison_for_outsider
from infra import clock, jobs
from infra.models import Message
from infra.scope import act_as, as_worker
from kernel.working_days import add_working_days
from tests.factories.beslag import again, day, lifted, reported, stopped
from tests.factories.money import START, activate, at, next_open, pay_next, running_case
from tests.factories.people import citizen_scope, creditor_scope, login_of, make_director
from tests.factories.plans import agreed, make_case

pytestmark = pytest.mark.django_db


def messages(kind: str) -> list[Message]:
    with as_worker("test"):
        return list(Message.objects.filter(kind=kind).order_by("pk"))


def tasks(kind: str) -> list[CaseTask]:
    with as_worker("test"):
        return list(CaseTask.objects.filter(kind=kind).order_by("pk"))


def test_the_citizens_report_stops_the_plan_in_the_same_moment() -> None:
    case, arrangement = running_case(3_000_00, 6_000_00)
    beslag = reported(case, arrangement)
    assert again(arrangement).state == "suspended"
    assert beslag.suspended_on == START
    (task,) = tasks("beslag")
    assert task.due_on == add_working_days(START, 1)
    assert "Deurwaarder Jansen" in task.text
    (told,) = messages("beslag")
    assert "U bent niet te laat. Dat geldt voor alle organisaties." in told.body
    assert "dinsdag 24 november 2026" in told.body


def test_every_creditor_gets_one_notice_without_the_name_of_who_seizes() -> None:
    case, arrangement = running_case(3_000_00, 6_000_00)
    reported(case, arrangement, creditor=case.creditors[1])
    jobs.run_all()
    to_creditors = [one for one in messages("beslag") if one.creditor_id]
    assert {one.creditor_id for one in to_creditors} == {one.pk for one in case.creditors}
    assert all(creditor.name not in one.subject + one.body for one in to_creditors for creditor in case.creditors)
    reported(case, arrangement, name="Iemand anders")
    jobs.run_all()
    assert len([one for one in messages("beslag") if one.creditor_id]) == 2


def test_a_creditor_reports_its_own_beslag_and_the_worker_stops_the_plan() -> None:
    case, arrangement = running_case(3_000_00, 6_000_00)
    beslag = reported(case, arrangement, by=Decider.CREDITOR, creditor=case.creditors[0])
    assert again(arrangement).state == "active"
    jobs.run_all()
    assert again(arrangement).state == "suspended"
    with as_worker("test"):
        beslag.refresh_from_db()
    assert beslag.suspended_on == START
    assert len(tasks("beslag")) == 1


def test_a_lost_job_is_promised_again() -> None:
    case, arrangement = running_case(3_000_00, 6_000_00)
    reported(case, arrangement, by=Decider.CREDITOR, creditor=case.creditors[0])
    with as_worker("test"):
        assert keep_promises(today=START) == 1
    jobs.run_all()
    assert again(arrangement).state == "suspended"
    with as_worker("test"):
        assert keep_promises(today=START) == 0


def test_a_creditor_cannot_report_on_a_plan_it_is_not_in() -> None:
    _case, arrangement = running_case(3_000_00)
    other = make_case(1_00)
    with act_as(creditor_scope(other.creditors[0], other.members[0])), pytest.raises(Exception, match="matching query"):
        report_beslag(
            arrangement=arrangement,
            decider=Decider.CREDITOR,
            user=other.members[0].user,
            creditor=other.creditors[0],
        )
    assert again(arrangement).state == "active"


def test_the_same_report_of_the_same_day_is_one() -> None:
    case, arrangement = running_case(3_000_00)
    assert reported(case, arrangement).pk == reported(case, arrangement).pk
    reported(case, arrangement, name="Een ander")
    with as_worker("test"):
        assert Beslag.objects.count() == 2


def test_a_report_between_signing_and_opening_stops_the_plan_once_it_opens() -> None:
    at(START)
    case = make_case(3_000_00)
    agreed(case)
    arrangement = case.sign()
    reported(case, arrangement)
    assert again(arrangement).state == "signed"
    jobs.run_all()
    activate(arrangement)
    jobs.run_all()
    assert again(arrangement).state == "suspended"


def test_nothing_is_reported_on_a_plan_that_is_over() -> None:
    case, arrangement = running_case(3_000_00)
    stopped(case, arrangement)
    with pytest.raises(PlanIsOver):
        reported(case, arrangement)


def test_for_three_months_nobody_is_reminded_and_nothing_is_late() -> None:
    case, arrangement = running_case(3_000_00, 6_000_00)
    reported(case, arrangement)
    jobs.run_all()
    for offset in range(95):
        day(date.fromordinal(START.toordinal() + offset))
    assert messages("payment_reminder") == messages("payment_missed") == messages("ways_out") == []
    assert tasks("missed_payment") == tasks("variation") == []
    with as_worker("test"):
        assert set(Installment.objects.values_list("state", flat=True)) == {"open"}
        assert set(Installment.objects.values_list("ladder_step", flat=True)) == {""}
    assert again(arrangement).state == "suspended"


def test_lifted_the_plan_goes_on_and_what_fell_due_moves_to_the_end() -> None:
    case, arrangement = running_case(3_000_00, 6_000_00)
    at(date(2026, 12, 1))
    pay_next(arrangement)
    beslag = reported(case, arrangement)
    jobs.run_all()
    at(date(2027, 2, 10))
    coach = make_director(kind="coach", default=False, name="Sam")
    lifted(case, beslag, coach)
    jobs.run_all()
    assert again(arrangement).state == "active"
    with as_worker("test"):
        moved = list(Installment.objects.filter(state="moved").order_by("number"))
        assert [(one.number, one.due_date, one.moved_ground) for one in moved] == [
            (2, date(2027, 1, 1), "beslag"),
            (3, date(2027, 2, 1), "beslag"),
        ]
        later = [one.replaced_by for one in moved]
        assert [one.due_date for one in later] == [date(2029, 12, 1), date(2030, 1, 1)]
        assert sum(one.amount_cents for one in Installment.objects.exclude(state="moved")) == arrangement.pot_cents
        assert check_books() == []
    (to_citizen,) = [one for one in messages("beslag_over") if one.citizen_id]
    assert "2 termijnen schuiven naar het einde." in to_citizen.body
    assert "1 januari 2030" in to_citizen.body
    assert "U betaalt weer op 1 maart 2027." in to_citizen.body
    assert len([one for one in messages("beslag_over") if one.creditor_id]) == 2
    assert all(task.done_on for task in tasks("beslag"))
    # And it can be paid to the end: the replacements count like every other.
    assert next_open(again(arrangement)).number in (2, 3, 4)


def test_a_part_that_was_paid_stays_with_the_moved_one() -> None:
    case, arrangement = running_case(3_000_00, 6_000_00)
    beslag = reported(case, arrangement)
    at(date(2026, 12, 20))
    pay_next(arrangement, amount_cents=20_00)
    lifted(case, beslag, make_director(kind="coach", default=False))
    jobs.run_all()
    with as_worker("test"):
        moved = Installment.objects.get(state="moved")
        assert (moved.paid_cents, moved.replaced_by.amount_cents, moved.replaced_by.paid_cents) == (20_00, 25_00, 0)
        assert check_books() == []


def test_the_plan_goes_on_when_the_last_beslag_is_lifted_and_not_before() -> None:
    case, arrangement = running_case(3_000_00, 6_000_00)
    coach = make_director(kind="coach", default=False)
    first = reported(case, arrangement)
    at(date(2026, 12, 10))
    second = reported(case, arrangement, name="Nog iemand")
    assert second.suspended_on == START
    lifted(case, first, coach)
    jobs.run_all()
    assert again(arrangement).state == "suspended"
    lifted(case, second, coach)
    jobs.run_all()
    assert again(arrangement).state == "active"
    with as_worker("test"):
        assert Installment.objects.filter(state="moved").count() == 1  # of 1 December, from the first report on
        resume_after_beslag(arrangement_id=arrangement.pk)
        follow_beslag(beslag_id=first.pk)
        assert Installment.objects.filter(state="moved").count() == 1
    assert again(arrangement).state == "active"


def test_a_pause_that_still_runs_goes_on_after_the_beslag() -> None:
    case, arrangement = running_case(3_000_00)
    with as_worker("test"):
        Arrangement.objects.filter(pk=arrangement.pk).update(state="paused", paused_until=date(2027, 1, 31))
    beslag = reported(case, arrangement)
    assert again(arrangement).state == "suspended"
    at(date(2027, 1, 15))
    lifted(case, beslag, make_director(kind="coach", default=False))
    jobs.run_all()
    assert again(arrangement).state == "paused"


def test_only_who_helps_lifts_it_with_a_reason_and_once() -> None:
    case, arrangement = running_case(3_000_00)
    beslag = reported(case, arrangement)
    coach = make_director(kind="coach", default=False)
    with act_as(citizen_scope(case.citizen)):
        with pytest.raises(NotYours):
            lift_beslag(beslag=beslag, decider=Decider.CITIZEN, user=login_of(case.citizen), reason="weg")
        with pytest.raises(ValueError, match="say why"):
            lift_beslag(beslag=beslag, decider=Decider.COACH, user=coach.user, reason=" ")
    lifted(case, beslag, coach)
    with pytest.raises(NothingToLift):
        lifted(case, beslag, coach)


def test_what_was_late_before_the_beslag_is_late_after_it() -> None:
    case, arrangement = running_case(3_000_00, 6_000_00)
    day(date(2026, 12, 4))
    beslag = reported(case, arrangement)
    at(date(2027, 1, 10))
    lifted(case, beslag, make_director(kind="coach", default=False))
    jobs.run_all()
    with as_worker("test"):
        assert [(one.number, one.state) for one in Installment.objects.exclude(state="open").order_by("number")] == [
            (1, "missed"),
            (2, "moved"),
        ]


# --- the comparison ---------------------------------------------------------------------------------------------------


def test_the_comparison_for_a_creditor_of_the_plan_is_its_own_paper_of_the_same_day() -> None:
    case, arrangement = running_case(3_000_00, 6_000_00)
    at(date(2026, 12, 1))
    pay_next(arrangement)
    beslag = reported(case, arrangement, creditor=case.creditors[0])
    jobs.run_all()
    with as_worker("test"):
        paper = Document.objects.get(kind="comparison")
        line = ArrangementLine.objects.get(arrangement=arrangement, creditor=case.creditors[0])
    assert (paper.creditor_id, paper.citizen_id, paper.made_on) == (case.creditors[0].pk, None, clock.today())
    summary = dict(paper.content["summary"])
    # 1.620 x 1/3 = 540; paid 15; 35 instalments left. Capacity 493,58 (domain.md 1). Owed 2.985 of 8.955: a third.
    assert line.share_cents == 540_00
    assert summary["In het plan krijgt u nog"] == "€\u00a0525,00"
    assert summary["Uw vordering nu"] == "€\u00a02.985,00"
    assert summary["Met beslag, per maand"] == "€\u00a0493,58"
    rows = next(one for one in paper.content["sections"] if one["key"] == "naast-elkaar")["table"]["rows"]
    assert [row[2] for row in rows] == ["35 maanden", "2 maanden", "4 maanden"]
    assert rows[2][1] == "€\u00a0164,52"
    text = str(paper.content)
    assert case.creditors[1].name not in text
    assert "1.900" not in text
    assert "inkomen" not in text
    told = messages("beslag_comparison")
    assert [one.creditor_id for one in told] == [case.creditors[0].pk]
    assert beslag.pk


def test_for_a_party_outside_the_plan_it_is_the_citizens_paper_to_hand_over() -> None:
    case, arrangement = running_case(3_000_00, 6_000_00)
    reported(case, arrangement, claim_cents=900_00)
    jobs.run_all()
    with as_worker("test"):
        paper = Document.objects.get(kind="comparison")
    assert (paper.creditor_id, paper.citizen_id) == (None, case.citizen.pk)
    # 1.620 over 9.900: 900 gets 147,27.
    assert dict(paper.content["summary"])["Als u meedoet krijgt u ongeveer"] == "€\u00a0147,27"
    assert messages("beslag_comparison") == []
    assert all(creditor.name not in str(paper.content) for creditor in case.creditors)


def test_what_is_not_known_is_called_unknown() -> None:
    case, arrangement = running_case(3_000_00, 6_000_00)
    with as_worker("test"), transaction.atomic():
        old = Assessment.objects.filter(citizen=case.citizen).latest("pk")
        old.pk = None
        old.public_id = __import__("uuid").uuid4()
        old.verdict, old.missing = "amber", ["other_income"]
        old._state.adding = True
        old.save(force_insert=True)
    reported(case, arrangement)
    jobs.run_all()
    with as_worker("test"):
        summary = dict(Document.objects.get(kind="comparison").content["summary"])
    assert summary["Met beslag, per maand"] == "niet bekend"
    assert summary["Uw vordering nu"] == "niet bekend"


@pytest.mark.parametrize("missing", [[], ["taxable_income"], ["other_income"], ["taxable_income", "other_income"]])
def test_the_door_gives_the_bounds_when_the_gate_would(missing: list[str]) -> None:
    case, arrangement = running_case(3_000_00)
    with as_worker("test"), connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb <@ '[\"taxable_income\"]'::jsonb", [__import__("json").dumps(missing)])
        assert cursor.fetchone()[0] == bounds_may_be_used(missing)
    with act_as(citizen_scope(case.citizen)):
        assert beslag_facts(arrangement.pk).capacity == (493_58, 493_58)


def test_the_door_is_shut_for_who_is_no_party() -> None:
    case, arrangement = running_case(3_000_00, 6_000_00)
    other = make_case(1_00)
    with act_as(creditor_scope(case.creditors[0], case.members[0])):
        own = comparison_for_creditor(arrangement, case.creditors[0])
        assert (own.claim, own.in_plan) == (3_000_00, 540_00)
    for scope in (creditor_scope(other.creditors[0], other.members[0]), citizen_scope(other.citizen)):
        with act_as(scope), pytest.raises(LookupError):
            beslag_facts(arrangement.pk)
    with act_as(citizen_scope(case.citizen)):
        assert comparison_for_outsider(arrangement, None).in_plan is None
