"""The application over HTTP: every outcome of the gate, the check page, sending."""

from datetime import date

import pytest
from django.test import Client

from arrangements.models import Application, Assessment, CaseTask, Proposal
from infra import clock
from infra.scope import act_as
from tests.factories.citizens import acting_coach, fill_in_pages, logged_in
from tests.factories.people import citizen_scope, make_citizen
from tests.factories.plans import make_case

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _november() -> None:
    clock.set_today(date(2026, 11, 23))


def text(response: object) -> str:
    return response.content.decode().replace("\u00a0", " ")  # type: ignore[attr-defined,no-any-return]  # a test response


def test_an_amount_that_fits_leads_to_one_proposal_that_is_sent_once(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00, 600_00)
    logged_in(client, case.citizen)
    assert fill_in_pages(client) == "/mijn/aanvraag/voorstel/"
    page = text(client.get("/mijn/aanvraag/voorstel/"))
    assert "€ 45" in page
    assert "36</span> maanden" in page
    assert "18 maanden" in page
    assert client.post("/mijn/aanvraag/verhaal/", {"sla-over": "1"})["Location"] == "/mijn/aanvraag/controle/"
    check = client.get("/mijn/aanvraag/controle/")
    seen = check.context["proposal"].content_hash
    assert client.post("/mijn/aanvraag/versturen/", {"gezien": seen})["Location"] == "/mijn/aanvraag/verstuurd/"
    assert "Uw voorstel is verstuurd" in text(client.get("/mijn/aanvraag/verstuurd/"))
    # the second click of a double click
    assert client.post("/mijn/aanvraag/versturen/", {"gezien": seen})["Location"] == "/mijn/aanvraag/verstuurd/"
    with act_as(citizen_scope(case.citizen)):
        assert Proposal.objects.get().state == "submitted"


def test_what_is_sent_is_what_stood_on_the_screen(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00)
    logged_in(client, case.citizen)
    fill_in_pages(client)
    response = client.post("/mijn/aanvraag/versturen/", {"gezien": "0" * 64})
    assert response["Location"] == "/mijn/aanvraag/controle/"
    assert "iets gewijzigd" in text(client.get("/mijn/aanvraag/controle/"))
    with act_as(citizen_scope(case.citizen)):
        assert Proposal.objects.get().state == "draft"


def test_a_proposal_of_somebody_nobody_has_identified_is_not_sent_and_nothing_is_lost(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00, citizen=make_citizen(anchored=False))
    logged_in(client, case.citizen)
    fill_in_pages(client)
    seen = client.get("/mijn/aanvraag/controle/").context["proposal"].content_hash
    response = client.post("/mijn/aanvraag/versturen/", {"gezien": seen})
    assert response["Location"] == "/mijn/aanvraag/brief/"
    assert "Wij weten nog niet zeker wie u bent" in text(client.get("/mijn/aanvraag/brief/"))
    with act_as(citizen_scope(case.citizen)):
        assert Proposal.objects.get().state == "draft"


def test_the_overview_says_that_a_fact_is_missing_and_who_will_call(client: Client) -> None:
    case = make_case(1_000_00)
    logged_in(client, case.citizen)
    fill_in_pages(client, belastbaar={"unknown": "on"}, missen={"declared_cents": "450", "months": "36"})
    page = text(client.get("/mijn/"))
    assert "Wij missen nog één gegeven" in page
    assert f"{case.citizen.director.name} neemt contact met u op" in page
    assert "Kies een bedrag" not in page


def test_the_check_page_names_the_term_also_when_it_was_not_chosen(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00)
    logged_in(client, case.citizen)
    fill_in_pages(client)
    with act_as(citizen_scope(case.citizen)):
        Application.objects.update(months=None)
    page = text(client.get("/mijn/aanvraag/controle/"))
    assert "36 maanden" in page
    assert "None" not in page


def test_a_fact_that_is_not_known_gives_a_task_and_no_proposal(client: Client) -> None:
    case = make_case(1_000_00)
    logged_in(client, case.citizen)
    onward = fill_in_pages(client, belastbaar={"unknown": "on"}, missen={"declared_cents": "450", "months": "36"})
    assert onward == "/mijn/aanvraag/nog-even/"
    page = text(client.get(onward))
    assert "loon loonheffing" in page
    assert "zijn bewaard" in page
    with act_as(citizen_scope(case.citizen)):
        assert not Proposal.objects.exists()
        assert CaseTask.objects.get().kind == CaseTask.Kind.MISSING_FACT
        assert Application.objects.get().taxable_income_unknown
    # the fact comes in from that page, and the answer changes with it
    after = client.post(
        "/mijn/aanvraag/belastbaar/?terug=controle", {"taxable_income_cents": "26.000", "taxable_period": "year"}
    )
    assert after["Location"] == "/mijn/aanvraag/controle/"


def test_a_reason_for_doubt_asks_for_an_official_figure_whatever_the_amount(client: Client) -> None:
    case = make_case(1_000_00)
    logged_in(client, case.citizen)
    onward = fill_in_pages(
        client, bijzonder={"uncertain": "company_car"}, missen={"declared_cents": "10", "months": "36"}
    )
    assert onward == "/mijn/aanvraag/nog-even/"
    page = text(client.get(onward))
    assert "officieel bedrag" in page
    assert "zeker missen" not in page


def test_too_much_is_refused_with_the_highest_amount_that_is_possible(client: Client) -> None:
    case = make_case(1_000_00)
    logged_in(client, case.citizen)
    onward = fill_in_pages(client, missen={"declared_cents": "600", "months": "36"})
    assert onward == "/mijn/aanvraag/let-op/"
    page = text(client.get(onward))
    with act_as(citizen_scope(case.citizen)):
        highest = Assessment.objects.get().capacity_low_cents
        assert not Proposal.objects.exists()
    assert f'data-cents="{highest}"' in page
    assert "te weinig over om van te leven" in page


def test_nothing_to_miss_is_a_respected_answer_with_somebody_who_calls(client: Client) -> None:
    case = make_case(1_000_00)
    logged_in(client, case.citizen)
    assert fill_in_pages(client, missen={"declared_cents": "nul", "months": "36"}) == "/mijn/aanvraag/niets-missen/"
    assert "Goed dat u dat zegt" in text(client.get("/mijn/aanvraag/niets-missen/"))
    client.post("/mijn/aanvraag/niets-missen/")
    client.post("/mijn/aanvraag/niets-missen/")
    with act_as(citizen_scope(case.citizen)):
        assert CaseTask.objects.get().kind == CaseTask.Kind.NOTHING_TO_MISS


def test_missing_norms_are_our_problem_and_the_answers_stay(client: Client) -> None:
    case = make_case(1_000_00)
    logged_in(client, case.citizen)
    clock.set_today(date(2034, 1, 2))
    assert fill_in_pages(client) == "/mijn/aanvraag/geen-normen/"
    assert "ligt niet aan u" in text(client.get("/mijn/aanvraag/geen-normen/"))
    with act_as(citizen_scope(case.citizen)):
        assert CaseTask.objects.get().kind == CaseTask.Kind.NORMS_MISSING
        assert Application.objects.get().declared_cents == 45_00


def test_example_norms_are_marked_on_the_page_that_uses_them(client: Client) -> None:
    case = make_case(1_000_00)
    logged_in(client, case.citizen)
    clock.set_today(date(2028, 2, 1))
    fill_in_pages(client)
    assert "Voorbeeld-normen" in text(client.get("/mijn/aanvraag/voorstel/"))


def test_without_a_known_amount_there_is_no_proposal_yet(client: Client) -> None:
    citizen = logged_in(client)
    client.post("/mijn/begin/")
    client.post("/mijn/aanvraag/organisaties/toevoegen/", {"creditor_name": "Zorg Goed", "told_cents": ""})
    assert "Zorg Goed: bedrag nog niet bekend" in text(client.get("/mijn/aanvraag/organisaties/"))
    assert fill_in_pages(client) == "/mijn/aanvraag/geen-bedragen/"
    assert "Zorg Goed" in text(client.get("/mijn/aanvraag/geen-bedragen/"))
    with act_as(citizen_scope(citizen)):
        assert not Proposal.objects.exists()


def test_the_questions_follow_each_other_and_an_unfinished_one_is_where_you_go_on(client: Client) -> None:
    citizen = logged_in(client, make_citizen(anchored=False))
    assert client.post("/mijn/begin/")["Location"] == "/mijn/aanvraag/brief/"
    assert client.post("/mijn/aanvraag/brief/", {"geen-code": "1"})["Location"] == "/mijn/aanvraag/toestemming/"
    assert client.post("/mijn/aanvraag/toestemming/")["Location"] == "/mijn/aanvraag/organisaties/"
    assert client.post("/mijn/aanvraag/organisaties/")["Location"] == "/mijn/aanvraag/huishouden/"
    response = client.post("/mijn/aanvraag/huishouden/", {"situation": "gehuwd"})
    assert response["Location"] == "/mijn/aanvraag/bijzonder/"
    page = text(client.get("/mijn/"))
    assert "vraag 5 van 8" in page
    assert "/mijn/aanvraag/bijzonder/" in page
    client.post("/mijn/aanvraag/inkomen/", {"amount": "500", "period": "week", "holiday": "included"})
    with act_as(citizen_scope(citizen)):
        assert Application.objects.get().net_income_cents == 2_166_67
    assert client.post("/mijn/aanvraag/belastbaar/", {"unknown": "on"})["Location"] == "/mijn/aanvraag/partner/"


def test_a_partner_who_does_not_take_part_needs_an_income_even_if_it_is_zero(client: Client) -> None:
    case = make_case(1_000_00)
    logged_in(client, case.citizen)
    client.post("/mijn/aanvraag/huishouden/", {"situation": "gehuwd"})
    page = text(client.post("/mijn/aanvraag/partner/", {"takes_part": "nee", "partner_income_cents": ""}))
    assert "<title>Fout: " in page
    assert "Vul een bedrag in. Of kies: dat weet ik niet." in page
    assert client.post("/mijn/aanvraag/partner/", {"takes_part": "nee", "partner_income_cents": "0"}).status_code == 302


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Vul een bedrag in. Bijvoorbeeld 45 of 45,50."),
        ("1,250", "Bedoelt u"),
        ("-5", "Een bedrag kan niet lager zijn dan 0"),
    ],
)
def test_what_cannot_be_read_is_asked_again_and_stays_on_the_screen(client: Client, typed: str, sentence: str) -> None:
    case = make_case(1_000_00)
    logged_in(client, case.citizen)
    response = client.post("/mijn/aanvraag/missen/", {"declared_cents": typed, "months": "36"})
    assert response.status_code == 200
    page = text(response)
    assert "<title>Fout: " in page
    assert page.count(sentence) == 2  # in the summary and at the field
    assert f'value="{typed}"' in page or not typed


def test_changing_an_answer_returns_to_the_check_page(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00)
    logged_in(client, case.citizen)
    fill_in_pages(client)
    assert "/mijn/aanvraag/missen/?terug=controle" in text(client.get("/mijn/aanvraag/controle/"))
    changed = client.post("/mijn/aanvraag/missen/?terug=controle", {"declared_cents": "50", "months": "24"})
    assert changed["Location"] == "/mijn/aanvraag/controle/"
    page = text(client.get("/mijn/aanvraag/controle/"))
    assert "€ 50 per maand" in page
    assert "24 maanden" in page
    # a change that needs another answer first asks that answer, and then returns as well
    asked = client.post("/mijn/aanvraag/huishouden/?terug=controle", {"situation": "gehuwd"})
    assert asked["Location"] == "/mijn/aanvraag/partner/?terug=controle"
    no_income = {"takes_part": "nee", "partner_income_cents": "0"}
    answered = client.post("/mijn/aanvraag/partner/?terug=controle", no_income)
    # the payslip was of one person: with a partner it is another amount (475da(3))
    assert answered["Location"] == "/mijn/aanvraag/belastbaar/?terug=controle"
    payslips = {"taxable_income_cents": "26.000", "taxable_period": "year", "partner_taxable_cents": "0"}
    assert client.post(answered["Location"], payslips)["Location"] == "/mijn/aanvraag/controle/"


def test_the_story_goes_to_the_organisations_only_when_the_citizen_says_so(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00)
    logged_in(client, case.citizen)
    fill_in_pages(client)
    told = {"story_cause": "work", "story": "Mijn werk stopte.", "story_readers": ""}
    assert "Kies wie uw verhaal mag lezen" in text(client.post("/mijn/aanvraag/verhaal/", told))
    client.post("/mijn/aanvraag/verhaal/", told | {"story_readers": "everybody"})
    seen = client.get("/mijn/aanvraag/controle/").context["proposal"].content_hash
    client.post("/mijn/aanvraag/versturen/", {"gezien": seen})
    with act_as(citizen_scope(case.citizen)):
        assert Proposal.objects.get().story_shared == "Mijn werk stopte."


def test_a_claim_the_citizen_denies_is_not_part_of_the_proposal(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00)
    logged_in(client, case.citizen)
    says = {f"klopt-{case.claims[0].public_id}": "no", f"klopt-{case.claims[1].public_id}": "yes"}
    says[f"reden-{case.claims[0].public_id}"] = "amount"
    assert client.post("/mijn/aanvraag/organisaties/", says).status_code == 302
    fill_in_pages(client)
    page = text(client.get("/mijn/aanvraag/voorstel/"))
    assert "u zei dat het bedrag niet klopt" in page
    with act_as(citizen_scope(case.citizen)):
        assert Proposal.objects.get().total_cents == 2_000_00


def test_a_coach_fills_in_but_the_client_sends(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00)
    mandate = acting_coach(client, case.citizen)
    root = f"/namens/{mandate.public_id}"
    for name, answers in {
        "huishouden": {"situation": "alleenstaand"},
        "inkomen": {"amount": "1.900", "period": "month", "holiday": "included"},
        "belastbaar": {"taxable_income_cents": "26.000", "taxable_period": "year"},
        "missen": {"declared_cents": "45", "months": "36"},
    }.items():
        assert client.post(f"{root}/aanvraag/{name}/", answers)["Location"].startswith(f"{root}/aanvraag/")
    page = text(client.get(f"{root}/aanvraag/controle/"))
    assert "<title>Namens Jo Jansen" in page
    assert "U werkt voor" in page
    assert "Uw cliënt verstuurt het voorstel zelf" in page
    assert "Verstuur mijn voorstel" not in page
    assert client.post(f"{root}/aanvraag/versturen/").status_code == 403
    with act_as(citizen_scope(case.citizen)):
        application = Application.objects.get()
        assert application.entered_by["net_income_cents"] == f"coach:{mandate.coach_id}"
        assert Proposal.objects.get().state == "draft"


def test_a_coach_without_a_mandate_finds_nothing(client: Client) -> None:
    mine, other = make_case(1_000_00), make_case(2_000_00)
    mandate = acting_coach(client, mine.citizen)
    assert client.get(f"/namens/{other.citizen.public_id}/").status_code == 404
    assert client.get(f"/namens/{mandate.public_id}/").status_code == 200
    assert client.get("/mijn/").status_code == 403


def test_the_overview_does_not_ask_for_an_amount_again_when_the_norms_are_missing(client: Client) -> None:
    case = make_case(1_000_00)
    logged_in(client, case.citizen)
    clock.set_today(date(2034, 1, 2))
    fill_in_pages(client)
    page = text(client.get("/mijn/"))
    assert "Wij kunnen nog niet verder" in page
    assert "/mijn/aanvraag/geen-normen/" in page
    assert "Kies een bedrag" not in page
