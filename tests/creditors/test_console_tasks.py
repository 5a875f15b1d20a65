"""Taken and "Wij leggen beslag" in the console."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from arrangements.models import Arrangement, CreditorTask
from creditors.models import Creditor
from infra import jobs
from infra.scope import as_worker
from tests.factories.beslag import again, reported, stopped
from tests.factories.money import START, activate, at, pay_next
from tests.factories.plans import Case, agreed, make_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan() -> tuple[Case, Arrangement]:
    """Two creditors, the second a health insurer."""
    at(START)
    case = make_case(3_000_00, 6_000_00)
    with as_worker("test"):
        Creditor.objects.filter(pk=case.creditors[1].pk).update(is_health_insurer=True)
    agreed(case)
    arrangement = activate(case.sign())
    jobs.run_all()
    return case, arrangement


def login(case: Case, number: int) -> Client:
    client = Client()
    client.force_login(case.members[number].user)
    return client


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode().replace("\u00a0", " "))


def task(case: Case, number: int, kind: str = "stop_collecting") -> CreditorTask:
    with as_worker("test"):
        return CreditorTask.objects.get(creditor=case.creditors[number], kind=kind)


def test_the_list_counts_what_is_to_do_and_a_day_confirms_it(plan: tuple[Case, Arrangement]) -> None:
    case, _arrangement = plan
    client = login(case, 1)
    shown = text(client.get(reverse("console:taken")))
    assert shown.count('data-check="task"') == 2
    assert re.search(r'Taken <span class="count">2<', shown)
    one = task(case, 1)
    address = reverse("console:taak", kwargs={"creditor_task": one.public_id})
    page = text(client.get(address))
    assert "Sinds welke dag int u niet meer?" in page
    day = {"done_on_0": "24", "done_on_1": "11", "done_on_2": "2026"}
    too_early = text(client.post(address, {"outcome": "done", **day}))
    assert "Deze dag moet nog komen." in too_early
    assert 'value="24"' in too_early
    at(date(2026, 11, 25))
    assert client.post(address, {"outcome": "done", **day})["Location"] == reverse("console:taken")
    assert task(case, 1).done_on == date(2026, 11, 24)
    assert text(client.get(reverse("console:taken"))).count('data-check="task"') == 1
    assert "gedaan op" in text(client.get(reverse("console:taken"), {"tab": "gedaan"}))
    assert client.get(address).status_code == 302


def test_done_without_a_day_is_asked_and_not_needed_is_not(plan: tuple[Case, Arrangement]) -> None:
    case, _arrangement = plan
    client = login(case, 1)
    address = reverse("console:taak", kwargs={"creditor_task": task(case, 1, "cak_sign_off").public_id})
    assert "Vul de datum in." in text(client.post(address, {"outcome": "done"}))
    assert "Kies een van de antwoorden." in text(client.post(address, {}))
    assert client.post(address, {"outcome": "not_needed"}).status_code == 302
    assert task(case, 1, "cak_sign_off").outcome == "not_needed"


def test_the_task_of_another_creditor_is_not_found(plan: tuple[Case, Arrangement]) -> None:
    case, _arrangement = plan
    address = reverse("console:taak", kwargs={"creditor_task": task(case, 1).public_id})
    assert login(case, 0).get(address).status_code == 404
    assert login(case, 0).post(address, {"outcome": "not_needed"}).status_code == 404


def test_before_it_seizes_a_creditor_sees_what_that_brings(plan: tuple[Case, Arrangement]) -> None:
    case, arrangement = plan
    at(date(2026, 12, 1))
    pay_next(arrangement)
    client = login(case, 0)
    address = reverse("console:beslag", kwargs={"arrangement": arrangement.public_id})
    assert address in text(client.get(reverse("console:regeling", kwargs={"arrangement": arrangement.public_id})))
    shown = text(client.get(address))
    # As in test_ops_beslag: 525 left in the plan, 493,58 above the floor, a third of it when all seize.
    for figure in ("€ 525,00", "€ 2.985,00", "€ 493,58", "€ 164,52", "35 maanden", "2 maanden", "4 maanden"):
        assert figure in shown, figure
    assert case.creditors[1].name not in shown
    assert "1.900" not in shown
    assert "Lees eerst de vergelijking en kruis dit aan." in text(client.post(address, {"letter": "income"}))
    assert again(arrangement).state == "active"
    client.post(address, {"letter": "income", "amount": "", "compared": "on"})
    jobs.run_all()
    assert again(arrangement).state == "suspended"
    page = text(client.get(reverse("console:regeling", kwargs={"arrangement": arrangement.public_id})))
    assert 'data-check="stands-still"' in page
    assert "Vergelijking bij beslag" in page
    assert "U meldde dit al op" in text(client.get(address))
    theirs = text(login(case, 1).get(reverse("console:regeling", kwargs={"arrangement": arrangement.public_id})))
    assert 'data-check="stands-still"' in theirs
    assert "Vergelijking" not in theirs
    assert case.creditors[0].name not in theirs


def test_a_stranger_cannot_look_at_what_a_beslag_brings(plan: tuple[Case, Arrangement]) -> None:
    _case, arrangement = plan
    other = make_case(1_00)
    address = reverse("console:beslag", kwargs={"arrangement": arrangement.public_id})
    assert login(other, 0).get(address).status_code == 404
    assert login(other, 0).post(address, {"letter": "income", "compared": "on"}).status_code == 404


def test_a_stopped_plan_shows_what_is_open_and_promises_nothing(plan: tuple[Case, Arrangement]) -> None:
    case, arrangement = plan
    at(date(2026, 12, 1))
    pay_next(arrangement)
    reported(case, arrangement)
    stopped(case, arrangement)
    jobs.run_all()
    page = text(login(case, 0).get(reverse("console:regeling", kwargs={"arrangement": arrangement.public_id})))
    assert "uw klant wilde zelf stoppen" in page
    assert "€ 2.985,00" in page
    assert "Vervalt na betaling" not in page
    assert "Overzicht bij het stoppen voor de organisatie" in page
    assert "Wij leggen beslag" not in page
    assert (
        login(case, 0).get(reverse("console:beslag", kwargs={"arrangement": arrangement.public_id})).status_code == 302
    )
