"""Fixtures for every test. The database is real, and tests act on it as the app role with row level security on."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.support import databases
from tests.support.waiting import eventually as _eventually
from tests.support.workers import Worker

# The browser's fixtures serve two directories and must exist once per process.
pytest_plugins = ["tests.support.browser_fixtures"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Instead of pytest-django's: a copy of the template made by the servers plugin."""
    if failure := os.environ.get("EENPLAN_TEST_TEMPLATE_ERROR"):
        pytest.fail("\n".join(failure.splitlines()[-12:]), pytrace=False)
    with django_db_blocker.unblock():
        databases.point_django_here()
        databases.reset_database()
    yield
    with django_db_blocker.unblock():
        databases.drop_own_database()


@pytest.fixture(scope="session")
def _session_worker(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    worker = Worker(tmp_path_factory.mktemp("worker") / "schedule").start()
    yield worker
    worker.stop()


@pytest.fixture
def celery_worker(transactional_db: None, _session_worker: Worker) -> Iterator[Worker]:
    """A running Celery worker (role worker, beat inside, sweeper every two seconds) on this test's database.

    The process serves the whole session; before the database is reset it has finished what it was doing.
    """
    yield _session_worker
    # Else a task of this test would write into the database of the next.
    assert _session_worker.quiet(), f"the worker does not come to rest:\n{_session_worker.log()}"


@pytest.fixture
def own_worker(transactional_db: None, tmp_path: Path) -> Iterator[Worker]:
    """A worker that is not started yet and may be killed; `own_worker.start()`. Has no beat inside."""
    worker = Worker(tmp_path / "schedule", beat=False)
    yield worker
    worker.stop()


@pytest.fixture
def eventually() -> object:
    """`eventually(lambda: row_is_there())`; see tests/support/waiting.py, from where it can be imported as well."""
    return _eventually
