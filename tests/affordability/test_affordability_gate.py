"""The gate: bounds that hold, and never a yes below the beslagvrije voet (domain.md 1)."""

import json
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from affordability.gate import OFFICIAL_FIGURE, TAXABLE_INCOME, Verdict, assess, trace_as_json
from affordability.household import Household, Situation, UncertainReason
from affordability.norms import NormsMissing, records_with_examples

ON = date(2026, 11, 23)
NET = st.integers(0, 600_000)
TAXABLE = st.integers(0, 12_000_000)
PARTNER = st.just(0) | st.integers(0, 400_000)
SITUATIONS = st.sampled_from(Situation)
DECLARED = st.integers(0, 300_000)


def household(**facts: Any) -> Household:
    known: dict[str, Any] = {
        "situation": Situation.ALLEENSTAAND,
        "net_income": 190_000,
        "taxable_income": 2_600_000,
    }
    return Household(**known | facts)


@given(SITUATIONS, NET, TAXABLE, PARTNER)
def test_a_known_income_gives_a_capacity_inside_the_bounds_of_not_knowing(
    situation: Situation, net: int, taxable: int | None, partner: int
) -> None:
    known = assess(Household(situation, net, taxable, partner), 0, ON)
    unknown = assess(Household(situation, net, None, partner), 0, ON)
    assert known.exact
    assert not unknown.exact
    assert known.floor_low == known.floor_high
    assert unknown.floor_low <= known.floor_low <= unknown.floor_high
    assert unknown.capacity_low <= known.capacity_low <= unknown.capacity_high


@given(SITUATIONS, NET, TAXABLE | st.none(), PARTNER, DECLARED)
def test_the_four_bounds_hold(situation: Situation, net: int, taxable: int | None, partner: int, declared: Any) -> None:
    found = assess(Household(situation, net, taxable, partner), declared, ON)
    assert 0 <= found.floor_low <= found.floor_high <= net
    assert found.capacity_low == net - found.floor_high
    assert found.capacity_high == net - found.floor_low
    # Always 5 % for creditors (475dc), up to the half cent of rounding the floor.
    assert 200 * found.capacity_low + 100 >= 10 * net


@given(SITUATIONS, NET, st.integers(0, 5_000), TAXABLE, PARTNER)
def test_more_net_income_never_lowers_the_capacity(
    situation: Situation, net: int, more: int, taxable: int | None, partner: int
) -> None:
    less = assess(Household(situation, net, taxable, partner), 0, ON)
    assert assess(Household(situation, net + more, taxable, partner), 0, ON).capacity_low >= less.capacity_low


@given(SITUATIONS, NET, TAXABLE, st.integers(0, 500_000))
def test_more_taxable_income_never_raises_the_capacity(situation: Situation, net: int, taxable: int, more: int) -> None:
    less = assess(Household(situation, net, taxable), 0, ON)
    assert assess(Household(situation, net, taxable + more), 0, ON).capacity_low <= less.capacity_low


@given(
    st.builds(
        Household,
        SITUATIONS,
        NET,
        TAXABLE | st.none(),
        PARTNER,
        st.none() | st.integers(0, 400_000),
        st.sampled_from([frozenset(), frozenset({"company_car"})]),
    ),
    DECLARED,
)
def test_green_never_leaves_less_than_the_floor(known: Household, declared: int) -> None:
    found = assess(known, declared, ON)
    left = known.net_income - declared
    if found.verdict is Verdict.GREEN:
        assert left >= found.floor_high
        assert not declared or not known.uncertain or known.official_beslagvrije_voet is not None
    elif found.verdict is Verdict.AMBER:
        assert left >= found.floor_low
        assert found.missing
    else:
        assert left < found.floor_low


@pytest.mark.parametrize("situation", Situation)
def test_nothing_is_always_green(situation: Situation) -> None:
    for facts in (
        {},
        {"taxable_income": 1},
        {"uncertain": frozenset({"institution"})},
        {"official_beslagvrije_voet": 10**9},
    ):
        assert assess(Household(situation, 0, **facts), 0, ON).verdict is Verdict.GREEN


def test_an_official_figure_decides_whatever_else_is_known() -> None:
    found = assess(household(official_beslagvrije_voet=150_000, uncertain=frozenset({"institution"})), 40_000, ON)
    assert (found.floor_low, found.floor_high, found.capacity_low) == (150_000, 150_000, 40_000)
    assert found.verdict is Verdict.GREEN
    assert found.exact
    assert assess(household(official_beslagvrije_voet=150_000), 40_001, ON).verdict is Verdict.RED


def test_an_official_figure_above_the_income_leaves_no_capacity() -> None:
    found = assess(household(official_beslagvrije_voet=200_000), 1, ON)
    assert (found.floor_low, found.capacity_low, found.capacity_high) == (190_000, 0, 0)
    assert found.verdict is Verdict.RED


def test_an_uncertain_reason_gives_bounds_and_never_green_above_nothing() -> None:
    found = assess(household(uncertain=frozenset({UncertainReason.COMPANY_CAR})), 1, ON)
    without_income = assess(household(taxable_income=None), 1, ON)
    assert found.verdict is Verdict.AMBER
    assert found.missing == (OFFICIAL_FIGURE,)
    assert found.sure_capacity == 0
    assert (found.floor_low, found.floor_high) == (without_income.floor_low, without_income.floor_high)
    assert without_income.missing == (TAXABLE_INCOME,)
    assert assess(household(uncertain={"company_car"}), found.capacity_high + 1, ON).verdict is Verdict.RED


def test_a_partner_counts_only_in_a_couple() -> None:
    alone = assess(household(partner_income=90_000), 0, ON)
    assert alone.floor_low == assess(household(), 0, ON).floor_low


def test_a_partner_takes_off_at_most_half() -> None:
    rich = assess(household(situation=Situation.GEHUWD, net_income=300_000, partner_income=10**9), 0, ON)
    alone = assess(household(situation=Situation.GEHUWD, net_income=300_000), 0, ON)
    assert abs(2 * rich.floor_low - alone.floor_low) <= 1


@pytest.mark.parametrize("declared", [-1, 1.5, True, "45", None])
def test_a_strange_amount_is_refused(declared: Any) -> None:
    with pytest.raises(ValueError, match="declared"):
        assess(household(), declared, ON)


@pytest.mark.parametrize(
    "facts",
    [
        {"net_income": -1},
        {"net_income": 1900.0},
        {"net_income": True},
        {"net_income": None},
        {"taxable_income": -1},
        {"taxable_income": "26000"},
        {"partner_income": -1},
        {"partner_income": None},
        {"official_beslagvrije_voet": -1},
        {"official_beslagvrije_voet": False},
        {"situation": "samen"},
        {"uncertain": "company_car"},
        {"uncertain": frozenset({""})},
    ],
)
def test_a_household_that_cannot_be_is_refused(facts: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        household(**facts)


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2027, 1, 1), date(1999, 1, 1)])
def test_a_date_without_norms_is_refused_and_the_nearest_period_named(day: date) -> None:
    with pytest.raises(NormsMissing, match=r"2026-0[17]-01 to 2026-(06-30|12-31)"):
        assess(household(), 0, day)


def test_a_moment_is_no_date() -> None:
    with pytest.raises(ValueError, match="date"):
        assess(household(), 0, datetime(2026, 11, 23))  # noqa: DTZ001 - the point is that it carries a time


def test_the_norms_are_chosen_by_the_date() -> None:
    june, july = assess(household(), 0, date(2026, 6, 30)), assess(household(), 0, date(2026, 7, 1))
    assert (june.norms_key, july.norms_key) == ("2026-01-01", "2026-07-01")
    assert june.floor_low < july.floor_low


def test_example_norms_are_only_used_when_handed_over_and_say_so() -> None:
    found = assess(household(), 0, date(2029, 3, 1), records=records_with_examples())
    assert found.example
    assert found.uses_example_norms
    assert not assess(household(), 0, ON, records=records_with_examples()).example


@settings(max_examples=40)
@given(SITUATIONS, NET, TAXABLE | st.none(), PARTNER, DECLARED)
def test_the_trace_can_be_stored_and_says_everything_in_short_sentences(
    situation: Situation, net: int, taxable: int | None, partner: int, declared: Any
) -> None:
    found = assess(Household(situation, net, taxable, partner), declared, ON)
    stored = json.loads(json.dumps(trace_as_json(found)))
    assert [step["code"] for step in stored] == [step.code for step in found.trace]
    assert all(step["label"] and step["source"] and len(step["label"].split()) <= 10 for step in stored)
    assert hash(found.trace) == hash(replace(found).trace)
