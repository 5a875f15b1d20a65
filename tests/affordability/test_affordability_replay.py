"""Years later, from the stored row alone: the same cents and the same steps."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from affordability.gate import RULES, assess, assess_with
from affordability.household import Household, Situation, UncertainReason
from affordability.norms import NormRecord, as_json, from_json, official_records
from affordability.replay import RulesUnknown, household_as_json, household_from_json, replay

HOUSEHOLDS = st.builds(
    Household,
    st.sampled_from(Situation),
    st.integers(0, 700_000),
    st.none() | st.integers(0, 12_000_000),
    st.integers(0, 400_000),
    st.none() | st.integers(1, 400_000),
    st.frozensets(st.sampled_from([reason.value for reason in UncertainReason]), max_size=3),
    st.none() | st.integers(1, 400_000),
    st.integers(0, 100_000),
)
RECORDS = st.sampled_from(official_records())


@settings(max_examples=300)
@given(HOUSEHOLDS, st.integers(0, 300_000), RECORDS)
def test_what_went_through_json_gives_identical_cents_and_steps(
    household: Household, declared: int, record: NormRecord
) -> None:
    first = assess_with(household, declared, record)
    inputs, norms = (json.loads(json.dumps(one)) for one in (household_as_json(household), as_json(record)))
    again = replay(inputs=inputs, norms=norms, declared=declared, rules=RULES)
    assert again == first
    assert json.dumps(again.trace_as_json) == json.dumps(first.trace_as_json)


@given(HOUSEHOLDS)
def test_a_household_comes_back_as_it_was_whatever_else_stands_in_the_row(household: Household) -> None:
    assert household_from_json(household_as_json(household) | {"application": "x"}) == household


def test_norms_that_are_not_known_any_more_still_count_for_what_was_computed_with_them() -> None:
    record = official_records()[1]
    old = replace(record, rent_income_one=replace(record.rent_income_one, cents=2_000_000))
    household = Household(Situation.ALLEENSTAAND, 190_000, 2_600_000)
    first = assess_with(household, 100_00, old)
    assert first.floor_low != assess(household, 100_00, date(2026, 11, 23)).floor_low
    again = replay(inputs=household_as_json(household), norms=as_json(old), declared=100_00, rules=RULES)
    assert again == first
    assert from_json(as_json(old)) == old


def test_another_version_of_the_rules_is_not_played_as_if_it_were_this_one() -> None:
    household = Household(Situation.ALLEENSTAAND, 190_000, 2_600_000)
    with pytest.raises(RulesUnknown):
        replay(inputs=household_as_json(household), norms=as_json(official_records()[0]), declared=0, rules="1999-1")
