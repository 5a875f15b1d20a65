"""The desk looks at a run, releases it, hands in its file, and checks other account numbers."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from arrangements.models import Arrangement, MoneyRun, PayoutFile, RunApproval
from arrangements.operations.change_iban import ask_iban_change
from creditors.models import Creditor, IbanChange
from infra import jobs
from infra.scope import act_as, as_worker
from tests.factories.money import pay_next, running_case
from tests.factories.payouts import build, desk_people
from tests.factories.people import creditor_scope, make_creditor, make_member, make_user
from tests.factories.plans import Case

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody takes files in: people do that."""
    monkeypatch.setattr("arrangements.operations.submit_run.remittance_channel", lambda: None)
    monkeypatch.setattr("arrangements.admin.payouts.remittance_channel", lambda: None)


@pytest.fixture
def paid() -> tuple[Case, Arrangement]:
    case, arrangement = running_case(1_000_00, 2_000_00)
    pay_next(arrangement)
    return case, arrangement


def desk(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page_of(run: MoneyRun) -> str:
    return reverse("admin:arrangements_run_release", args=[run.pk])


def test_two_people_release_a_run_and_hand_in_its_file(paid: tuple[Case, Arrangement]) -> None:
    run = build()
    one, two = (desk(user) for user in desk_people())
    shown = one.get(page_of(run)).content.decode()
    assert "€&nbsp;45,00" in shown or "€\u00a045,00" in shown
    assert "eerste betaling" in shown
    unchecked = one.post(page_of(run), {"approve": "1", "total_cents": run.total_cents})
    assert unchecked.status_code == 409
    assert "zet dan het vinkje" in unchecked.content.decode()
    yes = {"approve": "1", "total_cents": run.total_cents, "names_checked": "on"}
    assert one.post(page_of(run), yes).status_code == 302
    assert "Een collega moet het ook doen" in one.get(page_of(run)).content.decode()
    assert one.post(page_of(run), yes).status_code == 409
    assert two.post(page_of(run), yes).status_code == 302
    jobs.run_all()
    with as_worker("test"):
        file = PayoutFile.objects.get(run=run)
    first = one.post(page_of(run), {"file": file.pk, "download": "1"})
    assert first.status_code == 200
    assert first.content == bytes(file.content)
    assert "attachment" in first.headers["Content-Disposition"]
    again = two.post(page_of(run), {"file": file.pk, "download": "1"})
    assert again.status_code == 409
    assert "al gedownload" in again.content.decode()
    assert two.post(page_of(run), {"file": file.pk, "download": "1", "again": "1"}).content == first.content
    assert "nog een keer (2)" in two.get(page_of(run)).content.decode()
    assert two.post(page_of(run), {"file": file.pk, "handed_in": "1"}).status_code == 302
    jobs.run_all()
    with as_worker("test"):
        run.refresh_from_db()
    assert run.state == "submitted"


def test_a_total_that_changed_meanwhile_is_refused(paid: tuple[Case, Arrangement]) -> None:
    run = build()
    client = desk(desk_people()[0])
    answer = client.post(page_of(run), {"approve": "1", "total_cents": "1", "names_checked": "on"})
    assert (answer.status_code, RunApproval.objects.count()) == (409, 0)


def test_a_run_is_withdrawn_with_a_reason(paid: tuple[Case, Arrangement]) -> None:
    run = build()
    client = desk(desk_people()[0])
    assert client.post(page_of(run), {"withdraw": "1", "reason": " "}).status_code == 409
    assert client.post(page_of(run), {"withdraw": "1", "reason": "Verkeerde maand."}).status_code == 302
    jobs.run_all()
    with as_worker("test"):
        run.refresh_from_db()
    assert run.state == "withdrawn"


def test_a_run_for_one_creditor_is_asked_for(paid: tuple[Case, Arrangement]) -> None:
    case, _arrangement = paid
    client = desk(desk_people()[0])
    address = reverse("admin:arrangements_run_ask")
    assert client.post(address, {"creditor": "999999"}).status_code == 200
    assert client.post(address, {"creditor": case.creditors[0].pk}).status_code == 302
    jobs.run_all()
    assert "Vandaag is er al" in client.post(address, {"creditor": case.creditors[0].pk}).content.decode()
    overview = client.get(reverse("admin:arrangements_moneyrun_changelist")).content.decode()
    assert "nakijken en vrijgeven" in overview


def test_nobody_but_the_desk_sees_a_run(paid: tuple[Case, Arrangement]) -> None:
    run = build()
    case, _arrangement = paid
    for user in (make_user(), case.members[0].user):
        assert desk(user).get(page_of(run)).status_code == 302
        assert desk(user).post(page_of(run), {"approve": "1"}).status_code == 302


def test_another_account_is_checked_by_the_desk() -> None:
    creditor = make_creditor()
    member = make_member(creditor, role="manager")
    with act_as(creditor_scope(creditor, member)):
        change = ask_iban_change(creditor=creditor, user=member.user, iban="NL20INGB0001234567")
    client = desk(desk_people()[0])
    address = reverse("admin:creditors_ibanchange_decide", args=[change.pk])
    assert "NL20INGB0001234567" in client.get(address).content.decode()
    assert client.post(address, {"approve": "1", "how_checked": ""}).status_code == 409
    assert client.post(address, {"approve": "1", "how_checked": "Gebeld met de administratie."}).status_code == 302
    with as_worker("test"):
        change = IbanChange.objects.get(pk=change.pk)
    assert (change.state, change.how_checked) == ("approved", "Gebeld met de administratie.")


def test_an_account_that_is_there_is_not_typed_over_by_the_desk() -> None:
    creditor = make_creditor()
    client = desk(desk_people()[0])
    facts = {
        "name": creditor.name,
        "kind": "other",
        "participates": "on",
        "iban": "NL20INGB0001234567",
        "email": creditor.email,
        "phone": "",
        "payout_way": "together",
        "payout_minimum_cents": "25",
    }
    address = reverse("admin:creditors_creditor_change", args=[creditor.pk])
    assert client.post(address, facts).status_code == 302
    with as_worker("test"):
        saved = Creditor.objects.get(pk=creditor.pk)
    assert (saved.iban, saved.payout_way, saved.payout_minimum_cents) == (creditor.iban, "together", 25_00)


def test_a_blocked_account_is_freed_by_saying_how_it_was_checked() -> None:
    creditor = make_creditor()
    with as_worker("test"):
        Creditor.objects.filter(pk=creditor.pk).update(iban_blocked_on="2026-12-08")
    client = desk(desk_people()[0])
    address = reverse("admin:creditors_iban_unblock", args=[creditor.pk])
    assert address in client.get(reverse("admin:creditors_ibanchange_changelist")).content.decode()
    assert client.post(address, {"how_checked": " "}).status_code == 409
    assert client.post(address, {"how_checked": "Gebeld."}).status_code == 302
    jobs.run_all()
    with as_worker("test"):
        assert Creditor.objects.get(pk=creditor.pk).iban_blocked_on is None
