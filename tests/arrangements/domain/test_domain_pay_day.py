"""The pay day next to the income day: what is too early, what is offered, and the first date it gives."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrangements.domain.pay_day import day_after, days_until_income, first_pay_date, is_before_income

PAY = st.integers(1, 28)
INCOME = st.integers(1, 31)
DATES = st.dates(date(2026, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("income", "early"),
    [
        (24, {21, 22, 23, 24}),
        (4, {1, 2, 3, 4}),
        # Three days before the first is the 26th of February, the 29th or 30th of other months.
        (1, {26, 27, 28, 1}),
        (2, {27, 28, 1, 2}),
        (3, {28, 1, 2, 3}),
        # In February the income of day 29, 30 and 31 comes on the 28th.
        (29, {25, 26, 27, 28}),
        (30, {25, 26, 27, 28}),
        (31, {25, 26, 27, 28}),
        (28, {25, 26, 27, 28}),
    ],
)
def test_the_three_days_before_the_income_and_its_own_day_are_too_early(income: int, early: set[int]) -> None:
    assert {pay for pay in range(1, 29) if is_before_income(pay, income)} == early


@pytest.mark.parametrize(("income", "offered"), [(1, 2), (24, 25), (27, 28), (28, 1), (29, 1), (30, 1), (31, 1)])
def test_the_day_after_is_offered_when_every_month_has_it(income: int, offered: int) -> None:
    assert day_after(income) == offered


@given(INCOME)
def test_what_is_offered_is_never_warned_about(income: int) -> None:
    assert not is_before_income(day_after(income), income)


@given(PAY, INCOME)
def test_the_least_wait_is_that_of_the_calendar(pay: int, income: int) -> None:
    # 2026 to 2029 hold a leap year and every pair of months that follow each other.
    months = [(year, month) for year in range(2026, 2030) for month in range(1, 13)]
    comes = [date(year, month, min(income, monthrange(year, month)[1])) for year, month in months]
    waits = [
        min((one - date(year, month, pay)).days for one in comes if one >= date(year, month, pay))
        for year, month in months[:-1]
    ]
    assert days_until_income(pay, income) == min(waits)


@given(DATES, PAY | st.none(), st.integers(0, 40))
def test_the_first_date_is_on_the_day_far_enough_and_the_earliest_of_those(
    signed_on: date, pay: int | None, days: int
) -> None:
    first = first_pay_date(signed_on, pay, days=days)
    assert first.day == (pay or 1)
    assert first >= signed_on + timedelta(days=days)
    assert (first - signed_on).days < days + 31


def test_without_a_pay_day_it_is_the_first_of_the_month() -> None:
    assert first_pay_date(date(2026, 11, 23), None, days=7) == date(2026, 12, 1)
    assert first_pay_date(date(2026, 11, 25), None, days=7) == date(2027, 1, 1)


def test_a_pay_day_later_this_month_counts_when_it_is_far_enough() -> None:
    assert first_pay_date(date(2026, 11, 2), 25, days=7) == date(2026, 11, 25)
    assert first_pay_date(date(2026, 11, 23), 25, days=7) == date(2026, 12, 25)
    assert first_pay_date(date(2026, 12, 31), 28, days=7) == date(2027, 1, 28)
    assert first_pay_date(date(2027, 1, 30), 6, days=7) == date(2027, 2, 6)


@pytest.mark.parametrize("pay", [0, 29, -1, True, 1.0, "1", None])
def test_a_pay_day_that_not_every_month_has_is_refused(pay: Any) -> None:
    with pytest.raises(ValueError, match="pay_day"):
        days_until_income(pay, 1)


@pytest.mark.parametrize("income", [0, 32, None])
def test_an_income_day_that_does_not_exist_is_refused(income: Any) -> None:
    with pytest.raises(ValueError, match="income_day"):
        day_after(income)
    with pytest.raises(ValueError, match="income_day"):
        is_before_income(1, income)
