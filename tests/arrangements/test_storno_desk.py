"""Stornos in /beheer/: what is open, and writing one off with two people."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from arrangements.models import MoneyDecision, Storno
from infra import jobs
from infra.scope import as_worker
from tests.factories.stornos import owes_us

pytestmark = pytest.mark.django_db


def desk(name: str) -> Client:
    client = Client()
    client.force_login(
        User.objects.create_user(f"{name}@voorbeeld.example", is_staff=True),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return client


def the_storno() -> Storno:
    with as_worker("test"):
        return Storno.objects.get()


def page_of(row: Storno) -> str:
    return reverse("admin:arrangements_storno_write_off", args=[row.public_id])


def test_two_people_write_off_and_the_list_is_empty_then() -> None:
    owes_us()
    row, first, second = the_storno(), desk("een"), desk("twee")
    overview = reverse("admin:arrangements_stornos")
    assert "45,00" in first.get(overview).content.decode()
    empty = first.post(page_of(row), {"note": ""}).content.decode()
    assert "Leg uit waarom" in empty
    assert first.post(page_of(row), {"note": "Geen inkomen meer."}).status_code == 302
    assert "Wacht op een tweede medewerker" in first.get(overview).content.decode()
    assert "Keur goed" not in first.get(page_of(row)).content.decode()
    refused = first.post(page_of(row), {"goedkeuren": "ja"}, follow=True).content.decode()
    assert "U stelde dit zelf voor" in refused
    assert "Keur goed" in second.get(page_of(row)).content.decode()
    assert second.post(page_of(row), {"goedkeuren": "ja"}).status_code == 302
    jobs.run_all()
    assert (the_storno().open_cents, the_storno().written_off_cents) == (0, 45_00)
    assert "Er staat niets open" in second.get(overview).content.decode()
    assert "45,00" in second.get(f"{overview}?alles=1").content.decode()


def test_a_proposal_is_withdrawn_and_what_was_typed_stays_on_the_screen() -> None:
    owes_us()
    row, first = the_storno(), desk("een")
    long = "x" * 201
    page = first.post(page_of(row), {"note": long}).content.decode()
    assert long in page
    assert "ten hoogste 200 tekens" in page
    first.post(page_of(row), {"note": "Toch niet."})
    assert first.post(page_of(row), {"intrekken": "ja"}).status_code == 302
    with as_worker("test"):
        assert not MoneyDecision.objects.exists()


def test_nobody_but_the_desk_sees_the_list() -> None:
    owes_us()
    client = Client()
    client.force_login(
        User.objects.create_user("niemand@voorbeeld.example"), backend="django.contrib.auth.backends.ModelBackend"
    )
    for address in (reverse("admin:arrangements_stornos"), page_of(the_storno())):
        assert client.get(address).status_code in (302, 403)
        assert Client().get(address).status_code == 302
