"""Calls to a provider whose answer gets lost: made once, under one key, or shown to a person (payments.md 1.6, 5.7)."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from arrangements.models import Installment, Payment, ProviderCall, ProviderEvent, ProviderSettlement
from arrangements.operations.call_provider import (
    REPEAT_FOR,
    OtherParameters,
    PersonMustLook,
    close_at_provider,
    refund_at_provider,
)
from arrangements.operations.start_payment import BeingPaid, ProviderSilent
from arrangements.payments import stripe_client
from arrangements.payments.provider import CallFailed, OutcomeUnknown
from arrangements.payments.stripe_provider import StripeProvider
from infra import clock, jobs
from infra.scope import act_as, as_worker
from tests.factories.money import next_open, open_link, running_case
from tests.factories.people import citizen_scope
from tests.peers.stripe_standin import StandIn, signed, stripe_collects

pytestmark = pytest.mark.django_db

DOOR = "/betalen/webhook/stripe/"


@pytest.fixture
def books(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    monkeypatch.setattr(stripe_client, "_TIMEOUT_SECONDS", (2.0, 1.0))
    monkeypatch.setattr("stripe._http_client.HTTPClient.INITIAL_DELAY", 0.01)
    stripe_client._client.cache_clear()
    with stripe_collects(settings) as found:
        yield found
    stripe_client._client.cache_clear()


class Case:
    """A citizen with a plan that runs, who presses the button."""

    def __init__(self) -> None:
        _case, arrangement = running_case(1_000_00, 2_000_00)
        self.citizen = arrangement.citizen
        self.installment: Installment = next_open(arrangement)

    def press(self) -> Payment:
        return open_link(self.citizen, self.installment)


@pytest.fixture
def case(books: StandIn) -> Case:
    return Case()


def calls() -> list[ProviderCall]:
    with as_worker("test"):
        return list(ProviderCall.objects.order_by("pk"))


def payments() -> list[Payment]:
    with as_worker("test"):
        return list(Payment.objects.order_by("pk"))


def make_old() -> None:
    with as_worker("test"):
        ProviderCall.objects.update(called_at=clock.now() - REPEAT_FOR - timedelta(minutes=1))


def keys(books: StandIn, path: str = "/v1/checkout/sessions") -> list[str]:
    """The idempotency keys seen at the other side."""
    return [key for method, at, _params, key in books.requests if (method, at) == ("POST", path)]


def test_the_click_makes_a_page_and_the_next_click_gives_the_same(books: StandIn, case: Case) -> None:
    payment = case.press()
    assert payment.provider == "stripe"
    assert payment.link.startswith("https://checkout.stripe.com/")
    assert len(payment.link) > 300
    assert case.press().link == payment.link
    (session,) = books.all("checkout.session")
    assert session["client_reference_id"] == f"payment:{payment.public_id}"
    assert session["amount_total"] == 45_00
    (call,) = calls()
    assert (call.state, call.attempt, call.provider_id) == ("done", 1, payment.provider_id)


def test_the_call_stands_in_the_books_before_it_is_made(
    books: StandIn, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, str]] = []
    real = StripeProvider.open_link

    def look(self: StripeProvider, collection: Any) -> Any:
        seen.extend((call.state, call.key) for call in calls())
        return real(self, collection)

    monkeypatch.setattr(StripeProvider, "open_link", look)
    payment = case.press()
    assert seen == [("unknown", f"testserver:stripe:open_link:payment:{payment.public_id}:1")]


@pytest.mark.parametrize("fault", ["drop", "hang"])
def test_an_answer_that_gets_lost_is_asked_again_under_the_same_key(books: StandIn, case: Case, fault: str) -> None:
    books.faults = [fault]
    payment = case.press()
    assert [one["id"] for one in books.all("checkout.session")] == [payment.provider_id]
    first, second = keys(books)
    assert first == second


@pytest.mark.parametrize("fault", ["drop", "hang"])
def test_when_no_answer_comes_at_all_the_next_click_repeats_the_call(books: StandIn, case: Case, fault: str) -> None:
    books.faults = [fault, fault]
    with pytest.raises(ProviderSilent):
        case.press()
    assert [call.state for call in calls()] == ["unknown"]
    payment = case.press()
    assert [one["id"] for one in books.all("checkout.session")] == [payment.provider_id]
    assert len(payments()) == 1
    assert len(set(keys(books))) == 1
    assert len(keys(books)) == 3


def test_a_crash_between_call_and_save_is_made_good_by_the_next_click(
    books: StandIn, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = StripeProvider.open_link

    def die(self: StripeProvider, collection: Any) -> Any:
        real(self, collection)
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(StripeProvider, "open_link", die)
        with pytest.raises(SystemExit):
            case.press()
    assert [(call.state, call.provider_id) for call in calls()] == [("unknown", "")]
    payment = case.press()
    assert [one["id"] for one in books.all("checkout.session")] == [payment.provider_id]


def test_an_error_that_is_kept_is_looked_up_after_a_day_and_the_lost_page_is_closed(books: StandIn, case: Case) -> None:
    books.faults = ["500"]
    for _ in range(3):
        with pytest.raises(ProviderSilent):
            case.press()
    assert len(books.all("checkout.session")) == 1
    make_old()
    payment = case.press()
    lost, new = books.all("checkout.session")
    assert (lost["status"], new["status"]) == ("expired", "open")
    assert payment.provider_id == new["id"]
    assert [one.state for one in payments()] == ["failed", "pending"]


def test_what_cannot_be_found_is_for_a_person_and_the_citizen_pays_with_a_new_page(books: StandIn, case: Case) -> None:
    books.faults = ["500"]
    with pytest.raises(ProviderSilent):
        case.press()
    books.rows.clear()
    make_old()
    with pytest.raises(ProviderSilent):
        case.press()
    assert [call.state for call in calls()] == ["to_person"]
    assert case.press().link
    assert [one.state for one in payments()] == ["failed", "pending"]


def test_a_certain_failure_gets_a_new_attempt_with_a_new_key(books: StandIn, case: Case) -> None:
    books.faults = ["refuse"]
    with pytest.raises(ProviderSilent):
        case.press()
    assert [call.state for call in calls()] == ["failed"]
    assert case.press().link
    assert [(call.attempt, call.state) for call in calls()] == [(1, "failed"), (2, "done")]
    assert len(set(keys(books))) == 2


def test_a_call_that_is_worded_differently_by_now_is_not_repeated_but_replaced(books: StandIn, case: Case) -> None:
    books.faults = ["drop", "drop"]
    with pytest.raises(ProviderSilent):
        case.press()
    with as_worker("test"):
        ProviderCall.objects.update(parameters_sha256="of an older release")
    with pytest.raises(ProviderSilent):
        case.press()
    assert case.press().link
    assert [one.state for one in payments()] == ["failed", "pending"]


def test_a_page_of_an_account_we_left_is_not_known_and_nothing_breaks(books: StandIn, case: Case) -> None:
    books.rows.pop(case.press().provider_id)
    with pytest.raises(ProviderSilent):
        case.press()


def test_the_worker_looks_up_what_nobody_asked_for_again(books: StandIn, case: Case) -> None:
    books.faults = ["500"]
    with pytest.raises(ProviderSilent):
        case.press()
    make_old()
    with as_worker("test"):
        jobs.enqueue("look_up_calls", key="look_up_calls:1")
    jobs.run_all()
    (session,) = books.all("checkout.session")
    assert [(call.state, call.provider_id) for call in calls()] == [("done", session["id"])]


def test_another_amount_closes_the_old_page_first(books: StandIn, case: Case) -> None:
    old = case.press()
    with as_worker("test"):
        Installment.objects.filter(pk=case.installment.pk).update(paid_cents=5_00, state="partly_paid")
    new = case.press()
    assert new.amount_cents == 40_00
    assert [one["status"] for one in books.all("checkout.session")] == ["expired", "open"]
    assert [(one.pk, one.state) for one in payments()] == [(old.pk, "failed"), (new.pk, "pending")]


def test_a_page_where_somebody_just_paid_is_not_replaced(books: StandIn, case: Case) -> None:
    old = case.press()
    books.think(old.provider_id)
    with pytest.raises(BeingPaid):
        case.press()
    books.pay(old.provider_id)
    with as_worker("test"):
        Installment.objects.filter(pk=case.installment.pk).update(paid_cents=5_00, state="partly_paid")
    with pytest.raises(BeingPaid):
        case.press()


class TestRefund:
    @pytest.fixture
    def payment(self, books: StandIn, case: Case) -> Payment:
        payment = case.press()
        books.pay(payment.provider_id)
        return payment

    def test_it_is_made_once_however_often_the_answer_is_lost(self, books: StandIn, payment: Payment) -> None:
        books.faults = ["drop", "drop"]
        with as_worker("test"), pytest.raises(OutcomeUnknown):
            refund_at_provider(payment=payment, amount_cents=10_00, key="refund:7")
        with as_worker("test"):
            found = refund_at_provider(payment=payment, amount_cents=10_00, key="refund:7")
            assert refund_at_provider(payment=payment, amount_cents=10_00, key="refund:7") == found
        assert [(one["id"], one["amount"]) for one in books.all("refund")] == [(found, 10_00)]

    def test_another_amount_under_the_same_key_is_an_error(self, books: StandIn, payment: Payment) -> None:
        with as_worker("test"):
            refund_at_provider(payment=payment, amount_cents=10_00, key="refund:7")
            with pytest.raises(OtherParameters):
                refund_at_provider(payment=payment, amount_cents=11_00, key="refund:7")
        assert len(books.all("refund")) == 1

    def test_after_a_day_it_is_found_by_its_key_and_not_made_again(self, books: StandIn, payment: Payment) -> None:
        books.faults = ["drop", "drop"]
        with as_worker("test"), pytest.raises(OutcomeUnknown):
            refund_at_provider(payment=payment, amount_cents=10_00, key="refund:7")
        make_old()
        books.kept.clear()  # Stripe forgets keys; doing it again would pay twice
        with as_worker("test"):
            found = refund_at_provider(payment=payment, amount_cents=10_00, key="refund:7")
        assert [one["id"] for one in books.all("refund")] == [found]

    def test_after_a_day_what_cannot_be_found_is_never_made_again(self, books: StandIn, payment: Payment) -> None:
        books.faults = ["drop", "drop"]
        with as_worker("test"), pytest.raises(OutcomeUnknown):
            refund_at_provider(payment=payment, amount_cents=10_00, key="refund:7")
        make_old()
        for refund in books.all("refund"):
            del books.rows[refund["id"]]
        for _ in range(2):
            with as_worker("test"), pytest.raises(PersonMustLook):
                refund_at_provider(payment=payment, amount_cents=10_00, key="refund:7")
        assert books.all("refund") == []
        assert [call.state for call in calls() if call.operation == "refund"] == ["to_person"]

    def test_a_refusal_is_certain(self, books: StandIn, payment: Payment) -> None:
        with as_worker("test"), pytest.raises(CallFailed):
            refund_at_provider(payment=payment, amount_cents=99_00, key="refund:7")
        assert [call.state for call in calls() if call.operation == "refund"] == ["failed"]


def test_closing_is_kept_too_and_twice_is_once(books: StandIn, case: Case) -> None:
    payment = case.press()
    with as_worker("test"):
        assert close_at_provider(payment).state == "failed"
        assert close_at_provider(payment).state == "failed"
    assert [(call.operation, call.state) for call in calls()] == [("open_link", "done"), ("close_link", "done")]


def test_nobody_waits_for_stripe_inside_a_transaction(books: StandIn, case: Case) -> None:
    from django.db import transaction

    with act_as(citizen_scope(case.citizen)), transaction.atomic(), pytest.raises(RuntimeError):
        case.press()


class TestDoor:
    def knock(self, body: bytes) -> int:
        client = Client(enforce_csrf_checks=True)
        return client.post(DOOR, body, content_type="application/json", headers=signed(body)).status_code

    def test_a_payment_is_booked_by_its_message_and_three_messages_book_it_once(
        self, books: StandIn, case: Case
    ) -> None:
        payment = case.press()
        books.pay(payment.provider_id)
        for body in books.bodies_about(payment.provider_id) * 2:
            assert self.knock(body) == 200
        jobs.run_all()
        with as_worker("test"):
            assert Payment.objects.get(pk=payment.pk).state == "succeeded"
            assert Payment.objects.get(pk=payment.pk).receipt.amount_cents == 45_00
            outcomes = list(ProviderEvent.objects.values_list("handled_at", "kind"))
        assert len(outcomes) == 2
        assert all(handled for handled, _kind in outcomes)

    @pytest.mark.parametrize(
        "kind", ["customer.created", "balance.available", "product.of.next.year", "payout.created"]
    )
    def test_a_message_about_something_else_is_answered_and_kept(self, books: StandIn, kind: str) -> None:
        books._tell(kind, {"object": "thing"})  # a balance has no id
        (event,) = books.all("event")
        assert self.knock(json.dumps(event).encode()) == 200
        jobs.run_all()
        with as_worker("test"):
            (row,) = ProviderEvent.objects.all()
        assert (row.kind, row.outcome, row.handled_at is not None) == (kind, "not_ours", True)

    def test_a_storno_leads_to_the_payment_it_takes_back(self, books: StandIn, case: Case) -> None:
        payment = case.press()
        books.pay(payment.provider_id)
        self.knock(books.bodies_about(payment.provider_id)[-1])
        jobs.run_all()
        books.dispute(payment.provider_id)
        assert self.knock(books.bodies_about(payment.provider_id)[-1]) == 200
        jobs.run_all()
        with as_worker("test"):
            assert Payment.objects.get(pk=payment.pk).state == "reversed"
            assert not ProviderEvent.objects.filter(handled_at=None).exists()

    def test_a_payout_is_fetched_line_by_line(self, books: StandIn, case: Case) -> None:
        payment = case.press()
        books.pay(payment.provider_id)
        self.knock(books.bodies_about(payment.provider_id)[-1])
        payout = books.settle()
        (told,) = [one for one in books.all("event") if one["type"] == "payout.paid"]
        assert self.knock(json.dumps(told).encode()) == 200
        jobs.run_all()
        with as_worker("test"):
            settlement = ProviderSettlement.objects.get()
            assert (settlement.provider_id, settlement.gross_cents, settlement.fee_cents) == (payout, 45_00, 29)
            assert Payment.objects.get(pk=payment.pk).fee_cents == 29

    def test_a_message_of_the_live_account_is_refused_by_a_test_key(self, books: StandIn, case: Case) -> None:
        payment = case.press()
        books.pay(payment.provider_id)
        body = books.bodies_about(payment.provider_id)[0].replace(b'"livemode": false', b'"livemode": true')
        assert self.knock(body) == 400

    def test_without_a_key_there_is_no_door(self, books: StandIn, settings: Any) -> None:
        settings.STRIPE_SECRET_KEY = ""
        assert self.knock(b"{}") == 404


def test_the_pay_page_sends_the_citizen_to_stripe_and_says_so_when_stripe_is_silent(books: StandIn, case: Case) -> None:
    client = Client()
    page = f"/b/{case.installment.pay_token}/"
    books.faults = ["500"]
    answer = client.post(page)
    assert answer.status_code == 200
    assert "Betalen lukt nu niet" in answer.content.decode()
    make_old()
    assert client.post(page).headers["Location"].startswith("https://checkout.stripe.com/")


def test_a_payment_of_before_the_switch_stays_with_its_provider(case: Case, settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = ""
    old = case.press()
    settings.STRIPE_SECRET_KEY = "sk_test_standin"
    assert (old.provider, case.press().pk) == ("demobank", old.pk)


def test_the_desk_sees_first_what_a_person_must_look_at(books: StandIn, case: Case, admin_client: Client) -> None:
    case.press()
    with as_worker("test"):
        for number, state in enumerate(("done", "to_person", "unknown")):
            ProviderCall.objects.create(
                key=f"key-{state}", provider="stripe", operation="refund", object_id=str(number), state=state
            )
    page = admin_client.get("/beheer/arrangements/providercall/").content.decode()
    assert page.index("key-to_person") < page.index("key-unknown") < page.index("key-done")


def test_the_ribbon_of_the_demo_says_who_collects(books: StandIn, settings: Any) -> None:
    settings.DEMO = True
    assert "via een proefomgeving van Stripe" in Client().get("/").content.decode()
    settings.STRIPE_SECRET_KEY = ""
    assert "via de demobank" in Client().get("/").content.decode()
