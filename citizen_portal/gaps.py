"""Where the citizen fills in what `arrangements.queries.submission_gaps` says is missing."""

from collections.abc import Sequence
from dataclasses import dataclass

from arrangements.queries import submission_gaps as gaps
from citizen_portal.steps import PAGE_OF_FACT

_PAGES = {
    gaps.NAME: "wie-bent-u",
    gaps.IDENTITY: "brief",
    gaps.CONSENT: "toestemming",
    gaps.CLAIMS: "organisaties",
    gaps.CLAIM_AMOUNT: "organisaties-toevoegen",
    gaps.CIRCUMSTANCES: "bijzonder",
    gaps.NORMS: "geen-normen",
    gaps.ASSESSMENT: "missen",
    gaps.AMOUNT: "missen",
    gaps.PARTNER: "missen",
}
#: Pages a coach has no business on.
_CITIZEN_ONLY = frozenset({"toestemming"})


@dataclass(frozen=True, slots=True)
class GapLink:
    """One gap as the check page shows it; `page` is '' where whoever looks cannot fill it in."""

    text: str
    page: str


def page_of(fact: str) -> str:
    """The name of the page where a fact is filled in; what only an official figure solves is explained on its own page."""
    return _PAGES.get(fact) or PAGE_OF_FACT.get(fact) or "nog-even"


def links(found: Sequence[gaps.Gap], *, acting: bool) -> list[GapLink]:
    """The gaps with the page of each. `acting`: a coach looks."""
    return [
        GapLink(gap.text, "" if acting and page in _CITIZEN_ONLY else page)
        for gap in found
        for page in (page_of(gap.fact),)
    ]
