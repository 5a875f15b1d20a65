"""The browser of the suite: it reaches the live server, and axe really looks."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

_FORM = '<!doctype html><html lang="nl"><title>Proef</title><main><h1>Proef</h1>%s</main></html>'


def test_the_browser_reaches_the_live_server(page: Page) -> None:
    answer = page.goto("/gezond/")
    assert answer is not None
    assert answer.status == 200
    assert answer.json() == {"database": True, "cache": True}


def test_a_field_without_a_label_is_found(page: Page, assert_accessible: Callable[[Page], None]) -> None:
    page.set_content(_FORM % '<label for="a">Bedrag</label><input id="a">')
    assert_accessible(page)
    page.set_content(_FORM % '<input id="a">')
    with pytest.raises(AssertionError, match="label"):
        assert_accessible(page)


def test_a_page_that_is_too_wide_is_found(phone: Page, assert_fits: Callable[[Page], None]) -> None:
    phone.set_content(_FORM % '<p style="width: 400px">breed</p>')
    with pytest.raises(AssertionError, match="too wide"):
        assert_fits(phone)
