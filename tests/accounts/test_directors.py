"""Exactly one director per case, who is known by name and number, also while away and after a change."""

from datetime import date, timedelta
from importlib import import_module
from pkgutil import iter_modules

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.contact import Contact, contact_of
from accounts.models import Absence, CaseWorker, Citizen, HandOver, Mandate, MandateText
from accounts.operations.accept_invitation import CodeUnknown, OtherWordsOnScreen, accept_invitation, words_of
from accounts.operations.end_mandate import end_mandate
from accounts.operations.invite_client import invite_client
from accounts.operations.report_absence import (
    AlreadyAway,
    NotAColleague,
    StandInAway,
    end_absence,
    possible_stand_ins,
    report_absence,
)
from arrangements.operations.tell import tell_citizen
from infra import clock
from infra.models import Message
from infra.scope import Scope, act_as, as_worker
from tests.factories.people import citizen_scope, login_of, make_citizen, make_director

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)
FRIDAY = date(2026, 11, 27)


@pytest.fixture(autouse=True)
def _monday() -> None:
    clock.set_today(MONDAY)


def coach_scope(coach: CaseWorker) -> Scope:
    return Scope(user_id=coach.user_id, coach_id=coach.pk, reason="test")


def colleague(name: str, *, kind: str = "desk", organisation: str = "Eén Plan") -> CaseWorker:
    worker = make_director(kind=kind, default=False, name=name)
    CaseWorker.objects.filter(pk=worker.pk).update(organisation=organisation, phone=f"085 {len(name):03d} 9999")
    worker.refresh_from_db()
    return worker


def away(worker: CaseWorker, stand_in: CaseWorker, starts: date = MONDAY, ends: date = FRIDAY) -> Absence:
    with act_as(coach_scope(worker)):
        return report_absence(
            case_worker=worker, stand_in=stand_in, from_date=starts, until_date=ends, user=worker.user
        )


def mandated(citizen: Citizen, coach: CaseWorker) -> Mandate:
    with act_as(coach_scope(coach)):
        _, code = invite_client(coach=coach, label="cliënt")
    with act_as(citizen_scope(citizen)):
        mandate = accept_invitation(citizen=citizen, user=login_of(citizen), code=code)
        citizen.refresh_from_db()
    return mandate


def messages_to(citizen: Citizen, kind: str = "") -> list[Message]:
    with as_worker("test"):
        rows = Message.objects.filter(citizen_id=citizen.pk).order_by("created_at")
        return list(rows.filter(kind=kind) if kind else rows)


def hand_overs(citizen: Citizen) -> list[HandOver]:
    with as_worker("test"):
        return list(HandOver.objects.filter(citizen=citizen).order_by("created_at"))


# --- who to call ---------------------------------------------------------------------------------------------------


def test_the_words_name_the_one_who_answers_now() -> None:
    noor, bo = CaseWorker(name="Noor", phone="1", organisation="Loket"), CaseWorker(name="Bo", phone="2")
    assert Contact(noor).question_line == "Vragen? Bel Noor: 1."
    covered = Contact(noor, bo, FRIDAY)
    assert covered.question_line == "Vragen? Noor is er nu niet.\nBo neemt waar: 2."
    assert (covered.name, covered.phone, covered.away) == ("Bo", "2", "Noor")


def test_a_stand_in_is_there_from_the_first_to_the_last_day() -> None:
    citizen, bo = make_citizen(), colleague("Bo Vos")
    away(citizen.director, bo, MONDAY + timedelta(days=1), FRIDAY)
    seen = {}
    for days in range(6):
        clock.set_today(MONDAY + timedelta(days=days))
        with act_as(citizen_scope(citizen)):
            seen[days] = contact_of(citizen.director).name
    assert seen == {0: "Noor Bakker", 1: "Bo Vos", 2: "Bo Vos", 3: "Bo Vos", 4: "Bo Vos", 5: "Noor Bakker"}


def test_every_message_names_the_stand_in_while_the_director_is_away() -> None:
    citizen, bo = make_citizen(), colleague("Bo Vos")
    away(citizen.director, bo)
    with act_as(citizen_scope(citizen)):
        tell_citizen(citizen, key="x", kind="test", subject="Bericht", body="Dag.")
    (message,) = messages_to(citizen, "test")
    assert f"Noor Bakker is er nu niet.\nBo Vos neemt waar: {bo.phone}." in message.body


def test_somebody_who_falls_ill_while_standing_in_hands_the_phone_on() -> None:
    citizen, bo, kim = make_citizen(), colleague("Bo Vos"), colleague("Kim Eik")
    away(citizen.director, bo)
    away(bo, kim, MONDAY, MONDAY)
    with act_as(citizen_scope(citizen)):
        assert contact_of(citizen.director).name == "Kim Eik"
    clock.set_today(FRIDAY)
    with act_as(citizen_scope(citizen)):
        assert contact_of(citizen.director).name == "Bo Vos"


def test_a_stand_in_who_left_is_replaced_by_the_desk() -> None:
    desk = make_director()
    sam, bo = colleague("Sam", kind="coach", organisation="Hulp"), colleague("Bo", kind="coach", organisation="Hulp")
    away(sam, bo)
    CaseWorker.objects.filter(pk=bo.pk).update(active=False)
    assert contact_of(sam).on_duty == desk


def test_two_people_cannot_stand_in_for_each_other() -> None:
    noor, bo = make_director(), colleague("Bo Vos")
    away(noor, bo)
    with pytest.raises(StandInAway):
        away(bo, noor, FRIDAY, FRIDAY + timedelta(days=3))
    away(bo, noor, FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=3))


def test_nobody_is_away_twice_on_one_day_or_in_the_past() -> None:
    noor, bo = make_director(), colleague("Bo Vos")
    away(noor, bo)
    with pytest.raises(AlreadyAway):
        away(noor, bo, FRIDAY, FRIDAY)
    with pytest.raises(ValueError, match="ends before it starts"):
        away(bo, noor, FRIDAY + timedelta(days=9), FRIDAY + timedelta(days=8))
    with pytest.raises(ValueError, match="is over"):
        away(bo, noor, MONDAY - timedelta(days=9), MONDAY - timedelta(days=8))


def test_a_coach_is_replaced_by_the_desk_or_a_colleague_of_the_same_organisation_only() -> None:
    desk = make_director()
    sam = colleague("Sam", kind="coach", organisation="Hulp")
    near = colleague("Near", kind="coach", organisation="Hulp")
    far = colleague("Far", kind="coach", organisation="Elders")
    gone = colleague("Gone", kind="coach", organisation="Hulp")
    CaseWorker.objects.filter(pk=gone.pk).update(active=False)
    assert set(possible_stand_ins(sam)) == {desk, near}
    assert not set(possible_stand_ins(desk)) & {sam, near, far}
    for nobody in (far, gone, sam):
        with pytest.raises(NotAColleague):
            away(sam, nobody)


def test_back_early_means_ones_own_number_again_at_once() -> None:
    noor, bo = make_director(), colleague("Bo Vos")
    running, planned = (
        away(noor, bo, MONDAY - timedelta(days=3), FRIDAY),
        away(bo, noor, date(2027, 1, 4), date(2027, 1, 5)),
    )
    with act_as(coach_scope(noor)):
        end_absence(absence=running)
        end_absence(absence=running)
    with act_as(coach_scope(bo)):
        end_absence(absence=planned)
    assert contact_of(noor).stand_in is None
    with act_as(coach_scope(noor)):
        assert [one.until_date for one in Absence.objects.all()] == [MONDAY - timedelta(days=1)]


def test_nobody_says_that_somebody_else_is_away() -> None:
    noor, bo, citizen = make_director(), colleague("Bo Vos"), make_citizen()
    for who in (coach_scope(bo), citizen_scope(citizen)):
        with act_as(who), pytest.raises(DatabaseError), transaction.atomic():
            report_absence(case_worker=noor, stand_in=bo, from_date=MONDAY, until_date=FRIDAY, user=bo.user)


def test_a_citizen_cannot_look_into_the_calendar_of_the_helpers() -> None:
    citizen, bo = make_citizen(), colleague("Bo Vos")
    away(citizen.director, bo)
    with act_as(citizen_scope(citizen)):
        assert not Absence.objects.exists()
    with act_as(coach_scope(bo)):
        assert Absence.objects.count() == 1


# --- hand-overs that happen by themselves ------------------------------------------------------------------------------


def test_a_mandate_makes_a_hand_over_and_one_message_with_the_number() -> None:
    citizen, sam = make_citizen(), colleague("Sam Visser", kind="coach", organisation="Hulp")
    desk = citizen.director
    mandated(citizen, sam)
    (row,) = hand_overs(citizen)
    assert (row.from_worker, row.to_worker, row.reason) == (desk, sam, HandOver.Reason.MANDATE_GIVEN)
    assert row.note
    (message,) = messages_to(citizen, "director_changed")
    assert "Uw contactpersoon is nu Sam Visser van Hulp." in message.body
    assert sam.phone in message.body
    mandated(citizen, sam)  # renewed: nothing changes hands
    assert len(hand_overs(citizen)) == 1
    assert len(messages_to(citizen, "director_changed")) == 1


def test_a_stopped_mandate_gives_the_case_back_with_a_hand_over_and_one_message() -> None:
    citizen, sam = make_citizen(), colleague("Sam Visser", kind="coach", organisation="Hulp")
    mandate = mandated(citizen, sam)
    with act_as(citizen_scope(citizen)):
        end_mandate(mandate=mandate, user=login_of(citizen))
        end_mandate(mandate=mandate, user=login_of(citizen))
        citizen.refresh_from_db()
    assert citizen.director.is_default_director
    assert [row.reason for row in hand_overs(citizen)] == ["mandate_given", "mandate_ended"]
    assert len(messages_to(citizen, "director_changed")) == 2


def test_a_helper_who_is_not_the_director_leaves_without_a_hand_over() -> None:
    citizen = make_citizen()
    sam = colleague("Sam", kind="coach", organisation="Hulp")
    bo = colleague("Bo", kind="coach", organisation="Hulp")
    first = mandated(citizen, sam)
    mandated(citizen, bo)
    before = len(hand_overs(citizen))
    with act_as(citizen_scope(citizen)):
        end_mandate(mandate=first, user=login_of(citizen))
        citizen.refresh_from_db()
    assert citizen.director == bo
    assert len(hand_overs(citizen)) == before


def test_the_code_of_a_coach_who_left_opens_nothing() -> None:
    citizen, sam = make_citizen(), colleague("Sam", kind="coach", organisation="Hulp")
    with act_as(coach_scope(sam)):
        _, code = invite_client(coach=sam, label="x")
    CaseWorker.objects.filter(pk=sam.pk).update(active=False)
    with act_as(citizen_scope(citizen)), pytest.raises(CodeUnknown):
        accept_invitation(citizen=citizen, user=login_of(citizen), code=code)


def test_the_default_director_cannot_be_switched_off() -> None:
    desk = make_director()
    with pytest.raises(DatabaseError), transaction.atomic():
        CaseWorker.objects.filter(pk=desk.pk).update(active=False)


# --- the words of a mandate ----------------------------------------------------------------------------------------------


def test_the_words_of_a_mandate_are_kept_with_their_hash_each_time_it_is_given() -> None:
    citizen, sam = make_citizen(), colleague("Sam Visser", kind="coach", organisation="Hulp")
    mandate = mandated(citizen, sam)
    words = words_of(sam, 6)
    CaseWorker.objects.filter(pk=sam.pk).update(phone="06 00 00 00 00")
    mandated(citizen, sam)
    with act_as(citizen_scope(citizen)):
        texts = list(MandateText.objects.order_by("id"))
    assert [one.mandate_id for one in texts] == [mandate.pk] * 2
    assert (texts[0].text, texts[0].text_hash) == (words.text, words.hash)
    assert "Mag Sam Visser u helpen?" in texts[0].text
    assert "Ja zeggen en tekenen." in texts[0].text
    assert texts[1].text_hash != texts[0].text_hash


def test_other_words_than_those_on_the_screen_are_not_signed() -> None:
    citizen, sam = make_citizen(), colleague("Sam Visser", kind="coach", organisation="Hulp")
    with act_as(coach_scope(sam)):
        _, code = invite_client(coach=sam, label="x")
    seen = words_of(sam, 6).hash
    CaseWorker.objects.filter(pk=sam.pk).update(name="Sem Visser")
    with act_as(citizen_scope(citizen)):
        with pytest.raises(OtherWordsOnScreen), transaction.atomic():
            accept_invitation(citizen=citizen, user=login_of(citizen), code=code, seen_hash=seen)
        sam.refresh_from_db()
        accept_invitation(citizen=citizen, user=login_of(citizen), code=code, seen_hash=words_of(sam, 6).hash)


def test_a_hash_that_is_not_of_the_text_is_refused_by_the_database() -> None:
    citizen, sam = make_citizen(), colleague("Sam Visser", kind="coach", organisation="Hulp")
    mandated(citizen, sam)
    with as_worker("test"), connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute(
            "INSERT INTO accounts_mandatetext (public_id, mandate_id, citizen_id, coach_id, given_on, valid_until, "
            "text_version, text, text_hash, given_by_user_id, created_at) SELECT gen_random_uuid(), mandate_id, citizen_id, "
            "coach_id, given_on, valid_until, text_version, text || '!', text_hash, given_by_user_id, created_at "
            "FROM accounts_mandatetext LIMIT 1"
        )


def test_mandates_from_before_get_the_words_of_their_version() -> None:
    """The migration and the page have the same words, letter for letter, for 1 month and for more."""
    packages = import_module("accounts.migrations").__path__
    modules = [import_module(f"accounts.migrations.{one.name}") for one in iter_modules(packages)]
    (keep_words,) = [one.KEEP_WORDS for one in modules if hasattr(one, "KEEP_WORDS")]
    sam = colleague("Sam Visser", kind="coach", organisation="Hulp")
    expected = {}
    for months, until in ((1, date(2026, 12, 23)), (6, date(2027, 5, 23)), (12, date(2027, 11, 23))):
        citizen = make_citizen()
        with act_as(citizen_scope(citizen)):
            mandate = Mandate.objects.create(
                citizen=citizen,
                coach=sam,
                valid_from=MONDAY,
                valid_until=until,
                text_version="machtiging-1",
                given_by_user=login_of(citizen),
            )
        expected[mandate.pk] = (words_of(sam, months).text, words_of(sam, months).hash)
    with as_worker("test"), connection.cursor() as cursor:
        cursor.execute(keep_words)
        assert {one.mandate_id: (one.text, one.text_hash) for one in MandateText.objects.all()} == expected


# --- the walls ---------------------------------------------------------------------------------------------------------


def test_only_the_new_director_reads_the_hand_over_and_only_while_the_mandate_lasts() -> None:
    citizen, other = make_citizen(), make_citizen(family_name="Pietersen")
    sam, bo = colleague("Sam", kind="coach", organisation="Hulp"), colleague("Bo", kind="coach", organisation="Hulp")
    mandate = mandated(citizen, sam)
    with act_as(coach_scope(sam)):
        assert [row.to_worker_id for row in HandOver.objects.all()] == [sam.pk]
    for who in (citizen_scope(citizen), citizen_scope(other), coach_scope(bo), Scope(creditor_id=1, reason="test")):
        with act_as(who), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM accounts_handover")
            assert cursor.fetchone() == (0,)
    with act_as(citizen_scope(citizen)):
        end_mandate(mandate=mandate, user=login_of(citizen))
    with act_as(coach_scope(sam)):
        assert not HandOver.objects.exists()


def test_the_words_of_a_mandate_are_read_by_its_two_parties() -> None:
    citizen, other = make_citizen(), make_citizen(family_name="Pietersen")
    sam, bo = colleague("Sam", kind="coach", organisation="Hulp"), colleague("Bo", kind="coach", organisation="Hulp")
    mandated(citizen, sam)
    counted = {}
    for name, who in {
        "citizen": citizen_scope(citizen),
        "coach": coach_scope(sam),
        "other citizen": citizen_scope(other),
        "other coach": coach_scope(bo),
        "creditor": Scope(creditor_id=1, reason="test"),
    }.items():
        with act_as(who), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM accounts_mandatetext")
            counted[name] = cursor.fetchone()[0]
    assert counted == {"citizen": 1, "coach": 1, "other citizen": 0, "other coach": 0, "creditor": 0}
