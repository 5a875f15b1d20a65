"""Norm records: complete, with sources, and true to art. 475da(8)."""

import json
from dataclasses import fields, replace
from datetime import date
from fractions import Fraction
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affordability.beslagvrije_voet import calculate_beslagvrije_voet
from affordability.household import Situation
from affordability.norm_names import NORM_GROUPS, norm_label
from affordability.norms import (
    AMOUNT_NAMES,
    RATE_NAMES,
    Amount,
    InvalidNorms,
    NormRecord,
    NormsMissing,
    Rate,
    as_json,
    check_record,
    fingerprint,
    from_json,
    half_year,
    maxima,
    missing_norms,
    next_half_year,
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


def test_every_day_lies_in_one_half_year() -> None:
    assert [half_year(date(2027, 1, 1)), half_year(date(2027, 6, 30))] == [date(2027, 1, 1)] * 2
    assert [half_year(date(2027, 7, 1)), half_year(date(2027, 12, 31))] == [date(2027, 7, 1)] * 2
    assert next_half_year(date(2027, 6, 30)) == date(2027, 7, 1)
    assert next_half_year(date(2027, 7, 1)) == date(2028, 1, 1)


def test_every_norm_has_a_dutch_name_and_its_place_in_the_form() -> None:
    named = [name for group in NORM_GROUPS for name in group.labels]
    assert sorted(named) == sorted([*AMOUNT_NAMES, *RATE_NAMES])
    assert len({norm_label(name) for name in named}) == len(named)


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


@st.composite
def _records(draw: st.DrawFn) -> NormRecord:
    sources = st.text(min_size=1).filter(lambda text: bool(text.strip()))
    example = draw(st.booleans())
    certainties = st.sampled_from("CSIE" if example else "CSI")
    amounts = st.builds(Amount, st.integers(0, 10**9), sources, certainties)
    rates = st.builds(Rate, st.integers(0, 999_999).map(lambda part: Fraction(part, 10**6)), sources, certainties)
    starts = st.builds(date, st.integers(1900, 2200), st.sampled_from([1, 7]), st.just(1))
    norms: dict[str, Any] = {name: draw(amounts) for name in AMOUNT_NAMES}
    norms |= {name: draw(rates) for name in RATE_NAMES}
    return NormRecord(starts=draw(starts), example=example, **norms)


@given(_records())
def test_a_record_survives_being_written_and_read_exactly(record: NormRecord) -> None:
    read = from_json(json.loads(json.dumps(as_json(record))))
    assert read == record
    assert fingerprint(read) == fingerprint(record)
    assert missing_norms(as_json(record)) == {}


def test_the_fingerprint_of_a_shipped_record_stays_what_it_is() -> None:
    assert fingerprint(official_records()[0]) == "3ea826d57025caa10f9a54fb821da606ff062eb49f69479c676cc22196efe955"


def test_every_norm_source_and_certainty_counts_for_the_fingerprint() -> None:
    record = official_records()[0]
    changed = [replace(record, starts=date(2026, 7, 1)), replace(record, example=True)]
    for name in AMOUNT_NAMES:
        amount = getattr(record, name)
        changed.append(replace(record, **{name: replace(amount, cents=amount.cents + 1)}))
    for name in RATE_NAMES:
        rate = getattr(record, name)
        changed.append(replace(record, **{name: replace(rate, part=rate.part + Fraction(1, 10**6))}))
    for name in (*AMOUNT_NAMES, *RATE_NAMES):
        norm = getattr(record, name)
        changed.append(replace(record, **{name: replace(norm, source="elsewhere")}))
        changed.append(replace(record, **{name: replace(norm, certainty="E")}))
    assert len({fingerprint(one) for one in [record, *changed]}) == len(changed) + 1


def test_a_rate_that_no_file_can_hold_is_not_rounded() -> None:
    record = official_records()[0]
    for part in (Fraction(1, 3), Fraction(1), Fraction(1, 10**7), Fraction(-1, 100)):
        with pytest.raises(InvalidNorms, match="child_rate"):
            as_json(replace(record, child_rate=Rate(part, "somewhere", "E")))


@pytest.mark.parametrize(
    "change",
    [
        {"starts": "2026-02-01"},
        {"starts": None},
        {"starts": "january"},
        {"example": "no"},
        {"care_rate": {"percent": 13.73, "source": "x", "certainty": "C"}},
        {"care_premium": {"cents": 211900.0, "source": "x", "certainty": "C"}},
        {"care_premium": {"cents": 211900, "source": "x", "certainty": ["C"]}},
        {"care_premium": None},
        {"something_else": {"cents": 1, "source": "x", "certainty": "C"}},
    ],
)
def test_a_stored_record_that_is_not_whole_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidNorms):
        from_json(as_json(official_records()[0]) | change)


def test_an_incomplete_record_says_what_it_lacks() -> None:
    table = as_json(official_records()[0])
    del table["rent_maximum"]
    table["care_premium"] = {"cents": None, "source": "Stcrt.", "certainty": "C"}
    table["care_rate"] = {"percent": "13,73", "source": "  ", "certainty": "C"}
    table["child_rate"] = {"percent": "7.6", "source": "Wkb", "certainty": "M"}
    assert missing_norms(table) == {
        "rent_maximum": ("value", "source", "certainty"),
        "care_premium": ("value",),
        "care_rate": ("value", "source"),
        "child_rate": ("certainty",),
    }
    # A made-up amount is no norm, except in a record that says it is made up.
    assert (
        missing_norms({**as_json(official_records()[0]), "care_premium": {**table["care_premium"], "cents": 1}}) == {}
    )
    made_up = as_json(records_with_examples()[-1])
    assert missing_norms(made_up) == {}
    assert set(missing_norms(made_up | {"example": False}).values()) == {("certainty",)}
    assert list(missing_norms({})) == [*AMOUNT_NAMES, *RATE_NAMES]
    assert missing_norms({"care_rate": "27", "child_rate": 3, "care_premium": ["x"]}).keys() == missing_norms({}).keys()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("rent_rate_one", {"part": Fraction(0)}),
        ("rent_base_more", {"cents": 10**7}),
        ("care_share_single", {"cents": 10**7}),
    ],
)
def test_norms_that_cannot_give_a_floor_are_refused(name: str, change: dict[str, Any]) -> None:
    record = official_records()[0]
    with pytest.raises(InvalidNorms, match="no beslagvrije voet for"):
        check_record(replace(record, **{name: replace(getattr(record, name), **change)}))
