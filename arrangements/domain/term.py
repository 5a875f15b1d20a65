"""The months of an arrangement and what falls due in them."""

from __future__ import annotations

from kernel.cents import whole_number


def installments(monthly: int, months: int, total: int) -> list[int]:
    """Amounts per month in cents: `monthly` each, stopping early with a smaller last one when `total` is reached.

    They add up to min(monthly × months, total). Empty when `total` is 0. ValueError when `monthly` or `months` is
    below 1, `total` is negative, or one of them is not an int: nothing per month is no instalment (0 goes to the help
    path).
    """
    whole_number(monthly, "monthly", minimum=1)
    whole_number(months, "months", minimum=1)
    whole, rest = divmod(whole_number(total, "total"), monthly)
    if whole >= months:
        return [monthly] * months
    return [monthly] * whole + ([rest] if rest else [])


def months_needed(monthly: int, total: int) -> int:
    """How many months it takes to pay `total` cents at `monthly` cents. ValueError as `installments`."""
    return -(-whole_number(total, "total") // whole_number(monthly, "monthly", minimum=1))
