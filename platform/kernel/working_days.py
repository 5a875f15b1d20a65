"""Working days: Monday to Friday, without the days art. 3 of the Algemene termijnenwet names.

Answer periods are counted in these days (domain.md 6.1 and 9.25). 5 May counts every year, not only in lustrum years:
the law makes no difference.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

from kernel.cents import whole_number

_SATURDAY = 5
_SUNDAY = 6
_ONE_DAY = timedelta(days=1)


def easter_sunday(year: int) -> date:
    """Easter Sunday of the Gregorian calendar: the Sunday after the first full moon of spring, by church reckoning."""
    golden, century = year % 19, year // 100
    # The age of the moon on 21 March, corrected for dropped leap days and for the drift of the 19-year cycle.
    epact = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    epact -= (epact // 28) * (1 - (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + epact + 2 - century + century // 4) % 7
    return date(year, 3, 28) + timedelta(days=epact - weekday)


@lru_cache(maxsize=512)
def holidays(year: int) -> frozenset[date]:
    """The recognised holidays of `year` (Algemene termijnenwet art. 3(1), and Good Friday by art. 3(2))."""
    easter = easter_sunday(year)
    kings_day = date(year, 4, 27)
    if kings_day.weekday() == _SUNDAY:
        kings_day -= _ONE_DAY
    return frozenset(
        {
            date(year, 1, 1),
            easter - timedelta(days=2),
            easter + timedelta(days=1),
            kings_day,
            date(year, 5, 5),
            easter + timedelta(days=39),
            easter + timedelta(days=50),
            date(year, 12, 25),
            date(year, 12, 26),
        },
    )


def is_working_day(day: date) -> bool:
    """Whether `day` counts in a period of working days."""
    return day.weekday() < _SATURDAY and day not in holidays(day.year)


def add_working_days(start: date, days: int) -> date:
    """The day on which the `days`-th working day after `start` falls.

    `start` itself never counts. With 0 the answer is `start` itself, working day or not. ValueError when `days` is
    negative or not an int, or when `start` carries a time: a deadline is a date.
    """
    left = whole_number(days, "days")
    day = plain_date(start)
    while left:
        day += _ONE_DAY
        left -= is_working_day(day)
    return day


def working_days_between(start: date, end: date) -> int:
    """How many working days lie after `start`, up to and including `end`; negative when `end` is earlier.

    The inverse of `add_working_days`: the answer for (start, add_working_days(start, n)) is n.
    """
    if plain_date(end) < plain_date(start):
        return -working_days_between(end, start)
    return sum(is_working_day(start + timedelta(days=number)) for number in range(1, (end - start).days + 1))


def plain_date(day: object) -> date:
    """Return `day` when it is a date without a time; ValueError otherwise."""
    if not isinstance(day, date) or isinstance(day, datetime):
        raise ValueError(f"a date without a time is needed, not {type(day).__name__}")
    return day
