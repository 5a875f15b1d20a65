"""Does the plan hold: what the citizen and the coach read on the proposal, and nobody else."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from arrangements.models import Application, Proposal, StressTest
from arrangements.operations.run_stress_test import run_stress_test
from citizen_portal.holding import tenths, whole_euros
from infra import clock
from infra.scope import act_as
from tests.factories.citizens import acting_coach, fill_in_pages, logged_in
from tests.factories.people import citizen_scope
from tests.factories.plans import Case, make_case

pytestmark = pytest.mark.django_db

THIN = {"declared_cents": "480", "months": "36"}
ONLY_HERE = ("Houdt dit plan stand", "lukt zo'n plan", "aannames van", "lager bedrag lukt vaker", "krap", "schoktoets")


@pytest.fixture(autouse=True)
def _november() -> None:
    clock.set_today(date(2026, 11, 23))


def text(response: Any) -> str:
    body: str = response.content.decode().replace("\u00a0", " ").replace("&#x27;", "'")
    return body


def proposal_page(client: Client, case: Case, **changed: dict[str, str]) -> str:
    logged_in(client, case.citizen)
    assert fill_in_pages(client, **changed) == "/mijn/aanvraag/voorstel/"
    return text(client.get("/mijn/aanvraag/voorstel/"))


def test_the_proposal_says_how_much_the_income_may_fall_and_how_often_such_a_plan_lasts(client: Client) -> None:
    page = proposal_page(client, make_case(10_000_00, 20_000_00))
    # 1.900 - 1.406,42 - 45 = 448,58 is left: 23,6 %.
    assert "Dit plan houdt stand als uw inkomen 448 euro lager wordt. Dat is 23 procent van uw inkomen." in page
    assert "Ongeveer 9 van de 10 keer lukt zo'n plan 36 maanden." in page
    assert "Wij gebruiken aannames van november 2026." in page
    assert "20 procent lager: € 380" in page
    assert "het hele plan" in page
    assert "Elke maand krijgt 1 op de 200 mensen een lager inkomen." in page
    assert "Deze getallen hebben wij zelf gekozen." in page
    assert 'data-thin="no"' in page
    assert 'data-check="suggestion"' not in page


def test_a_thin_plan_is_offered_a_lower_amount_and_the_choice_stays_with_the_citizen(client: Client) -> None:
    case = make_case(10_000_00, 20_000_00)
    page = proposal_page(client, case, missen=THIN)
    assert "Dit plan houdt stand als uw inkomen 13 euro lager wordt. Ongeveer" not in page
    assert "Dit plan houdt stand als uw inkomen 13 euro lager wordt." in page
    assert "Ongeveer 5 van de 10 keer lukt zo'n plan 36 maanden." in page
    assert "Wordt uw inkomen later 3 maanden 10 procent lager? Dan lukt betalen niet." in page
    assert "Met 455 euro lukt het ongeveer 7 van de 10 keer." in page
    assert re.search(r'href="/mijn/aanvraag/missen/\?bedrag=455">Kies 455 euro</a>', page)
    question = client.get("/mijn/aanvraag/missen/?bedrag=455")
    assert question.context["form"]["declared_cents"].value() == "455"
    # Looking at the suggestion changes nothing; the amount they chose goes on to the check page.
    with act_as(citizen_scope(case.citizen)):
        assert Application.objects.get().declared_cents == 480_00
    assert client.get("/mijn/aanvraag/controle/").context["monthly"] == 480_00
    client.post("/mijn/aanvraag/missen/?bedrag=455", {"declared_cents": "455", "months": "36"})
    page = text(client.get("/mijn/aanvraag/voorstel/"))
    assert 'data-thin="no"' in page
    assert 'data-check="suggestion"' not in page


@pytest.mark.parametrize("offered", ["", "0", "-5", "455,50", "99999", "٤٥", "<b>"])
def test_an_amount_in_the_address_that_we_never_suggest_is_left_alone(client: Client, offered: str) -> None:
    case = make_case(10_000_00)
    proposal_page(client, case)
    question = client.get("/mijn/aanvraag/missen/", {"bedrag": offered})
    assert question.context["form"]["declared_cents"].value() == "45"


def test_a_plan_that_no_lower_amount_helps_names_who_to_call(client: Client) -> None:
    case = make_case(10_000_00)
    # Of 100 euro the law leaves 5 to pay with: all of it is asked, and less than 5 is no suggestion.
    poor = {"amount": "100", "period": "month", "holiday": "none"}
    page = proposal_page(client, case, inkomen=poor, missen={"declared_cents": "5", "months": "36"})
    assert "Uw inkomen mag niet lager worden. Anders lukt dit plan niet." in page
    assert "Dit plan is krap" in page
    assert f"Praat erover met {case.citizen.director.name}. Bel {case.citizen.director.phone}." in page
    assert "?bedrag=" not in page


def test_the_coach_reads_the_same_on_the_client_s_pages(client: Client) -> None:
    case = make_case(10_000_00, 20_000_00)
    proposal_page(client, case, missen=THIN)
    mandate = acting_coach(client, case.citizen)
    page = text(client.get(f"/namens/{mandate.public_id}/aanvraag/voorstel/"))
    assert "Ongeveer 5 van de 10 keer lukt zo'n plan 36 maanden." in page
    assert f'/namens/{mandate.public_id}/aanvraag/missen/?bedrag=455"' in page


def test_no_organisation_ever_reads_about_it(client: Client) -> None:
    case = make_case(10_000_00, 20_000_00)
    proposal_page(client, case, missen=THIN)
    seen = client.get("/mijn/aanvraag/controle/").context["proposal"].content_hash
    assert client.post("/mijn/aanvraag/versturen/", {"gezien": seen})["Location"] == "/mijn/aanvraag/verstuurd/"
    with act_as(citizen_scope(case.citizen)):
        answer = Proposal.objects.get().answers.get(creditor=case.creditors[0])
        assert StressTest.objects.exists()
    staff = Client()
    staff.force_login(case.members[0].user, backend="django.contrib.auth.backends.ModelBackend")
    pages = [staff.get("/schuldeiser/?tab=alles")]
    addresses = re.findall(r'href="(/schuldeiser/voorstellen/[^"]+)"', text(pages[0]))
    assert any(str(answer.public_id) in address for address in addresses)
    pages += [staff.get(address) for address in dict.fromkeys(addresses)]
    for page in pages:
        assert page.status_code == 200
        assert not [words for words in ONLY_HERE if words in text(page)]
        assert not re.search(r"€ 455|455 euro", text(page))


def test_a_day_without_assumptions_still_gives_a_proposal(client: Client) -> None:
    clock.set_today(date(2026, 10, 1))
    page = proposal_page(client, make_case(10_000_00))
    assert "Dit is uw voorstel" in page
    assert "Houdt dit plan stand" not in page


def test_a_draft_made_without_a_test_shows_none_and_gets_one_afterwards(client: Client) -> None:
    case = make_case(10_000_00)
    proposal_page(client, case)
    with act_as(citizen_scope(case.citizen)):
        proposal = Proposal.objects.get()
        assert run_stress_test(proposal=proposal).pk == StressTest.objects.get().pk


@pytest.mark.parametrize(
    ("lasting", "words"), [(0, 0), (199, 0), (200, 1), (1_399, 6), (1_400, 7), (1_999, 9), (2_000, 9)]
)
def test_a_share_is_rounded_down_and_never_called_certain(lasting: int, words: int) -> None:
    assert tenths(lasting, 2_000) == words


def test_amounts_in_running_text_are_whole_euros() -> None:
    assert whole_euros(13_58) == 13_00
    assert whole_euros(99) == 0
