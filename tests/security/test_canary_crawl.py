"""Every address of the product, as every role, with every id there is: nobody sees a mark of somebody else.

The list of addresses comes from the URL resolver, so a new page cannot escape.
"""

import io
import re
from datetime import date
from itertools import product
from uuid import UUID

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from pypdf import PdfReader

from accounts.checks import all_views
from infra import clock
from tests.factories.world import Party, World, make_world, public_ids

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(400)]

ALLOWED = {200, 301, 302, 303, 400, 401, 403, 404, 405, 409, 410, 429}
HOLE = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")


@pytest.fixture(autouse=True)
def _monday() -> None:
    clock.set_today(date(2026, 11, 23))


@pytest.fixture
def world() -> World:
    return make_world()


def addresses(ids: dict[str, list[UUID]]) -> list[str]:
    """Every path of the resolver with its holes filled in: a mandate's hole with the mandates, the others with every id."""
    everything = [str(one) for of_a_table in ids.values() for one in of_a_table] or [str(UUID(int=7))]
    mandates = [str(one) for one in ids.get("mandate", [])] or everything
    found: set[str] = set()
    for pattern, _ in all_views():
        if any(sign in pattern for sign in "^$\\(") or pattern.startswith(("static/", "beheer/")):
            continue
        holes = [(match.group("kind") or "str", match.group("name")) for match in HOLE.finditer(pattern)]
        values = [
            mandates if name == "mandate" else everything if kind == "uuid" else ["1"] if kind == "int" else ["x"]
            for kind, name in holes
        ]
        for chosen in product(*values):
            filled = iter(chosen)
            found.add("/" + HOLE.sub(lambda _, filled=filled: next(filled), pattern))
    return sorted(found)


def logged_in(party: Party) -> Client:
    client = Client()
    if party.user is not None:
        client.force_login(party.user, backend="django.contrib.auth.backends.ModelBackend")
    if party.acting is not None:
        session = client.session
        session["acting_for"] = {"mandate": str(party.acting.public_id), "since": clock.now().isoformat()}
        session.save()
    return client


def text_of(response: HttpResponse) -> str:
    body = b"".join(response) if response.streaming else response.content
    if body.startswith(b"%PDF"):
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    return body.decode("utf-8", "replace") + " " + response.headers.get("Location", "")


def foreign_marks(world: World, party: Party) -> set[str]:
    return world.marks - party.marks


def test_nobody_reads_a_mark_of_somebody_else(world: World) -> None:
    paths = addresses(public_ids())
    assert len(paths) > 100
    leaks, answers, own_marks_seen = [], 0, set()
    for party in world.parties:
        client = logged_in(party)
        for path in paths:
            with transaction.atomic():
                response = client.get(path)
                transaction.set_rollback(True)
            answers += 1
            assert response.status_code in ALLOWED, (party.name, path, response.status_code)
            text = text_of(response)
            leaks += [(party.name, path, mark) for mark in foreign_marks(world, party) if mark in text]
            own_marks_seen |= {(party.name, mark) for mark in party.marks if mark in text}
    assert leaks == []
    # The crawl means something only if people do see their own.
    assert {name for name, _ in own_marks_seen} >= {
        "citizen A",
        "citizen B",
        "creditor A0",
        "creditor B1",
        "coach of A",
    }
    assert answers > 5_000


def test_no_form_sent_empty_shows_or_changes_what_is_somebody_elses(world: World) -> None:
    paths = addresses(public_ids(per_owner=1))
    for party in world.parties:
        client = logged_in(party)
        for path in paths:
            with transaction.atomic():
                response = client.post(path, {})
                text = text_of(response)
                transaction.set_rollback(True)
            assert response.status_code in ALLOWED, (party.name, path, response.status_code)
            assert not [mark for mark in foreign_marks(world, party) if mark in text], (party.name, path)


def test_every_method_that_is_not_offered_is_refused(world: World) -> None:
    client = logged_in(world.parties[1])
    for path in addresses({}):
        if path.startswith("/accounts/"):  # allauth's form views take PUT for POST, behind the same CSRF check
            continue
        for method in ("PUT", "PATCH", "DELETE", "TRACE"):
            response = client.generic(method, path)
            assert response.status_code in {302, 403, 404, 405}, (method, path, response.status_code)
