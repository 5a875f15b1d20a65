"""What is left is a result; the budget behind it never leaves citizen and coach: no page, file or message of an
organisation holds a line, a sentence or a mark of it (deliverable "Budget": never with the budget behind it)."""

import io
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from pypdf import PdfReader

from arrangements.models import Document
from infra import clock, jobs
from infra.models import Message
from infra.scope import as_worker
from tests.factories.budgets import fill_in_budget, give_mark
from tests.factories.plans import Case, fill_in, make_case, submitted
from tests.factories.stages import acting_coach
from tests.support.addresses import addresses, patterns, values

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]

NOTE = "KANARIEZIN"
AMOUNTS = ("873,21", "87321")


def _text(response: Any) -> str:
    body = b"".join(response) if response.streaming else response.content
    if body.startswith(b"%PDF"):
        return _pdf(body)
    return f"{body.decode('utf-8', 'replace')} {response.headers.get('Location', '')}"


def _pdf(body: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)


def _logged_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _marked_case() -> tuple[Case, set[str]]:
    clock.set_today(date(2026, 11, 23))
    case = make_case(1_000_00, 2_000_00)
    fill_in(case)
    fill_in_budget(case, {"food": NOTE}, food={"cents": 873_21, "period": "month"})
    mandate = acting_coach(case, "Kanarie Coach").acting
    assert mandate is not None
    number = give_mark(case, mandate).number
    return case, {NOTE, number, *AMOUNTS}


def _leaks(client: Client, canaries: set[str]) -> list[tuple[str, str]]:
    with as_worker("test"):
        known = {name: found[:8] or ["0"] for name, found in values().items()}
    found, pages = [], 0
    for pattern in patterns():
        for path in addresses(pattern, known):
            with transaction.atomic():
                response = client.get(path)
                seen = _text(response)
                transaction.set_rollback(True)
            pages += response.status_code == 200
            found += [(path, canary) for canary in canaries if canary in seen]
            if response.status_code in (403, 405):
                break
    assert pages > 15
    return found


def test_no_organisation_ever_reads_a_line_a_sentence_or_a_mark() -> None:
    case, canaries = _marked_case()
    assert case.citizen.user is not None
    own = _text(_logged_in(case.citizen.user).get("/mijn/aanvraag/budget/"))
    assert all(canary in own for canary in canaries), "the citizen must see them, or this test proves nothing"
    case.proposal = submitted(case)
    leaks = [_leaks(_logged_in(case.members[0].user), canaries)]
    for number in range(len(case.creditors)):
        case.say_yes(number)
    case.settle()
    case.sign()
    jobs.run_all()
    leaks += [_leaks(_logged_in(case.members[1].user), canaries)]
    assert leaks == [[], []]
    with as_worker("test"):
        papers = [_pdf(bytes(document.pdf)) for document in Document.objects.all()]
        messages = [f"{one.subject} {one.body}" for one in Message.objects.all()]
    assert papers
    assert messages
    assert not [canary for canary in canaries for one in (*papers, *messages) if canary in one]
