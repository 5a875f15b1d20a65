"""The monthly run in /beheer/: anybody of the desk sees how far it is; what can be pressed is kept by a job."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from arrangements.models import ArrangementLine, MoneyRun, Receipt
from infra import jobs
from infra.models import Job
from infra.scope import as_worker
from tests.factories.money import at, running_case
from tests.factories.norms import make_desk
from tests.factories.people import make_user
from tests.factories.waiting import receives

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:arrangements_monthly_run")
DAY = date(2026, 12, 7)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(response: Any) -> str:
    words = re.sub(r"<[^>]+>", " ", response.content.decode().replace("&nbsp;", " ").replace("\u00a0", " "))
    return re.sub(r"\s+", " ", words)


def test_a_visitor_does_not_see_it() -> None:
    assert Client().get(PAGE).status_code == 302
    assert browser(make_user()).get(PAGE).status_code == 302


def test_the_run_is_started_and_its_progress_is_shown() -> None:
    client = browser(make_desk())
    _case, arrangement = running_case(1_000_00, 2_000_00, 333_33)
    at(DAY)
    receives(arrangement, 45_00)
    assert "Er is nog geen maandrun geweest" in text_of(client.get(PAGE))
    assert client.post(PAGE, {"day": "2026-12-07"}).status_code == 302
    with as_worker("test"):
        assert not MoneyRun.objects.exists(), "a page promises; the worker does it"
        jobs.run_all()
    page = client.get(PAGE)
    assert "Maandrun 2026-12" in text_of(page)
    assert "Verdelen 1 0 0 1 € 45,00" in text_of(page)
    assert "Doorbetalen 1 0 0 3 € 45,00" in text_of(page)
    assert "Klaar om vrij te geven" in text_of(page)
    assert 'http-equiv="refresh"' not in page.content.decode()
    with as_worker("test"):
        assert not Receipt.objects.filter(divided_on=None).exists()


def test_a_month_that_has_not_come_is_said_at_the_date_and_what_was_typed_stays() -> None:
    client = browser(make_desk())
    at(DAY)
    page = client.post(PAGE, {"day": "2027-02-01"})
    assert "De maandrun van 02-2027 kan vanaf 05-02-2027" in text_of(page)
    assert "2027-02-01" in page.content.decode()
    assert "Vul een datum in, zoals" in text_of(client.post(PAGE, {"day": "morgen"}))
    with as_worker("test"):
        assert not Job.objects.filter(kind="monthly_run").exists()


def test_what_failed_is_shown_and_tried_again() -> None:
    client = browser(make_desk())
    _case, arrangement = running_case(1_000_00, 2_000_00)
    at(DAY)
    receives(arrangement, 45_00)
    with as_worker("test"):
        line = ArrangementLine.objects.filter(arrangement=arrangement).order_by("position")[0]
        ArrangementLine.objects.filter(pk=line.pk).update(paid_cents=10_00)
    client.post(PAGE, {"day": "2026-12-07"})
    jobs.run_all()
    assert f"deze regelingen kloppen niet: {arrangement.pk}" in text_of(client.get(PAGE))
    with as_worker("test"):
        ArrangementLine.objects.filter(pk=line.pk).update(paid_cents=0)
    assert client.post(PAGE, {"opnieuw": "2026-12"}).status_code == 302
    jobs.run_all()
    assert "Klaar om vrij te geven" in text_of(client.get(f"{PAGE}?maand=2026-12"))
