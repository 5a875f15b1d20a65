"""A vtlb beside the beslagvrije voet: the stricter of the two counts (domain.md 2.1); what is promised twice counts twice."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from affordability.gate import TAXABLE_INCOME, Verdict, assess
from affordability.household import Household, Situation

ON = date(2026, 11, 23)
KNOWN = Household(Situation.ALLEENSTAAND, 190_000, 2_600_000)  # beslagvrije voet 1.406,42


def test_a_higher_vtlb_makes_it_stricter() -> None:
    found = assess(replace(KNOWN, vtlb=160_000), 30_000, ON)
    assert (found.floor_low, found.floor_high, found.capacity_low) == (160_000, 160_000, 30_000)
    assert found.verdict is Verdict.GREEN


def test_a_lower_vtlb_never_makes_it_looser() -> None:
    assert assess(replace(KNOWN, vtlb=100_000), 0, ON).floor_low == 140_642
    official = replace(KNOWN, official_beslagvrije_voet=150_000, vtlb=120_000)
    assert assess(official, 0, ON).floor_low == 150_000


def test_a_sheet_ends_the_doubt_about_the_payslip_because_who_made_it_knew() -> None:
    found = assess(replace(KNOWN, taxable_income=None, vtlb=150_000), 40_000, ON)
    assert found.exact
    assert (found.floor_low, found.verdict) == (150_000, Verdict.GREEN)


def test_a_sheet_below_what_the_law_can_give_decides_nothing() -> None:
    found = assess(replace(KNOWN, taxable_income=None, vtlb=100_000), 40_000, ON)
    assert found.missing == (TAXABLE_INCOME,)
    assert found.floor_low == assess(replace(KNOWN, taxable_income=None), 0, ON).floor_low


@given(st.integers(0, 400_000), st.none() | st.integers(0, 9_000_000), st.integers(0, 300_000))
def test_a_vtlb_never_raises_what_may_be_proposed_where_the_beslagvrije_voet_is_known(
    net: int, taxable: int | None, vtlb: int
) -> None:
    without = Household(Situation.ALLEENSTAAND, net, taxable if taxable is not None else 0)
    assert assess(replace(without, vtlb=vtlb), 0, ON).sure_capacity <= assess(without, 0, ON).sure_capacity


def test_what_the_partner_promised_cannot_be_promised_again() -> None:
    alone = assess(KNOWN, 0, ON)
    both = assess(replace(KNOWN, committed=20_000), 0, ON)
    assert both.capacity_low == alone.capacity_low - 20_000
    assert assess(replace(KNOWN, committed=60_000), 1, ON).verdict is Verdict.RED
