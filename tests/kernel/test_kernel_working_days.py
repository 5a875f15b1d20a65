"""Working days follow the Algemene termijnenwet; the `holidays` package is the second opinion."""

from datetime import date, datetime, timedelta
from typing import Any

import holidays as second_opinion
import pytest
from dateutil.easter import easter
from hypothesis import given
from hypothesis import strategies as st

from kernel.working_days import add_working_days, easter_sunday, holidays, is_working_day, working_days_between

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


def test_easter_is_where_dateutil_has_it() -> None:
    assert all(easter_sunday(year) == easter(year) for year in range(1900, 2300))


@pytest.mark.parametrize("year", range(2014, 2060))
def test_the_holidays_are_those_of_the_second_opinion(year: int) -> None:
    theirs = second_opinion.country_holidays("NL", years=year, categories=("public", "optional"))
    expected = {day for day in theirs if day.weekday() != 6 or (day.month, day.day) != (12, 31)}
    ours = holidays(year)
    assert ours - expected <= {date(year, 5, 5)}
    # Easter Sunday and Whit Sunday are in their list; a Sunday is no working day anyway.
    assert all(day.weekday() == 6 or day in ours for day in expected)


def test_king_s_day_moves_to_saturday_when_it_falls_on_sunday() -> None:
    assert date(2025, 4, 26) in holidays(2025)
    assert date(2025, 4, 27) not in holidays(2025)
    assert date(2026, 4, 27) in holidays(2026)


def test_liberation_day_counts_every_year() -> None:
    assert not is_working_day(date(2026, 5, 5))
    assert not is_working_day(date(2027, 5, 5))


def test_good_friday_is_no_working_day() -> None:
    assert add_working_days(date(2026, 4, 2), 1) == date(2026, 4, 7)


def test_zero_working_days_is_the_day_itself_even_on_a_sunday() -> None:
    assert add_working_days(date(2026, 11, 22), 0) == date(2026, 11, 22)


@pytest.mark.parametrize("days", [-1, 1.0, True, None])
def test_a_strange_number_of_days_is_refused(days: Any) -> None:
    with pytest.raises(ValueError, match="days"):
        add_working_days(date(2026, 11, 23), days)


def test_a_moment_is_no_date() -> None:
    with pytest.raises(ValueError, match="date"):
        add_working_days(datetime(2026, 11, 23), 1)  # noqa: DTZ001 - the point is that it carries a time


@given(DAYS, st.integers(1, 60))
def test_the_answer_is_a_working_day_and_counting_back_gives_the_number(start: date, days: Any) -> None:
    end = add_working_days(start, days)
    assert is_working_day(end)
    assert working_days_between(start, end) == days
    assert working_days_between(end, start) == -days


@given(DAYS, st.integers(0, 20), st.integers(0, 20))
def test_two_periods_one_after_the_other_are_one_long_period(start: date, first: int, second: int) -> None:
    assert add_working_days(add_working_days(start, first), second) == add_working_days(start, first + second)


@given(DAYS)
def test_a_weekend_is_never_worked(day: date) -> None:
    assert is_working_day(day) is False or (day + timedelta(days=0)).weekday() < 5
