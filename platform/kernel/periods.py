"""Months as people count them, and the periods in which income and costs come."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from enum import StrEnum
from fractions import Fraction

from kernel.cents import half_up, whole_number


class Period(StrEnum):
    """How often an income or cost comes."""

    WEEK = "week"
    FOUR_WEEKS = "four_weeks"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    TEN_INSTALLMENTS = "ten_installments"
    """A yearly bill paid in ten instalments, as water boards and municipalities do."""


PER_MONTH: dict[Period, Fraction] = {
    # domain.md 2.2. A year is 52 weeks here, as in the standard list; not 365/7.
    Period.WEEK: Fraction(52, 12),
    Period.FOUR_WEEKS: Fraction(13, 12),
    Period.MONTH: Fraction(1),
    Period.QUARTER: Fraction(1, 3),
    Period.YEAR: Fraction(1, 12),
    Period.TEN_INSTALLMENTS: Fraction(10, 12),
}


def exact_per_month(amount: int, period: Period) -> Fraction:
    """`amount` per `period` as an exact number of cents per month."""
    return whole_number(amount, "amount") * PER_MONTH[period]


def per_month(amount: int, period: Period) -> int:
    """`amount` per `period` as whole cents per month, half-up."""
    return half_up(exact_per_month(amount, period))


def add_months(day: date, months: int) -> date:
    """The same day `months` later (or earlier, when negative); the last day of a shorter month when it has no such
    day.
    """
    years, month = divmod(day.year * 12 + day.month - 1 + whole_number(months, "months", minimum=-12_000), 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))


def due_dates(first: date, count: int) -> list[date]:
    """`count` due dates, a month apart, each counted from `first`.

    Never chained: after 31 January and 28 February comes 31 March, not 28 March.
    """
    return [add_months(first, number) for number in range(whole_number(count, "count"))]


def months_between(first: date, last: date) -> int:
    """Whole calendar months from the month of `first` to the month of `last`; negative when `last` is earlier."""
    return (last.year - first.year) * 12 + last.month - first.month


def first_of_month(day: date) -> date:
    """The first day of the month of `day`."""
    return day.replace(day=1)
