"""What a fake Stripe that nobody here wrote says about our code (payments.md 2.1): localstripe, as a process of its own.

It speaks an old dialect and has no Checkout, no iDEAL, no disputes, no fees, no search, and ignores idempotency keys; so the
contract of a provider, which begins with a link, cannot be asked of it. What it can judge: that its signed messages are
accepted and others not, that we talk to a real server in Stripe's way, how states of a payment read, and which answers
are certain. The rest is asked of our own stand-in (test_stripe_contract.py).
"""

import http.server
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import stripe
from stripe.checkout import Session

from arrangements.payments import stripe_client
from arrangements.payments.provider import CollectionState, OutcomeUnknown, Refused
from arrangements.payments.stripe_provider import StripeProvider
from arrangements.payments.stripe_reading import reading_of
from tests.support import localstripe
from tests.support.waiting import eventually

SECRET = "whsec_localstripe"
#: Test accounts of Stripe: a debit that works, and one that fails afterwards.
GOOD_IBAN, FAILING_IBAN = "DE89370400440532013000", "DE62370400440532013001"

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with localstripe.running(tmp_path_factory.mktemp("localstripe")) as found:
        yield found


class Letterbox:
    """Takes what is posted."""

    def __init__(self) -> None:
        self.posts: list[tuple[bytes, dict[str, str]]] = []
        box = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name of the base class
                """Quiet."""

            def do_POST(self) -> None:
                box.posts.append((self.rfile.read(int(self.headers["Content-Length"])), dict(self.headers)))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture(scope="module")
def letterbox(address: str) -> Iterator[Letterbox]:
    box = Letterbox()
    localstripe.send_webhooks_to(address, box.url, SECRET)
    yield box
    box.server.shutdown()
    box.server.server_close()


@pytest.fixture
def client(address: str, settings: Any) -> stripe.StripeClient:
    settings.STRIPE_SECRET_KEY = localstripe.KEY
    settings.STRIPE_WEBHOOK_SECRET = SECRET
    settings.STRIPE_API_BASE = address
    return stripe_client.client()


def debit(client: stripe.StripeClient, iban: str = GOOD_IBAN) -> stripe.PaymentIntent:
    """A debit without a list of methods: the one recipe that old and new dialect share."""
    customer = client.v1.customers.create({"email": "payer@mail.example"})
    method = client.v1.payment_methods.create(
        {
            "type": "sepa_debit",
            "sepa_debit": {"iban": iban},
            "billing_details": {"name": "A", "email": "payer@mail.example"},
        }
    )
    client.v1.payment_methods.attach(method.id, {"customer": customer.id})
    return client.v1.payment_intents.create(
        {
            "amount": 45_00,
            "currency": "eur",
            "customer": customer.id,
            "payment_method": method.id,
            "confirm": True,
            "off_session": True,
            "metadata": {"key": "payment:1"},
        }
    )


def session_around(intent: stripe.PaymentIntent) -> Session:
    """It has no Checkout: the page around a payment of its own, as if the payer had come through one."""
    values = {"id": "cs_test_1", "currency": "eur", "amount_total": 45_00, "status": "complete"}
    found = Session.construct_from({**values, "payment_intent": intent.to_dict()}, None)
    found.payment_intent = intent
    return found


def test_its_signed_messages_are_accepted_and_altered_ones_are_not(
    client: stripe.StripeClient, letterbox: Letterbox
) -> None:
    intent = debit(client)
    about = f'"{intent.id}"'.encode()
    eventually(lambda: any(about in body and b"payment_intent.succeeded" in body for body, _ in letterbox.posts))
    body, headers = next(
        post for post in letterbox.posts if about in post[0] and b"payment_intent.succeeded" in post[0]
    )
    event = StripeProvider().verify(body, headers)
    assert (event.kind, event.provider_id) == ("collection.succeeded", intent.id)
    assert StripeProvider().verify(body, headers) == event
    for other in (body + b" ", body.replace(b"4500", b"9500")):
        with pytest.raises(Refused):
            StripeProvider().verify(other, headers)


def test_its_messages_about_other_things_lead_nowhere(client: stripe.StripeClient, letterbox: Letterbox) -> None:
    client.v1.customers.create({"email": "other@mail.example"})
    eventually(lambda: any(b"customer.created" in body for body, _ in letterbox.posts))
    body, headers = next(post for post in letterbox.posts if b"customer.created" in post[0])
    assert StripeProvider().verify(body, headers).provider_id == ""


def test_a_debit_that_worked_reads_as_paid(client: stripe.StripeClient) -> None:
    intent = debit(client)
    eventually(lambda: client.v1.payment_intents.retrieve(intent.id).status == "succeeded")
    found = client.v1.payment_intents.retrieve(intent.id)
    found.amount_received = found.amount  # a field of the new dialect
    found.latest_charge = None  # its charges lack fields of the new dialect
    reading = reading_of(session_around(found), [])
    assert (reading.state, reading.amount_cents) == (CollectionState.PAID, 45_00)


def test_a_debit_that_fails_later_is_first_pending_and_then_failed(client: stripe.StripeClient) -> None:
    def state_of(intent: stripe.PaymentIntent) -> CollectionState:
        intent.amount_received, intent.latest_charge = 0, None
        return reading_of(session_around(intent), []).state

    intent = debit(client, FAILING_IBAN)
    assert state_of(intent) is CollectionState.PENDING
    eventually(lambda: state_of(client.v1.payment_intents.retrieve(intent.id)) is CollectionState.FAILED)


def test_a_refusal_is_certain_and_an_answer_that_is_no_answer_is_not(client: stripe.StripeClient) -> None:
    with pytest.raises(LookupError), stripe_client.reading():
        client.v1.payment_intents.retrieve("pi_nobody")
    # It does not know the address at all and answers without Stripe's words: that proves nothing about a call.
    with pytest.raises(OutcomeUnknown):
        StripeProvider().read("cs_test_nobody")


def test_its_refunds_and_balance_are_read_by_the_same_client(client: stripe.StripeClient) -> None:
    intent = debit(client)
    eventually(lambda: client.v1.payment_intents.retrieve(intent.id).status == "succeeded")
    with stripe_client.writing():
        refund = client.v1.refunds.create({"payment_intent": intent.id, "amount": 10_00})
    moves = client.v1.balance_transactions.list({"limit": 100}).auto_paging_iter()
    assert {refund.id: -10_00}.items() <= {str(move.source): move.amount for move in moves}.items()


def test_an_event_of_the_feed_is_the_event_that_was_posted(client: stripe.StripeClient, letterbox: Letterbox) -> None:
    customer = client.v1.customers.create({"email": f"{time.time()}@mail.example"})
    about = f'"{customer.id}"'.encode()
    eventually(lambda: any(about in body for body, _ in letterbox.posts))
    body, headers = next(post for post in letterbox.posts if about in post[0])
    posted = StripeProvider().verify(body, headers).event_id
    assert posted in {event.id for event in client.v1.events.list({"limit": 100}).auto_paging_iter()}
