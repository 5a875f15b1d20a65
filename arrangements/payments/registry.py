"""Which provider collects. Each payment keeps the name of its own: a switch leaves old payments where they are."""

from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Tags, register
from django.core.checks import Warning as CheckWarning
from django.core.exceptions import ImproperlyConfigured

from arrangements.payments import demobank
from arrangements.payments.provider import CollectionProvider, RemittanceChannel

STRIPE: Final = "stripe"


class NoSuchProvider(LookupError):
    """No provider of that name may be used here."""


def provider_named(name: str) -> CollectionProvider:
    """The provider a payment was opened with. Raises NoSuchProvider."""
    if name == STRIPE and settings.STRIPE_SECRET_KEY:
        from arrangements.payments.stripe_provider import StripeProvider  # heavy, and most processes never need it

        return StripeProvider()
    if name == demobank.NAME and demobank.allowed():
        return demobank.DemoBank()
    raise NoSuchProvider(name)


def name_for_new_payments() -> str:
    """Who collects what is asked from now on: Stripe where it is configured, else the demo bank where that may be.

    ImproperlyConfigured when nobody may collect here.
    """
    if settings.STRIPE_SECRET_KEY:
        return STRIPE
    if demobank.allowed():
        return demobank.NAME
    raise ImproperlyConfigured("no provider is configured to collect payments")


def provider_for_new_payments() -> CollectionProvider:
    """Where a new link is opened. ImproperlyConfigured when nobody may collect here."""
    return provider_named(name_for_new_payments())


def usable_providers() -> Sequence[CollectionProvider]:
    """Every provider that may be used here: also one with old payments only, because its money still comes."""
    found = []
    for name in (demobank.NAME, STRIPE):
        try:
            found.append(provider_named(name))
        except NoSuchProvider:
            continue
    return found


def channel() -> RemittanceChannel | None:
    """Where bank files are handed in. None: a person downloads the file and hands it in at the bank."""
    return demobank.DemoBank() if demobank.allowed() else None


@register(Tags.compatibility, deploy=True)
def somebody_collects(**_: Any) -> list[CheckMessage]:
    """Before a release: without a key of Stripe citizens can pay by bank transfer only."""
    if settings.STRIPE_SECRET_KEY or demobank.allowed():
        return []
    return [CheckWarning("nobody collects by link: STRIPE_SECRET_KEY is not set", id="arrangements.W001")]
