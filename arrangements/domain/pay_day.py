"""The day of the month on which somebody pays, next to the day on which the income comes.

A payment that is due just before the income comes is a payment that fails (features.md T12). Days are numbers of a day in
a month: a pay day is 1 to 28, so that every month has it; an income day is 1 to 31, and in a shorter month the income
comes on its last day.
"""

from __future__ import annotations

from datetime import date

from kernel.cents import whole_number
from kernel.periods import add_months, first_of_month

LAST_PAY_DAY = 28
LAST_INCOME_DAY = 31
DAYS_BEFORE_INCOME = 3
"""A pay day this many days before the income day, up to the income day itself, is warned about."""
_MONTH_LENGTHS = (28, 29, 30, 31)


def _day(value: object, name: str, last: int) -> int:
    day = whole_number(value, name, minimum=1)
    if day > last:
        raise ValueError(f"{name} must be at most {last}, not {day}")
    return day


def day_after(income_day: int) -> int:
    """The pay day that is offered first: the day after the income, or the first when that day is not in every month.

    ValueError unless `income_day` is 1 to 31.
    """
    day = _day(income_day, "income_day", LAST_INCOME_DAY)
    return day + 1 if day < LAST_PAY_DAY else 1


def days_until_income(pay_day: int, income_day: int) -> int:
    """The least number of days from the pay day to the next income, over all lengths a month can have; 0 on the same day.

    ValueError unless `pay_day` is 1 to 28 and `income_day` 1 to 31.
    """
    pay, income = _day(pay_day, "pay_day", LAST_PAY_DAY), _day(income_day, "income_day", LAST_INCOME_DAY)
    waits = []
    for length in _MONTH_LENGTHS:
        comes = min(income, length)
        # An income that came before the pay day comes on a day that every month has: pay days go to 28.
        waits.append(comes - pay if comes >= pay else length - pay + income)
    return min(waits)


def is_before_income(pay_day: int, income_day: int) -> bool:
    """Whether the payment falls due in the three days before the income, or on its day: the account may be empty then.

    ValueError as `days_until_income`.
    """
    return days_until_income(pay_day, income_day) <= DAYS_BEFORE_INCOME


def first_pay_date(signed_on: date, pay_day: int | None, *, days: int) -> date:
    """The first due date: the pay day of the first month that leaves at least `days` days after signing.

    Without a pay day it is the first of the month. ValueError unless `pay_day` is 1 to 28.
    """
    day = 1 if pay_day is None else _day(pay_day, "pay_day", LAST_PAY_DAY)
    found = first_of_month(signed_on).replace(day=day)
    while (found - signed_on).days < days:
        found = add_months(found, 1)
    return found
