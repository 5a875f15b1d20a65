"""Collection costs (domain.md 7.1)."""

from datetime import date

import pytest

from arrangements.domain.charges import check_costs, recurring_costs, wik_costs

OCTOBER = date(2024, 10, 1)


@pytest.mark.parametrize(
    ("principal", "costs"),
    [
        (0, 0),
        (1, 40_00),
        (266_67, 40_00),
        (2_500_00, 375_00),
        (5_000_00, 625_00),
        (10_000_00, 875_00),
        (200_000_00, 2_775_00),
        (2_000_000_00, 6_775_00),
    ],
)
def test_every_slice_has_its_own_percentage_with_a_minimum_and_a_maximum(principal: int, costs: int) -> None:
    assert wik_costs(principal) == costs


def test_the_percentage_of_vat_comes_on_top_only_when_it_is_given() -> None:
    assert wik_costs(100_00, vat_basis_points=2_100) == 48_40


def test_small_terms_cost_at_most_140_euro_per_six_months_from_october_2024() -> None:
    # Six terms of 50 euro: six times the minimum would be 240.
    assert recurring_costs(50_00, 6, since=OCTOBER, until=date(2025, 3, 31)) == 140_00
    assert recurring_costs(50_00, 2, since=OCTOBER, until=date(2024, 11, 1)) == 80_00
    # The seventh falls in the next six months.
    assert recurring_costs(50_00, 7, since=OCTOBER, until=date(2025, 4, 1)) == 280_00


def test_before_october_2024_every_small_term_had_its_minimum() -> None:
    assert recurring_costs(50_00, 6, since=date(2024, 9, 30), until=date(2025, 2, 1)) == 240_00


def test_a_term_of_266_67_or_more_is_no_small_term() -> None:
    assert recurring_costs(266_66, 6, since=OCTOBER, until=OCTOBER) == 140_00
    assert recurring_costs(266_67, 6, since=OCTOBER, until=OCTOBER) == 240_00


def test_terms_cannot_end_before_they_begin() -> None:
    with pytest.raises(ValueError, match="before"):
        recurring_costs(50_00, 1, since=date(2025, 1, 2), until=date(2025, 1, 1))


def test_more_than_the_table_allows_is_named_with_the_difference() -> None:
    found = check_costs(500_00, 90_75, recurring=False, origin=None, on=date(2026, 11, 23))
    assert (found.allowed, found.over) == (75_00, 15_75)
    assert check_costs(500_00, 75_00, recurring=False, origin=None, on=date(2026, 11, 23)).over == 0
    # Nothing to collect, so nothing may be asked.
    assert check_costs(0, 40_00, recurring=True, origin=None, on=date(2026, 11, 23)).over == 40_00


def test_a_claim_of_terms_is_measured_by_the_half_years_it_grew_in() -> None:
    today = date(2026, 11, 23)
    assert check_costs(300_00, 200_00, recurring=True, origin=None, on=today).allowed == 140_00
    assert check_costs(300_00, 200_00, recurring=True, origin=date(2026, 3, 1), on=today).allowed == 280_00
    assert check_costs(300_00, 200_00, recurring=True, origin=date(2020, 1, 1), on=today).allowed == 140_00
    # Over a large sum the slices allow more than the ceiling.
    assert check_costs(2_500_00, 400_00, recurring=True, origin=None, on=today).over == 25_00
