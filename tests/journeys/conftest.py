"""Whole journeys: the live server, the real worker, a real browser."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import transaction
from playwright.sync_api import BrowserContext, Page

from infra import clock
from tests.factories.parties import everything
from tests.factories.people import make_director
from tests.support.walking import Walk
from tests.support.workers import Worker


@pytest.fixture(autouse=True)
def _demo_on_a_monday(live_server: Any, settings: LazySettings, celery_worker: Worker) -> None:
    """The demo's payment page is open, its webhook reaches this server, and somebody answers the telephone."""
    settings.DEMO = True
    settings.SITE_BASE_URL = live_server.url
    with everything():
        clock.set_today(date(2026, 11, 23))
    with transaction.atomic():
        make_director()


@pytest.fixture
def new_walk(
    new_context: Callable[..., BrowserContext],
    assert_accessible: Callable[[Page], None],
    assert_fits: Callable[[Page], None],
) -> Callable[..., Walk]:
    """`new_walk(javascript=True, width=360)`: axe on every page; without JavaScript the width of every page."""

    def make(*, javascript: bool = True, width: int = 360) -> Walk:
        page = new_context(javascript=javascript, width=width, height=740).new_page()
        return Walk(page, assert_accessible if javascript else assert_fits)

    return make
