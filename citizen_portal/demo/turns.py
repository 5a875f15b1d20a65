"""The people of the cast whose plan takes a turn, walked over HTTP: what each sees, and what ends it well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from citizen_portal.demo import cast
from citizen_portal.demo.browser import Browser, amounts
from kernel.cents import format_euro

if TYPE_CHECKING:
    from citizen_portal.demo.check import Walk


class Turns:
    """One walk past all of them. `walk` says a line per turn and stops at the first thing that is wrong."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk

    def run(self) -> None:
        """All turns, in the order of the cast."""
        for turn in (
            self.a_refusal_has_ways_out,
            self.a_balance_differs,
            self.a_no_is_looked_at_again,
            self.a_pause,
            self.a_moved_instalment,
            self.a_beslag,
            self.a_debt_found_late,
        ):
            turn()

    def _clerk(self, slug: str) -> Browser:
        return self.walk.somebody(f"{slug}-balie")

    def _accepts(self, slug: str, reference: str) -> int:
        """The clerk opens the proposal and says yes; its share in cents."""
        clerk = self._clerk(slug)
        page = clerk.go(clerk.go("/schuldeiser/?tab=alles").link(reference))
        share = page.mark("share").cents
        clerk.submit(page.form("seen_hash", action="/akkoord/"))
        return share

    def _becomes_agreed(self, who: Browser, name: str) -> None:
        def agreed() -> bool:
            page = who.go("/mijn/regeling/overeenkomst/")
            return page.path.endswith("/overeenkomst/") and page.has_form("gezien")

        self.walk.wait(f"everybody says yes to {name}", agreed)

    def a_refusal_has_ways_out(self) -> None:
        piet = self.walk.somebody("piet")
        page = piet.go(piet.go("/mijn/voorstel/").link("/voorstel/keuze/"))
        page.mark("said")
        page.mark("without")
        self.walk.expect(
            any("/voorstel/nog-eens/" in address for address, _text in page.links), "Piet cannot ask to look again"
        )
        self.walk.line("Piet was told no: look again, go on without, the municipality, or stop; nothing chosen for him")

    def a_balance_differs(self) -> None:
        sanne = self.walk.somebody("sanne")
        waits = [one for one in sanne.go("/mijn/voorstel/").marked("answer") if one.attributes["data-state"] == "open"]
        self.walk.equal("who still has to answer Sanne", len(waits), 1)
        share = self._accepts("delinde", cast.SANNE.letter[1] if cast.SANNE.letter else "")
        self._becomes_agreed(sanne, "Sanne")
        self.walk.line(
            f"Sanne: a balance differed, a new version; De Linde says yes to {format_euro(share)}, all agree"
        )

    def a_no_is_looked_at_again(self) -> None:
        omar = self.walk.somebody("omar")
        states = [one.attributes["data-state"] for one in omar.go("/mijn/voorstel/").marked("answer")]
        self.walk.expect("reconsideration" in states, f"nobody looks again at Omar's proposal: {states}")
        share = self._accepts("noorderzon", "NOO-202611-005")
        self._becomes_agreed(omar, "Omar")
        self.walk.line(f"Omar: a second look makes the no a yes to {format_euro(share)}, all agree")

    def a_pause(self) -> None:
        fleur = self.walk.somebody("fleur")
        until = fleur.go("/mijn/").mark("paused").text
        self.walk.line(f"Fleur has a break: {' '.join(until.split())}")

    def a_moved_instalment(self) -> None:
        jan = self.walk.somebody("jan")
        page = jan.go("/mijn/betalingen/")
        self.walk.expect("erplaatst" in page.text, "Jan does not see that his instalment moved")
        self.walk.line("Jan moved one instalment himself; both days stand in his payments")

    def a_beslag(self) -> None:
        nadia = self.walk.somebody("nadia")
        nadia.go("/mijn/").mark("stands-still")
        clerk = self._clerk("delinde")
        page = clerk.go(clerk.go("/schuldeiser/regelingen/").link("DEL-202605-004"))
        self.walk.expect("beslag" in page.text.lower(), "De Linde does not see that Nadia's plan stands still")
        self.walk.line("Nadia: one report of a beslag stops the plan for all, nobody is late")

    def a_debt_found_late(self) -> None:
        before = self._toms_rows()
        late, reference, cents = cast.TOMS_LATE_DEBT
        for slug, own in (("delinde", "DEL-202605-005"), ("polderzorg", "POL-202605-005"), (late, reference)):
            clerk = self._clerk(slug)
            page = clerk.go(clerk.go("/schuldeiser/wijzigingen/").link(own))
            clerk.submit(page.form("seen_hash", action="/akkoord/"))

        def changed() -> bool:
            return len(self._toms_rows()) == len(before) + 1

        self.walk.wait("the late debt is in Tom's plan", changed)
        after = self._toms_rows()
        for name, (start, paid, to_pay, waived) in after.items():
            self.walk.equal(f"the row of {name}", paid + to_pay + waived, start)
        self.walk.equal(
            "what Tom pays in all",
            sum(row[1] + row[2] for row in after.values()),
            sum(r[1] + r[2] for r in before.values()),
        )
        self.walk.line(
            f"Tom: a debt of {format_euro(cents)} found late is in, with the yes of all three; he pays the same in all"
        )

    def _toms_rows(self) -> dict[str, list[int]]:
        tom = self.walk.somebody("tom")
        page = tom.go("/mijn/")
        return {one.attributes["data-name"]: amounts(one.text)[:4] for one in page.marked("creditor")}
