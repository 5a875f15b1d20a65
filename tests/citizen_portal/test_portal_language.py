"""What citizens read is short: at most twelve words a sentence (ux.md 6e, TX1), and none of the forbidden words (TX2)."""

import html
import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from affordability.budget import OVERLAPS
from citizen_portal.budget_presenters import FIGURE_WORDS
from infra import clock
from tests.factories.budgets import Lines, fill_in_budget, give_mark
from tests.factories.citizens import fill_in_pages, logged_in
from tests.factories.plans import agreed, fill_in, make_case, submitted
from tests.factories.stages import acting_coach

pytestmark = pytest.mark.django_db

LONGEST = 12
TEN: dict[str, Any] = {"cents": 10_00, "period": "month"}
PUBLIC = (
    "/",
    "/zo-werkt-het/",
    "/andere-hulp/",
    "/hulp/",
    "/begrippen/",
    "/privacy/",
    "/inloggen/",
    "/inloggen/papier/",
    "/uitgelogd/",
    "/sessie-voorbij/",
)
APPLICATION = (
    "wie-bent-u",
    "brief",
    "toestemming",
    "organisaties",
    "organisaties/toevoegen",
    "huishouden",
    "bijzonder",
    "inkomen",
    "belastbaar",
    "vaste-lasten",
    "budget",
    "budget/inkomsten",
    "budget/vaste-lasten",
    "budget/reserveren",
    "budget/huishouden",
    "missen",
    "niets-missen",
    "voorstel",
    "verhaal",
    "controle",
)
FORBIDDEN = (
    "crediteur",
    "aflossingscapaciteit",
    "kwijting",
    "in gebreke",
    "dient te",
    "schuldeiser",
    "betalingsregeling",
)
_BLOCKS = re.compile(
    r"</?(?:p|h[1-6]|li|dt|dd|div|label|legend|td|th|tr|title|desc|caption|button|summary|span|br)\b[^>]*>"
)


@pytest.fixture(autouse=True)
def _november() -> None:
    clock.set_today(date(2026, 11, 23))


def sentences(page: str) -> list[str]:
    """The sentences of a page: tags away, split at the ends of blocks and sentences."""
    body = re.sub(r"(?s)<(script|style|svg)\b.*?</\1>|<head>.*?</head>", " ", page)
    lines = _BLOCKS.sub("\n", body)
    text = html.unescape(re.sub(r"<[^>]+>", "", lines)).replace("\u00a0", "\u202f")
    return [part.strip() for part in re.split(r"\n\s*|(?<=[.!?:])\s+", text) if part.strip()]


def check(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200, address
    page = response.content.decode()
    too_long = [one for one in sentences(page) if len(one.split(" ")) > LONGEST]
    assert not too_long, (address, too_long)
    found = [word for word in FORBIDDEN if word in page.lower()]
    assert not found, (address, found)
    assert page.count("<h1") == 1, address


@pytest.mark.parametrize("address", PUBLIC)
def test_public_pages_speak_in_short_sentences(client: Client, address: str) -> None:
    check(client, address)


def test_the_pages_of_the_application_speak_in_short_sentences(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00, not_dischargeable={1})
    logged_in(client, case.citizen)
    fill_in_pages(client)
    for name in APPLICATION:
        check(client, f"/mijn/aanvraag/{name}/")
    fill_in_pages(client, missen={"declared_cents": "900", "months": "36"})
    check(client, "/mijn/aanvraag/let-op/")
    fill_in_pages(client, belastbaar={"unknown": "on"}, missen={"declared_cents": "450", "months": "36"})
    check(client, "/mijn/aanvraag/nog-even/")


def test_a_budget_with_everything_in_it_speaks_in_short_sentences(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00)
    fill_in(case)
    logged_in(client, case.citizen)
    check(client, "/mijn/aanvraag/missen/")
    fill_in(case, holiday_allowance="included", income_typed={"holiday_cents": 900_00})
    for answer in ("yes", "unknown"):
        twice: Lines = {code: {**TEN, "overlap": answer} for code in OVERLAPS}
        twice |= {"huurtoeslag": TEN, "zorgtoeslag": TEN, "kinderopvangtoeslag": TEN}
        fill_in_budget(case, {"food": "Ik eet glutenvrij."}, **twice)
        check(client, "/mijn/aanvraag/budget/")
    fill_in_budget(case, rent={"unknown": True})
    check(client, "/mijn/aanvraag/budget/")
    mandate = acting_coach(case, "Sam de Vries").acting
    assert mandate is not None
    fill_in(case, holiday_allowance="none", income_typed={})
    fill_in_budget(case)
    give_mark(case, mandate)
    check(client, "/mijn/aanvraag/budget/")
    fill_in_budget(case, liability_insurance=TEN)
    check(client, "/mijn/aanvraag/budget/")
    assert all(len(f"{words} is veranderd".split(" ")) <= LONGEST for words in FIGURE_WORDS.values())
    for group in ("inkomsten", "vaste-lasten", "reserveren", "huishouden"):
        check(client, f"/mijn/aanvraag/budget/{group}/")
    too_much = {"food-amount": "900", "food-period": "week"}
    page = client.post("/mijn/aanvraag/budget/huishouden/", too_much).content.decode()
    assert not [one for one in sentences(page) if len(one.split(" ")) > LONGEST]


def test_the_pages_after_sending_speak_in_short_sentences(client: Client) -> None:
    waiting = make_case(1_000_00, 2_000_00)
    submitted(waiting)
    logged_in(client, waiting.citizen)
    for address in ("/mijn/", "/mijn/voorstel/", "/mijn/voorstel/stoppen/", "/mijn/aanvraag/verstuurd/"):
        check(client, address)
    running = make_case(1_000_00, 2_000_00)
    agreed(running)
    running.sign()
    logged_in(client, running.citizen)
    for address in ("", "betalen/", "betalingen/", "helpers/", "berichten/", "documenten/", "gegevens/", "coachcode/"):
        check(client, f"/mijn/{address}")
