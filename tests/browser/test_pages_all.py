"""Every page of every role in a real browser: axe, one heading, titles, language, width, the policy for content, and
for citizens the length of sentences and the words we do not use (ux.md 6e)."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import pytest
from django.conf import LazySettings
from django.db import transaction
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page

from accounts.policies import ACTING_SESSION_KEY
from infra import clock
from infra.scope import as_worker
from tests.factories import stages
from tests.factories.money import at
from tests.factories.people import make_director
from tests.factories.stages import Visitor
from tests.support.addresses import answered_pages, values
from tests.support.reading import FORBIDDEN, LONGEST_SENTENCE

log = logging.getLogger(__name__)

pytestmark = pytest.mark.timeout(300)

_TITLE: Final = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_H1: Final = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
_BACKEND: Final = "allauth.account.auth_backends.AuthenticationBackend"
#: Pages in the words of the citizen; the others are for staff.
_CITIZEN: Final = re.compile(
    r"mijn/|b/|inloggen/|uitgelogd/|sessie-voorbij/|na-inloggen/|zo-werkt-het/|andere-hulp/|hulp/|begrippen/|privacy/|"
    r"past-dit-bij-mij/|controleer/|$"
)
#: Pages of the login library that nothing links to: their forms are its own.
_LIBRARY: Final = re.compile(r"accounts/")
_FORBIDDEN: Final = re.compile("|".join(map(re.escape, FORBIDDEN)), re.IGNORECASE)
#: Text that is explained there, or that is a signed document in letter language (ux.md 2.6: 15 words in letters).
_OWN_WORDS: Final = ("begrippen/", "mijn/regeling/overeenkomst/", "mijn/documenten/<uuid:document>/")

_FACTS: Final = """() => {
  const blocks = 'p, li, h1, h2, h3, legend, label, summary, dt, caption, figcaption, .field__hint';
  const main = document.querySelector('main');
  const texts = [...main.querySelectorAll(blocks)]
    .filter(one => !one.querySelector(blocks) && !one.closest('.document'))
    .map(one => one.textContent.replace(/\\s+/g, ' ').trim()).filter(Boolean);
  const levels = [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(one => Number(one.tagName[1]));
  return {
    h1: document.querySelectorAll('h1').length,
    mains: document.querySelectorAll('main').length,
    lang: document.documentElement.lang,
    dir: document.documentElement.dir,
    skip: document.querySelector('a').getAttribute('href'),
    leap: levels.findIndex((level, index) => index > 0 && level > levels[index - 1] + 1),
    inline: document.querySelectorAll('script:not([src]), style, [style], [onclick], [onchange], [onsubmit]').length,
    bad: document.querySelectorAll('[type=number], [required], [placeholder]').length,
    texts: texts,
  };
}"""


@dataclass
class Findings:
    """What is wrong, with the page it is on."""

    looked_at: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def note(self, address: str, *what: str) -> None:
        self.wrong += [f"{address}: {one}" for one in what]


def _client_of(visitor: Visitor) -> Client:
    client = Client()
    if visitor.user is not None:
        client.force_login(visitor.user, backend=_BACKEND)
    if visitor.acting is not None:
        session = client.session
        session[ACTING_SESSION_KEY] = {"mandate": str(visitor.acting.public_id), "since": clock.now().isoformat()}
        session.save()
    return client


def _known() -> dict[str, list[str]]:
    with transaction.atomic(), as_worker("test"):
        return values()


def _sentences(text: str) -> list[str]:
    return [one.strip() for one in re.split(r"(?<=[.?!:;])\s+", text) if one.strip()]


def _long_sentences(texts: list[str]) -> list[str]:
    words = {one: re.findall(r"[^\W_]+(?:[-'’.,@/][^\W_]+)*", one) for text in texts for one in _sentences(text)}
    return [one for one, found in words.items() if len(found) > LONGEST_SENTENCE]


def _judge(pattern: str, address: str, facts: dict[str, Any], title: str, findings: Findings) -> None:
    if facts["h1"] != 1:
        findings.note(address, f"{facts['h1']} h1")
    if facts["mains"] != 1 or facts["lang"] != "nl" or facts["dir"] != "ltr" or facts["skip"] != "#main":
        findings.note(address, f"landmarks, language or skip link: {facts['mains']}, {facts['lang']}, {facts['skip']}")
    if facts["leap"] >= 0:
        findings.note(address, "a level of headings is left out")
    if facts["inline"]:
        findings.note(address, f"{facts['inline']} inline scripts or styles")
    if facts["bad"] and not _LIBRARY.match(pattern):
        findings.note(address, f"{facts['bad']} fields with type=number, required or placeholder")
    if not re.fullmatch(r"\S.* – Eén Plan", title) or title.startswith("–"):
        findings.note(address, f"title “{title}”")
    if _CITIZEN.match(pattern) and pattern not in _OWN_WORDS:
        findings.note(address, *(f"long sentence: {one}" for one in _long_sentences(facts["texts"])))
        findings.note(address, *(f"word we do not use: {one}" for one in facts["texts"] if _FORBIDDEN.search(one)))


def _look(page: Page, address: str, check: Callable[[Page], None], fits: Callable[[Page], None]) -> dict[str, Any]:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(address)
    check(page)
    page.set_viewport_size({"width": 320, "height": 640})
    fits(page)
    facts: dict[str, Any] = page.evaluate(_FACTS)
    return facts


def _walk(
    visitors: list[Visitor],
    new_context: Callable[..., BrowserContext],
    check: Callable[[Page], None],
    fits: Callable[[Page], None],
    base: str,
) -> Findings:
    """Every page every visitor gets. The same page in the same state is looked at once."""
    known, findings, seen = _known(), Findings(), set()
    for visitor in visitors:
        client = _client_of(visitor)
        context = new_context()
        page = context.new_page()
        spoken: list[str] = []
        page.on("console", partial(_listen, spoken))
        page.on("pageerror", partial(_note_error, spoken))
        titles: dict[str, str] = {}
        for pattern, address, html in list(answered_pages(client, known)):
            title = _TITLE.search(html)
            state = (pattern, *_H1.findall(html), title and title[1])
            if title is not None:
                other = titles.setdefault(title[1], pattern)
                if other != pattern and not _LIBRARY.match(other) and not _LIBRARY.match(pattern):
                    findings.note(address, f"has the title of {other}: {title[1]}")
            if state in seen:
                continue
            seen.add(state)
            # The client's cookies as they are now: some pages hand out a new session.
            context.clear_cookies()
            for name, morsel in client.cookies.items():
                if morsel.value:
                    context.add_cookies([{"name": name, "value": morsel.value, "url": base}])
            try:
                facts = _look(page, address, check, fits)
            except AssertionError as wrong:
                findings.note(address, str(wrong))
                continue
            findings.looked_at.append(f"{visitor.name} {pattern}")
            _judge(pattern, address, facts, page.title(), findings)
            if spoken:
                findings.note(address, *spoken)
                spoken.clear()
    return findings


def _note_error(spoken: list[str], error: Error) -> None:
    spoken.append(f"the browser says: {error}")


def _listen(spoken: list[str], message: ConsoleMessage) -> None:
    if "Content Security Policy" in message.text or message.type == "error":
        spoken.append(f"the browser says: {message.text[:200]}")


@pytest.fixture
def walk(
    live_server: Any,
    settings: LazySettings,
    caplog: pytest.LogCaptureFixture,
    new_context: Callable[..., BrowserContext],
    assert_accessible: Callable[[Page], None],
    assert_fits: Callable[[Page], None],
) -> Callable[..., None]:
    """`walk(visitors, at_least=…)`: look at every page they get; fails with everything that is wrong on any of them."""
    settings.DEMO = True
    # Asking for everything that is not there is the work of this test, and no news.
    caplog.set_level(logging.CRITICAL, logger="django.request")

    def look(visitors: list[Visitor], *, at_least: int) -> None:
        findings = _walk(visitors, new_context, assert_accessible, assert_fits, live_server.url)
        log.info("%d pages looked at: %s", len(findings.looked_at), findings.looked_at)
        assert not findings.wrong, "\n" + "\n".join(findings.wrong)
        assert len(findings.looked_at) >= at_least

    return look


def test_every_page_of_a_citizen_up_to_the_sending_is_in_order(walk: Callable[..., None]) -> None:
    with transaction.atomic():
        visitors = stages.before_sending()
    walk(visitors, at_least=30)


def test_every_page_of_a_citizen_after_the_sending_is_in_order(walk: Callable[..., None]) -> None:
    with transaction.atomic():
        visitors = stages.after_sending()
    walk(visitors, at_least=20)


def test_every_page_of_a_coach_is_in_order(walk: Callable[..., None]) -> None:
    with transaction.atomic():
        at(stages.MONDAY)
        make_director()
        visitors = [stages.acting_coach(stages.filling_in()), stages.acting_coach(stages.running(), "Bo Kuiper")]
    walk(visitors, at_least=30)


def test_every_page_of_a_creditor_is_in_order(walk: Callable[..., None]) -> None:
    with transaction.atomic():
        at(stages.MONDAY)
        visitors = [stages.manager(stages.waiting(), 2), stages.manager(stages.running(), 0)]
    walk(visitors, at_least=12)


def test_every_page_for_everybody_is_in_order(walk: Callable[..., None]) -> None:
    with transaction.atomic():
        at(stages.MONDAY)
        stages.running()
        visitors = [Visitor("nobody", None), stages.somebody_new()]
    walk(visitors, at_least=15)
