"""The whole main job, walked over HTTP by somebody new: from logging in to the waiver, three years later.

Nothing is looked up behind the pages' backs. Every step prints a line with its figures; the first thing that is not as
it should be ends the walk. Every wait has an end.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from citizen_portal.demo import cast
from citizen_portal.demo.browser import Browser, Form, Page, PageNotAsExpected, amounts
from citizen_portal.demo.turns import Turns
from kernel.cents import format_euro

EMAIL: Final = "daan.controle@post.example"
TOO_MUCH: Final = 600_00
MONTHLY: Final = 120_00
MONTHS: Final = 36
#: What this household can miss by the norms of the second half of 2026 (domain.md 1.5, example 1).
CAPACITY: Final = 493_58

#: The claims of the newcomer: organisation, its own reference, and how it answers.
ANSWERS: Final = (
    ("polderzorg", "POL-202611-007", "policy"),
    ("rivierdal", "RIV-202611-002", "policy"),
    ("delinde", "DEL-202611-007", "person"),
    ("noorderzon", "NOO-202611-003", "refuses"),
)
FILLED_IN: Final[Mapping[str, Mapping[str, str]]] = {
    "huishouden": {"situation": "alleenstaand"},
    "bijzonder": {},
    "inkomen": {"amount": "1.900", "period": "month", "holiday": "included"},
    "belastbaar": {"taxable_income_cents": "26.000", "taxable_period": "year"},
    "vaste-lasten": {"rent_cents": "640", "energy_cents": "145", "health_insurance_cents": "152"},
}
SOON: Final = 60
A_JOURNEY: Final = 15 * 60


class NotSo(Exception):
    """Something is not as it should be; the message says what."""


@dataclass
class Figures:
    """What was seen on the way, in cents, to compare with what is seen later."""

    shares: dict[str, int] = field(default_factory=dict)
    monthly: int = 0
    pot: int = 0
    total: int = 0


class Walk:
    """One walk. `say` gets a line per step."""

    def __init__(self, base_url: str, say: Callable[[str], object]) -> None:
        self.base_url = base_url
        self._say = say
        self._number = 0
        self.citizen = Browser(base_url)
        self.seen = Figures()

    def run(self) -> None:
        """All of it. NotSo or PageNotAsExpected at the first thing that is wrong."""
        for step in (
            self.starts,
            self.logs_in,
            self.says_who_they_are,
            self.fills_in,
            self.asks_too_much,
            self.sees_the_proposal,
            self.sends,
            self.organisations_answer,
            self.goes_on_without_one,
            self.signs,
            self.pays_the_first_month,
            self.sees_the_same_as_the_organisation,
            Turns(self).run,
            self.three_years_pass,
            self.the_rest_is_waived,
            self.downloads_the_proof,
            self.payouts_are_what_was_promised,
            self.books_are_right,
        ):
            step()

    # --- words ------------------------------------------------------------------------------------------------------

    def line(self, text: str) -> None:
        self._number += 1
        self._say(f"{self._number:2d}  {text}")

    @staticmethod
    def expect(true: object, text: str) -> None:
        if not true:
            raise NotSo(text)

    def equal(self, what: str, seen: object, wanted: object) -> None:
        self.expect(seen == wanted, f"{what} is {_shown(seen)}, and should be {_shown(wanted)}")

    @staticmethod
    def wait(what: str, look: Callable[[], object], *, seconds: float = SOON, pause: float = 0.5) -> None:
        """Look again until it is so. NotSo when it takes too long."""
        end = time.monotonic() + seconds
        while not look():
            if time.monotonic() > end:
                raise NotSo(f"{what}: not within {seconds:.0f} seconds")
            time.sleep(pause)

    @staticmethod
    def question(page: Page) -> Form:
        """The form of the page itself: it is sent to its own address."""
        for one in page.forms:
            if one.method == "post" and one.action in ("", page.path):
                return one
        raise PageNotAsExpected(f"{page.path}: there is no question here. {page.gist}")

    def here(self) -> str:
        """The last part of the address the citizen is at."""
        return self.citizen.page.path.rstrip("/").rsplit("/", 1)[-1]

    def somebody(self, persona: str) -> Browser:
        """A browser in which this person of the cast has logged in with one click."""
        browser = Browser(self.base_url)
        browser.go(browser.go("/demo/").link(f"/demo/inloggen/{persona}/"))
        return browser

    def from_post(self, to: str, pattern: str) -> str:
        """The newest code in the mail or letters to somebody."""
        found: list[str] = []

        def look() -> bool:
            page = Browser(self.base_url).go(f"/demo/post/?aan={to}")
            found[:] = [hit for mark in page.marked("post-body") for hit in re.findall(pattern, mark.text)]
            return bool(found)

        self.wait(f"post to {to}", look)
        return found[0]

    # --- steps ------------------------------------------------------------------------------------------------------

    def starts(self) -> None:
        today = self.citizen.go("/demo/").mark("today").attributes["data-date"]
        self.citizen.go("/")
        self.line(f"the site answers; it is {today} there")

    def logs_in(self) -> None:
        page = self.citizen.go("/inloggen/")
        page = self.citizen.submit(page.form("email"), {"email": EMAIL})
        code = self.from_post(EMAIL, r"\b\d{6}\b")
        self.citizen.submit(page.form("code"), {"code": code})
        self.expect(self.citizen.page.path.startswith("/mijn/"), f"after logging in: {self.citizen.page.path}")
        self.line("logged in with a code of six digits from the mail")

    def says_who_they_are(self) -> None:
        page = self.citizen.go("/mijn/begin/")
        page = self.citizen.submit(self.question(page))
        self.equal("the first question", self.here(), "wie-bent-u")
        born = cast.DAAN.birth_date
        self.citizen.submit(
            self.question(page),
            {
                "first_name": cast.DAAN.first_name,
                "family_name": cast.DAAN.family_name,
                "birth_date_0": str(born.day),
                "birth_date_1": str(born.month),
                "birth_date_2": str(born.year),
                "postcode": "8011 jk",
                "house_number": cast.DAAN.house_number,
            },
        )
        self.equal("the next question", self.here(), "brief")
        code = self.from_post("Daan+Kok", r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b")
        self.citizen.submit(self.question(self.citizen.page), {"code": code.lower()})
        self.equal("the next question", self.here(), "toestemming")
        page = self.citizen.submit(self.question(self.citizen.page))
        self.equal("the next question", self.here(), "organisaties")
        form = self.question(page)
        names = sorted({one.name for one in form.fields if one.name.startswith("klopt-")})
        self.equal("the number of organisations found", len(names), len(ANSWERS))
        self.citizen.submit(form, dict.fromkeys(names, "yes"))
        self.line(f"identity by the code of a letter, consent; {len(names)} organisations found")

    def fills_in(self) -> None:
        for _question in range(len(FILLED_IN)):
            values = FILLED_IN.get(self.here())
            if values is None:
                raise NotSo(f"an unexpected question: {self.citizen.page.path}")
            self.citizen.submit(self.question(self.citizen.page), values)
        self.equal("the question after the fixed costs", self.here(), "missen")
        self.line("household, € 1.900 a month, € 26.000 taxable a year, three fixed costs")

    def _can_miss(self, cents: int) -> Page:
        form = self.question(self.citizen.go("/mijn/aanvraag/missen/"))
        return self.citizen.submit(form, {"declared_cents": str(cents // 100), "months": str(MONTHS)})

    def asks_too_much(self) -> None:
        page = self._can_miss(TOO_MUCH)
        self.equal("the page after too high an amount", self.here(), "let-op")
        self.equal("the highest amount", page.mark("highest").cents, CAPACITY)
        refused = self.citizen.go("/mijn/aanvraag/voorstel/")
        self.expect("/voorstel/" not in refused.path, "an amount that is too high still gives a proposal")
        self.line(f"{format_euro(TOO_MUCH)} refused; the highest amount is {format_euro(CAPACITY)}")

    def sees_the_proposal(self) -> None:
        page = self._can_miss(MONTHLY)
        self.equal("the page after an amount that fits", self.here(), "voorstel")
        self.seen.monthly = page.mark("monthly").cents
        self.seen.total, self.seen.pot = page.mark("total").cents, page.mark("pot").cents
        self.equal("the monthly amount", self.seen.monthly, MONTHLY)
        self.equal("the term", page.mark("months").attributes["data-months"], str(MONTHS))
        self.equal("what is paid in all", self.seen.pot, MONTHLY * MONTHS)
        waived = page.mark("waived").cents
        self.equal("paid and waived together", self.seen.pot + waived, self.seen.total)
        municipal = " ".join(re.sub(r"(?<=[a-z])(?=\d)|(?=€)", " ", page.mark("route-municipal").text).split())
        self.line(
            f"{format_euro(MONTHLY)} x {MONTHS} = {format_euro(self.seen.pot)} of {format_euro(self.seen.total)}, "
            f"{format_euro(waived)} waived; beside it: {municipal}"
        )

    def sends(self) -> None:
        page = self.citizen.go(self.citizen.page.link("/aanvraag/verhaal/"))
        page = self.citizen.submit(self.question(page))
        self.equal("the page before sending", self.here(), "controle")
        form = page.form(action="/versturen/")
        self.citizen.submit(form)
        self.equal("the page after sending", self.here(), "verstuurd")
        status = self.citizen.go("/mijn/voorstel/")
        self.equal("the number of organisations asked", len(list(status.marked("answer"))), len(ANSWERS))
        self.line(f"sent to {len(ANSWERS)} organisations")

    def organisations_answer(self) -> None:
        for slug, reference, how in ANSWERS:
            clerk = self.somebody(f"{slug}-balie")
            if how == "policy":
                self._sees_own_policy(clerk, slug, reference)
            else:
                self._answers_by_hand(clerk, slug, reference, how)
        self.equal("all shares together", sum(self.seen.shares.values()), self.seen.pot)
        self.line(f"the shares of all {len(ANSWERS)} add up to {format_euro(self.seen.pot)}")

    def _sees_own_policy(self, clerk: Browser, slug: str, reference: str) -> None:
        def decided() -> bool:
            queue = clerk.go("/schuldeiser/?tab=afgehandeld")
            return any(text == reference for _address, text in queue.links)

        self.wait(f"{slug} says yes by its policy", decided)
        page = clerk.go(clerk.page.link(reference))
        why = page.mark("decided").text
        self.expect("beleid" in why, f"{slug}: the automatic yes does not say why: {why}")
        self.seen.shares[slug] = page.mark("share").cents
        self.line(f"{slug} says yes by its own policy to {format_euro(self.seen.shares[slug])}")

    def _answers_by_hand(self, clerk: Browser, slug: str, reference: str, how: str) -> None:
        page = clerk.go(clerk.go("/schuldeiser/?tab=alles").link(reference))
        self.seen.shares[slug] = page.mark("share").cents
        self.equal(f"the pot as {slug} sees it", page.mark("pot").cents, self.seen.pot)
        if how == "refuses":
            form = clerk.go(page.link("/weigeren/")).form("code")
            clerk.submit(form, {"code": "below_our_norm", "note": "Wij vragen ten minste 70 procent."})
            self.line(f"{slug} refuses {format_euro(self.seen.shares[slug])}, with a code")
        else:
            clerk.submit(page.form("seen_hash", action="/akkoord/"))
            self.line(f"{slug} accepts {format_euro(self.seen.shares[slug])} by hand")

    def goes_on_without_one(self) -> None:
        def may_choose() -> bool:
            links = self.citizen.go("/mijn/voorstel/").links
            return any("/voorstel/keuze/" in address for address, _text in links)

        self.wait("the citizen hears of the refusal", may_choose)
        self.citizen.go(self.citizen.page.link("/voorstel/keuze/"))
        self.citizen.submit(self.citizen.page.form(action="/voorstel/zonder/"))

        def agreed() -> bool:
            page = self.citizen.go("/mijn/regeling/overeenkomst/")
            return page.path.endswith("/overeenkomst/") and page.has_form("gezien")

        self.wait("all who are left say yes to the new version", agreed)
        del self.seen.shares["noorderzon"]
        status = self.citizen.go("/mijn/voorstel/")
        self.seen.pot, self.seen.total = status.mark("pot").cents, status.mark("total").cents
        self.equal("the shares of who is left", sum(self.seen.shares.values()), self.seen.pot)
        self.line(f"goes on without noorderzon: {format_euro(self.seen.pot)} in all, every other share as it was")

    def signs(self) -> None:
        page = self.citizen.go("/mijn/regeling/overeenkomst/")
        for route in ("platform", "municipal", "in-full"):
            self.expect(page.mark(f"route-{route}").text, f"the route {route} is not shown before signing")
        refused = self.citizen.submit(page.form("gezien"))
        self.expect(refused.has_form("gezien"), "signed without having read the other routes")
        self.citizen.submit(refused.form("gezien"), {"read": "on"})

        def active() -> bool:
            return self.citizen.go("/mijn/betalen/").has_form() and any(
                one.method == "post" and one.action == "" for one in self.citizen.page.forms
            )

        self.wait("the arrangement starts", active)
        page = self.citizen.go("/mijn/")
        self.equal("what is still to pay", page.mark("to-pay").cents, self.seen.pot)
        self.equal("what the citizen owes at the start", page.mark("start").cents, self.seen.total)
        pdf = self.citizen.go("/mijn/regeling/overeenkomst.pdf")
        self.expect(pdf.content.startswith(b"%PDF-"), "the agreement is not a PDF")
        self.line(f"signed; the agreement is a PDF of {len(pdf.content)} bytes")

    def pays_the_first_month(self) -> None:
        page = self.citizen.go("/mijn/betalen/")
        self.seen.monthly = page.mark("open").cents
        page = self.citizen.submit(self.question(page))
        self.expect("/betalen/demobank/" in page.path, f"not at the bank but at {page.path}")
        self.equal("the amount at the bank", amounts(page.text)[0], self.seen.monthly)
        self.citizen.submit(page.form("decision"), {"decision": "pay"})

        def booked() -> bool:
            return self.citizen.go("/mijn/").mark("paid").cents == self.seen.monthly

        self.wait("the payment is divided", booked)
        progress = self.citizen.page.mark("progress").attributes["data-done"]
        self.equal("months paid", progress, "1")
        self.line(f"paid {format_euro(self.seen.monthly)} at the demo bank; received and divided")

    def _rows(self) -> dict[str, list[int]]:
        """Per organisation on the overview: start, paid, to pay, waived (what remains) and open."""
        page = self.citizen.go("/mijn/")
        return {one.attributes["data-name"]: amounts(one.text) for one in page.marked("creditor")}

    def sees_the_same_as_the_organisation(self) -> None:
        rows = self._rows()
        page = self.citizen.page
        for column, name in enumerate(("start", "paid", "to-pay", "waived")):
            self.equal(f"the column {name}", sum(row[column] for row in rows.values()), page.mark(name).cents)
        for row in rows.values():
            self.equal("a row", sum(row[1:4]), row[0])
        for slug, reference, _how in ANSWERS:
            if slug not in self.seen.shares:
                continue
            name = next(one.name for one in cast.ORGANISATIONS if one.slug == slug)
            owed, share, paid, to_come, waived, _remains = self._own_sums(slug, reference)
            self.equal(f"{slug} on both pages", rows[name][:4], [owed, paid, to_come, waived])
            self.equal(f"the share of {slug}", share, self.seen.shares[slug])
        each = ", ".join(f"{name} {format_euro(row[1])}" for name, row in rows.items())
        self.line(f"citizen and organisations see the same cents: {each}")

    def _own_sums(self, slug: str, reference: str) -> list[int]:
        """At the organisation: claim, share, paid, to come, waived, what remains."""
        clerk = self.somebody(f"{slug}-balie")
        page = clerk.go(clerk.go("/schuldeiser/regelingen/").link(reference))
        return amounts(page.mark("own-sums").text)

    def three_years_pass(self) -> None:
        visitor = Browser(self.base_url)
        page = visitor.go("/demo/")
        form = page.form("maanden")
        started = time.monotonic()
        visitor.submit(form, {"maanden": str(MONTHS)})

        def arrived() -> bool:
            state = visitor.go("/demo/tijd/").mark("job").attributes["data-state"]
            self.expect(state != "failed", "the time machine stopped half-way")
            return state == "done"

        self.wait("36 months pass", arrived, seconds=A_JOURNEY, pause=1)
        today = visitor.go("/demo/").mark("today").attributes["data-date"]
        self.line(f"{MONTHS} months later it is {today}; that took {time.monotonic() - started:.0f} s")

    def the_rest_is_waived(self) -> None:
        # Three years are longer than a session; the mail still comes.
        if not self.citizen.go("/mijn/").path.startswith("/mijn/"):
            self.logs_in()
        rows = self._rows()
        page = self.citizen.page
        page.mark("finished")
        self.equal("paid in all", page.mark("paid").cents, self.seen.pot)
        self.equal("still to pay", page.mark("to-pay").cents, 0)
        self.equal("open now", page.mark("open").cents, 0)
        waived = page.mark("waived").cents
        self.equal("paid and waived together", self.seen.pot + waived, self.seen.total)
        for slug, reference, _how in ANSWERS:
            if slug not in self.seen.shares:
                continue
            name = next(one.name for one in cast.ORGANISATIONS if one.slug == slug)
            owed, share, paid, to_come, gone, _remains = self._own_sums(slug, reference)
            self.equal(f"what {slug} got", paid, share)
            self.equal(f"{slug} on both pages", rows[name][:4], [owed, paid, to_come, gone])
        self.line(f"all {format_euro(self.seen.pot)} paid, {format_euro(waived)} waived, nothing open")

    def downloads_the_proof(self) -> None:
        page = self.citizen.go("/mijn/documenten/")
        proofs = [address for address, text in page.links if address.endswith(".pdf") and "Eindoverzicht" in text]
        self.expect(proofs, "there is no closing statement")
        pdf = self.citizen.go(proofs[0])
        self.expect(pdf.content.startswith(b"%PDF-"), "the closing statement is not a PDF")
        self.line(f"{len(proofs)} closing statement(s); the first is a PDF of {len(pdf.content)} bytes")

    def payouts_are_what_was_promised(self) -> None:
        for slug, reference, _how in ANSWERS:
            if slug in self.seen.shares:
                clerk = self.somebody(f"{slug}-balie")
                page = clerk.go(clerk.go("/schuldeiser/regelingen/").link(reference))
                self.equal(f"paid out to {slug}", sum(amounts(page.mark("paid-out").text)), self.seen.shares[slug])
        manager = self.somebody("delinde-beheer")
        page = manager.go("/schuldeiser/uitbetalingen/")
        batches = [address for address, _text in page.links if re.search(r"/uitbetalingen/[0-9a-f-]{36}/$", address)]
        self.expect(batches, "there is no payout")
        file = manager.go(manager.go(batches[0]).link("specificatie.pdf"))
        self.expect(file.content.startswith(b"%PDF-"), "the specification is no PDF")
        paid = ", ".join(f"{slug} {format_euro(cents)}" for slug, cents in self.seen.shares.items())
        self.line(f"paid out to the cent: {paid}; the last specification is a PDF of {len(file.content)} bytes")

    def books_are_right(self) -> None:
        visitor = Browser(self.base_url)
        visitor.submit(self.question(visitor.go("/demo/boeken/")))
        address = visitor.page.path

        def checked() -> bool:
            return visitor.go(address).mark("books").attributes["data-state"] != "busy"

        self.wait("the books are checked", checked, seconds=2 * SOON)
        findings = "; ".join(one.text for one in visitor.page.marked("finding"))
        self.equal("the state of the books", visitor.page.mark("books").attributes["data-state"] + findings, "right")
        self.line("every entry, every balance and every payout file adds up")


def _shown(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) < 1000:
        return repr(value)
    return format_euro(value, whole=False)
