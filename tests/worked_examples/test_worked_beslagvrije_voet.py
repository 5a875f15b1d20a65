"""The worked examples of domain.md 1.5, with the record of 2026-07-01."""

from datetime import date
from typing import Any

import pytest

from affordability.beslagvrije_voet import calculate_beslagvrije_voet
from affordability.gate import Verdict, assess
from affordability.household import Household, Situation
from affordability.norms import official_records, record_for
from kernel.cents import half_up

ON = date(2026, 11, 23)


def test_example_1_a_single_with_a_known_income() -> None:
    found = assess(Household(Situation.ALLEENSTAAND, 190_000, taxable_income=2_600_000), 49_358, ON)
    assert (found.floor_low, found.floor_high) == (140_642, 140_642)
    assert (found.capacity_low, found.capacity_high) == (49_358, 49_358)
    assert found.verdict is Verdict.GREEN
    parts = calculate_beslagvrije_voet(
        Situation.ALLEENSTAAND, 190_000, 2_600_000, 0, record_for(ON, official_records())
    ).parts
    assert [float(part) for part in (parts.base, parts.care, parts.rent)] == [134_848.7, 0, 5_793.75]


@pytest.mark.parametrize(
    ("declared", "verdict"),
    [(8_000, "green"), (8_001, "amber"), (10_000, "amber"), (25_151, "amber"), (25_152, "red"), (26_000, "red")],
)
def test_example_2_a_single_whose_income_is_not_known(declared: Any, verdict: str) -> None:
    found = assess(Household(Situation.ALLEENSTAAND, 160_000), declared, ON)
    assert (found.floor_low, found.floor_high) == (134_849, 152_000)
    assert (found.capacity_low, found.capacity_high) == (8_000, 25_151)
    assert found.verdict == verdict


def test_example_3_a_single_on_bijstand() -> None:
    found = assess(Household(Situation.ALLEENSTAAND, 141_946), 7_097, ON)
    assert (found.floor_low, found.floor_high, found.capacity_low) == (134_849, 134_849, 7_097)
    assert found.verdict is Verdict.GREEN


def test_example_4_a_couple_of_whom_one_does_not_take_part() -> None:
    found = assess(Household(Situation.GEHUWD, 200_000, 4_500_000, 90_000), 55_145, ON)
    assert (found.floor_low, found.capacity_low) == (144_855, 55_145)
    assert found.verdict is Verdict.GREEN
    voet = calculate_beslagvrije_voet(Situation.GEHUWD, 200_000, 4_500_000, 90_000, record_for(ON, official_records()))
    assert half_up(voet.before_partner) == 234_855


@pytest.mark.parametrize(
    ("situation", "maximum"),
    [
        (Situation.ALLEENSTAAND, 220_848),
        (Situation.ALLEENSTAANDE_OUDER, 254_375),
        (Situation.GEHUWD, 290_579),
        (Situation.GEHUWD_MET_KINDEREN, 317_968),
    ],
)
def test_example_5_a_very_high_income_gives_the_maximum(situation: Situation, maximum: int) -> None:
    assert assess(Household(situation, 10_000_000, 100_000_000), 0, ON).floor_low == maximum
