"""The dated assumptions of the shock test: read strictly, kept whole, chosen by date."""

from datetime import date
from importlib.resources import files
from typing import Any

import pytest

from affordability.assumptions import (
    Assumptions,
    AssumptionsMissing,
    InvalidAssumptions,
    all_assumptions,
    assumptions_from_json,
    assumptions_on,
    parse_assumptions,
)

TEXT = files("affordability").joinpath("assumptions", "2026-11.toml").read_text("utf-8")


def test_every_value_says_where_it_comes_from() -> None:
    for record in all_assumptions():
        values = {name: entry for name, entry in record.as_json.items() if isinstance(entry, dict)}
        assert len(values) == 17
        assert all(entry["source"].startswith("eigen aanname") for entry in values.values())
        assert record.name


def test_a_record_holds_from_its_month_until_the_next_one() -> None:
    first = all_assumptions()[0]
    later = assumptions_from_json({**first.as_json, "starts": "2027-05-01"})
    known = (later, first)
    assert first.key == "2026-11"
    assert assumptions_on(date(2026, 11, 1), known) is first
    assert assumptions_on(date(2027, 4, 30), known) is first
    assert assumptions_on(date(2027, 5, 1), known).key == "2027-05"
    assert assumptions_on(date(2040, 1, 1)) == all_assumptions()[-1]
    with pytest.raises(AssumptionsMissing, match="2026-10-31"):
        assumptions_on(date(2026, 10, 31))


def test_a_record_comes_back_as_it_was_stored() -> None:
    record = parse_assumptions(TEXT)
    assert assumptions_from_json(record.as_json) == record


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("starts = 2026-11-01", "starts = 2026-11-02", "first day of a month"),
        ("starts = 2026-11-01", "starts = 'november'", "first day of a month"),
        ('name = "Eerste aannames van Eén Plan"', "name = ''", "name"),
        ("[saved_part]\nvalue = 50", "[saved_part]\nvalue = 50.5", "whole number"),
        ("[saved_part]\nvalue = 50", "[saved_part]\nvalue = 101", "at most 100"),
        ("[saved_part]\nvalue = 50", "[saved_part]\nvalue = -1", "at least 0"),
        ("[saved_part]\nvalue = 50", "[saved_part]\nvalue = true", "whole number"),
        ("[saved_part]\nvalue = 50", "[saved_part]\nworth = 50", "exactly a value and a source"),
        ("[saved_part]", "[other_part]", "missing \\['saved_part'\\], unknown \\['other_part'\\]"),
        ("[bill_least]\nvalue = 5000", "[bill_least]\nvalue = 30001", "bill_least is above bill_most"),
        ("[draws]\nvalue = 1000", "[draws]\nvalue = 0", "at least 1"),
        ('source = "eigen aanname: de helft', 'source = "" #', "needs a source"),
        ("[seed]", "[seed", "not a TOML file"),
    ],
)
def test_a_record_that_cannot_be_is_refused(old: str, new: str, says: str) -> None:
    assert old in TEXT
    with pytest.raises(InvalidAssumptions, match=says):
        parse_assumptions(TEXT.replace(old, new, 1))


@pytest.mark.parametrize("stored", [{}, {"starts": 3}, {"starts": "gisteren"}, {"starts": "2026-11-01", "name": "x"}])
def test_what_was_stored_by_halves_is_refused(stored: dict[str, Any]) -> None:
    with pytest.raises(InvalidAssumptions):
        assumptions_from_json(stored)


def test_records_can_be_compared_and_used_as_a_key() -> None:
    assert {parse_assumptions(TEXT): 1}[all_assumptions()[0]] == 1
    assert isinstance(all_assumptions()[0], Assumptions)
