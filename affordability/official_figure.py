"""How long a figure on a paper counts, and when a figure is so low that we ask once more."""

from __future__ import annotations

from datetime import date

from affordability.beslagvrije_voet import base_part, income_ceiling
from affordability.household import Situation
from affordability.norms import NormRecord
from kernel.cents import half_up
from kernel.periods import add_months

HOLDS_MONTHS = 12
"""A beslagvrije voet is set for twelve months (Rv 475d(2), domain.md 1.1). For a vtlb the same limit is a rule of our
own: it builds on the beslagvrije voet (domain.md 2.1), so it does not outlive it.
"""
HIGHEST = 10_000_00
"""Cents per month. Three times the highest maximum of 475da(1): above it something was mistyped."""


def still_holds(paper_date: date | None, on: date) -> bool:
    """Whether a figure on a paper of `paper_date` still decides on the day `on`: the day twelve months later is the last.

    A figure whose date nobody knows does not hold, and neither does one of tomorrow.
    """
    return paper_date is not None and paper_date <= on <= add_months(paper_date, HOLDS_MONTHS)


def figure_that_holds(cents: int | None, paper_date: date | None, on: date) -> int | None:
    """`cents` per month when its paper still holds on the day `on`, else None: not known any more."""
    return cents if still_holds(paper_date, on) else None


def least_of_anybody(situation: Situation | None, net_income: int | None, record: NormRecord) -> int:
    """What we expect at least while too little is known for the gate: 95 % of the norm, at most 95 % of the income.

    Cents per month; `net_income` per month or None, `situation` None for the lowest norm of all. A bound to ask a
    question with, not to decide with: an income of a partner may make the law's own figure lower.
    """
    situations = Situation if situation is None else (situation,)
    least = min(base_part(one, record) for one in situations)
    return half_up(least if net_income is None else min(least, income_ceiling(net_income)))
