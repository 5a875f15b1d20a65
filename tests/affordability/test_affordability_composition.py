"""Who lives there decides the living situation in law (475da(1)); birthdays that are not known make it amber, never a guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affordability.composition import Member, Role, compose
from affordability.household import Situation

YEAR = 2026
MEMBERS = st.lists(
    st.builds(Member, st.sampled_from(Role), st.integers(YEAR - 90, YEAR), st.sampled_from([None, True, False])),
    max_size=8,
)


def child(birth_year: int, is_eighteen: bool | None = None) -> Member:
    return Member(Role.CHILD, birth_year, is_eighteen)


@pytest.mark.parametrize(
    ("has_partner", "members", "situation"),
    [
        (False, [], Situation.ALLEENSTAAND),
        (True, [], Situation.GEHUWD),
        (False, [child(2014)], Situation.ALLEENSTAANDE_OUDER),
        (True, [child(2014), child(2001)], Situation.GEHUWD_MET_KINDEREN),
        (False, [child(2001)], Situation.ALLEENSTAAND),
        (False, [Member(Role.ADULT, 1960)], Situation.ALLEENSTAAND),
        (False, [child(2008, is_eighteen=True)], Situation.ALLEENSTAAND),
        (False, [child(2008, is_eighteen=False)], Situation.ALLEENSTAANDE_OUDER),
    ],
)
def test_the_living_situation_follows_from_who_lives_there(
    has_partner: bool, members: list[Member], situation: Situation
) -> None:
    found = compose(has_partner=has_partner, members=members, year=YEAR)
    assert found.situation is situation
    assert not found.age_unclear


def test_a_child_whose_birthday_decides_counts_as_a_child_and_is_said_to_be_unclear() -> None:
    found = compose(has_partner=False, members=[child(2008)], year=YEAR)
    assert (found.situation, found.age_unclear) == (Situation.ALLEENSTAANDE_OUDER, True)


def test_another_child_that_is_young_ends_the_doubt() -> None:
    found = compose(has_partner=False, members=[child(2008), child(2015)], year=YEAR)
    assert (found.situation, found.age_unclear) == (Situation.ALLEENSTAANDE_OUDER, False)


def test_other_adults_share_the_costs_from_27_on_and_never_change_the_situation() -> None:
    grown = [Member(Role.ADULT, 1999), Member(Role.ADULT, 2000), child(1990)]
    found = compose(has_partner=False, members=grown, year=YEAR)
    assert (found.situation, found.adults, found.cost_sharers) == (Situation.ALLEENSTAAND, 3, 2)


@given(MEMBERS, st.booleans(), st.randoms())
def test_the_order_in_which_people_are_named_does_not_matter(
    members: list[Member], couple: bool, random: object
) -> None:
    shuffled = list(members)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' own Random
    assert compose(has_partner=couple, members=members, year=YEAR) == compose(
        has_partner=couple, members=shuffled, year=YEAR
    )


@given(MEMBERS, st.booleans())
def test_everybody_is_counted_once(members: list[Member], couple: bool) -> None:
    found = compose(has_partner=couple, members=members, year=YEAR)
    assert found.children + found.adults == len(members)
    assert found.situation.has_children == (found.children > 0)
    assert found.situation.is_couple == couple


@pytest.mark.parametrize("year", [1890, YEAR + 1, 0])
def test_somebody_who_cannot_live_there_is_refused(year: int) -> None:
    with pytest.raises(ValueError, match=str(year)):
        compose(has_partner=False, members=[child(year)], year=YEAR)
