"""The story of a case: complete, in order, and nobody else's."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from arrangements.domain.history import Event, is_told, sentence, who_did, why
from arrangements.models import Installment
from arrangements.operations.activate_arrangement import activate_arrangement
from arrangements.queries.history import case_history
from infra.models import AuditLine
from infra.scope import Scope, act_as, as_worker
from tests.factories.money import pay_next, running_case
from tests.factories.people import citizen_scope, login_of, make_citizen
from tests.factories.plans import agreed, make_case

pytestmark = pytest.mark.django_db


def told(citizen_id: int) -> list[Event]:
    return [event for event in case_history(citizen_id) if is_told(event)]


def test_the_story_is_told_in_order_with_who_and_why() -> None:
    case, arrangement = running_case(1_000_00, 3_000_00)
    pay_next(arrangement)
    with act_as(citizen_scope(case.citizen)):
        events = told(case.citizen.pk)
    lines = [sentence(event) for event in events]
    wanted = [
        "De toestemming is gegeven.",
        "Voorstel 1 is gemaakt.",
        "Voorstel 1: verstuurd.",
        f"Antwoord van {case.creditors[0].name}: ja.",
        "Voorstel 1: akkoord.",
        "De regeling is getekend.",
        "De regeling: loopt.",
        "Termijn 1: betaald.",
        "Betaling: gelukt.",
    ]
    assert [line for line in lines if line in wanted] == wanted
    by_name = dict(zip(lines, events, strict=True))
    assert who_did(by_name["De regeling is getekend."]) == "uzelf"
    assert who_did(by_name[wanted[3]]) == case.creditors[0].name
    assert who_did(by_name["De regeling: loopt."]) == "het systeem"
    assert why(by_name["Voorstel 1: akkoord."]) == "Alle organisaties zeggen ja."
    assert [event.at for event in events] == sorted(event.at for event in events)


def test_every_line_of_the_log_of_a_move_is_told_and_every_state_has_words() -> None:
    case, arrangement = running_case(60_00)
    pay_next(arrangement)
    with as_worker("test"):
        moves = AuditLine.objects.filter(citizen_id=case.citizen.pk).exclude(from_state="")
        told_ids = {(event.object_type, event.object_id, event.to_state) for event in told(case.citizen.pk)}
        for line in moves.filter(object_type__in=["proposal", "answer", "arrangement", "installment", "payment"]):
            assert (line.object_type, line.object_id, line.to_state) in told_ids


def test_what_the_access_was_for_is_no_reason_and_a_word_is_said_once() -> None:
    case, arrangement = running_case(1_000_00)
    pay_next(arrangement)
    with as_worker("test"):
        assert AuditLine.objects.filter(citizen_id=case.citizen.pk, access="").count() == 0
        events = told(case.citizen.pk)
    by_name = {sentence(event): event for event in events}
    assert why(by_name["De toestemming is gegeven."]) == ""
    assert why(by_name["Voorstel 1: verstuurd."]) == ""
    assert why(by_name["Termijn 1: betaald."]) == ""
    assert why(by_name["De regeling: loopt."]) == "Boeken geopend na ondertekening."


def test_nobody_reads_the_story_of_somebody_else() -> None:
    case, _arrangement = running_case(1_000_00)
    other = make_citizen()
    with act_as(citizen_scope(other)):
        assert case_history(case.citizen.pk) == []
    with act_as(Scope(creditor_id=case.creditors[0].pk, reason="test")):
        assert case_history(case.citizen.pk) == []
    with connection.cursor() as cursor, act_as(Scope(reason="test")):
        cursor.execute("SELECT count(*) FROM case_history(%s)", [case.citizen.pk])
        assert cursor.fetchone() == (0,)


def test_the_page_tells_it_in_short_sentences(client: Client) -> None:
    case, _arrangement = running_case(1_000_00)
    client.force_login(login_of(case.citizen), backend="django.contrib.auth.backends.ModelBackend")
    text = client.get("/mijn/geschiedenis/").content.decode()
    assert "De regeling is getekend." in text
    assert "Door uzelf." in text
    assert "@" not in text.split("<main", 1)[1].split("</main>", 1)[0]


@pytest.mark.parametrize("which", ["payment_reference", "public_id", "claim", "proposal"])
def test_the_command_finds_the_case_by_any_of_its_numbers(which: str, capsys: pytest.CaptureFixture[str]) -> None:
    case, arrangement = running_case(1_000_00)
    assert case.proposal is not None
    reference = {
        "payment_reference": arrangement.payment_reference,
        "public_id": str(arrangement.public_id),
        "claim": case.claims[0].reference,
        "proposal": str(case.proposal.public_id),
    }[which]
    call_command("show_history", reference)
    out = capsys.readouterr().out.splitlines()
    assert any("De regeling is getekend." in line and "door uzelf" in line for line in out)
    assert any("verstuurd → akkoord" in line for line in out)


def test_the_command_says_so_when_nobody_has_that_number() -> None:
    with pytest.raises(CommandError, match="geen zaak met kenmerk 123"):
        call_command("show_history", "123")


def test_with_all_the_housekeeping_is_printed_too(capsys: pytest.CaptureFixture[str]) -> None:
    case = make_case(1_000_00)
    agreed(case)
    arrangement = case.sign()
    with as_worker("test"):
        activate_arrangement(arrangement_id=arrangement.pk)
        assert Installment.objects.filter(arrangement=arrangement).count() > 0
    call_command("show_history", arrangement.payment_reference)
    short = capsys.readouterr().out.splitlines()
    call_command("show_history", arrangement.payment_reference, "--all")
    assert len(capsys.readouterr().out.splitlines()) > len(short)
