"""What citizens read is short: at most twelve words a sentence (ux.md 6e, TX1), and none of the forbidden words (TX2)."""

import html
import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from infra import clock
from tests.factories import stages
from tests.factories.citizens import fill_in_pages, logged_in
from tests.factories.plans import agreed, make_case, submitted

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 23)
LONGEST = 12
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
    for address in ("lukt-niet/", "lukt-niet/gegevens/", "controle/"):
        check(client, f"/mijn/{address}")


@pytest.mark.parametrize(
    ("answers", "today"),
    [
        ({"net_income_cents": 1_800_00}, MONDAY),
        ({"net_income_cents": 2_800_00}, MONDAY),
        ({"net_income_cents": 1_500_00}, MONDAY),
        ({"net_income_cents": 0}, MONDAY),
        ({"taxable_income_cents": None, "taxable_income_unknown": True, "uncertain": ["other_income"]}, MONDAY),
        ({"situation": "gehuwd"}, MONDAY),
        ({"net_income_cents": 1_500_00}, date(2034, 1, 2)),
    ],
)
def test_the_pages_of_a_change_speak_in_short_sentences(client: Client, answers: dict[str, Any], today: date) -> None:
    case = stages.changing(**answers)
    logged_in(client, case.citizen)
    clock.set_today(today)
    for address in ("", "lukt-niet/", "lukt-niet/gegevens/", "lukt-niet/vergelijking/", "controle/"):
        check(client, f"/mijn/{address}")
    for name in ("huishouden", "bijzonder", "inkomen", "belastbaar", "vaste-lasten"):
        check(client, f"/mijn/aanvraag/{name}/")
    client.post("/mijn/lukt-niet/vergelijking/")
    for address in ("", "lukt-niet/doorgegeven/"):
        check(client, f"/mijn/{address}")
