"""Who lives in a home, and which of the four living situations that is in law (art. 475da(1) Rv)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from affordability.household import Situation

ADULT = 18
"""From this age a child is no child any more (475da(1))."""
COST_SHARER = 27
"""From this age another adult shares the costs (kostendeler, art. 22a Participatiewet). It plays no part in the
beslagvrije voet: art. 475da uses the norms of art. 21 alone. For the budget it means kostgeld."""
OLDEST = 120


class Role(StrEnum):
    """Who somebody is to the applicant."""

    CHILD = "child"
    """An own child, or one of the partner, that lives in the home."""
    ADULT = "adult"
    """Anybody else: a grown-up child, a parent, a lodger."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who lives in the home, other than applicant and partner.

    With a birth year alone a child of 17 and one of 18 can look the same: `is_eighteen` says which, None when unknown.
    """

    role: Role
    birth_year: int
    is_eighteen: bool | None = None

    def may_be_child(self, year: int) -> bool:
        """Whether this member can be younger than 18 in `year`."""
        age = year - self.birth_year
        return self.role is Role.CHILD and (age < ADULT or (age == ADULT and self.is_eighteen is not True))

    def is_unclear(self, year: int) -> bool:
        """Whether a birthday decides, and nobody said whether it was already."""
        return self.role is Role.CHILD and year - self.birth_year == ADULT and self.is_eighteen is None


@dataclass(frozen=True, slots=True)
class Composition:
    """What follows from who lives there. `age_unclear`: whether there is a child under 18 hangs on an unknown birthday."""

    situation: Situation
    children: int
    adults: int
    cost_sharers: int
    age_unclear: bool


def compose(*, has_partner: bool, members: Iterable[Member], year: int) -> Composition:
    """The living situation in the calendar year `year`. The order of the members does not matter.

    A child whose birthday decides counts as a child: that is the higher floor, and `age_unclear` makes the result amber.
    ValueError for a birth year after `year` or more than 120 years before it.
    """
    people = list(members)
    for one in people:
        if not year - OLDEST <= one.birth_year <= year:
            raise ValueError(f"nobody who lives in {year} is born in {one.birth_year}")
    children = [one for one in people if one.may_be_child(year)]
    adults = [one for one in people if not one.may_be_child(year)]
    if has_partner:
        situation = Situation.GEHUWD_MET_KINDEREN if children else Situation.GEHUWD
    else:
        situation = Situation.ALLEENSTAANDE_OUDER if children else Situation.ALLEENSTAAND
    return Composition(
        situation=situation,
        children=len(children),
        adults=len(adults),
        cost_sharers=sum(year - one.birth_year >= COST_SHARER for one in adults),
        age_unclear=bool(children) and all(one.is_unclear(year) for one in children),
    )
