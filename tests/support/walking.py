"""Walking through the site the way a person does: by what stands on buttons and at fields. Every page is looked at."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from django.core import mail
from playwright.sync_api import Locator, Page, Response

_AMOUNT: Final = re.compile(r"€\s*(-?[\d.]+)(?:,(\d\d))?")


def cents(text: str) -> int:
    """The first amount in `text`, in cents. AssertionError when there is none."""
    found = _AMOUNT.search(text.replace("\u00a0", " ").replace("\u202f", " "))
    assert found is not None, f"no amount in “{text}”"
    return int(found[1].replace(".", "")) * 100 + int(found[2] or 0)


def figures(row: Locator) -> dict[str, int]:
    """The amounts of one table row, in cents, by the name of their column."""
    cells = row.locator("td[data-label]").evaluate_all("all => all.map(one => [one.dataset.label, one.textContent])")
    return {label: cents(text) for label, text in cells if "€" in text}


def code_from_mail(address: str) -> str:
    """The six digits of the last mail to this address."""
    body = next(str(one.body) for one in reversed(mail.outbox) if address in one.to)
    found = re.search(r"\b(\d{6})\b", body)
    assert found is not None, body
    return found[1]


@dataclass
class Walk:
    """One visitor. `look` is called on every page: axe where scripts run, the width where they do not."""

    page: Page
    look: Callable[[Page], None]
    screens: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    @property
    def heading(self) -> str:
        """The h1."""
        return " ".join(self.page.locator("h1").inner_text().split())

    def go(self, address: str, *, status: int = 200) -> None:
        """Type an address."""
        answer = self.page.goto(address)
        assert answer is not None
        assert answer.status == status, f"{address} answered {answer.status}"

    def at(self, heading: str, *, screen: bool = False) -> None:
        """We are on the page with this h1; it is looked at. `screen`: it counts as a step of the way."""
        assert self.heading == heading, f"{self.page.url}: “{self.heading}” instead of “{heading}”"
        assert self.page.locator("html").get_attribute("lang") == "nl"
        assert self.page.title().endswith(" – Eén Plan"), self.page.title()
        self.look(self.page)
        if screen:
            self.screens.append(heading)

    def fill(self, label: str, text: str) -> None:
        """Type into the field with this label."""
        self.page.get_by_label(label, exact=True).fill(text)

    def choose(self, label: str, *, within: str = "") -> None:
        """Choose the option with this label; `within`: the words of the legend, when several questions offer it."""
        area = self.page.get_by_role("group", name=within) if within else self.page
        area.get_by_label(label, exact=True).check()

    def answer(self, question: str) -> None:
        """Count one answer the visitor had to give."""
        self.answers.append(question)

    def press(self, text: str) -> Response:
        """Press the button, or follow the link, that begins with `text`; the next page has arrived."""
        name = re.compile(rf"^{re.escape(text)}(?!\w)")
        target = self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name)).first
        with self.page.expect_navigation() as arrival:
            target.click()
        response = arrival.value
        assert response is not None
        assert response.status < 500, f"{text}: {response.status}"
        return response

    def refused(self, button: str, sentence: str) -> None:
        """Pressing shows this sentence in the summary and at the field, and the title says that something is wrong."""
        self.press(button)
        assert self.page.title().startswith("Fout: "), self.page.title()
        summary = self.page.locator("#fouten")
        assert sentence in summary.inner_text(), f"{self.page.url}: {summary.inner_text()}"
        assert sentence in self.page.locator(".field__error").first.inner_text()
        self.look(self.page)
