"""Norm records: complete, with sources, and true to art. 475da(8)."""

from dataclasses import fields, replace
from datetime import date
from importlib.resources import files
from itertools import pairwise

import pytest

from affordability.beslagvrije_voet import calculate_beslagvrije_voet
from affordability.household import Situation
from affordability.norms import (
    Amount,
    InvalidNorms,
    NormsMissing,
    Rate,
    check_record,
    maxima,
    official_records,
    parse_record,
    record_for,
    records_with_examples,
)

TEXT = files("affordability").joinpath("norms", "2026-01-01.toml").read_text("utf-8")


def test_the_four_official_maxima_of_january_2026_come_out_to_the_cent() -> None:
    assert maxima(official_records()[0]) == {
        Situation.ALLEENSTAAND: 219_142,
        Situation.ALLEENSTAANDE_OUDER: 252_669,
        Situation.GEHUWD: 288_141,
        Situation.GEHUWD_MET_KINDEREN: 315_531,
    }


def test_the_maxima_of_july_2026_follow_from_its_own_amounts() -> None:
    assert list(maxima(official_records()[1]).values()) == [220_848, 254_375, 290_579, 317_968]


def test_only_the_two_half_years_of_2026_are_official() -> None:
    assert [record.key for record in official_records()] == ["2026-01-01", "2026-07-01"]
    assert not any(record.example for record in official_records())


def test_the_examples_go_on_without_a_gap_to_the_end_of_2030() -> None:
    records = records_with_examples()
    assert [record.starts for record in records] == [
        date(year, month, 1) for year in range(2026, 2031) for month in (1, 7)
    ]
    assert all(record.example == (record.starts.year > 2026) for record in records)


def test_every_amount_has_a_source_and_a_certainty() -> None:
    for record in records_with_examples():
        norms = [getattr(record, field.name) for field in fields(record)][2:]
        assert all(isinstance(norm, (Amount, Rate)) and norm.source and norm.certainty for norm in norms)
        assert all((norm.certainty == "E") == record.example for norm in norms)


def test_the_norm_of_a_single_is_seventy_percent_of_a_couple_rounded_up() -> None:
    for record in records_with_examples():
        assert record.bijstandsnorm_single.cents == -(-record.bijstandsnorm_couple.cents * 7 // 10)


def test_the_norms_rise_every_half_year() -> None:
    for earlier, later in pairwise(records_with_examples()):
        assert all(1 < later.maximum[situation] / earlier.maximum[situation] < 1.02 for situation in Situation)


def test_a_record_counts_for_its_own_half_year_only() -> None:
    first, second = official_records()
    assert record_for(date(2026, 1, 1), [second, first]) is first
    assert record_for(date(2026, 6, 30), [second, first]) is first
    assert record_for(date(2026, 7, 1), [first, second]) is second
    assert record_for(date(2026, 12, 31), [first, second]) is second
    with pytest.raises(NormsMissing, match="2026-07-01 to 2026-12-31"):
        record_for(date(2027, 1, 1), [first, second])
    with pytest.raises(NormsMissing, match="2026-01-01 to 2026-06-30"):
        record_for(date(2026, 7, 1), [first])
    with pytest.raises(NormsMissing, match="none for any other"):
        record_for(date(2026, 7, 1), [])


def test_a_maximum_that_does_not_follow_is_refused() -> None:
    record = official_records()[0]
    wrong = replace(record, max_gehuwd=replace(record.max_gehuwd, cents=288_142))
    with pytest.raises(InvalidNorms, match="gehuwd is 288142, must be 288141"):
        check_record(wrong)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("cents = 140150", "cents = 140150.5"),
        ("cents = 140150", "cents = -1"),
        ("cents = 140150", "cents = true"),
        ("cents = 140150\n", ""),
        ("[bijstandsnorm_single]", "[bijstandsnorm]"),
        ('percent = "27"', "percent = 27"),
        ('percent = "27"', 'percent = "-27"'),
        ('certainty = "C"', 'certainty = "M"'),
        ("starts = 2026-01-01", "starts = 2026-02-01"),
        ("starts = 2026-01-01", 'starts = "2026-01-01"'),
        ("starts = 2026-01-01", 'starts = 2026-01-01\nexample = "no"'),
        ("starts = 2026-01-01", "starts ="),
        ('source = "Wzt 2(3)"', 'source = " "'),
    ],
)
def test_an_incomplete_or_odd_record_is_refused(old: str, new: str) -> None:
    assert old in TEXT
    with pytest.raises(InvalidNorms):
        parse_record(TEXT.replace(old, new, 1))


@pytest.mark.parametrize("situation", Situation)
def test_a_very_high_income_gives_the_maximum_of_the_situation(situation: Situation) -> None:
    for record in records_with_examples():
        voet = calculate_beslagvrije_voet(situation, 10**9, 10**10, 0, record)
        assert voet.cents == record.maximum[situation]
        assert calculate_beslagvrije_voet(situation, 10**9, 0, 0, record).exact == voet.parts.base
