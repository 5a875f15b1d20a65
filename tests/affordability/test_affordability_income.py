"""From what stands on paper to what the gate counts: one constant per period, halves up, nothing guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affordability.income import HolidayAllowance, looks_too_low, net_per_month, taxable_per_year
from kernel.periods import Period

AMOUNT = st.integers(0, 1_000_000)


@pytest.mark.parametrize(
    ("amount", "period", "cents"),
    [
        (1_900_00, Period.MONTH, 1_900_00),
        (1_500_00, Period.FOUR_WEEKS, 1_625_00),  # x 13/12
        (500_00, Period.WEEK, 2_166_67),  # x 52/12
        (0, Period.WEEK, 0),
    ],
)
def test_weeks_become_months(amount: int, period: Period, cents: int) -> None:
    assert net_per_month(amount, period, holiday=HolidayAllowance.INCLUDED) == cents


def test_a_holiday_allowance_that_comes_apart_is_spread_over_the_year() -> None:
    # 1.800 a month and 1.200 net in May: 1.900 a month.
    assert net_per_month(1_800_00, Period.MONTH, holiday=HolidayAllowance.APART, holiday_per_year=1_200_00) == 1_900_00


def test_it_is_rounded_once_at_the_end() -> None:
    # 100 a week = 433,33…; with 1 cent a year on top still 433,33, and with 5 cents: 433,3375 -> 433,34.
    assert net_per_month(100_00, Period.WEEK, holiday=HolidayAllowance.APART, holiday_per_year=1) == 433_33
    assert net_per_month(100_00, Period.WEEK, holiday=HolidayAllowance.APART, holiday_per_year=5) == 433_34


def test_an_allowance_apart_without_an_amount_is_no_zero() -> None:
    with pytest.raises(ValueError, match="amount"):
        net_per_month(1_800_00, Period.MONTH, holiday=HolidayAllowance.APART)


@pytest.mark.parametrize(
    ("period", "per_year"),
    [
        (Period.MONTH, 24_000_00),
        (Period.FOUR_WEEKS, 26_000_00),
        (Period.WEEK, 104_000_00),
        (Period.YEAR, 2_000_00),
    ],
)
def test_a_payslip_becomes_a_year(period: Period, per_year: int) -> None:
    assert taxable_per_year(2_000_00, period) == per_year


@given(AMOUNT, st.sampled_from(Period), AMOUNT)
def test_more_never_becomes_less(amount: int, period: Period, more: int) -> None:
    def net(cents: int) -> int:
        return net_per_month(cents, period, holiday=HolidayAllowance.NONE)

    assert net(amount) <= net(amount + more)
    assert taxable_per_year(amount, period) <= taxable_per_year(amount + more, period)


def test_a_month_typed_as_a_year_is_noticed_and_an_ordinary_year_is_not() -> None:
    assert looks_too_low(2_166_67, 1_900_00)
    assert not looks_too_low(26_000_00, 1_900_00)
    assert not looks_too_low(19_100_00, 1_419_46)
