"""Months are counted from the first date, and periods turn into months exactly."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.periods import Period, add_months, due_dates, exact_per_month, first_of_month, months_between, per_month


def test_due_dates_are_counted_from_the_first_date_and_never_chained() -> None:
    assert due_dates(date(2027, 1, 31), 4) == [
        date(2027, 1, 31),
        date(2027, 2, 28),
        date(2027, 3, 31),
        date(2027, 4, 30),
    ]


def test_no_installments_have_no_due_dates() -> None:
    assert due_dates(date(2027, 1, 1), 0) == []


def test_a_negative_number_of_due_dates_is_refused() -> None:
    with pytest.raises(ValueError, match="count"):
        due_dates(date(2027, 1, 1), -1)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 600))
def test_adding_months_moves_the_month_and_keeps_the_day_where_it_exists(day: date, months: Any) -> None:
    later = add_months(day, months)
    assert months_between(day, later) == months
    assert later.day == day.day or (later.day < day.day and (later.month, day.month))
    assert add_months(first_of_month(later), -months) == first_of_month(day)


def test_a_leap_day_comes_back_in_the_next_leap_year() -> None:
    assert add_months(date(2028, 2, 29), 12) == date(2029, 2, 28)
    assert add_months(date(2028, 2, 29), 48) == date(2032, 2, 29)


@pytest.mark.parametrize(
    ("period", "factor"),
    [
        (Period.WEEK, Fraction(52, 12)),
        (Period.FOUR_WEEKS, Fraction(13, 12)),
        (Period.MONTH, Fraction(1)),
        (Period.QUARTER, Fraction(1, 3)),
        (Period.YEAR, Fraction(1, 12)),
        (Period.TEN_INSTALLMENTS, Fraction(5, 6)),
    ],
)
def test_every_period_has_its_exact_part_of_a_month(period: Period, factor: Fraction) -> None:
    assert exact_per_month(10_000, period) == 10_000 * factor


def test_an_amount_per_week_becomes_whole_cents_per_month() -> None:
    assert per_month(10_000, Period.WEEK) == 43_333
    assert per_month(3, Period.QUARTER) == 1
