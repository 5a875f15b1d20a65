"""The demo's cast in the database."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.test import Client, override_settings
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import User
from citizen_portal.demo.load import load
from tests.support import databases


@pytest.fixture(scope="module")
def _loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The cast, committed once for a module; its tests roll back to here."""
    with django_db_blocker.unblock(), override_settings(DEMO=True):
        load()
    yield
    with django_db_blocker.unblock():
        databases.reset_database()


@pytest.fixture
def cast(_loaded: None, db: None, settings: LazySettings) -> None:
    """Everybody of the demo, entered through the operations with row level security on."""
    settings.DEMO = True


@pytest.fixture
def log_in() -> object:
    """`log_in("sam@hulp.example")` gives a client of that person."""

    def as_somebody(email: str) -> Client:
        client = Client()
        client.force_login(User.objects.get(email=email), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return as_somebody
