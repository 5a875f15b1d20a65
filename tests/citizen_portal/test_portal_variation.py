"""Changes of a running plan through the pages of citizen, coach and creditor."""

import re
from typing import Any

import pytest
from django.test import Client

from arrangements.domain.lifecycle import VariationState
from arrangements.models import Claim, Consent, Variation
from creditors.models import CreditorMember
from infra import jobs
from infra.scope import as_worker
from tests.factories import stages
from tests.factories.citizens import acting_coach, logged_in
from tests.factories.plans import Case
from tests.factories.variations import (
    asked_lower,
    consent_of,
    late_claim,
    late_creditor,
    late_creditor_asked,
    lower_refused,
    lowered,
    offered,
    offered_too_much,
    plan_of,
    running_named,
    shares_of,
    variation_of,
    went_on_without,
)

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode().replace("\u00a0", " ").replace("\u202f", " "))


def creditor(member: CreditorMember) -> Client:
    client = Client()
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


# --- the citizen ----------------------------------------------------------------------------------------------------


def test_a_debt_found_late_is_told_then_put_to_all_and_then_in_the_plan(client: Client) -> None:
    case = late_creditor()
    logged_in(client, case.citizen)
    page = text(client.get("/mijn/regeling/nieuwe-schuld/"))
    assert case.creditors[2].name in page
    with as_worker("test"):
        claim = Claim.objects.get(citizen=case.citizen, arrangement_line=None)
    address = f"/mijn/regeling/nieuwe-schuld/{claim.public_id}/"
    page = text(client.get(address))
    assert "Wij vragen het aan 3 organisaties." in page
    assert "U betaalt evenveel: 45 euro per maand." in page
    response = client.post(address)
    jobs.run_all()
    assert response["Location"] == "/mijn/regeling/wijziging/"
    page = text(client.get("/mijn/regeling/wijziging/"))
    assert "0 van de 3 organisaties zeggen ja." in page
    assert "Er loopt een vraag" in text(client.get("/mijn/"))
    # Asking twice is asking once.
    assert client.post(address)["Location"] == "/mijn/regeling/wijziging/"
    with as_worker("test"):
        assert Variation.objects.filter(citizen=case.citizen).count() == 1
    client.post("/mijn/regeling/wijziging/")
    assert variation_of(case).state == VariationState.WITHDRAWN
    assert "Deze vraag is gestopt" in text(client.get("/mijn/regeling/wijziging/"))


def test_a_debt_nobody_knew_gets_a_request_for_its_balance(client: Client) -> None:
    case = running_named("Nieuweschuld", 2_000_00)
    logged_in(client, case.citizen)
    refused = client.post("/mijn/regeling/nieuwe-schuld/", {"creditor_name": "", "told_cents": "300"})
    assert "Vul de naam van de organisatie in." in text(refused)
    client.post("/mijn/regeling/nieuwe-schuld/", {"creditor_name": "Gymclub De Zaal", "told_cents": "300"})
    page = text(client.get("/mijn/regeling/nieuwe-schuld/"))
    assert "Gymclub De Zaal" in page
    assert "Wij wachten op het bedrag." in page
    with as_worker("test"):
        claim = Claim.objects.get(citizen=case.citizen, arrangement_line=None)
    # Not confirmed: there is nothing to put to anybody yet.
    assert client.get(f"/mijn/regeling/nieuwe-schuld/{claim.public_id}/").status_code == 302


def test_a_debt_of_somebody_else_is_not_found(client: Client) -> None:
    other = late_creditor("Ander")
    with as_worker("test"):
        claim = Claim.objects.get(citizen=other.citizen, arrangement_line=None)
    logged_in(client, running_named("Eigen", 2_000_00).citizen)
    assert client.get(f"/mijn/regeling/nieuwe-schuld/{claim.public_id}/").status_code == 404


def test_a_lower_amount_is_shown_first_and_asked_then(client: Client) -> None:
    case = running_named("Vraagt", 2_000_00, 4_000_00)
    logged_in(client, case.citizen)
    page = text(client.post("/mijn/lukt-niet/lager-bedrag/", {"monthly_cents": "45"}))
    assert "Kies een bedrag dat lager is dan 45 euro." in page
    page = text(client.post("/mijn/lukt-niet/lager-bedrag/", {"monthly_cents": "30"}))
    assert "Wij vragen het aan 2 organisaties." in page
    with as_worker("test"):
        assert not Variation.objects.exists()
    client.post("/mijn/lukt-niet/lager-bedrag/", {"monthly_cents": "30", "vraag": "ja"})
    jobs.run_all()
    assert variation_of(case).wanted == {"monthly_cents": 30_00}
    assert client.get("/mijn/lukt-niet/lager-bedrag/")["Location"] == "/mijn/regeling/wijziging/"


def test_a_longer_pause_is_shown_first_and_asked_then(client: Client) -> None:
    case = running_named("Pauzeert", 2_000_00, 4_000_00)
    logged_in(client, case.citizen)
    assert "Kies hoeveel maanden u pauze wilt." in text(client.post("/mijn/lukt-niet/langere-pauze/", {}))
    page = text(client.post("/mijn/lukt-niet/langere-pauze/", {"months": "3"}))
    assert "Uw laatste keer wordt" in page, re.findall(r"<main.*</main>", page)
    assert "1 februari 2030" in page
    client.post("/mijn/lukt-niet/langere-pauze/", {"months": "3", "vraag": "ja"})
    jobs.run_all()
    assert variation_of(case).wanted == {"months": 3}
    assert "0 van de 2 organisaties zeggen ja." in text(client.get("/mijn/regeling/wijziging/"))


def test_the_citizen_reads_how_it_ended(client: Client) -> None:
    logged_in(client, lower_refused().citizen)
    assert "Eén organisatie zegt nee." in text(client.get("/mijn/regeling/wijziging/"))
    client.logout()
    logged_in(client, lowered().citizen)
    assert "Het is ingegaan" in text(client.get("/mijn/regeling/wijziging/"))
    assert "Uw bedrag past: 80 euro per maand." in text(client.get("/mijn/lukt-niet/doorgegeven/"))


def test_who_wants_to_come_in_comes_in_with_the_citizens_own_yes(client: Client) -> None:
    case = offered()
    logged_in(client, case.citizen)
    assert "Een organisatie wil toch meedoen" in text(client.get("/mijn/"))
    page = client.get("/mijn/regeling/doet-mee/")
    cents = re.search(r'name="bedrag" value="(\d+)"', page.content.decode())
    assert cents is not None
    client.post("/mijn/regeling/doet-mee/", {"bedrag": "1"})
    jobs.run_all()
    assert plan_of(case).version == 1  # another amount than was shown
    client.post("/mijn/regeling/doet-mee/", {"bedrag": cents[1]})
    jobs.run_all()
    assert (plan_of(case).version, plan_of(case).monthly_cents) == (2, int(cents[1]))
    assert len(shares_of(case)) == 3


def test_a_coach_cannot_say_that_yes(client: Client) -> None:
    case = offered()
    mandate = acting_coach(client, case.citizen)
    assert client.get(f"/namens/{mandate.public_id}/regeling/doet-mee/").status_code == 403


def test_what_does_not_fit_is_offered_the_other_way(client: Client) -> None:
    case = offered_too_much()
    logged_in(client, case.citizen)
    page = client.get("/mijn/regeling/doet-mee/")
    cents = re.search(r'name="bedrag" value="(\d+)"', page.content.decode())
    assert cents is not None
    page = client.post("/mijn/regeling/doet-mee/", {"bedrag": cents[1]})
    assert "Dit bedrag past niet zeker" in text(page)
    client.post("/mijn/regeling/doet-mee/", {"verdeel": "ja"})
    jobs.run_all()
    assert variation_of(case).ground == "late_creditor"
    assert plan_of(case).monthly_cents == plan_of(case).proposal.monthly_cents


# --- the coach ------------------------------------------------------------------------------------------------------


def test_the_coach_ticks_the_paper_and_lowers(client: Client) -> None:
    case = stages.changed()
    mandate = acting_coach(client, case.citizen)
    address = f"/coach/clienten/{mandate.public_id}/lager/"
    assert address in client.get(f"/coach/clienten/{mandate.public_id}/").content.decode()
    page = client.get(address)
    assert 'data-check="effect"' in page.content.decode()
    page = client.post(address, {"monthly_cents": "20", "verlaag": "ja"})
    assert "Kies welk bewijs u heeft gezien." in text(page)
    page = client.post(address, {"monthly_cents": "149", "papers": ["payslip"], "verlaag": "ja"})
    assert "Kies een bedrag van 1 euro tot en met" in text(page)
    page = client.post(address, {"monthly_cents": "20"})
    assert 'data-monthly="2000"' in page.content.decode()
    assert plan_of(case).version == 1
    client.post(address, {"monthly_cents": "20", "papers": ["payslip"], "verlaag": "ja"})
    jobs.run_all()
    assert (plan_of(case).version, plan_of(case).monthly_cents) == (2, 20_00)


def test_a_coach_without_a_reported_change_is_sent_back(client: Client) -> None:
    case = running_named("Geenwijziging", 2_000_00)
    mandate = acting_coach(client, case.citizen)
    response = client.get(f"/coach/clienten/{mandate.public_id}/lager/")
    assert response["Location"] == f"/coach/clienten/{mandate.public_id}/"


# --- the creditor ---------------------------------------------------------------------------------------------------


def test_the_console_counts_shows_and_takes_both_answers() -> None:
    case = late_creditor_asked()
    browser = creditor(case.members[1])
    page = text(browser.get("/schuldeiser/wijzigingen/"))
    assert 'Wijzigingen <span class="count">1' in page
    consent = consent_of(case.creditors[1], variation_of(case))
    address = f"/schuldeiser/wijzigingen/{consent.public_id}/"
    page = text(browser.get(address))
    assert "3 gevraagd, 1 ja, 0 nee" in page
    assert "Er is een schuld bij gekomen" in page
    assert case.creditors[0].name not in page
    assert "€ 1.080,00" in page
    assert "€ 864,00" in page
    assert text(browser.post(address + "akkoord/", {"seen_hash": "oud"})).count("Gewijzigd, kijk opnieuw") == 1
    browser.post(address + "akkoord/", {"seen_hash": variation_of(case).content_hash})
    with as_worker("test"):
        assert Consent.objects.get(pk=consent.pk).state == "accepted"
    again = browser.post(address + "akkoord/", {"seen_hash": variation_of(case).content_hash})
    assert again.status_code == 409
    assert "Er is al geantwoord" in text(again)

    newcomer = creditor(case.members[2])
    consent = consent_of(case.creditors[2], variation_of(case))
    address = f"/schuldeiser/wijzigingen/{consent.public_id}/"
    assert "21,60 %" in text(newcomer.get(address))
    page = text(newcomer.post(address + "weigeren/", {"seen_hash": variation_of(case).content_hash}))
    assert "Kies een reden." in page
    newcomer.post(
        address + "weigeren/", {"seen_hash": variation_of(case).content_hash, "code": "no_cooperation", "note": ""}
    )
    jobs.run_all()
    assert variation_of(case).state == VariationState.REFUSED
    assert "nee" in text(newcomer.get(address))


def test_a_question_of_somebody_else_is_not_found() -> None:
    case, other = asked_lower(), asked_lower("Anders")
    consent = consent_of(case.creditors[1], variation_of(case))
    browser = creditor(other.members[1])
    for part in ("", "akkoord/", "weigeren/"):
        address = f"/schuldeiser/wijzigingen/{consent.public_id}/{part}"
        response = browser.post(address, {}) if part else browser.get(address)
        assert response.status_code == 404


def test_every_version_stands_at_the_arrangement_with_the_own_figures() -> None:
    case = lowered()
    page = text(creditor(case.members[0]).get(f"/schuldeiser/regelingen/{plan_of(case).public_id}/"))
    assert "Versies van deze regeling" in page
    assert "Minder geld, met bewijs" in page
    assert "€ 150,00" in page
    assert "€ 80,00" in page


def test_who_was_left_out_offers_to_join_from_its_own_page() -> None:
    case = went_on_without()
    browser = creditor(case.members[2])
    answer = case_answer(case)
    page = text(browser.get(f"/schuldeiser/voorstellen/{answer}/"))
    assert "Doe alsnog mee" in page
    browser.post(f"/schuldeiser/voorstellen/{answer}/meedoen/")
    jobs.run_all()
    assert variation_of(case).ground == "joins_later"
    page = text(browser.get(f"/schuldeiser/voorstellen/{answer}/"))
    assert "Doe alsnog mee" not in page
    consent = consent_of(case.creditors[2], variation_of(case))
    assert "door Kees Clerk" in text(browser.get(f"/schuldeiser/wijzigingen/{consent.public_id}/"))


def case_answer(case: Case) -> str:
    from arrangements.models import Answer

    with as_worker("test"):
        return str(Answer.objects.get(citizen=case.citizen, left_out_on__isnull=False).public_id)


def test_a_confirmed_late_debt_is_told_once() -> None:
    from arrangements.operations.tell_late_claims import tell_late_claims
    from infra import clock
    from infra.models import Message

    case = late_creditor("Bericht")
    late_claim(case, 100_00, confirmed=False)
    for _ in range(2):
        with as_worker("test"):
            tell_late_claims(today=clock.today())
    with as_worker("test"):
        assert Message.objects.filter(citizen_id=case.citizen.pk, kind="late_claim").count() == 1
