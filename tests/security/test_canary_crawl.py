"""Every address of the product, as every role, with every id there is: nobody sees a mark of somebody else.

The list of addresses comes from the URL resolver, so a new page cannot escape.
"""

import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from pypdf import PdfReader

from infra import clock
from infra.scope import as_worker
from tests.factories.world import Party, World, make_world
from tests.support.addresses import addresses, patterns, values

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]

ALLOWED = {200, 301, 302, 303, 400, 401, 403, 404, 405, 409, 410, 429}
NOWHERE = "00000000-0000-0000-0000-000000000007"


@pytest.fixture(autouse=True)
def _monday() -> None:
    clock.set_today(date(2026, 11, 23))


@pytest.fixture
def world() -> World:
    return make_world()


def logged_in(party: Party) -> Client:
    client = Client()
    if party.user is not None:
        client.force_login(party.user, backend="django.contrib.auth.backends.ModelBackend")
    if party.acting is not None:
        session = client.session
        session["acting_for"] = {"mandate": str(party.acting.public_id), "since": clock.now().isoformat()}
        session.save()
    return client


def text_of(response: Any) -> str:
    body = b"".join(response) if response.streaming else response.content
    if body.startswith(b"%PDF"):
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    return f"{body.decode('utf-8', 'replace')} {response.headers.get('Location', '')}"


def foreign_marks(world: World, party: Party) -> set[str]:
    return world.marks - party.marks


def known_values() -> dict[str, list[str]]:
    """What can stand in a hole: guessed ids are no protection, so rows of everybody are tried. The oldest and newest."""
    with as_worker("test"):
        return {name: [*dict.fromkeys([*found[:5], *found[-5:]])] or [NOWHERE] for name, found in values().items()}


def crawl(world: World, method: str) -> Iterator[tuple[Party, str, int, str]]:
    """(who, path, status, text) of every address, for everybody. A page that refuses the role is tried with one id."""
    known = known_values()
    for party in world.parties:
        client = logged_in(party)
        for pattern in patterns():
            for path in addresses(pattern, known):
                with transaction.atomic():
                    response = client.generic(method, path)
                    text = text_of(response)
                    transaction.set_rollback(True)
                assert response.status_code in ALLOWED, (party.name, path, response.status_code)
                yield party, path, response.status_code, text
                if response.status_code in (403, 405):
                    break


def test_nobody_reads_a_mark_of_somebody_else(world: World) -> None:
    leaks, pages, own_marks_seen = [], 0, set()
    for party, path, status, text in crawl(world, "GET"):
        pages += status == 200
        leaks += [(party.name, path, mark) for mark in foreign_marks(world, party) if mark in text]
        own_marks_seen |= {party.name for mark in party.marks if mark in text}
    assert leaks == []
    # The crawl means something only if people do see their own.
    assert own_marks_seen >= {
        "citizen A",
        "citizen B",
        "creditor A0",
        "creditor B1",
        "coach of A",
        "stand-in of the desk",
    }
    assert pages > 300


def test_no_form_sent_empty_shows_what_is_somebody_elses(world: World) -> None:
    for party, path, _, text in crawl(world, "POST"):
        assert not [mark for mark in foreign_marks(world, party) if mark in text], (party.name, path)


def test_every_method_that_is_not_offered_is_refused(world: World) -> None:
    client = logged_in(world.parties[1])
    known = {name: found[:1] for name, found in known_values().items()}
    for pattern in patterns():
        if pattern.startswith("accounts/"):  # allauth's form views take PUT for POST, behind the same CSRF check
            continue
        for path in addresses(pattern, known):
            for method in ("PUT", "PATCH", "DELETE", "TRACE"):
                response = client.generic(method, path)
                assert response.status_code in {302, 403, 404, 405}, (method, path, response.status_code)
