"""The budget pages as citizen and coach use them: half a page is never saved, and everything says who filled it in."""

import html
import re
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client

from accounts.models import Mandate
from affordability.budget import LINES, OVERLAPS, DoubleCount, Group
from arrangements.models import Application, BudgetMark
from arrangements.operations.mark_budget import FIGURES
from citizen_portal.budget_presenters import FIGURE_WORDS, WARNINGS
from citizen_portal.forms.budget import OVERLAP_QUESTIONS, WHERE
from infra import clock
from infra.scope import act_as
from tests.factories import stages
from tests.factories.budgets import LEFT, Lines, coach_scope, fill_in_budget, give_mark
from tests.factories.citizens import acting_coach, fill_in_pages, logged_in
from tests.factories.people import citizen_scope
from tests.factories.plans import Case, fill_in, make_case, submitted
from tests.support import reading

pytestmark = pytest.mark.django_db

BUDGET = "/mijn/aanvraag/budget/"
PARTS = {
    Group.INCOME: "inkomsten",
    Group.FIXED: "vaste-lasten",
    Group.RESERVE: "reserveren",
    Group.HOUSEHOLD: "huishouden",
}


@pytest.fixture
def case() -> Case:
    clock.set_today(date(2026, 11, 23))
    made = make_case(1_000_00, 2_000_00)
    fill_in(made)
    return made


def text(response: HttpResponseBase) -> str:
    assert isinstance(response, HttpResponse)
    return html.unescape(response.content.decode()).replace("\u00a0", " ")


def stored(case: Case) -> Application:
    with act_as(citizen_scope(case.citizen)):
        return Application.objects.get(pk=case.application.pk)


def typed(group: Group, **given: str) -> dict[str, str]:
    """A page as a browser sends it: every period has a value, what is empty is empty."""
    page = {f"{code}-period": line.period.value for code, line in LINES.items() if line.group is group}
    page |= {f"{code}-amount": "" for code, line in LINES.items() if line.group is group}
    if group is Group.RESERVE:
        page["buffer-amount"] = "25"
    return page | {name.replace("__", "-"): value for name, value in given.items()}


def post(client: Client, group: Group, **given: str) -> HttpResponseBase:
    return client.post(f"{BUDGET}{PARTS[group]}/", typed(group, **given))


def test_a_citizen_goes_through_the_four_parts_and_reads_what_is_left(client: Client, case: Case) -> None:
    logged_in(client, case.citizen)
    assert "Uw budget is nog niet af" in text(client.get(BUDGET))
    assert post(client, Group.INCOME, zorgtoeslag__amount="131")["Location"] == f"{BUDGET}vaste-lasten/"
    fixed = {
        "rent__amount": "640",
        "rent__overlap": "no",
        "energy__amount": "145",
        "health_insurance__amount": "152",
        "health_insurance__overlap": "no",
        "water__amount": "45",
    }
    assert post(client, Group.FIXED, **fixed)["Location"] == f"{BUDGET}reserveren/"
    assert post(client, Group.RESERVE, eigen_risico__amount="385")["Location"] == f"{BUDGET}huishouden/"
    assert post(client, Group.HOUSEHOLD, food__amount="65")["Location"] == BUDGET
    page = text(client.get(BUDGET))
    assert f'data-check="left" data-cents="{LEFT}"' in page
    for group, cents in (("income", 2_031_00), ("fixed", 952_00), ("reserve", 57_08), ("household", 281_67)):
        assert f'data-check="total-{group}" data-cents="{cents}"' in page
    assert "65 euro per week" in page
    assert "45 euro per kwartaal" in page
    assert page.count("ingevuld door u") >= 7
    assert post(client, Group.HOUSEHOLD, food__amount="60")["Location"] == BUDGET


def test_what_is_not_known_stays_unknown_and_there_is_no_outcome(client: Client, case: Case) -> None:
    logged_in(client, case.citizen)
    fill_in_budget(case)
    assert post(client, Group.HOUSEHOLD, food__unknown="on").status_code == 302
    assert stored(case).budget["food"] == {"unknown": True}
    page = text(client.get(BUDGET))
    assert "Dit weten we nog niet" in page
    assert "Eten en drinken" in page
    assert 'data-check="left"' not in page
    assert "1 bedrag telt nog niet mee" in page
    assert "weet ik niet</td>" in page
    again = text(client.get(f"{BUDGET}huishouden/"))
    assert re.search(r'<input[^>]*name="food-unknown"[^>]*checked', again)


def test_the_amount_comes_back_with_its_period(client: Client, case: Case) -> None:
    logged_in(client, case.citizen)
    fill_in_budget(case)
    page = text(client.get(f"{BUDGET}vaste-lasten/"))
    assert re.search(r'name="water-amount" value="45"', page)
    assert re.search(r'<select name="water-period"[^>]*>.*?<option value="quarter" selected>', page, re.DOTALL)
    for words in ("per week", "per 4 weken", "per maand", "per kwartaal", "per jaar", "in 10 termijnen per jaar"):
        assert f">{words}</option>" in page


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"rent__amount": "12,345"}, "Bedoelt u 12,35 of 12.345?"),
        ({"rent__amount": "-5"}, "Een bedrag kan niet lager zijn dan 0. Vul 0 of meer in."),
        ({"rent__amount": "veel"}, "Vul een bedrag in. Bijvoorbeeld 45 of 45,50."),
        ({"rent__amount": "1.000.000"}, "Dit bedrag is hoger dan"),
        ({"rent__amount": "10.001"}, "Dit is heel veel per maand. Kijk nog eens naar het bedrag en naar hoe vaak."),
        ({"rent__amount": "3.000", "rent__period": "week"}, "Dit is heel veel per maand."),
        ({"rent__amount": "640", "rent__period": "fortnight"}, "Kies hoe vaak dit bedrag komt."),
        ({"rent__amount": "640", "rent__period": ""}, "Kies hoe vaak dit bedrag komt."),
        ({"rent__amount": "640", "rent__unknown": "on"}, "Kies één antwoord: een bedrag, of dat weet ik niet."),
        ({"rent__amount": "640", "rent__overlap": "soms"}, "Kies ja, nee of dat weet ik niet."),
    ],
)
def test_bad_input_gets_a_sentence_at_the_field_and_half_a_page_is_never_saved(
    client: Client, case: Case, given: dict[str, str], sentence: str
) -> None:
    logged_in(client, case.citizen)
    before = stored(case).budget
    response = post(client, Group.FIXED, energy__amount="145", **given)
    assert response.status_code == 200
    page = text(response)
    assert page.count(sentence) >= 2  # in the summary and at the field
    assert f'value="{given["rent__amount"]}"' in page
    assert 'name="energy-amount" value="145"' in page
    assert stored(case).budget == before


def test_inside_the_reference_nothing_is_asked_and_above_it_one_sentence(client: Client, case: Case) -> None:
    logged_in(client, case.citizen)
    page = text(client.get(f"{BUDGET}huishouden/"))
    assert "Richtbedrag van het Nibud uit 2023: 65 euro en 45 cent per week." in page
    assert "Waarom is dit meer?" not in page
    assert post(client, Group.HOUSEHOLD, food__amount="65,45").status_code == 302
    asked = text(post(client, Group.HOUSEHOLD, food__amount="90", pets__amount="12"))
    assert asked.count("Leg in 1 zin uit waarom dit meer is dan het richtbedrag.") == 2
    assert 'name="food-note"' in asked
    assert 'name="pets-amount" value="12"' in asked
    assert stored(case).budget["food"]["cents"] == 65_45
    note = "Ik eet glutenvrij, dat is duurder."
    assert post(client, Group.HOUSEHOLD, food__amount="90", food__note=note).status_code == 302
    assert stored(case).budget_notes == {"food": note}
    assert note in text(client.get(BUDGET))
    assert note in text(client.get(f"{BUDGET}huishouden/"))
    long = text(post(client, Group.HOUSEHOLD, food__amount="90", food__note="x" * 201))
    assert "Dit is te lang. Gebruik hoogstens 200 tekens." in long
    assert "x" * 201 in long
    assert post(client, Group.HOUSEHOLD, food__amount="60").status_code == 302
    assert stored(case).budget_notes == {}


def test_without_a_reference_nothing_is_ever_asked(client: Client, case: Case) -> None:
    logged_in(client, case.citizen)
    assert post(client, Group.HOUSEHOLD, pets__amount="900", transport__amount="2.000").status_code == 302
    page = text(client.get(f"{BUDGET}huishouden/"))
    assert page.count("Richtbedrag") == 1
    assert "Het eigen risico is in 2026 hoogstens 385 euro per jaar." in text(client.get(f"{BUDGET}reserveren/"))


def test_the_small_buffer_is_there_until_somebody_empties_it(client: Client, case: Case) -> None:
    logged_in(client, case.citizen)
    page = text(client.get(f"{BUDGET}reserveren/"))
    assert 'name="buffer-amount" value="25"' in page
    assert "Dat is onze keuze." in page
    assert "gerekend door Eén Plan" in text(client.get(BUDGET))
    assert post(client, Group.RESERVE, buffer__amount="").status_code == 302
    page = text(client.get(BUDGET))
    assert "gerekend door Eén Plan" not in page
    assert 'data-check="total-reserve"' not in page
    assert 'name="buffer-amount" value="25"' not in text(client.get(f"{BUDGET}reserveren/"))


def test_rent_allowance_in_the_rent_and_as_income_is_warned_about(client: Client, case: Case) -> None:
    logged_in(client, case.citizen)
    fill_in_budget(case, huurtoeslag={"cents": 200_00, "period": "month"}, rent={"cents": 440_00, "period": "month"})
    assert "Telt u de huurtoeslag 2 keer?" in text(client.get(BUDGET))
    assert "Is de huurtoeslag al van uw huur af?" in text(client.get(f"{BUDGET}vaste-lasten/"))
    fixed = {"health_insurance__overlap": "no", "health_insurance__amount": "152"}
    post(client, Group.FIXED, rent__amount="440", rent__overlap="yes", **fixed)
    page = text(client.get(BUDGET))
    assert "U telt de huurtoeslag 2 keer." in page
    assert 'data-check="left"' not in page
    again = text(client.get(f"{BUDGET}vaste-lasten/"))
    assert re.search(r'name="rent-overlap" value="yes"[^>]*checked', again)
    post(client, Group.FIXED, rent__amount="640", rent__overlap="no", **fixed)
    page = text(client.get(BUDGET))
    assert "2 keer" not in page
    assert 'data-check="left"' in page


def test_the_page_of_the_amount_shows_what_is_left_and_blocks_nothing(client: Client, case: Case) -> None:
    logged_in(client, case.citizen)
    page = text(client.get("/mijn/aanvraag/missen/"))
    assert "Maak een budget" in page
    assert "Volgens uw budget" not in page
    fill_in_budget(case)
    assert "Volgens uw budget houdt u 740 euro en 25 cent per maand over." in text(client.get("/mijn/aanvraag/missen/"))
    fill_in_budget(case, childcare={"cents": 860_00, "period": "month"})
    assert "Volgens uw budget komt u 119 euro en 75 cent per maand tekort." in text(
        client.get("/mijn/aanvraag/missen/")
    )
    answer = client.post("/mijn/aanvraag/missen/", {"declared_cents": "45", "months": "36"})
    assert answer["Location"] == "/mijn/aanvraag/voorstel/"


def test_the_short_path_and_the_budget_have_the_same_three_costs(client: Client, case: Case) -> None:
    logged_in(client, case.citizen)
    short = "/mijn/aanvraag/vaste-lasten/"
    fill_in_budget(case, rent={"cents": 600_00, "period": "four_weeks", "overlap": "no"}, energy=None)
    page = text(client.get(short))
    assert 'name="rent_cents" value="650"' in page  # 600 x 13 / 12
    # Left as it stood: the period stays, and a cost this household does not have is no "weet ik niet".
    client.post(short, {"rent_cents": "650", "energy_cents": "", "health_insurance_cents": "152"})
    lines = stored(case).budget
    assert lines["rent"] == {"cents": 600_00, "period": "four_weeks", "overlap": "no"}
    assert "energy" not in lines
    client.post(short, {"rent_cents": "700", "energy_cents": "", "health_insurance_cents": ""})
    lines = stored(case).budget
    assert lines["rent"] == {"cents": 700_00, "period": "month", "overlap": "no"}
    assert lines["health_insurance"] == {"unknown": True}


def test_the_short_path_never_turns_an_empty_field_into_a_zero(client: Client, case: Case) -> None:
    logged_in(client, case.citizen)
    client.post("/mijn/aanvraag/vaste-lasten/", {"rent_cents": "650"})
    assert stored(case).budget["energy"] == {"unknown": True}
    assert "Dit weten we nog niet" in text(client.get(BUDGET))


def test_a_coach_fills_in_and_everybody_reads_who_did(client: Client, case: Case) -> None:
    mandate = acting_coach(client, case.citizen)
    root = f"/namens/{mandate.public_id}/aanvraag"
    page = typed(Group.HOUSEHOLD, food__amount="65")
    assert client.post(f"{root}/budget/huishouden/", page)["Location"].startswith(f"{root}/budget/")
    seen = text(client.get(f"{root}/budget/"))
    assert "ingevuld door u</td>" in seen
    assert "ingevuld door uw cliënt</td>" in seen  # the income
    logged_in(client, case.citizen)
    assert "ingevuld door Sam Visser</td>" in text(client.get(BUDGET))


def test_the_check_page_says_who_filled_in_what(client: Client, case: Case) -> None:
    mandate = acting_coach(client, case.citizen)
    client.post(f"/namens/{mandate.public_id}/aanvraag/vaste-lasten/", {"rent_cents": "650"})
    logged_in(client, case.citizen)
    fill_in_pages(client, vaste_lasten={"rent_cents": "650", "energy_cents": "145"})
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text(client.get("/mijn/aanvraag/controle/"))))
    assert "Huur of hypotheek € 650 ingevuld door Sam Visser" in page
    assert "Gas, licht en warmte € 145 ingevuld door u" in page
    assert "U kunt missen € 45 per maand ingevuld door u" in page


def _mark(client: Client, mandate: Mandate, seen: str) -> HttpResponseBase:
    return client.post(f"/namens/{mandate.public_id}/aanvraag/budget/nagekeken/", {"gezien": seen}, follow=True)


def test_a_coach_marks_the_citizen_reads_it_and_a_change_drops_it(client: Client, case: Case) -> None:
    fill_in_budget(case)
    mandate = acting_coach(client, case.citizen)
    address = f"/namens/{mandate.public_id}/aanvraag/budget/"
    response = client.get(address)
    assert "Ik heb dit budget nagekeken" in text(response)
    told = text(_mark(client, mandate, response.context["figures_hash"]))
    with act_as(citizen_scope(case.citizen)):
        number = BudgetMark.objects.get().number
    assert f"Het nummer is {number}." in told
    assert "Ik heb dit budget nagekeken" not in told
    logged_in(client, case.citizen)
    page = text(client.get(BUDGET))
    assert "Sam Visser heeft uw budget nagekeken op 23 nov 2026." in page
    assert number in page
    assert "Ik heb dit budget nagekeken" not in page
    fixed = {"energy__amount": "145", "health_insurance__amount": "152", "health_insurance__overlap": "no"}
    post(client, Group.FIXED, rent__amount="700", rent__overlap="no", water__amount="45", **fixed)
    page = text(client.get(BUDGET))
    assert "Het vinkje van Sam Visser is vervallen: uw huur is veranderd." in page
    assert "heeft uw budget nagekeken" not in page


def test_a_coach_who_saw_other_figures_looks_again(client: Client, case: Case) -> None:
    fill_in_budget(case)
    mandate = acting_coach(client, case.citizen)
    assert "De bedragen zijn net veranderd." in text(_mark(client, mandate, "iets anders"))
    seen = client.get(f"/namens/{mandate.public_id}/aanvraag/budget/").context["figures_hash"]
    _mark(client, mandate, seen)
    assert "Dit budget was al nagekeken." in text(_mark(client, mandate, seen))


def test_a_citizen_cannot_mark_even_by_asking(client: Client, case: Case) -> None:
    fill_in_budget(case)
    logged_in(client, case.citizen)
    seen = client.get(BUDGET).context["figures_hash"]
    assert client.post(f"{BUDGET}nagekeken/", {"gezien": seen}).status_code == 403
    with act_as(citizen_scope(case.citizen)):
        assert not BudgetMark.objects.exists()


def test_the_clients_page_of_the_coach_has_the_budget_and_the_mark(client: Client, case: Case) -> None:
    mandate = acting_coach(client, case.citizen)
    address = f"/coach/clienten/{mandate.public_id}/"
    assert 'data-check="budget"' not in text(client.get(address))
    fill_in_budget(case)
    response = client.get(address)
    assert "€ 740,25" in text(response)
    assert client.post(f"{address}werk/", {"naar": "budget"})["Location"].endswith("/aanvraag/budget/")
    told = text(client.post(f"{address}budget-nagekeken/", {"gezien": response.context["figures_hash"]}, follow=True))
    assert "Sam Visser heeft het budget nagekeken op 23 nov 2026." in told
    assert "Ik heb dit budget nagekeken" not in told
    fill_in(case, declared=60_00)
    assert "is vervallen: wat u kunt missen is veranderd." in text(client.get(address))
    assert client.post(f"/coach/clienten/{uuid4()}/budget-nagekeken/").status_code == 404


def test_after_sending_there_is_no_budget_to_change(client: Client, case: Case) -> None:
    fill_in_budget(case)
    submitted(case)
    logged_in(client, case.citizen)
    for name in ("", *(f"{part}/" for part in PARTS.values())):
        assert client.get(f"{BUDGET}{name}")["Location"] == "/mijn/voorstel/"


def test_a_helper_of_the_past_keeps_the_name_and_a_stranger_has_none(client: Client, case: Case) -> None:
    fill_in_budget(case)
    application = stored(case)
    with act_as(citizen_scope(case.citizen)):
        application.entered_by["budget.food"] = "coach:999999"
        application.entered_by["budget.rent"] = "system"
        application.save(update_fields=["entered_by"])
    logged_in(client, case.citizen)
    page = text(client.get(BUDGET))
    assert "ingevuld door een helper" in page
    assert "ingevuld door Eén Plan" in page


def test_every_figure_and_every_warning_has_words() -> None:
    assert FIGURE_WORDS.keys() == {*FIGURES, *(f"budget.{code}" for code in LINES)}
    assert WARNINGS.keys() == set(DoubleCount)
    assert OVERLAP_QUESTIONS.keys() == OVERLAPS.keys()
    assert WHERE.keys() <= LINES.keys()


def test_the_mark_counts_what_changed_when_it_is_more_than_one(client: Client, case: Case) -> None:
    fill_in_budget(case)
    mandate = acting_coach(client, case.citizen)
    give_mark(case, mandate)
    changed: dict[str, Any] = {name: {"cents": 1_00, "period": "month"} for name in ("rent", "pets")}
    with act_as(coach_scope(case, mandate)):
        assert BudgetMark.objects.filter(dropped_on=None).exists()
    fill_in_budget(case, **changed)
    logged_in(client, case.citizen)
    assert "Het vinkje van Sam Visser is vervallen: 2 antwoorden zijn veranderd." in text(client.get(BUDGET))


TEN: dict[str, Any] = {"cents": 10_00, "period": "month"}


def faults(response: Any) -> list[str]:
    assert response.status_code == 200
    return reading.faults(response.content.decode(), {"Sam de Vries", "Sam"})


def test_a_budget_with_everything_in_it_is_easy_to_read(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00)
    fill_in(case)
    logged_in(client, case.citizen)
    assert faults(client.get("/mijn/aanvraag/missen/")) == []
    fill_in(case, holiday_allowance="included", income_typed={"holiday_cents": 900_00})
    for answer in ("yes", "unknown"):
        twice: Lines = {code: {**TEN, "overlap": answer} for code in OVERLAPS}
        twice |= {"huurtoeslag": TEN, "zorgtoeslag": TEN, "kinderopvangtoeslag": TEN}
        fill_in_budget(case, {"food": "Ik eet glutenvrij."}, **twice)
        assert faults(client.get("/mijn/aanvraag/budget/")) == []
    fill_in_budget(case, rent={"unknown": True})
    assert faults(client.get("/mijn/aanvraag/budget/")) == []
    mandate = stages.acting_coach(case, "Sam de Vries").acting
    assert mandate is not None
    fill_in(case, holiday_allowance="none", income_typed={})
    fill_in_budget(case)
    give_mark(case, mandate)
    assert faults(client.get("/mijn/aanvraag/budget/")) == []
    fill_in_budget(case, liability_insurance=TEN)
    assert faults(client.get("/mijn/aanvraag/budget/")) == []
    assert all(len(f"{words} is veranderd".split(" ")) <= reading.LONGEST_SENTENCE for words in FIGURE_WORDS.values())
    for group in ("inkomsten", "vaste-lasten", "reserveren", "huishouden"):
        assert faults(client.get(f"/mijn/aanvraag/budget/{group}/")) == []
    too_much = {"food-amount": "900", "food-period": "week"}
    assert faults(client.post("/mijn/aanvraag/budget/huishouden/", too_much)) == []
