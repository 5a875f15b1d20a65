"""Two clocks: this proposal, the municipal route and paying everything, side by side (features.md, idea 5 and C22)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from arrangements.domain.proposal import CreditorOutcome, Route, TermOutcome
from arrangements.models import Proposal
from arrangements.queries.routes import routes_of

ROUTE_WORDS = {
    Route.PLATFORM: "Dit plan",
    Route.MUNICIPAL: "Uw gemeente",
    Route.IN_FULL: "Alles zelf betalen",
}


@dataclass(frozen=True, slots=True)
class RouteRow:
    """One route in a table. In cents; `mark` names the row for who looks for it."""

    mark: str
    name: str
    months: int
    paid: int
    waived: int
    remains: int


@dataclass(frozen=True, slots=True)
class Party:
    """One organisation with its outcome on every route. In cents."""

    name: str
    outstanding: int
    rows: tuple[RouteRow, ...]


def two_clocks(proposal: Proposal) -> dict[str, Any]:
    """What the three routes come to, for all organisations together and for each of them. Scope: the citizen's."""
    found = routes_of(proposal)
    rows = _rows(found.routes)
    return {
        "routes": rows,
        "parties": [Party(one.name, one.outstanding_cents, _rows(one.routes)) for one in found.creditors],
        "route_monthly": found.monthly_cents,
        "municipal_months": found.municipal_months,
        "in_full": found.routes[Route.IN_FULL],
        "something_remains": any(row.remains for row in rows),
    }


def _rows(outcomes: Mapping[Route, TermOutcome] | Mapping[Route, CreditorOutcome]) -> tuple[RouteRow, ...]:
    return tuple(
        RouteRow(
            mark=route.value.replace("_", "-"),
            name=words,
            months=outcomes[route].months,
            paid=outcomes[route].paid,
            waived=outcomes[route].waived,
            remains=outcomes[route].remains,
        )
        for route, words in ROUTE_WORDS.items()
    )
