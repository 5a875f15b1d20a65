"""The line to Stripe: one client with its own limits, and what its answers mean to us (payments.md 1.1)."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

import stripe
from django.conf import settings
from django.db import transaction

from arrangements.payments.provider import CallFailed, OutcomeUnknown

API_VERSION: Final = "2026-10-28.endive"
"""What our requests are written in, and what the types in the tests were made from. An update of the package does not move it."""

# A citizen waits for the first answer. Two tries stay below the half minute after which a web server gives a worker up.
_TIMEOUT_SECONDS: Final = (3.05, 10.0)
_RETRIES: Final = 1

_CERTAIN: Final = (
    stripe.InvalidRequestError,
    stripe.CardError,
    stripe.AuthenticationError,
    stripe.PermissionError,
    stripe.RateLimitError,
)


@functools.cache
def _client(key: str, api_base: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        # Not saying it means no second try at all (payments.md 0.2).
        max_network_retries=_RETRIES,
        http_client=stripe.RequestsClient(timeout=_TIMEOUT_SECONDS),
        base_addresses={"api": api_base} if api_base else {},
    )


def client() -> stripe.StripeClient:
    """The client of the account in the settings. RuntimeError inside a transaction: nobody waits for Stripe with a lock."""
    with transaction.atomic(durable=True):
        pass  # sends nothing; only asks Django whether another transaction is open around us
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


def is_live() -> bool:
    """Whether real money moves."""
    return "_live_" in settings.STRIPE_SECRET_KEY


def environment() -> str:
    """What tells our call from one of another installation on the same account: the host of this site."""
    return urlsplit(settings.SITE_BASE_URL).netloc


def once(operation: str, key: str) -> stripe.RequestOptions:
    """Options for a call that has its effect once: Stripe keeps the answer for this key for at least 24 hours."""
    return {"idempotency_key": f"{environment()}:{operation}:{key}"}


@contextmanager
def writing() -> Iterator[None]:
    """Around a call that changes something: OutcomeUnknown, CallFailed, LookupError, or ValueError for another request
    under a key that was used. The message holds codes of Stripe only, nothing about the payer.
    """
    try:
        yield
    except stripe.IdempotencyError as error:
        raise ValueError(_said(error)) from error
    except stripe.StripeError as error:
        if _missing(error):
            raise LookupError(_said(error)) from error
        if isinstance(error, _CERTAIN) and error.http_status != 409:
            raise CallFailed(_said(error)) from error
        raise OutcomeUnknown(_said(error)) from error


@contextmanager
def reading() -> Iterator[None]:
    """Around a look: LookupError, else OutcomeUnknown whatever went wrong."""
    try:
        yield
    except stripe.StripeError as error:
        if _missing(error):
            raise LookupError(_said(error)) from error
        raise OutcomeUnknown(_said(error)) from error


def _missing(error: stripe.StripeError) -> bool:
    return isinstance(error, stripe.InvalidRequestError) and (
        error.http_status == 404 or error.code == "resource_missing"
    )


def _said(error: stripe.StripeError) -> str:
    return f"{type(error).__name__} {error.http_status} {error.code or ''} {error.request_id or ''}".strip()
