"""Under bewind nothing starts without the bewindvoerder's consent on file (features.md B8)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import Bewind, BewindConsent
from arrangements.documents.bewind_consent import bewind_consent_content, to_sign
from arrangements.documents.content import as_text
from arrangements.models import Arrangement, CaseTask, Proposal
from arrangements.operations.answer_proposal import say_balance_differs
from arrangements.operations.assess_application import assess_application
from arrangements.operations.bewind_consent import (
    BewindConsentMissing,
    BewindOver,
    BewindvoerderUnknown,
    ask_bewindvoerder,
    record_bewind_consent,
    withdraw_bewind_consent,
)
from arrangements.operations.make_proposal import make_draft
from arrangements.operations.record_bewind import Bewindvoerder, OnlyAHelper, end_bewind, record_bewind
from arrangements.operations.submit_proposal import submit_proposal
from arrangements.queries.bewind import bewind_of
from infra import clock
from infra.models import Message
from infra.scope import Scope, act_as, as_worker
from tests.factories.bewind import DE_WAARD, acting, bewindvoerder_agrees, put_under_bewind
from tests.factories.papers import JPEG
from tests.factories.people import citizen_scope, creditor_scope, login_of, make_citizen, make_director
from tests.factories.plans import Case, agreed, fill_in, make_case, submitted

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _monday() -> None:
    clock.set_today(MONDAY)


def drafted() -> Case:
    case = make_case(1_000_00, 2_000_00)
    fill_in(case)
    with act_as(citizen_scope(case.citizen)):
        assessment = assess_application(application=case.application)
        case.proposal = make_draft(application=case.application, assessment=assessment)
    return case


def send(case: Case) -> Proposal:
    assert case.proposal is not None
    with act_as(citizen_scope(case.citizen)):
        return submit_proposal(proposal=case.proposal)


def withdraw(consent: BewindConsent) -> None:
    worker = make_director()
    with act_as(acting(worker, consent.citizen)):
        withdraw_bewind_consent(consent=consent, user=worker.user)


# --- nothing starts ------------------------------------------------------------------------------------------------


def test_a_proposal_is_not_sent_without_the_consent_and_goes_with_it() -> None:
    case = drafted()
    put_under_bewind(case.citizen)
    with pytest.raises(BewindConsentMissing):
        send(case)
    bewindvoerder_agrees(case.citizen)
    assert send(case).state == "submitted"


def test_that_there_is_a_bewindvoerder_is_enough_to_stop_it_whoever_it_is() -> None:
    case = drafted()
    put_under_bewind(case.citizen, Bewindvoerder())
    with pytest.raises(BewindConsentMissing):
        send(case)


def test_nothing_is_signed_without_the_consent_and_is_with_it() -> None:
    case = make_case(1_000_00, 2_000_00)
    agreed(case)
    put_under_bewind(case.citizen)
    with pytest.raises(BewindConsentMissing):
        case.sign()
    bewindvoerder_agrees(case.citizen)
    assert case.sign().state == "signed"


def test_a_consent_that_was_withdrawn_holds_nothing_open() -> None:
    case = drafted()
    put_under_bewind(case.citizen)
    withdraw(bewindvoerder_agrees(case.citizen))
    with pytest.raises(BewindConsentMissing):
        send(case)
    bewindvoerder_agrees(case.citizen)
    send(case)


def test_another_bewindvoerder_has_to_agree_again() -> None:
    case = drafted()
    old = put_under_bewind(case.citizen)
    bewindvoerder_agrees(case.citizen)
    worker = make_director()
    with act_as(acting(worker, case.citizen)):
        new = record_bewind(citizen=case.citizen, who=replace(DE_WAARD, name="Cor Kip"))
    assert new.pk != old.pk
    with pytest.raises(BewindConsentMissing):
        send(case)
    bewindvoerder_agrees(case.citizen)
    send(case)


def test_another_number_of_the_same_bewindvoerder_changes_nothing() -> None:
    case = drafted()
    old = put_under_bewind(case.citizen)
    bewindvoerder_agrees(case.citizen)
    with act_as(acting(make_director(), case.citizen)):
        assert record_bewind(citizen=case.citizen, who=replace(DE_WAARD, phone="030 999 99 99")).pk == old.pk
    send(case)


def test_a_bewind_that_ended_stops_nothing() -> None:
    case = drafted()
    put_under_bewind(case.citizen)
    with act_as(acting(make_director(), case.citizen)):
        end_bewind(citizen=case.citizen)
        end_bewind(citizen=case.citizen)
    send(case)


def test_the_consent_of_an_earlier_bewind_does_not_count_for_a_new_one() -> None:
    case = drafted()
    put_under_bewind(case.citizen)
    bewindvoerder_agrees(case.citizen)
    with act_as(acting(make_director(), case.citizen)):
        end_bewind(citizen=case.citizen)
    put_under_bewind(case.citizen)
    with pytest.raises(BewindConsentMissing):
        send(case)


# --- the database refuses it too -----------------------------------------------------------------------------------


def test_the_database_refuses_a_proposal_that_starts_without_consent() -> None:
    case = drafted()
    put_under_bewind(case.citizen)
    assert case.proposal is not None
    for who in (citizen_scope(case.citizen), Scope(worker=True, reason="test")):
        with act_as(who), pytest.raises(DatabaseError, match="has not consented to proposal"), transaction.atomic():
            Proposal.objects.filter(pk=case.proposal.pk).update(
                state="submitted", submitted_on=MONDAY, answer_by=MONDAY
            )


def test_the_database_refuses_an_arrangement_without_consent(monkeypatch: pytest.MonkeyPatch) -> None:
    case = make_case(1_000_00)
    agreed(case)
    put_under_bewind(case.citizen)
    monkeypatch.setattr("arrangements.operations.sign_arrangement.require_bewind_consent", lambda _citizen_id: None)
    with pytest.raises(DatabaseError, match="has not consented to an arrangement"), transaction.atomic():
        case.sign()
    with as_worker("test"):
        assert not Arrangement.objects.exists()


def test_a_version_in_the_place_of_one_that_was_sent_is_not_a_start() -> None:
    case = make_case(1_000_00, 2_000_00)
    submitted(case)
    put_under_bewind(case.citizen)
    with act_as(creditor_scope(case.creditors[0], case.members[0])):
        say_balance_differs(
            answer=case.answer_of(0),
            seen_hash=case.proposal.content_hash,  # type: ignore[union-attr]  # sent above
            user=case.members[0].user,
            claim=case.claims[0],
            balance_cents=900_00,
        )
    newer = case.settle()
    assert (newer.version, newer.state) == (2, "submitted")
    for number in range(2):
        case.say_yes(number)
    case.settle()
    with pytest.raises(BewindConsentMissing):
        case.sign()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE accounts_bewindconsent SET text = 'x', text_hash = encode(sha256('x'), 'hex')",
        "UPDATE accounts_bewindconsent SET consent_on = consent_on - 1",
        "UPDATE accounts_bewind SET name = 'Iemand anders'",
        "DELETE FROM accounts_bewindconsent",
        "DELETE FROM accounts_bewind",
    ],
)
@pytest.mark.parametrize("role", ["citizen", "worker"])
def test_what_was_agreed_to_stays_as_it_is(change: str, role: str) -> None:
    citizen = make_citizen()
    put_under_bewind(citizen)
    bewindvoerder_agrees(citizen)
    who = citizen_scope(citizen) if role == "citizen" else Scope(worker=True, reason="test")
    with act_as(who), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_a_withdrawn_consent_does_not_come_back() -> None:
    citizen = make_citizen()
    put_under_bewind(citizen)
    withdraw(bewindvoerder_agrees(citizen))
    with act_as(citizen_scope(citizen)), pytest.raises(DatabaseError), transaction.atomic():
        BewindConsent.objects.update(withdrawn_on=None, withdrawn_by_user=None)


# --- the paper -----------------------------------------------------------------------------------------------------


def test_the_words_that_were_agreed_to_are_kept_with_their_hash() -> None:
    citizen = make_citizen()
    bewind = put_under_bewind(citizen)
    consent = bewindvoerder_agrees(citizen, photo=JPEG)
    assert consent.text == as_text(bewind_consent_content(bewind=bewind, citizen=citizen))
    assert consent.text_hash == sha256(consent.text.encode()).hexdigest()
    assert "Ada de Waard van Kantoor Rust is bewindvoerder van Jo Jansen." in consent.text
    assert (consent.photo_type, consent.text_version) == ("image/jpeg", "bewind-1")
    printed = to_sign(bewind_consent_content(bewind=bewind, citizen=citizen))
    assert printed["sections"][:-1] == bewind_consent_content(bewind=bewind, citizen=citizen)["sections"]
    assert any("Handtekening" in line for line in printed["sections"][-1]["paragraphs"])


def test_recording_it_twice_gives_the_same_consent_and_one_message() -> None:
    citizen = make_citizen()
    put_under_bewind(citizen)
    assert bewindvoerder_agrees(citizen).pk == bewindvoerder_agrees(citizen).pk
    with as_worker("test"):
        assert Message.objects.filter(citizen_id=citizen.pk, kind="bewind_yes").count() == 1


def _tomorrow(bewind: Bewind) -> None:
    record_bewind_consent(bewind=bewind, consent_on=MONDAY + timedelta(days=1), recorded_by=make_director())


def _no_photo(bewind: Bewind) -> None:
    record_bewind_consent(
        bewind=bewind, consent_on=MONDAY, recorded_by=make_director(), photo=b"MZ", photo_type="image/jpeg"
    )


def _somebody_else(bewind: Bewind) -> None:
    other = make_director(default=False, name="Bo Vos")
    record_bewind_consent(bewind=bewind, consent_on=MONDAY, recorded_by=other)


@pytest.mark.parametrize("wrong", [_tomorrow, _no_photo, _somebody_else])
def test_what_no_form_lets_through_is_refused(wrong: Callable[[Bewind], None]) -> None:
    citizen = make_citizen()
    bewind = put_under_bewind(citizen)
    with act_as(acting(make_director(), citizen)), pytest.raises(ValueError, match=r"paper|file|helper"):
        wrong(bewind)


def test_a_consent_is_of_somebody_with_a_name_who_is_bewindvoerder_now() -> None:
    citizen = make_citizen()
    nameless = put_under_bewind(citizen, Bewindvoerder())
    with pytest.raises(BewindvoerderUnknown):
        bewindvoerder_agrees(citizen)
    worker = make_director()
    with act_as(acting(worker, citizen)):
        end_bewind(citizen=citizen)
        with pytest.raises(BewindOver):
            record_bewind_consent(bewind=nameless, consent_on=MONDAY, recorded_by=worker)


def test_a_citizen_cannot_record_the_consent() -> None:
    citizen, desk = make_citizen(), make_director()
    bewind = put_under_bewind(citizen)
    with act_as(citizen_scope(citizen)):
        with pytest.raises(ValueError, match="helper"):
            record_bewind_consent(bewind=bewind, consent_on=MONDAY, recorded_by=desk)
        with pytest.raises(DatabaseError), transaction.atomic():
            BewindConsent.objects.create(
                bewind=bewind,
                citizen=citizen,
                consent_on=MONDAY,
                text_version="x",
                text="x",
                text_hash=sha256(b"x").hexdigest(),
                recorded_by=desk,
                recorded_on=MONDAY,
            )


# --- who says what -------------------------------------------------------------------------------------------------


def test_a_citizen_takes_back_what_only_the_citizen_said() -> None:
    citizen = make_citizen()
    put_under_bewind(citizen)
    with act_as(citizen_scope(citizen)):
        end_bewind(citizen=citizen)
        assert bewind_of(citizen.pk) is None


def test_a_citizen_does_not_end_what_a_helper_told_or_a_bewindvoerder_agreed_to() -> None:
    told, agreed_to = make_citizen(), make_citizen(family_name="Pietersen")
    with act_as(acting(make_director(), told)):
        record_bewind(citizen=told, who=DE_WAARD)
    put_under_bewind(agreed_to)
    withdraw(bewindvoerder_agrees(agreed_to))
    for citizen in (told, agreed_to):
        with act_as(citizen_scope(citizen)):
            with pytest.raises(OnlyAHelper):
                end_bewind(citizen=citizen)
            assert bewind_of(citizen.pk) is not None
    with act_as(citizen_scope(agreed_to)), pytest.raises(OnlyAHelper):
        record_bewind(citizen=agreed_to, who=replace(DE_WAARD, name="Mijn neef"))


def test_the_director_gets_one_task_which_the_consent_closes() -> None:
    citizen = make_citizen()
    with act_as(citizen_scope(citizen)):
        ask_bewindvoerder(citizen=citizen)
        assert not CaseTask.objects.exists()
    put_under_bewind(citizen)
    with act_as(citizen_scope(citizen)):
        ask_bewindvoerder(citizen=citizen)
        ask_bewindvoerder(citizen=citizen)
        task = CaseTask.objects.get(kind=CaseTask.Kind.BEWIND)
    assert "Ada de Waard van Kantoor Rust" in task.text
    assert "030 123 45 67" in task.text
    consent = bewindvoerder_agrees(citizen)
    with act_as(citizen_scope(citizen)):
        assert CaseTask.objects.get().done_on == MONDAY
        ask_bewindvoerder(citizen=citizen)
        assert CaseTask.objects.count() == 1
    withdraw(consent)
    with act_as(citizen_scope(citizen)):
        ask_bewindvoerder(citizen=citizen)
        assert CaseTask.objects.filter(done_on=None).count() == 1


def test_a_bewind_and_its_consent_are_seen_by_the_citizen_and_whoever_acts_only() -> None:
    citizen, other = make_citizen(), make_citizen(family_name="Pietersen")
    case = make_case(1_000_00, citizen=citizen)
    put_under_bewind(citizen)
    bewindvoerder_agrees(citizen)
    coach = make_director(kind="coach", default=False, name="Sam")
    expected = {
        citizen_scope(citizen): 1,
        acting(make_director(), citizen): 1,
        citizen_scope(other): 0,
        creditor_scope(case.creditors[0], case.members[0]): 0,
        Scope(user_id=coach.user_id, coach_id=coach.pk, reason="test"): 0,
        Scope(user_id=login_of(other).pk, reason="test"): 0,
    }
    for who, count in expected.items():
        for table in ("accounts_bewind", "accounts_bewindconsent"):
            with act_as(who), connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM {table}")
                assert cursor.fetchone() == (count,), (who, table)
