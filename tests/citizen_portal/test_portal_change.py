"""Er is iets veranderd, and the yearly review, through the pages of citizen and coach."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from arrangements.models import Application, Assessment, CaseTask, YearlyReview
from arrangements.operations.application import start_application
from arrangements.operations.run_day import run_day
from infra import clock
from infra.scope import act_as, as_worker
from tests.factories import stages
from tests.factories.citizens import acting_coach, logged_in
from tests.factories.money import at, running_case
from tests.factories.people import citizen_scope, make_citizen
from tests.factories.plans import Case
from tests.factories.stages import MONDAY
from tests.support import reading

pytestmark = pytest.mark.django_db

LUKT_NIET = "/mijn/lukt-niet/veranderd/"
VERGELIJKING = "/mijn/lukt-niet/vergelijking/"
DOORGEGEVEN = "/mijn/lukt-niet/doorgegeven/"
CONTROLE = "/mijn/controle/"
FIRST_ONLY = (
    "wie-bent-u",
    "brief",
    "toestemming",
    "organisaties",
    "organisaties/toevoegen",
    "missen",
    "niets-missen",
    "voorstel",
    "verhaal",
    "controle",
)
QUESTIONS = ("huishouden", "bijzonder", "inkomen", "belastbaar", "vaste-lasten")


@pytest.fixture
def case(client: Client) -> Case:
    """A running plan of 150 a month; the citizen is logged in on Wednesday 25 November 2026."""
    case, _ = running_case(2_000_00, 4_000_00, declared=150_00)
    at(date(2026, 11, 25))
    logged_in(client, case.citizen)
    return case


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode().replace("\u00a0", " ").replace("\u202f", " "))


def row(page: str, check: str) -> str:
    found = re.search(rf'<tr data-check="{check}">(.*?)</tr>', page)
    assert found is not None, check
    return re.sub(r"<[^>]+>", " ", found[1])


def fall(client: Client, amount: str = "1.500") -> str:
    client.post(LUKT_NIET, {"what": "inkomen"})
    response = client.post(
        "/mijn/aanvraag/inkomen/?terug=controle", {"amount": amount, "period": "month", "holiday": "included"}
    )
    return str(response["Location"])


def applications(case: Case) -> list[Application]:
    with as_worker("test"):
        return list(Application.objects.filter(citizen=case.citizen).order_by("pk"))


def tasks(case: Case) -> list[CaseTask]:
    with as_worker("test"):
        return list(CaseTask.objects.filter(citizen=case.citizen).order_by("pk"))


# --- telling it -----------------------------------------------------------------------------------------------------


def test_one_changed_figure_is_passed_on_in_three_screens(client: Client, case: Case) -> None:
    assert 'href="/mijn/lukt-niet/veranderd/"' in text(client.get("/mijn/"))
    page = text(client.get(LUKT_NIET))  # screen 1
    assert "Misschien kan het bedrag omlaag." in page
    onward = client.post(LUKT_NIET, {"what": "inkomen"})["Location"]
    assert onward == "/mijn/aanvraag/inkomen/?terug=controle"
    page = text(client.get(onward))  # screen 2, filled in
    assert 'value="1.900"' in page
    assert "Vraag 6 van 8" not in page
    assert (
        client.post(onward, {"amount": "1.500", "period": "month", "holiday": "included"})["Location"] == VERGELIJKING
    )
    page = text(client.get(VERGELIJKING))  # screen 3
    assert 'data-outcome="too_much"' in page
    assert row(page, "income").split() == ["Er", "komt", "binnen", "€", "1.900", "€", "1.500"]
    assert row(page, "capacity").split() == ["Dit", "kunt", "u", "missen", "€", "493,58", "€", "93,58"]
    assert row(page, "verdict").split() == ["Past", "€", "150", "per", "maand?", "Ja", "Nee"]
    assert "Dit is een schatting. Het geldt pas als het is afgesproken." in page
    assert "nog 36 keer" in page
    assert 'data-check="to-pay-now" data-cents="540000"' in page
    assert f'data-check="to-pay-then" data-cents="{36 * 93_58}"' in page
    assert f'data-check="waived-then" data-cents="{6_000_00 - 36 * 93_58}"' in page
    assert tasks(case) == []
    assert client.post(VERGELIJKING)["Location"] == DOORGEGEVEN
    page = text(client.get(DOORGEGEVEN))
    assert "Noor Bakker belt u uiterlijk vrijdag 27 november 2026." in page
    assert "Tot dan verandert er niets aan uw afspraak." in page
    assert "Noor Bakker belt u uiterlijk vrijdag 27 november 2026." in text(client.get("/mijn/"))
    assert [task.kind for task in tasks(case)] == ["changed"]


def test_two_clicks_on_geef_door_report_once(client: Client, case: Case) -> None:
    fall(client)
    assert client.post(VERGELIJKING)["Location"] == DOORGEGEVEN
    assert client.post(VERGELIJKING)["Location"] == DOORGEGEVEN
    assert len(tasks(case)) == 1
    assert [one.purpose for one in applications(case)] == ["first", "change"]
    with act_as(citizen_scope(case.citizen)):
        assert Assessment.objects.filter(purpose="change").count() == 1


def test_a_change_that_still_fits_needs_nobody(client: Client, case: Case) -> None:
    fall(client, "1.800")
    assert "Uw bedrag past nog" in text(client.get(VERGELIJKING))
    client.post(VERGELIJKING)
    page = text(client.get(DOORGEGEVEN))
    assert "U hoeft niets te doen." in page
    assert 'data-check="next-step"' not in page
    assert tasks(case) == []


def test_a_higher_income_leaves_the_amount_as_it_is(client: Client, case: Case) -> None:
    fall(client, "2.500")
    assert "Dat blijft zo. Ook als u nu meer kunt missen." in text(client.get(VERGELIJKING))


@pytest.mark.parametrize(
    ("what", "onward"),
    [
        ("werk", "/mijn/aanvraag/inkomen/?terug=controle"),
        ("huis", "/mijn/aanvraag/vaste-lasten/?terug=controle&ook=bijzonder"),
        ("gezin", "/mijn/aanvraag/huishouden/?terug=controle"),
        ("anders", "/mijn/lukt-niet/gegevens/"),
    ],
)
def test_a_choice_leads_straight_to_its_question(client: Client, case: Case, what: str, onward: str) -> None:
    assert client.post(LUKT_NIET, {"what": what})["Location"] == onward
    assert client.get(onward).status_code == 200


def test_a_house_is_two_questions_and_then_old_and_new(client: Client, case: Case) -> None:
    onward = client.post(LUKT_NIET, {"what": "huis"})["Location"]
    costs = {"rent_cents": "900", "energy_cents": "", "health_insurance_cents": ""}
    onward = client.post(onward, costs)["Location"]
    assert onward == "/mijn/aanvraag/bijzonder/?terug=controle"
    assert client.post(onward, {"uncertain": ["no_rent_allowance"]})["Location"] == VERGELIJKING
    page = text(client.get(VERGELIJKING))
    assert 'data-outcome="unsure"' in page
    assert "€ 900" in page


def test_a_partner_who_came_is_asked_about_before_anything_is_computed(client: Client, case: Case) -> None:
    onward = client.post(LUKT_NIET, {"what": "gezin"})["Location"]
    onward = client.post(onward, {"situation": "gehuwd"})["Location"]
    assert onward == "/mijn/aanvraag/partner/?terug=controle"
    # who does not know can pass it on all the same
    page = text(client.get(VERGELIJKING))
    assert 'data-outcome="unknown"' in page
    assert "Weet u het niet? Geef het toch door." in page
    assert 'href="/mijn/aanvraag/partner/?terug=controle"' in page
    client.post(VERGELIJKING)
    (task,) = tasks(case)
    assert (task.kind, task.due_on) == ("changed", date(2026, 11, 27))


def test_no_choice_is_a_clear_sentence_at_the_field(client: Client, case: Case) -> None:
    response = client.post(LUKT_NIET, {})
    page = text(response)
    assert response.status_code == 200
    assert "<title>Fout: " in page
    assert page.count("Kies wat er is veranderd.") == 2
    assert client.post(LUKT_NIET, {"what": "aap"}).status_code == 200
    assert len(applications(case)) == 1


def test_bel_mij_is_a_task_with_a_day_and_asks_for_a_number_first(client: Client, case: Case) -> None:
    assert client.post(LUKT_NIET, {"bel": "ja"})["Location"] == "/mijn/gegevens/"
    assert "Vul uw telefoonnummer in. Dan kan Noor Bakker u bellen." in text(client.get("/mijn/gegevens/"))
    client.post("/mijn/gegevens/", {"phone": "06 12 34 56 78"})
    response = client.post(LUKT_NIET, {"bel": "ja"}, follow=True)
    assert "Noor Bakker belt u uiterlijk vrijdag 27 november 2026." in text(response)
    assert [task.kind for task in tasks(case)] == ["call_back"]


def test_nothing_changed_yet_is_said_and_nothing_is_passed_on(client: Client, case: Case) -> None:
    assert fall(client, "1.900") == VERGELIJKING
    response = client.post(VERGELIJKING, follow=True)
    assert response.redirect_chain[-1][0] == LUKT_NIET
    assert "U heeft nog niets veranderd." in text(response)
    assert applications(case)[-1].closed_at is None


def test_a_change_that_was_begun_is_where_you_go_on(client: Client, case: Case) -> None:
    fall(client)
    assert "Ga verder met doorgeven" in text(client.get("/mijn/"))
    assert "Ga verder waar u was" in text(client.get(LUKT_NIET))
    onward = client.post(LUKT_NIET, {"what": "inkomen"})["Location"]
    assert 'value="1.500"' in text(client.get(onward))


def test_an_old_payslip_is_asked_for_and_the_new_one_comes_back_to_the_comparison(client: Client, case: Case) -> None:
    fall(client)
    page = text(client.get(VERGELIJKING))
    assert "Heeft u een nieuwe loonstrook?" in page
    response = client.post(
        "/mijn/aanvraag/belastbaar/?terug=controle", {"taxable_income_cents": "20.000", "taxable_period": "year"}
    )
    assert response["Location"] == VERGELIJKING
    assert "Heeft u een nieuwe loonstrook?" not in text(client.get(VERGELIJKING))


def test_without_norms_it_is_passed_on_with_a_named_next_step(client: Client, case: Case) -> None:
    fall(client)
    clock.set_today(date(2034, 1, 2))
    page = text(client.get(VERGELIJKING))
    assert "Dat ligt niet aan u." in page
    assert row(page, "capacity").split() == ["Dit", "kunt", "u", "missen", "€", "493,58", "Nog", "niet", "bekend"]
    client.post(VERGELIJKING)
    assert "Noor Bakker belt u uiterlijk woensdag 4 januari 2034." in text(client.get(DOORGEGEVEN))
    assert [task.kind for task in tasks(case)] == ["changed"]


def test_amber_shows_what_is_sure_and_names_the_next_step(client: Client, case: Case) -> None:
    with act_as(citizen_scope(case.citizen)):
        client.post(LUKT_NIET, {"what": "inkomen"})
    client.post("/mijn/aanvraag/inkomen/", {"amount": "1.550", "period": "month", "holiday": "included"})
    client.post("/mijn/aanvraag/belastbaar/", {"unknown": "on"})
    page = text(client.get(VERGELIJKING))
    assert 'data-outcome="unsure"' in page
    assert "Geeft u het door? Dan belt Noor Bakker u binnen 2 werkdagen." in page
    client.post(VERGELIJKING)
    assert len([task for task in tasks(case) if task.done_on is None]) == 1


# --- no first application beside a plan -------------------------------------------------------------------------------


def test_while_a_plan_runs_the_questions_are_not_an_application(client: Client, case: Case) -> None:
    for name in (*FIRST_ONLY, *QUESTIONS):
        response = client.get(f"/mijn/aanvraag/{name}/")
        assert (response.status_code, response["Location"]) == (302, "/mijn/"), name
    assert client.post("/mijn/begin/")["Location"] == "/mijn/"
    client.post("/mijn/aanvraag/inkomen/", {"amount": "1", "period": "month", "holiday": "included"})
    assert len(applications(case)) == 1


def test_an_application_that_was_left_open_is_no_way_in_and_does_not_block(client: Client, case: Case) -> None:
    with act_as(citizen_scope(case.citizen)):
        start_application(citizen=case.citizen)
    assert client.get("/mijn/aanvraag/missen/")["Location"] == "/mijn/"
    assert fall(client) == VERGELIJKING
    assert [one.purpose for one in applications(case)] == ["first", "first", "change"]


def test_a_change_never_reaches_the_pages_of_a_proposal(client: Client, case: Case) -> None:
    fall(client)
    for name in FIRST_ONLY:
        assert client.get(f"/mijn/aanvraag/{name}/")["Location"] == VERGELIJKING, name
    client.post("/mijn/aanvraag/missen/", {"declared_cents": "10", "months": "36"})
    assert client.post("/mijn/aanvraag/versturen/").status_code == 302
    change = applications(case)[-1]
    assert (change.declared_cents, change.closed_at) == (150_00, None)


@pytest.mark.parametrize("address", [LUKT_NIET, "/mijn/lukt-niet/gegevens/", VERGELIJKING, DOORGEGEVEN, CONTROLE])
def test_without_a_plan_there_is_nothing_to_change(client: Client, address: str) -> None:
    clock.set_today(date(2026, 11, 25))
    logged_in(client)
    for response in (client.get(address), client.post(address, {"what": "inkomen", "klopt": "ja", "bel": "ja"})):
        assert response.status_code in (302, 405)
        assert response.status_code == 405 or response["Location"] == "/mijn/"


# --- once a year ----------------------------------------------------------------------------------------------------


def test_the_review_shows_everything_and_one_click_says_that_it_is_right(client: Client, case: Case) -> None:
    at(date(2027, 11, 23))
    with as_worker("test"):
        run_day(today=date(2027, 11, 23))
    page = text(client.get("/mijn/"))
    assert "Kloppen uw gegevens nog?" in page
    page = text(client.get(CONTROLE))
    assert "Klopt dit nog?" in page
    assert "€ 1.900 per maand" in page
    assert "Alles klopt nog" in page
    assert client.post(CONTROLE, {"klopt": "ja"})["Location"] == DOORGEGEVEN
    with act_as(citizen_scope(case.citizen)):
        found = Assessment.objects.filter(purpose="review").get()
        assert (found.on_date, found.norms_key) == (date(2027, 11, 23), "2027-07-01")
        assert YearlyReview.objects.get().done_on == date(2027, 11, 23)
    page = text(client.get(DOORGEGEVEN))
    assert 'data-check="comparison"' in page
    assert "Voorbeeld-normen" in page
    assert "Kloppen uw gegevens nog?" not in text(client.get("/mijn/"))


def test_only_what_changed_is_asked_and_the_review_comes_back(client: Client, case: Case) -> None:
    onward = client.post(CONTROLE, {"wijzig": "inkomen"})["Location"]
    assert onward == "/mijn/aanvraag/inkomen/?terug=controle"
    assert client.post(onward, {"amount": "1.500", "period": "month", "holiday": "included"})["Location"] == CONTROLE
    page = text(client.get(CONTROLE))
    assert "Dit is nieuw" in page
    assert "Alles klopt nog" not in page
    assert client.post(CONTROLE, {"klopt": "ja"})["Location"] == VERGELIJKING
    assert client.post(VERGELIJKING)["Location"] == DOORGEGEVEN
    assert [task.kind for task in tasks(case)] == ["review"]


def test_a_page_that_is_no_question_cannot_be_asked_for(client: Client, case: Case) -> None:
    assert client.post(CONTROLE, {"wijzig": "missen"}).status_code == 200
    assert len(applications(case)) == 1


# --- the coach, and the walls ---------------------------------------------------------------------------------------


def test_a_coach_reports_for_a_client_and_both_see_it(client: Client, case: Case) -> None:
    mandate = acting_coach(client, case.citizen)
    root = f"/namens/{mandate.public_id}"
    onward = client.post(f"{root}/lukt-niet/veranderd/", {"what": "inkomen"})["Location"]
    assert onward == f"{root}/aanvraag/inkomen/?terug=controle"
    client.post(onward, {"amount": "1.500", "period": "month", "holiday": "included"})
    page = text(client.get(f"/coach/clienten/{mandate.public_id}/"))
    assert "een wijziging wordt ingevuld" in page
    assert client.post(f"{root}/lukt-niet/vergelijking/")["Location"] == f"{root}/lukt-niet/doorgegeven/"
    assert applications(case)[-1].entered_by["net_income_cents"] == f"coach:{mandate.coach_id}"
    page = text(client.get(f"/coach/clienten/{mandate.public_id}/"))
    assert 'data-outcome="too_much"' in page
    assert "Doorgegeven op woensdag 25 november 2026." in page
    assert row(page, "income").split() == ["Er", "komt", "binnen", "€", "1.900", "€", "1.500"]
    assert 'data-check="effect"' in page
    logged_in(client, case.citizen)
    assert client.get(DOORGEGEVEN).status_code == 200


def test_another_citizen_and_a_creditor_see_nothing_of_it(client: Client, case: Case) -> None:
    fall(client, "1.513,37")
    client.post(VERGELIJKING)
    logged_in(client, make_citizen(family_name="Ander"))
    assert client.get(DOORGEGEVEN)["Location"] == "/mijn/"
    client.force_login(case.members[0].user, backend="django.contrib.auth.backends.ModelBackend")
    for address in ("/schuldeiser/", "/schuldeiser/regelingen/"):
        page = text(client.get(address, follow=True))
        assert "1.513,37" not in page
        assert "veranderd" not in page
    assert client.get(DOORGEGEVEN).status_code == 403


def test_the_stages_of_a_change_are_what_they_say(client: Client) -> None:
    clock.set_today(date(2026, 11, 23))
    logged_in(client, stages.changing().citizen)
    assert 'data-outcome="too_much"' in text(client.get(VERGELIJKING))


@pytest.mark.parametrize(
    ("answers", "today"),
    [
        ({"net_income_cents": 1_800_00}, MONDAY),
        ({"net_income_cents": 2_800_00}, MONDAY),
        ({"net_income_cents": 1_500_00}, MONDAY),
        ({"net_income_cents": 0}, MONDAY),
        ({"taxable_income_cents": None, "taxable_income_unknown": True, "uncertain": ["other_income"]}, MONDAY),
        ({"net_income_cents": None, "unknown": ["net_income"]}, MONDAY),
        ({"situation": "gehuwd"}, MONDAY),
        ({"net_income_cents": 1_500_00}, date(2034, 1, 2)),
    ],
)
def test_whatever_comes_out_the_pages_of_a_change_are_easy_to_read(
    client: Client, answers: dict[str, Any], today: date
) -> None:
    case = stages.changing(**answers)
    logged_in(client, case.citizen)
    at(today)
    names = {case.citizen.full_name, case.citizen.director.name, *(one.name for one in case.creditors)}

    def assert_easy(address: str) -> None:
        response = client.get(f"/mijn/{address}")
        assert response.status_code == 200, address
        assert reading.faults(response.content.decode(), names) == [], address

    for address in ("", "lukt-niet/veranderd/", "lukt-niet/gegevens/", "lukt-niet/vergelijking/", "controle/"):
        assert_easy(address)
    client.post("/mijn/lukt-niet/vergelijking/")
    for address in ("", "lukt-niet/doorgegeven/"):
        assert_easy(address)
