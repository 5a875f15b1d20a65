"""Which provider collects. Each payment keeps the name of its own: a switch leaves old payments where they are."""

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


def channel() -> RemittanceChannel | None:
    """Where bank files are handed in. None: a person downloads the file and hands it in at the bank."""
    return None
