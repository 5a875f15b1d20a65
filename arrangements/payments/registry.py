"""Which provider collects. Each payment keeps the name of its own: a switch leaves old payments where they are."""

from typing import cast

from django.core.exceptions import ImproperlyConfigured

from arrangements.payments import demobank
from arrangements.payments.provider import CollectionProvider, RemittanceChannel


class NoSuchProvider(LookupError):
    """No provider of that name may be used here."""


def provider_named(name: str) -> CollectionProvider:
    """The provider a payment was opened with. Raises NoSuchProvider."""
    if name == demobank.NAME and demobank.allowed():
        return demobank.DemoBank()
    raise NoSuchProvider(name)


def provider_for_new_payments() -> CollectionProvider:
    """Where a new link is opened. ImproperlyConfigured when nobody may collect here."""
    try:
        return provider_named(demobank.NAME)
    except NoSuchProvider as error:
        raise ImproperlyConfigured("no provider is configured to collect payments") from error


def remittance_channel() -> RemittanceChannel | None:
    """Where files for the bank are handed in by themselves; None: a person of the desk hands them in at the bank."""
    bank = demobank.DemoBank()
    if demobank.allowed() and hasattr(bank, "submit"):
        return cast(RemittanceChannel, bank)
    return None
