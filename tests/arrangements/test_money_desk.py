"""Money in /beheer/: the start of a day, the daily check and the download, for the desk and nobody else."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from arrangements.domain import postings
from arrangements.models import Reconciliation
from arrangements.operations.post_entries import post_entries
from arrangements.operations.reconcile import reconcile
from infra import jobs
from infra.models import AuditLine
from infra.scope import as_worker
from tests.factories.books import END, lively
from tests.factories.money import at
from tests.factories.people import make_director, make_user

pytestmark = pytest.mark.django_db

MONEY = reverse("admin:arrangements_money")
CHECK = reverse("admin:arrangements_reconciliation")
EXPORT = reverse("admin:arrangements_ledger_export")


def desk() -> Client:
    worker = make_director()
    User.objects.filter(pk=worker.user_id).update(is_staff=True)
    client = Client()
    client.force_login(User.objects.get(pk=worker.user_id), backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(client: Client, address: str, *, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def test_the_first_page_of_the_desk_leads_to_money() -> None:
    at(END)
    assert MONEY in page(desk(), reverse("admin:index"))


def test_money_says_in_words_that_nothing_was_checked_that_it_is_green_or_that_it_is_red() -> None:
    lively()
    client = desk()
    assert "Nog niet gecontroleerd." in page(client, MONEY)
    with as_worker("test"):
        reconcile(day=END)
    text = page(client, MONEY)
    assert "Groen." in text
    assert "Er mag worden doorbetaald." in text
    with as_worker("test"):
        post_entries([postings.settlement("twice", amount=5)])
        reconcile(day=date(2026, 12, 10))
    text = page(client, MONEY)
    assert "Rood." in text
    assert "Betaaldienst" in text
    assert "Ontvangen gaat door." in text


def test_the_check_of_a_day_shows_seven_lines_with_their_figures() -> None:
    lively()
    with as_worker("test"):
        reconcile(day=END)
    text = page(desk(), f"{CHECK}?dag={END.isoformat()}")
    assert text.count('<span class="word">groen</span>') == 7
    assert "Saldo op 1100" in text
    assert "33,33" in text


def test_a_day_can_be_checked_again_from_the_page() -> None:
    lively()
    client = desk()
    assert "is nog niet gecontroleerd" in page(client, f"{CHECK}?dag=2026-12-08")
    answer = client.post(CHECK, {"dag": "2026-12-08"})
    assert answer.status_code == 302
    jobs.run_all()
    with as_worker("test"):
        assert Reconciliation.objects.get().day == date(2026, 12, 8)
    assert "Groen." in page(client, f"{CHECK}?dag=2026-12-08")


@pytest.mark.parametrize(("typed", "said"), [("2031-01-01", "moet nog komen"), ("gisteren", "Kies een dag")])
def test_a_day_that_cannot_be_is_explained_beside_the_field(typed: str, said: str) -> None:
    at(END)
    text = page(desk(), f"{CHECK}?dag={typed}", status=400)
    assert said in text
    assert f'value="{typed}"' in text


def test_the_ledger_is_downloaded_and_that_is_written_down() -> None:
    lively()
    client = desk()
    answer = client.get(EXPORT, {"van": "2026-11-01", "tot": "2026-12-09", "soort": "beancount"})
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == 'attachment; filename="grootboek-2026-11-01-2026-12-09.beancount"'
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]  # a stream
    assert "Assets:Cash:1100-Provider" in text
    assert text.count(" * ") > 5
    with as_worker("test"):
        line = AuditLine.objects.get(action="ledger_exported")
    assert line.object_id == "2026-11-01:2026-12-09"
    assert line.actor_user_id is not None


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"van": "2026-12-02", "tot": "2026-12-01", "soort": "hledger"}, "Wissel ze om"),
        ({"van": "2026-12-02", "tot": "2031-12-01", "soort": "hledger"}, "moet nog komen"),
        ({"van": "", "tot": "2026-12-01", "soort": "hledger"}, "Vul de eerste dag in"),
    ],
)
def test_a_period_that_cannot_be_is_explained(asked: dict[str, str], said: str) -> None:
    at(END)
    answer = desk().get(EXPORT, asked)
    assert answer.status_code == 400
    assert said in answer.content.decode()


@pytest.mark.parametrize("address", [MONEY, CHECK, EXPORT])
def test_nobody_but_the_desk_gets_in(address: str) -> None:
    client = Client()
    assert client.get(address).status_code == 302
    client.force_login(make_user(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(address).status_code == 302
