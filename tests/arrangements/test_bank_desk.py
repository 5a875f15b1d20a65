"""The desk hands in statements and decides about money that nobody placed: through the pages, with the walls up."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from arrangements.models import BankFile, BankLine, BankStatement, MoneyDecision, Receipt
from infra import jobs
from infra.scope import as_worker
from tests.factories.bank_files import Paper, Row, camt
from tests.factories.money import at, running_case
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db

STATEMENTS = reverse("admin:arrangements_statements")
QUEUE = reverse("admin:arrangements_bank_queue")


def desk(name: str = "desk") -> Client:
    client = Client()
    client.force_login(User.objects.create_user(f"{name}@voorbeeld.example", is_staff=True))
    return client


def hand_in(client: Client, content: bytes, name: str = "afschrift.xml") -> str:
    answer = client.post(STATEMENTS, {"file": SimpleUploadedFile(name, content)}, follow=True)
    jobs.run_all()
    return answer.content.decode() + client.get(STATEMENTS).content.decode()


def decide_url() -> str:
    with as_worker("test"):
        return reverse("admin:arrangements_bank_decide", args=[BankLine.objects.get().pk])


def test_a_statement_is_handed_in_read_and_shown_with_its_balances() -> None:
    running_case(1_000_00, 2_000_00)
    client = desk()
    page = hand_in(client, camt(Paper([Row(45_00)])).encode())
    assert "Het bestand is binnen" in page
    assert "AFSCHRIFT-1" in page
    assert "1.045,00" in page
    assert "1 regel wacht op een besluit" in page
    again = hand_in(client, camt(Paper([Row(45_00)])).encode())
    assert "stond er al in" in again


def test_the_reason_of_a_refusal_stands_with_the_file() -> None:
    running_case(1_000_00, 2_000_00)
    page = hand_in(desk(), camt(Paper([Row(45_00)], closing_cents=1)).encode())
    assert "Geweigerd: Afschrift 1 (AFSCHRIFT-1)" in page
    assert "Verschil:" in page
    with as_worker("test"):
        assert not BankStatement.objects.exists()


def test_no_file_an_empty_one_and_one_that_is_too_large_are_told_at_the_field() -> None:
    client = desk()
    assert "Kies eerst een bestand" in client.post(STATEMENTS, {}).content.decode()
    empty = client.post(STATEMENTS, {"file": SimpleUploadedFile("a.xml", b"")})
    assert "Het bestand is leeg" in empty.content.decode()
    large = client.post(STATEMENTS, {"file": SimpleUploadedFile("a.xml", b"x" * 10_000_001)})
    assert "groter dan 10 MB" in large.content.decode()
    with as_worker("test"):
        assert not BankFile.objects.exists()


def test_a_name_of_a_file_is_only_shown() -> None:
    hand_in(desk(), b"x", name="..\\..\\<script>alert(1)</script>.xml")
    with as_worker("test"):
        assert "\\" not in BankFile.objects.get().name
    assert "<script>alert" not in desk("other").get(STATEMENTS).content.decode()


def test_the_queue_shows_the_line_the_suggestion_and_why() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    client = desk()
    hand_in(client, camt(Paper([Row(12_34, reference=arrangement.payment_reference, name="P. Onbekend")])).encode())
    page = client.get(QUEUE).content.decode()
    assert "P. Onbekend" in page
    assert arrangement.payment_reference in page
    assert "betalingskenmerk klopt, maar bedrag en rekeningnummer niet" in page


def test_the_desk_places_a_line_at_the_suggested_arrangement() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    client = desk()
    hand_in(client, camt(Paper([Row(12_34, reference=arrangement.payment_reference)])).encode())
    assert client.get(decide_url()).status_code == 200
    answer = client.post(decide_url(), {"besluit": "place", "regeling": str(arrangement.pk)}, follow=True)
    assert "Het geld wordt bij de regeling geboekt" in answer.content.decode()
    jobs.run_all()
    with as_worker("test"):
        assert Receipt.objects.get().amount_cents == 12_34
    assert "Er is niets te doen" in client.get(QUEUE).content.decode()
    assert "Deze regel is geplaatst" in client.get(decide_url()).content.decode()
    again = client.post(decide_url(), {"besluit": "top_up"})
    assert again.status_code == 409
    assert "al geplaatst" in again.content.decode()


def test_an_arrangement_is_found_by_its_betalingskenmerk_with_spaces_or_by_its_number() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    client = desk()
    hand_in(client, camt(Paper([Row(7_77)])).encode())
    spaced = " ".join(arrangement.payment_reference[at : at + 4] for at in range(0, 16, 4))
    for asked in (spaced, str(arrangement.pk)):
        page = client.get(decide_url(), {"zoek": asked}).content.decode()
        assert f"Regeling {arrangement.payment_reference}" in page, asked
    for asked in ("123", "999999999999999999999", "x' OR 1=1", "１２３", "0"):
        page = client.get(decide_url(), {"zoek": asked}).content.decode()
        assert "Er is geen regeling met" in page, asked


def test_what_is_not_a_choice_is_refused_with_a_sentence() -> None:
    running_case(1_000_00, 2_000_00)
    client = desk()
    hand_in(client, camt(Paper([Row(7_77)])).encode())
    for data, said in (
        ({}, "Kies wat er met dit geld moet gebeuren"),
        ({"besluit": "write_off"}, "Kies wat er"),
        ({"besluit": "place"}, "Kies een regeling"),
        ({"besluit": "place", "regeling": "-1"}, "Kies een regeling"),
        ({"besluit": "goedkeuren"}, "al besloten"),
    ):
        answer = client.post(decide_url(), data)
        assert answer.status_code == 409
        assert said in answer.content.decode()
    with as_worker("test"):
        assert not MoneyDecision.objects.exists()


def test_sending_back_takes_two_people_and_the_first_may_think_again() -> None:
    running_case(1_000_00, 2_000_00)
    first, second = desk(), desk("bo")
    hand_in(first, camt(Paper([Row(7_77)])).encode())
    first.post(decide_url(), {"besluit": "send_back", "note": "kent niemand"})
    page = first.get(decide_url()).content.decode()
    assert "Een collega moet dit goedkeuren" in page
    assert "Stuur" not in page
    assert first.post(decide_url(), {"besluit": "goedkeuren"}).status_code == 409
    first.post(decide_url(), {"besluit": "intrekken"})
    first.post(decide_url(), {"besluit": "send_back"})
    assert "Stuur" in second.get(decide_url()).content.decode()
    assert second.post(decide_url(), {"besluit": "goedkeuren"}).status_code == 302
    with as_worker("test"):
        row = MoneyDecision.objects.get()
    assert row.approved_by_id is not None
    assert row.approved_by_id != row.decided_by_id


def test_after_five_working_days_the_queue_puts_sending_back_forward() -> None:
    running_case(1_000_00, 2_000_00)
    client = desk()
    hand_in(client, camt(Paper([Row(7_77)])).encode())
    assert "Voorstel: terug" not in client.get(QUEUE).content.decode()
    at(date(2026, 12, 1))
    assert "Voorstel: terug naar de afzender" in client.get(QUEUE).content.decode()


def test_nobody_but_the_desk_comes_here() -> None:
    running_case(1_000_00, 2_000_00)
    hand_in(desk(), camt(Paper([Row(7_77)])).encode())
    client = Client()
    client.force_login(make_user("iemand@voorbeeld.example"))
    for url in (STATEMENTS, QUEUE, decide_url()):
        assert client.get(url).status_code == 302
        assert client.post(url, {"besluit": "top_up"}).status_code in (302, 405)
    with as_worker("test"):
        assert not MoneyDecision.objects.exists()
