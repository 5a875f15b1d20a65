"""The sum that a citizen reads says what the gate did, and adds up on paper to the cent (or says why it does not)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affordability.explain import Explanation, Sum, explain
from affordability.gate import assess, income_unknown, steps_as_json
from affordability.household import Household, Situation

ON = date(2026, 11, 23)


def explained(household: Household, declared: int = 10_000) -> Explanation:
    return explain(assess(household, declared, ON).trace_as_json)


def amounts(found: Sum) -> list[tuple[str, int]]:
    return [(line.sign, line.cents) for line in found.lines]


def test_the_worked_example_of_the_domain_is_written_out() -> None:
    floor, room = explained(Household(Situation.ALLEENSTAAND, 1_900_00, 26_000_00)).sums
    assert amounts(floor) == [("", 1_348_49), ("+", 57_94), ("=", 1_406_42)]
    assert amounts(room) == [("", 1_900_00), ("−", 1_406_42), ("=", 493_58)]


def test_rounding_at_the_end_is_said_because_adding_by_hand_differs_by_a_cent() -> None:
    assert explained(Household(Situation.ALLEENSTAAND, 1_900_00, 26_000_00)).rounded


def test_a_limit_that_decides_is_named() -> None:
    (floor, _room) = explained(Household(Situation.ALLEENSTAAND, 1_419_46, 19_000_00)).sums
    assert amounts(floor) == [("", 1_348_49)]
    poor = explained(Household(Situation.ALLEENSTAAND, 1_000_00, 14_000_00)).sums[0]
    assert amounts(poor) == [("", 1_348_49), ("=", 950_00)]
    assert any("95 procent" in remark for remark in poor.remarks)
    rich = explained(Household(Situation.ALLEENSTAANDE_OUDER, 5_000_00, 90_000_00)).sums[0]
    assert amounts(rich)[-1] == ("=", 2_543_75)
    assert any("hoogste bedrag" in remark for remark in rich.remarks)


def test_the_income_of_a_partner_is_taken_off_in_the_open() -> None:
    floor = explained(Household(Situation.GEHUWD, 2_000_00, 45_000_00, 900_00)).sums[0]
    assert ("−", 900_00) in amounts(floor)
    assert amounts(floor)[-1] == ("=", 1_448_55)


def test_bounds_are_two_sums_and_no_certainty() -> None:
    found = explained(Household(Situation.ALLEENSTAAND, 1_600_00))
    assert [amounts(one)[-1] for one in found.sums] == [("=", 80_00), ("=", 251_51)]
    assert not found.is_sure


def test_without_an_income_there_is_nothing_to_add_up() -> None:
    found = explain(steps_as_json(income_unknown(100_00)))
    assert found.sums == ()
    assert found.doubts == ("net_income",)


@given(
    st.sampled_from(Situation), st.integers(0, 600_000), st.none() | st.integers(0, 9_000_000), st.integers(0, 200_000)
)
def test_income_less_floor_less_promised_is_the_outcome_on_the_page(
    situation: Situation, net: int, taxable: int | None, committed: int
) -> None:
    found = explained(Household(situation, net, taxable, committed=committed))
    for one in found.sums:
        if one.title == "Wat u moet overhouden":
            continue
        *before, outcome = one.lines
        left = before[0].cents - sum(line.cents for line in before[1:])
        assert outcome.cents == max(0, left)


@pytest.mark.parametrize("situation", Situation)
@pytest.mark.parametrize("taxable", [0, 30_000_00, 60_000_00, 200_000_00])
def test_every_sentence_is_short_enough_to_read(situation: Situation, taxable: int) -> None:
    found = explained(Household(situation, 2_500_00, taxable, 500_00, committed=10_00, vtlb=900_00))
    for one in found.sums:
        assert all(len(line.label.split()) <= 10 for line in one.lines)
        assert all(len(part.split()) <= 12 for remark in one.remarks for part in remark.split(". "))
