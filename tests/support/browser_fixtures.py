"""A real Chromium on the live server. It can reach nothing else: every other name fails to resolve.

Fixtures for tests/browser and tests/journeys; one driver and one browser per test process serve both.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, sync_playwright

from tests.support.browser import fetched_browser, installed_browser

_AXE: Final = Path(__file__).resolve().parents[2] / "var" / "assets-test" / "axe.min.js"
_WCAG: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_FLAGS: Final = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-dev-shm-usage",
    "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication",
    # The one that counts: without it the browser asks its maker's hosts for all sorts of things.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver; one per test process."""
    # Synchronous Playwright runs an event loop in the test's thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One browser per test process. Without one: a loud skip, and with CI=true a failure."""
    path = installed_browser() or fetched_browser(playwright)
    if path is None:
        sentence = "NO BROWSER: browser tests did not run; install Chromium or Chrome, or set CHROMIUM to one"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    # Root has no sandbox; everybody else keeps it.
    launched = playwright.chromium.launch(executable_path=path, args=_FLAGS, chromium_sandbox=os.geteuid() != 0)
    yield launched
    launched.close()


class Requests:
    """What the pages of one test asked for."""

    def __init__(self, base: str) -> None:
        self._base = base
        self.elsewhere: list[str] = []

    def note(self, request: Request) -> None:
        if not request.url.startswith((self._base, "data:", "about:", "blob:")):
            self.elsewhere.append(request.url)


@pytest.fixture
def new_context(browser: Browser, live_server: Any) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts: Dutch, in Amsterdam time, closed after the test.

    `new_context(javascript=False, width=320)`. At the end every request must have gone to the live server.
    """
    contexts: list[BrowserContext] = []
    requests = Requests(live_server.url)

    def make(*, javascript: bool = True, width: int = 1280, height: int = 900) -> BrowserContext:
        context = browser.new_context(
            base_url=live_server.url,
            locale="nl-NL",
            timezone_id="Europe/Amsterdam",
            java_script_enabled=javascript,
            viewport={"width": width, "height": height},
        )
        context.set_default_timeout(15_000)
        context.on("request", requests.note)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert not requests.elsewhere, f"a page asked for something elsewhere: {requests.elsewhere}"


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """A desktop page with JavaScript."""
    return new_context().new_page()


@pytest.fixture
def phone(new_context: Callable[..., BrowserContext]) -> Page:
    """The narrowest page that has to work: 320 px, no JavaScript."""
    return new_context(javascript=False, width=320, height=640).new_page()


@pytest.fixture
def sign_in(live_server: Any) -> Callable[..., None]:
    """`sign_in(page, user)`: a session without a mailbox, as if the code had been typed."""

    def login(page: Page, user: Any) -> None:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        for name, morsel in client.cookies.items():
            page.context.add_cookies([{"name": name, "value": morsel.value, "url": live_server.url}])

    return login


@pytest.fixture
def assert_accessible() -> Callable[[Page], None]:
    """`assert_accessible(page)`: no violation of WCAG 2.2 AA by axe, and no sideways scrolling."""

    def check(page: Page) -> None:
        assert_fits(page)
        # Injected, not added as a script element: the page's own policy would refuse that, and should.
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(_AXE.read_text(encoding="utf-8"))
        violations: list[dict[str, Any]] = page.evaluate(
            "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']}).then(found => found.violations)",
            _WCAG,
        )
        found = [
            f"{violation['id']}: {violation['help']}\n  "
            + "\n  ".join(node["html"][:200] for node in violation["nodes"])
            for violation in violations
        ]
        assert not found, f"{page.url}\n" + "\n".join(found)

    return check


def assert_fits(page: Page) -> None:
    """The page is not wider than its window. Works without JavaScript in the page; axe there would wait for ever."""
    # Right after a navigation the new document can still be without its root.
    page.locator("body").wait_for(state="attached")
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"


@pytest.fixture(name="assert_fits")
def _assert_fits() -> Callable[[Page], None]:
    """`assert_fits(page)`: no sideways scrolling; for pages without JavaScript."""
    return assert_fits
