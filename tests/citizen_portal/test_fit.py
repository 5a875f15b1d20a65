"""Three questions before logging in: crisis first, no dead ends, nothing kept (ux.md P3, P4; domain.md 3, Fw 287b)."""

import logging
import re
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import Resolver404, resolve

from citizen_portal.fit import Exit, Helper, Spare, Threat, exits
from citizen_portal.help_lines import HELP_LINES, dial
from infra.scope import as_worker
from tests.factories.citizens import logged_in

ADDRESS: Final = "/past-dit-bij-mij/"
EVERY: Final = list(product(Threat, Helper, Spare))
TEMPLATES: Final = Path(__file__).resolve().parents[2] / "citizen_portal" / "templates"


def answers(threat: str = "nee", helper: str = "niemand", spare: str = "ja") -> dict[str, str]:
    return {"threat": threat, "helper": helper, "spare": spare}


def text(response: Any) -> str:
    return str(response.content.decode()).replace("\u00a0", " ")


def main_of(response: Any) -> str:
    found = re.search(r"<main.*?</main>", text(response), re.DOTALL)
    assert found is not None
    return found[0]


# --- the decision --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("threat", "helper", "spare", "expected"),
    [
        (Threat.NONE, Helper.NOBODY, Spare.YES, [Exit.BEGIN]),
        (Threat.NONE, Helper.NOBODY, Spare.UNKNOWN, [Exit.BEGIN]),
        (Threat.NONE, Helper.VOLUNTEER, Spare.YES, [Exit.BEGIN]),
        (Threat.NONE, Helper.NOBODY, Spare.NO, [Exit.NOTHING_TO_MISS]),
        (Threat.NONE, Helper.COURT, Spare.YES, [Exit.HELPER_FIRST]),
        (Threat.NONE, Helper.BEWINDVOERDER, Spare.NO, [Exit.HELPER_FIRST]),
        (Threat.HOME, Helper.NOBODY, Spare.YES, [Exit.CRISIS, Exit.BEGIN]),
        (Threat.CARE, Helper.NOBODY, Spare.NO, [Exit.CRISIS, Exit.NOTHING_TO_MISS]),
        (Threat.ENERGY, Helper.MUNICIPALITY, Spare.YES, [Exit.CRISIS, Exit.HELPER_FIRST]),
        (Threat.UNKNOWN, Helper.NOBODY, Spare.YES, [Exit.LOOK_AT_POST, Exit.BEGIN]),
        (Threat.NONE, Helper.UNKNOWN, Spare.UNKNOWN, [Exit.WHO_HELPS, Exit.BEGIN]),
        (Threat.SEVERAL, Helper.UNKNOWN, Spare.NO, [Exit.CRISIS, Exit.WHO_HELPS, Exit.NOTHING_TO_MISS]),
    ],
)
def test_the_ways_out_come_in_the_order_of_what_cannot_wait(
    threat: Threat, helper: Helper, spare: Spare, expected: list[Exit]
) -> None:
    assert list(exits(threat, helper, spare)) == expected


@pytest.mark.parametrize(("threat", "helper", "spare"), EVERY)
def test_whatever_is_answered_the_urgent_comes_first_and_there_is_a_way_out(
    threat: Threat, helper: Helper, spare: Spare
) -> None:
    found = exits(threat, helper, spare)
    assert found
    assert len(set(found)) == len(found)
    assert (found[0] is Exit.CRISIS) == threat.is_urgent
    assert (Exit.HELPER_FIRST in found) == helper.decides
    assert not (helper.decides and Exit.BEGIN in found)
    assert not (spare is Spare.NO and Exit.BEGIN in found)
    assert found[-1] in (Exit.HELPER_FIRST, Exit.NOTHING_TO_MISS, Exit.BEGIN)


def test_every_way_out_is_reached_and_has_its_template() -> None:
    reached = {one for given in EVERY for one in exits(*given)}
    assert reached == set(Exit)
    assert {path.stem for path in (TEMPLATES / "public" / "exits").glob("*.html")} == set(Exit)


# --- the page ------------------------------------------------------------------------------------------------------


def _leads_somewhere(address: str) -> bool:
    if address.startswith("tel:"):
        return address.removeprefix("tel:").isdigit()
    try:
        resolve(address)
    except Resolver404:
        return False
    return True


@pytest.mark.django_db
@pytest.mark.parametrize(("threat", "helper", "spare"), EVERY)
def test_every_answer_names_a_next_step_that_exists(
    client: Client, threat: Threat, helper: Helper, spare: Spare
) -> None:
    response = client.post(ADDRESS, answers(threat, helper, spare))
    assert response.status_code == 200
    page = main_of(response)
    links = re.findall(r'href="([^"]+)"', page)
    assert links
    assert all(_leads_somewhere(one) for one in links), links
    assert page.count("--primary-action") == 1
    assert page.count("<h1") == 1
    expected = exits(threat, helper, spare)
    headings = re.findall(r"<h[12][^>]*>(.*?)</h[12]>", page)
    assert len(headings) == len(expected)
    if threat.is_urgent:
        assert headings[0] == "Bel vandaag nog uw gemeente"
        assert "Dit is spoed" in page
        assert "hoogstens 6 maanden" in page
        assert HELP_LINES.geldfit.link in links
    if expected[0] is Exit.BEGIN:
        assert "/inloggen/" in links


@pytest.mark.django_db
def test_a_crisis_tells_what_to_say_and_whom_else_to_call(client: Client) -> None:
    assert "Ik moet misschien mijn huis uit" in main_of(client.post(ADDRESS, answers("huis")))
    assert "Bel ook het bedrijf" in main_of(client.post(ADDRESS, answers("energie")))
    assert "Bel ook uw zorgverzekeraar" in main_of(client.post(ADDRESS, answers("zorg")))
    several = main_of(client.post(ADDRESS, answers("meer")))
    assert all(word in several for word in ("huis uit", "gaat eraf", "zorgverzekering stopt"))


@pytest.mark.django_db
@pytest.mark.parametrize("missing", ["threat", "helper", "spare"])
def test_a_question_passed_over_is_asked_again_and_the_other_answers_stay(client: Client, missing: str) -> None:
    given = answers("huis", "gemeente", "nee")
    del given[missing]
    page = text(client.post(ADDRESS, given))
    assert "<title>Fout: Past dit bij mij?" in page
    assert page.count("Kies een antwoord.") == 2, "in the summary and at the field"
    assert f'id="id_{missing}_error"' in page
    chosen = [tag for tag in re.findall(r"<input[^>]*>", page) if "checked" in tag]
    assert {tuple(re.findall(r'(?:name|value)="([^"]+)"', tag)) for tag in chosen} == set(given.items())


def _rows() -> dict[str, int]:
    with as_worker("test"):
        return {model.__name__: model._base_manager.count() for model in apps.get_models() if model._meta.managed}


@pytest.mark.django_db
@pytest.mark.parametrize("known", [False, True])
def test_nothing_is_kept(client: Client, caplog: pytest.LogCaptureFixture, known: bool) -> None:
    if known:
        logged_in(client)
    caplog.set_level(logging.DEBUG)
    client.get("/zo-werkt-het/")
    session, before = dict(client.session.items()) if known else {}, _rows()
    given = answers("zorg", "bewindvoerder", "weet-niet")
    response = client.post(ADDRESS, given)
    assert _rows() == before
    if known:
        assert dict(client.session.items()) == session
    else:
        assert "sessionid" not in response.cookies
        assert not Session.objects.exists()
    logged = " ".join(f"{one.getMessage()} {one.__dict__}" for one in caplog.records)
    assert "bewindvoerder" not in logged
    assert "zorg" not in logged.replace("zorgverzekering", "")
    assert "no-store" in response["Cache-Control"]
    assert "no-store" in client.get(ADDRESS)["Cache-Control"]


@pytest.mark.django_db
def test_answers_in_an_address_are_not_read(client: Client) -> None:
    page = text(client.get(ADDRESS, answers("huis")))
    assert "Bel vandaag" not in page
    assert "checked" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/zo-werkt-het/", "/andere-hulp/"])
def test_the_questions_are_found_from_the_pages_before_them(client: Client, address: str) -> None:
    assert f'href="{ADDRESS}"' in text(client.get(address))


# --- other help ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_other_help_puts_the_emergencies_first(client: Client) -> None:
    page = main_of(client.get("/andere-hulp/"))
    order = [page.index(one) for one in ("huis uit", "gas, licht of water", "zorgverzekering", ">Geldfit<", "vaak 18")]
    assert order == sorted(order)
    for line in (HELP_LINES.geldfit, HELP_LINES.prevention, HELP_LINES.prevention_short):
        assert f'href="{line.link}">{line.number}<' in page


def test_a_number_is_dialled_without_what_people_write_in_it() -> None:
    assert HELP_LINES.geldfit.link == "tel:08008115"
    assert dial("+31 (0)88 000 12 34") == "tel:+31880001234"


def test_no_telephone_number_is_typed_in_a_template() -> None:
    typed = {
        str(path.relative_to(TEMPLATES)): found
        for path in TEMPLATES.rglob("*.html")
        if (found := re.findall(r"\b0[1-9]?\d{2}[- ]\d{3}|tel:\d|\b113\b", path.read_text(encoding="utf-8")))
    }
    assert typed == {}
