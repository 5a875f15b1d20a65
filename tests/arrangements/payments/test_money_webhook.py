"""The door for providers: who may knock, and that knocking twice has one effect."""

import json
import time
from datetime import date

import pytest
from django.db import transaction
from django.test import Client

from arrangements.models import DemoBankPayment, LedgerEntry, Payment, ProviderEvent, Receipt
from arrangements.payments import demobank
from arrangements.payments.provider import Refused
from arrangements.payments.signatures import check, sign
from infra import jobs
from infra.models import Job
from infra.scope import as_worker
from tests.factories.money import next_open, open_link, running_case

pytestmark = pytest.mark.django_db

SECRET = "tests-only-webhook"
ADDRESS = "/betalen/webhook/demobank/"


def knock(body: bytes, header: str | None, client: Client | None = None) -> int:
    headers = {} if header is None else {demobank.HEADER: header}
    client = client or Client(enforce_csrf_checks=True)
    return client.post(ADDRESS, body, content_type="application/json", headers=headers).status_code


def paid_payment() -> tuple[Payment, bytes]:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    payment = open_link(arrangement.citizen, next_open(arrangement))
    return payment, demobank.event_body(demobank.pay(payment.provider_id, notify=False))


def signed(body: bytes, *, seconds_ago: int = 0, secret: str = SECRET) -> str:
    return sign(body, secret=secret, at=int(time.time()) - seconds_ago)


def events() -> int:
    with as_worker("test"):
        return ProviderEvent.objects.count()


def receipts() -> int:
    with as_worker("test"):
        return Receipt.objects.count()


def test_a_signed_event_is_stored_answered_and_then_booked() -> None:
    payment, body = paid_payment()
    assert knock(body, signed(body)) == 200
    assert (events(), receipts()) == (1, 0)
    jobs.run_all()
    with as_worker("test"):
        payment.refresh_from_db()
        assert payment.state == "succeeded"
        assert Receipt.objects.get().amount_cents == 45_00
        assert ProviderEvent.objects.get().outcome == "received"


def test_a_replayed_event_has_no_effect() -> None:
    _payment, body = paid_payment()
    for _ in range(3):
        assert knock(body, signed(body)) == 200
        jobs.run_all()
    with as_worker("test"):
        assert (ProviderEvent.objects.count(), Receipt.objects.count()) == (1, 1)
        assert LedgerEntry.objects.filter(kind="receipt_provider").count() == 1


@pytest.mark.parametrize(
    ("seconds_ago", "answer"), [(0, 200), (299, 200), (302, 400), (-4, 200), (-30, 400), (-3600, 400), (86_400, 400)]
)
def test_an_event_that_is_old_or_from_the_future_is_refused(seconds_ago: int, answer: int) -> None:
    _payment, body = paid_payment()
    assert knock(body, signed(body, seconds_ago=seconds_ago)) == answer
    assert events() == (1 if answer == 200 else 0)


def test_a_refusal_is_logged_without_what_was_sent(caplog: pytest.LogCaptureFixture) -> None:
    payment, body = paid_payment()
    assert knock(body, signed(body, secret="another")) == 400
    assert "wrong signature" in caplog.text
    assert payment.provider_id not in caplog.text


def test_an_altered_body_is_refused() -> None:
    _payment, body = paid_payment()
    assert knock(body.replace(b"4500", b"9500"), signed(body)) == 400
    assert knock(json.dumps(json.loads(body)).encode(), signed(body)) == 400
    assert events() == 0


@pytest.mark.parametrize(
    "header", [None, "", "t=1", "v1=00", "t=x,v1=" + "0" * 64, "t=1,v0=" + "0" * 64, "t=１,v1=" + "0" * 64]
)
def test_something_that_is_no_signature_is_refused(header: str | None) -> None:
    assert knock(b"{}", header if header is None or header.isascii() else header.encode().decode("latin-1")) == 400


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"null", b'{"id": 1}', b"\xff\xfe"])
def test_a_signed_body_that_is_no_event_is_refused(body: bytes) -> None:
    assert knock(body, signed(body)) == 400
    assert events() == 0


def test_an_unknown_provider_is_not_found_and_get_is_not_allowed() -> None:
    client = Client()
    assert client.post("/betalen/webhook/stripe/", b"{}", content_type="application/json").status_code == 404
    assert client.get(ADDRESS).status_code == 405


def test_the_message_is_not_believed_the_bank_is_asked() -> None:
    _case, arrangement = running_case(1_000_00)
    payment = open_link(arrangement.citizen, next_open(arrangement))
    body = json.dumps(
        {
            "id": "evt_lie",
            "type": "collection.succeeded",
            "payment": {"id": payment.provider_id, "amount_cents": 99_999},
        }
    ).encode()
    assert knock(body, signed(body)) == 200
    jobs.run_all()
    assert receipts() == 0


def test_an_event_about_a_payment_we_do_not_have_waits() -> None:
    body = json.dumps({"id": "evt_1", "type": "collection.succeeded", "payment": {"id": "demo_unknown"}}).encode()
    assert knock(body, signed(body)) == 200
    jobs.sweep()
    with as_worker("test"):
        job = Job.objects.get(kind="handle_provider_event")
    assert (job.state, job.attempts) == ("waiting", 1)
    assert "PaymentUnknown" in job.last_error


def test_a_refused_payment_fails_and_can_be_tried_again() -> None:
    _case, arrangement = running_case(1_000_00)
    payment = open_link(arrangement.citizen, next_open(arrangement))
    body = demobank.event_body(demobank.refuse(payment.provider_id))
    assert knock(body, signed(body)) == 200
    jobs.run_all(rounds=2)
    with as_worker("test"):
        payment.refresh_from_db()
    assert payment.state == "failed"
    assert open_link(arrangement.citizen, next_open(arrangement)) != payment


def test_the_age_is_checked_on_the_real_clock() -> None:
    body = b"{}"
    with pytest.raises(Refused, match="too old"):
        check(body, sign(body, secret=SECRET, at=1_000), secret=SECRET, now=1_301)
    with pytest.raises(Refused, match="future"):
        check(body, sign(body, secret=SECRET, at=1_006), secret=SECRET, now=1_000)
    check(body, sign(body, secret=SECRET, at=1_005), secret=SECRET, now=1_000)


def test_the_bank_refuses_to_exist_where_the_clock_decides(settings: object) -> None:
    settings.BUSINESS_DATE_SOURCE = "clock"  # type: ignore[attr-defined]  # pytest-django's wrapper
    assert Client().post(ADDRESS, b"{}", content_type="application/json").status_code == 404


class TestTheBankPage:
    @pytest.fixture(autouse=True)
    def _demo(self, settings: object) -> None:
        settings.DEMO = True  # type: ignore[attr-defined]  # pytest-django's wrapper

    def link(self) -> Payment:
        _case, arrangement = running_case(1_000_00)
        return open_link(arrangement.citizen, next_open(arrangement))

    def test_it_says_that_it_is_no_real_money(self, client: Client) -> None:
        page = client.get(self.link().link)
        assert page.status_code == 200
        text = page.content.decode()
        assert "DEMO – geen echt geld" in text
        assert "€\u00a045,00" in text

    @pytest.mark.parametrize(("decision", "state"), [("pay", "paid"), ("refuse", "refused"), ("expire", "expired")])
    def test_a_button_decides_and_leads_back(self, client: Client, decision: str, state: str) -> None:
        payment = self.link()
        answer = client.post(payment.link, {"decision": decision})
        assert answer.headers["Location"] == f"http://testserver/terug/{payment.public_id}/"
        assert DemoBankPayment.objects.get(pk=payment.provider_id).state == state

    def test_pressing_twice_pays_once(self, client: Client) -> None:
        payment = self.link()
        client.post(payment.link, {"decision": "pay"})
        assert client.post(payment.link, {"decision": "refuse"}).status_code == 302
        assert DemoBankPayment.objects.get(pk=payment.provider_id).state == "paid"

    def test_it_is_not_there_outside_the_demo(self, client: Client, settings: object) -> None:
        link = self.link().link
        settings.DEMO = False  # type: ignore[attr-defined]  # pytest-django's wrapper
        assert client.get(link).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_bank_posts_its_signed_message_to_the_real_door(live_server: object, settings: object) -> None:
    settings.SITE_BASE_URL = str(live_server)  # type: ignore[attr-defined]  # pytest-django's wrapper
    with transaction.atomic():
        _case, arrangement = running_case(1_000_00, 2_000_00)
        payment = open_link(arrangement.citizen, next_open(arrangement))
        demobank.pay(payment.provider_id)
    jobs.run_all()
    with as_worker("test"), transaction.atomic():
        assert Receipt.objects.get().received_on == date(2026, 11, 23)
        assert ProviderEvent.objects.get().outcome == "received"
