"""Who lives there, on the page: rows that come by a button, birthdays that decide, and what the law makes of it."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from arrangements.models import Application
from infra import clock
from infra.scope import act_as
from tests.factories.citizens import logged_in
from tests.factories.people import citizen_scope
from tests.factories.plans import Case, make_case

pytestmark = pytest.mark.django_db

PAGE = "/mijn/aanvraag/huishouden/"


@pytest.fixture
def case(client: Client) -> Case:
    clock.set_today(date(2026, 11, 23))
    made = make_case(1_000_00)
    logged_in(client, made.citizen)
    return made


def stored(case: Case) -> Application:
    with act_as(citizen_scope(case.citizen)):
        return Application.objects.get(pk=case.application.pk)


def text(response: Any) -> str:
    return str(response.content.decode())


def test_the_living_situation_follows_from_the_birth_years(client: Client, case: Case) -> None:
    given = {"situation": "gehuwd_met_kinderen", "kind-1": "2014", "kind-2": "2001", "volwassene-1": "1960"}
    assert client.post(PAGE, given).status_code == 302
    assert stored(case).situation == "gehuwd_met_kinderen"
    assert [one["birth_year"] for one in stored(case).members] == [1960, 2001, 2014]


def test_a_child_of_eighteen_does_not_count_and_that_is_said(client: Client, case: Case) -> None:
    page = text(client.post(PAGE, {"situation": "alleenstaande_ouder", "kind-1": "2001"}, follow=True))
    assert "Een kind van 18 jaar of ouder telt niet mee." in page
    assert stored(case).situation == "alleenstaand"


@pytest.mark.parametrize(
    ("said", "situation", "unknown"),
    [
        ("ja", "alleenstaand", []),
        ("nee", "alleenstaande_ouder", []),
        ("weet-niet", "alleenstaande_ouder", ["child_age_unknown"]),
    ],
)
def test_where_a_birthday_decides_it_is_asked(
    client: Client, case: Case, said: str, situation: str, unknown: list[str]
) -> None:
    given = {"situation": "alleenstaande_ouder", "kind-1": "2008"}
    page = text(client.post(PAGE, given))
    assert "Is het kind uit 2008 al 18 jaar?" in page
    assert 'value="2008"' in page
    client.post(PAGE, given | {"achttien": said})
    assert (stored(case).situation, stored(case).unknown) == (situation, unknown)


def test_one_yes_about_two_children_of_that_year_is_not_two(client: Client, case: Case) -> None:
    client.post(PAGE, {"situation": "alleenstaande_ouder", "kind-1": "2008", "kind-2": "2008", "achttien": "ja"})
    assert (stored(case).situation, stored(case).unknown) == ("alleenstaande_ouder", ["child_age_unknown"])


def test_one_more_row_is_no_answer_yet_and_loses_nothing(client: Client, case: Case) -> None:
    given = {"situation": "alleenstaande_ouder", "kind-1": "2014", "kind-2": "20", "meer": "kind"}
    page = text(client.post(PAGE, given))
    assert "Fout: " not in page
    assert 'name="kind-4"' in page
    assert 'value="2014"' in page
    assert 'value="20"' in page
    assert stored(case).situation == ""


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"situation": "alleenstaande_ouder"}, "Vul het geboortejaar van elk kind in. Bijvoorbeeld 2014."),
        ({"situation": "alleenstaand", "kind-1": "2014"}, "U vulde een kind in. Kies dan een antwoord met kinderen."),
        ({"situation": "alleenstaande_ouder", "kind-1": "1890"}, "Vul een jaar in tussen 1906 en 2026."),
        ({"situation": "alleenstaande_ouder", "kind-1": "2027"}, "Vul een jaar in tussen 1906 en 2026."),
        ({"situation": "alleenstaand", "volwassene-1": "x"}, "Vul een jaar in met 4 cijfers. Bijvoorbeeld 2014."),
        ({"situation": "alleenstaand", "volwassene-1": "2015"}, "Dit is een kind. Vul het jaar in bij de kinderen."),
    ],
)
def test_what_cannot_be_is_said_at_the_field(client: Client, case: Case, given: dict[str, str], sentence: str) -> None:
    page = text(client.post(PAGE, given))
    assert page.count(sentence) == 2  # in the summary and at the field
    assert stored(case).situation == ""
