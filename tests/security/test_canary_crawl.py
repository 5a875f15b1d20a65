"""Every address of the product, as every role, with every id there is: nobody sees a mark of somebody else.

The list of addresses comes from the URL resolver, so a new page cannot escape.
"""

import io
import re
from collections.abc import Iterator
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
from tests.factories.world import Party, World, all_public_ids, make_world

pytestmark = pytest.mark.django_db

ALLOWED = {200, 301, 302, 303, 400, 403, 404, 405, 409, 410, 429}
HOLE = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")


@pytest.fixture(autouse=True)
def _monday() -> None:
    clock.set_today(date(2026, 11, 23))


@pytest.fixture
def world() -> World:
    return make_world()


def addresses(ids: set[UUID]) -> Iterator[str]:
    """Every path of the resolver with its holes filled in; at most one id at a time for a path with two holes."""
    texts = [str(one) for one in ids]
    for pattern, _ in all_views():
        if any(sign in pattern for sign in "^$\\(") or pattern.startswith(("static/", "beheer/")):
            continue
        holes = [match.group("kind") or "str" for match in HOLE.finditer(pattern)]
        values = [texts if kind == "uuid" else ["1", "2"] if kind == "int" else ["x"] for kind in holes]
        for chosen in product(*values) if len(holes) < 2 else zip(*_paired(values), strict=False):
            filled = iter(chosen)
            yield "/" + HOLE.sub(lambda _, filled=filled: str(next(filled)), pattern)


def _paired(values: list[list[str]]) -> list[list[str]]:
    first, *rest = values
    return [[one for one in first for _ in rest[0]], *[[other for _ in first for other in more] for more in rest]]


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
    ids = all_public_ids()
    paths = sorted(set(addresses(ids)))
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
    assert {name for name, _ in own_marks_seen} >= {"citizen A", "citizen B", "creditor A0", "creditor B1", "coach of A"}
    print(f"{answers} answers, 0 foreign marks")


def test_no_form_sent_empty_shows_or_changes_what_is_somebody_elses(world: World) -> None:
    paths = sorted(set(addresses(all_public_ids())))
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
    for path in sorted(set(addresses(set()))):
        for method in ("PUT", "PATCH", "DELETE", "TRACE"):
            response = client.generic(method, path)
            assert response.status_code in {302, 403, 404, 405}, (method, path, response.status_code)
