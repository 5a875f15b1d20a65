"""Handing a case over: with its tasks, a note for the new director only, and a message to the citizen."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import CaseWorker, Citizen, HandOver
from accounts.operations.end_mandate import end_mandate
from accounts.operations.report_absence import report_absence
from arrangements.models import CaseTask
from arrangements.operations.hand_over_case import CannotTakeOver, hand_over_case, possible_directors
from arrangements.operations.release_cases import release_cases
from arrangements.operations.reminders import after_mandates
from arrangements.operations.tasks_for_director import make_task
from arrangements.queries.stand_in import stand_in_tasks
from infra import clock
from infra.models import Message
from infra.scope import Scope, act_as, as_worker
from tests.accounts.test_directors import (
    FRIDAY,
    MONDAY,
    away,
    coach_scope,
    colleague,
    hand_overs,
    mandated,
    messages_to,
)
from tests.factories.bewind import acting
from tests.factories.people import citizen_scope, login_of, make_citizen, make_director

pytestmark = pytest.mark.django_db
NOTE = "Belt liever na vijf uur."


@pytest.fixture(autouse=True)
def _monday() -> None:
    clock.set_today(MONDAY)


def coach(name: str, organisation: str = "Hulp") -> CaseWorker:
    return colleague(name, kind="coach", organisation=organisation)


def task_for(citizen: Citizen, text: str = "Bel over de brief.") -> CaseTask:
    with act_as(citizen_scope(citizen)):
        make_task(citizen_id=citizen.pk, key=f"t:{citizen.pk}:{text}", kind=CaseTask.Kind.CALL_BACK, text=text)
        return CaseTask.objects.get(text=text, citizen=citizen)


def test_a_case_goes_over_with_its_open_tasks_its_note_and_one_message() -> None:
    citizen, sam, bo = make_citizen(), coach("Sam"), coach("Bo")
    mandated(citizen, bo)
    mandated(citizen, sam)
    task, done = task_for(citizen), task_for(citizen, "Gedaan.")
    with as_worker("test"):
        CaseTask.objects.filter(pk=done.pk).update(done_on=MONDAY)
    told = len(messages_to(citizen, "director_changed"))
    with act_as(acting(sam, citizen)):
        hand_over_case(citizen=citizen, to=bo, note=f"  {NOTE} ", by=sam.user)
        citizen.refresh_from_db()
    assert citizen.director == bo
    with as_worker("test"):
        assert CaseTask.objects.get(pk=task.pk).assigned_to == bo
        assert CaseTask.objects.get(pk=done.pk).assigned_to == sam
    row = hand_overs(citizen)[-1]
    assert (row.from_worker, row.to_worker, row.note, row.made_by_user) == (sam, bo, NOTE, sam.user)
    messages = messages_to(citizen, "director_changed")
    assert len(messages) == told + 1
    assert bo.phone in messages[-1].body
    assert NOTE not in "".join(message.body for message in messages)
    with act_as(coach_scope(bo)):
        assert HandOver.objects.get(reason="by_hand").note == NOTE
    with act_as(coach_scope(sam)):
        assert not HandOver.objects.filter(reason="by_hand").exists()


def test_only_the_desk_or_a_coach_with_a_living_mandate_can_take_over() -> None:
    citizen, sam, bo, late = make_citizen(), coach("Sam"), coach("Bo"), coach("Late")
    old = mandated(citizen, late)
    with act_as(citizen_scope(citizen)):
        end_mandate(mandate=old, user=login_of(citizen))
    mandated(citizen, sam)
    desk, away_desk = make_director(), colleague("Weg")
    CaseWorker.objects.filter(pk=away_desk.pk).update(active=False)
    with act_as(acting(sam, citizen)):
        assert possible_directors(citizen) == [desk]
        for nobody in (bo, late, sam, away_desk):
            with pytest.raises(CannotTakeOver):
                hand_over_case(citizen=citizen, to=nobody, note=NOTE, by=sam.user)
        with pytest.raises(ValueError, match="note"):
            hand_over_case(citizen=citizen, to=desk, note="   ", by=sam.user)
        citizen.refresh_from_db()
    assert citizen.director == sam


def test_a_hand_over_is_never_changed() -> None:
    citizen, sam = make_citizen(), coach("Sam")
    mandated(citizen, sam)
    with as_worker("test"), pytest.raises(DatabaseError), transaction.atomic():
        HandOver.objects.update(note="anders")


def test_a_mandate_that_is_over_makes_a_hand_over_and_one_message_with_the_new_number() -> None:
    citizen, sam = make_citizen(), coach("Sam Visser")
    mandate = mandated(citizen, sam)
    before = len(messages_to(citizen))
    clock.set_today(date(2027, 5, 24))
    with as_worker("test"):
        assert after_mandates(today=date(2027, 5, 24)) == 1
        assert after_mandates(today=date(2027, 5, 24)) == 0
    desk = make_director()
    assert mandate.valid_until == date(2027, 5, 23)
    assert hand_overs(citizen)[-1].reason == HandOver.Reason.MANDATE_OVER
    new = messages_to(citizen)[before:]
    assert [message.kind for message in new] == ["mandate_over"]
    assert f"Uw contactpersoon is nu {desk.name} van {desk.organisation}: {desk.phone}." in new[0].body


def test_whoever_is_switched_off_keeps_no_cases() -> None:
    mine, other = make_citizen(), make_citizen(family_name="Pietersen")
    sam, bo = coach("Sam"), coach("Bo")
    mandated(mine, sam)
    mandated(other, bo)
    task = task_for(mine)
    CaseWorker.objects.filter(pk=sam.pk).update(active=False)
    desk = make_director()
    with as_worker("test"):
        assert release_cases(today=MONDAY) == 1
        assert release_cases(today=MONDAY) == 0
        assert Citizen.objects.get(pk=mine.pk).director == desk
        assert Citizen.objects.get(pk=other.pk).director == bo
        assert CaseTask.objects.get(pk=task.pk).assigned_to == desk
        assert Message.objects.filter(citizen_id=mine.pk, kind="director_changed", body__contains=desk.phone).exists()
    assert hand_overs(mine)[-1].reason == HandOver.Reason.LEFT


# --- standing in -------------------------------------------------------------------------------------------------------


def test_a_stand_in_without_a_mandate_sees_whom_to_call_and_nothing_more() -> None:
    citizen, sam, bo = make_citizen(family_name="Jansen"), coach("Sam"), coach("Bo")
    mandated(citizen, sam)
    task_for(citizen, "Geheim: de deurwaarder belde.")
    with as_worker("test"):
        Citizen.objects.filter(pk=citizen.pk).update(phone="06 11 22 33 44")
    with act_as(coach_scope(bo)):
        assert stand_in_tasks(MONDAY) == []
    away(sam, bo)
    with act_as(coach_scope(bo)):
        (one,) = stand_in_tasks(MONDAY)
        assert (one.client, one.phone, one.director) == ("Jo Jansen", "06 11 22 33 44", "Sam")
        assert (one.mandate, one.text) == (None, "")
        # and by no other way either
        assert not CaseTask.objects.exists()
        assert not Citizen.objects.exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM arrangements_casetask")
            assert cursor.fetchone() == (0,)
    clock.set_today(date(2026, 11, 30))
    with act_as(coach_scope(bo)):
        assert stand_in_tasks(clock.today()) == []


def test_a_stand_in_with_a_mandate_sees_what_it_is_about() -> None:
    citizen, sam, bo = make_citizen(), coach("Sam"), coach("Bo")
    own = mandated(citizen, bo)
    mandated(citizen, sam)
    task = task_for(citizen)
    away(sam, bo)
    with act_as(coach_scope(bo)):
        (one,) = stand_in_tasks(MONDAY)
        assert (one.mandate, one.text, one.task) == (own.public_id, task.text, task.public_id)


def test_a_stand_in_sees_nothing_of_a_client_who_stopped_the_coach() -> None:
    citizen, sam, bo = make_citizen(), coach("Sam"), coach("Bo")
    mandate = mandated(citizen, sam)
    task_for(citizen)
    away(sam, bo)
    with act_as(citizen_scope(citizen)):
        end_mandate(mandate=mandate, user=login_of(citizen))
    with act_as(coach_scope(bo)):
        assert stand_in_tasks(MONDAY) == []


@pytest.mark.parametrize(
    "who", [Scope(reason="test"), Scope(citizen_id=1, reason="test"), Scope(creditor_id=1, reason="test")]
)
def test_nobody_else_gets_through_the_door_of_the_stand_in(who: Scope) -> None:
    citizen = make_citizen()
    desk, bo = make_director(), colleague("Bo Vos")
    task_for(citizen)
    with act_as(coach_scope(desk)):
        report_absence(case_worker=desk, stand_in=bo, from_date=MONDAY, until_date=FRIDAY, user=desk.user)
    with act_as(who):
        assert stand_in_tasks(MONDAY) == []
    with act_as(coach_scope(bo)):
        assert len(stand_in_tasks(MONDAY)) == 1
