"""The same way with the keyboard alone: Tab, Enter, Space and arrows. One always sees where one is."""

import re
from collections.abc import Callable
from typing import Any, Final

from django.db import transaction
from playwright.sync_api import Page

from tests.factories.parties import make_party
from tests.factories.people import make_citizen
from tests.factories.plans import make_case
from tests.factories.stages import acting_coach
from tests.support.walking import code_from_mail

EMAIL = "robin@voorbeeld.example"

_WHERE: Final = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  const words = text => (text || '').replace(/\\s+/g, ' ').trim();
  const label = one.labels && one.labels.length ? words(one.labels[0].textContent) : '';
  const group = one.closest('fieldset');
  // Where the eye looks: the middle of the part that is in the window; nothing but itself may lie there.
  const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
  const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
  const top = document.elementFromPoint(x, y);
  return {
    tag: one.tagName, type: one.type || '', checked: !!one.checked, name: label || words(one.textContent),
    group: group ? words(group.querySelector('legend').textContent) : '',
    outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && one.matches(':focus-visible'),
    inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    free: !!top && (top === one || one.contains(top) || top.contains(one) || (one.labels && [...one.labels].includes(top))),
    covered: top ? top.outerHTML.slice(0, 120) : '',
  };
}"""


class Keys:
    """Somebody without a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.stops = 0

    def where(self) -> dict[str, Any]:
        """The element with the focus; it is seen, and nothing lies over it."""
        found: dict[str, Any] | None = self.page.evaluate(_WHERE)
        for _ in range(20):
            if found is None or (found["inside"] and found["free"]):
                break
            # The browser scrolls to it in the next frames.
            self.page.wait_for_timeout(25)
            found = self.page.evaluate(_WHERE)
        assert found is not None, f"{self.page.url}: the focus is nowhere"
        place = f"{self.page.url}: {found['tag']} “{found['name']}”"
        assert found["outline"], f"{place}: one does not see the focus"
        assert found["inside"], f"{place}: the focus is outside the window"
        assert found["free"], f"{place} lies under {found['covered']}"
        self.stops += 1
        return found

    def tab_to(self, name: str, *, group: str = "") -> dict[str, Any]:
        """Tab until the element with this name (in the question with this legend) has the focus."""
        for _ in range(80):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("() => document.activeElement === document.body"):
                continue  # past the end: the browser's own bar
            found = self.where()
            # A group of choices is one stop; the arrows go on inside it.
            if group and found["group"] == group and found["type"] == "radio":
                return self._choose(name)
            if not group and re.match(rf"{re.escape(name)}(?!\w)", found["name"]):
                return found
        raise AssertionError(f"{self.page.url}: Tab does not come to “{name}”")

    def _choose(self, name: str) -> dict[str, Any]:
        self.page.keyboard.press("Space")
        for _ in range(10):
            found = self.where()
            if found["name"] == name:
                assert found["checked"]
                return found
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{self.page.url}: the arrows do not come to “{name}”")

    def type(self, label: str, text: str) -> None:
        self.tab_to(label)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def enter(self, name: str = "") -> None:
        """Enter on a button or link (or in the field one is in); the next page has arrived."""
        if name:
            self.tab_to(name)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def all_stops(self) -> int:
        """Tab through the whole page."""
        before = self.stops
        for _ in range(150):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("() => document.activeElement === document.body"):
                break
            self.where()
        return self.stops - before


def test_a_citizen_goes_from_login_to_the_receipt_without_a_mouse(new_context: Callable[..., Any]) -> None:
    letter = make_party("Waterpoort Zorg", "WP-2025-1", "1.246,56")
    page = new_context(width=360, height=740).new_page()
    keys = Keys(page)
    page.goto("/")
    # The first stop of every page leads past the menu.
    page.keyboard.press("Tab")
    assert keys.where()["name"] == "Ga naar de inhoud"
    keys.enter("Log in")
    keys.type("Wat is uw e-mailadres?", EMAIL)
    keys.enter()
    keys.type("Welke code staat in de mail?", code_from_mail(EMAIL))
    keys.enter()
    keys.enter("Begin")
    # A mistake first: the summary has the focus, and its link leads to the field.
    keys.enter("Verder")
    assert page.evaluate("() => document.activeElement.id") == "fouten"
    page.keyboard.press("Tab")
    assert keys.where()["name"] == "Vul uw voornaam in."
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "id_first_name"
    page.keyboard.type("Robin")
    for label, text in (("Achternaam", "Vermeer"), ("Dag", "12"), ("Maand", "4"), ("Jaar", "1990")):
        keys.type(label, text)
    keys.type("Postcode", "2345BC")
    keys.type("Huisnummer", "17")
    keys.enter("Verder")
    keys.type("Welke code staat in de brief?", letter.code)
    keys.enter("Verder")
    keys.enter("Ja, vraag op")
    question = page.locator("fieldset legend").first.inner_text()
    keys.tab_to("Ja, dat klopt", group=" ".join(question.split()))
    keys.enter("Verder")
    keys.tab_to("Ik woon alleen", group="Met wie woont u?")
    keys.enter("Verder")
    keys.enter("Verder")
    keys.type("Hoeveel geld komt er binnen, in euro?", "1900")
    keys.tab_to("Elke maand", group="Hoe vaak komt dit bedrag?")
    keys.tab_to("Ja, het zit erin", group="Zit uw vakantiegeld al in dit bedrag?")
    keys.enter("Verder")
    keys.type("Welk bedrag staat er bij 'loon loonheffing', in euro?", "26000")
    keys.tab_to("Jaaropgave, voor een heel jaar", group="Op welk papier staat dit bedrag?")
    keys.tab_to("Dat weet ik niet")
    page.keyboard.press("Space")
    assert keys.where()["checked"]
    page.keyboard.press("Space")
    keys.enter("Verder")
    keys.enter("Verder")
    keys.type("Hoeveel geld kunt u elke maand missen, in euro?", "20")
    keys.enter("Verder")
    keys.enter("Dit past bij mij")
    keys.enter("Sla over")
    keys.enter("Verstuur mijn voorstel")
    assert page.locator("h1").inner_text() == "Uw voorstel is verstuurd"


def test_the_banner_of_a_coach_never_lies_over_what_has_the_focus(
    new_context: Callable[..., Any], sign_in: Callable[..., None]
) -> None:
    with transaction.atomic():
        case = make_case(1_000_00, 2_000_00, citizen=make_citizen(family_name="Vermeer"))
        coach = acting_coach(case)
    assert coach.acting is not None
    page = new_context(width=360, height=640).new_page()
    sign_in(page, coach.user)
    page.goto(f"/coach/clienten/{coach.acting.public_id}/")
    keys = Keys(page)
    keys.enter("Werk voor deze cliënt")
    begin = page.url
    for name in ("", "aanvraag/organisaties/", "aanvraag/huishouden/", "aanvraag/bijzonder/", "aanvraag/vaste-lasten/"):
        page.goto(begin + name)
        assert page.get_by_text("U werkt voor").is_visible()
        assert keys.all_stops() > 5
