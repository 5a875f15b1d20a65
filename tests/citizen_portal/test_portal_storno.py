"""A payment that the bank took back, as the citizen sees it: what it means, and one button."""

import pytest
from django.test import Client

from arrangements.models import Payment, Storno
from arrangements.operations.refresh_payment import refresh_payment
from arrangements.payments import demobank
from infra import jobs
from infra.scope import as_worker
from tests.factories.citizens import logged_in
from tests.factories.plans import Case
from tests.factories.stornos import owes_us

pytestmark = pytest.mark.django_db

PAGE = "/mijn/teruggehaald/"


@pytest.fixture
def case(client: Client) -> Case:
    made = owes_us()
    logged_in(client, made.citizen)
    return made


def words(client: Client, address: str) -> str:
    return client.get(address).content.decode().replace("\u00a0", " ")


def test_the_overview_says_calmly_what_is_open_and_the_balances_stay_what_they_are(client: Client, case: Case) -> None:
    overview = words(client, "/mijn/")
    assert 'data-check="storno"' in overview
    assert "45 euro" in overview or "€ 45" in overview
    assert 'data-check="paid" data-cents="4500"' in overview
    assert "teruggehaald door uw bank" in words(client, "/mijn/betalingen/")


def test_one_button_leads_to_the_bank_and_paying_makes_it_go_away(client: Client, case: Case) -> None:
    assert 'data-cents="4500"' in words(client, PAGE)
    answer = client.post(PAGE)
    assert answer.status_code == 302
    with as_worker("test"):
        payment = Payment.objects.exclude(storno=None).get()
    assert payment.amount_cents == 45_00
    assert answer["Location"] == payment.link
    assert client.post(PAGE)["Location"] == payment.link
    demobank.pay(payment.provider_id, notify=False)
    with as_worker("test"):
        refresh_payment(payment_id=payment.pk)
        assert Storno.objects.get().open_cents == 0
    jobs.run_all()
    assert client.get(PAGE)["Location"] == "/mijn/"
    assert 'data-check="storno"' not in words(client, "/mijn/")
    assert "Voor geld dat uw bank had teruggehaald" in words(client, "/mijn/betalingen/")


def test_the_payment_that_was_taken_back_says_so(client: Client, case: Case) -> None:
    with as_worker("test"):
        payment = Payment.objects.get(state="reversed")
    assert "haalde deze betaling terug" in words(client, f"/mijn/betalen/resultaat/{payment.public_id}/")
