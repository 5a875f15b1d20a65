"""Stripe keeps the contract of every provider, as far as this can be tried without Stripe.

The other side is our own stand-in (tests/peers/stripe_standin.py), strict about names, kinds and words by the types of
Stripe's package. NO run against a real sandbox has been done: that is for the first day with keys (payments.md 2.5).
"""

import time
from collections.abc import Iterator, Mapping, Sequence

import pytest
import stripe
from pytest_django.fixtures import SettingsWrapper

from arrangements.payments.stripe_provider import StripeProvider
from tests.arrangements.payments.contract import CollectionContract
from tests.peers.stripe_standin import KEY, StandIn, standin

pytestmark = pytest.mark.django_db

SECRET = "whsec_tests_only"


class StripeRig:
    """The other side of Stripe, through the stand-in."""

    cannot: Mapping[str, str] = {}

    def __init__(self, books: StandIn) -> None:
        self.books = books
        self.provider = StripeProvider()
        self.pays = books.pay
        self.thinks = books.think
        self.refuses = books.refuse
        self.wins = books.win
        self.fails_afterwards = books.fail_afterwards

    def disputes(self, provider_id: str) -> None:
        self.books.dispute(provider_id)

    def settles(self) -> None:
        self.books.settle()

    def messages(self, provider_id: str) -> Sequence[tuple[bytes, Mapping[str, str]]]:
        return [(body, self.signed(body)) for body in self.books.bodies_about(provider_id)]

    def signed(self, body: bytes, *, seconds_ago: int = 0, forged: bool = False) -> Mapping[str, str]:
        text = body.decode("utf-8", errors="replace")
        at = int(time.time()) - seconds_ago
        header = stripe.WebhookSignature.generate_signature_header(text, "another" if forged else SECRET, at)
        return {"Stripe-Signature": header}


@pytest.fixture
def rig(settings: SettingsWrapper) -> Iterator[StripeRig]:
    with standin() as (books, address):
        settings.STRIPE_SECRET_KEY = KEY
        settings.STRIPE_WEBHOOK_SECRET = SECRET
        settings.STRIPE_API_BASE = address
        yield StripeRig(books)


class TestStripe(CollectionContract):
    """Everything the contract asks, and nothing left out."""
