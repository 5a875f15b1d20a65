"""Which pages somebody walks who tells that something changed, or who looks at the figures once a year."""

from collections.abc import Mapping
from enum import StrEnum

from arrangements.models import Application
from arrangements.operations.report_change import Finding, try_change
from citizen_portal.steps import PAGE_OF_FACT

COMPARISON_PAGE = "vergelijking"
CHANGED_PAGE = "veranderd"
REVIEW_PAGE = "jaarcontrole"
OTHER_PAGE = "lukt-niet-gegevens"

# The question after the one that is asked now, in the address: a house, for instance, is two questions.
AS_WELL = "ook"
_FIGURES = frozenset({"huishouden", "bijzonder", "inkomen", "belastbaar", "partner", "vaste-lasten"})


class What(StrEnum):
    """What changed, as people say it."""

    INCOME = "inkomen"
    WORK = "werk"
    HOUSE = "huis"
    FAMILY = "gezin"
    OTHER = "anders"


# The questions about it, in their order; none: all figures are shown to choose from.
QUESTIONS_ABOUT: Mapping[What, tuple[str, ...]] = {
    What.INCOME: ("inkomen",),
    What.WORK: ("inkomen",),
    What.HOUSE: ("vaste-lasten", "bijzonder"),
    What.FAMILY: ("huishouden",),
    What.OTHER: (),
}


def page_of_change(change: Application) -> str:
    """Where a saved answer leads: to an answer that is missing now, or to old and new side by side.

    In a review it leads back to the page with all figures.
    """
    missing = page_of_missing(try_change(change=change))
    if missing:
        return missing
    return REVIEW_PAGE if change.purpose == Application.Purpose.REVIEW else COMPARISON_PAGE


def page_of_missing(finding: Finding) -> str:
    """The question about the first answer without which nothing can be computed; empty when there is none."""
    return next((PAGE_OF_FACT[name] for name in finding.missing if name in PAGE_OF_FACT), "")


def asked_as_well(query: Mapping[str, str], application: Application) -> str:
    """The second question of a change, named in the address of the first; empty when there is none."""
    name = query.get(AS_WELL, "")
    return name if name in _FIGURES and application.purpose != Application.Purpose.FIRST else ""


def back_from_question(application: Application) -> str:
    """Where "Terug" goes on a question of a change or review; empty for a first application."""
    if application.purpose == Application.Purpose.FIRST:
        return ""
    return REVIEW_PAGE if application.purpose == Application.Purpose.REVIEW else COMPARISON_PAGE
