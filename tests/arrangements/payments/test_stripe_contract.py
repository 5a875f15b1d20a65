"""Stripe keeps the contract of every provider, as far as this can be tried without Stripe.

The other side is our own stand-in (tests/peers/stripe_standin.py), strict about names, kinds and words by the types of
Stripe's package. NO run against a real sandbox has been done: that is for the first day with keys (payments.md 2.5).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from arrangements.payments.stripe_provider import StripeProvider
from tests.arrangements.payments.contract import CollectionContract
from tests.peers.stripe_standin import SECRET, StandIn, signed, stripe_collects

pytestmark = pytest.mark.django_db


class StripeRig:
    """The other side of Stripe, through the stand-in."""

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
        return [(body, signed(body)) for body in self.books.bodies_about(provider_id)]

    def signed(self, body: bytes, *, seconds_ago: int = 0, forged: bool = False) -> Mapping[str, str]:
        return signed(body, seconds_ago=seconds_ago, secret="another" if forged else SECRET)


@pytest.fixture
def rig(settings: Any) -> Iterator[StripeRig]:
    with stripe_collects(settings) as books:
        yield StripeRig(books)


class TestStripe(CollectionContract):
    """Everything the contract asks, and nothing left out."""
