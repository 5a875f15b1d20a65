"""From an amount on a payslip or bank statement to what the gate counts, in cents. One constant per period, never guessed."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction

from kernel.cents import half_up, whole_number
from kernel.periods import Period, exact_per_month

MOST_PER_MONTH = 50_000_00
"""Above this an income per month is a mistake of typing."""
MOST_TAXABLE = 500_000_00
"""The same for a taxable income per year."""


class HolidayAllowance(StrEnum):
    """Whether the holiday allowance is in the amount that comes every month."""

    INCLUDED = "included"
    APART = "apart"
    NONE = "none"
    UNKNOWN = "unknown"


def net_per_month(
    amount: int, period: Period, *, holiday: HolidayAllowance, holiday_per_year: int | None = None
) -> int:
    """Net income in cents per month, including holiday allowance (475dc(1)), half-up.

    `amount` is cents per `period`; `holiday_per_year` is net cents a year, and counts only when it comes apart. Not knowing
    the allowance leaves it out, and is a reason for doubt elsewhere: it is no zero. ValueError on negative amounts, and
    when the allowance comes apart and its amount is missing.
    """
    exact = exact_per_month(amount, period)
    if holiday is HolidayAllowance.APART:
        if holiday_per_year is None:
            raise ValueError("a holiday allowance that comes apart needs its amount")
        exact += Fraction(whole_number(holiday_per_year, "holiday_per_year"), 12)
    return half_up(exact)


def taxable_per_year(amount: int, period: Period) -> int:
    """The taxable income in cents per year, half-up: a payslip of a month x 12, of four weeks x 13, of a week x 52."""
    return half_up(exact_per_month(amount, period) * 12)


def looks_too_low(taxable_income: int, net_income: int) -> bool:
    """Whether a yearly taxable income (cents) is far below what comes in net per month: probably one month, or one payslip.

    Taxable is before tax, so it is hardly ever lower than net. Too low a taxable income makes the floor too low: ask again.
    """
    return 4 * taxable_income < 3 * 12 * net_income
