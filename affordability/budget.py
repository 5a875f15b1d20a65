"""The budget of a household: the standard list of lines, with the period in which each amount comes (domain.md 2.2).

The gate does not need a budget. It is for the citizen and the coach, and never leaves them: a creditor sees a result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kernel.cents import whole_number
from kernel.periods import Period, per_month


class Group(StrEnum):
    """The four parts of the standard list."""

    INCOME = "income"
    FIXED = "fixed"
    RESERVE = "reserve"
    HOUSEHOLD = "household"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the standard list. `period` is how it usually comes."""

    code: str
    group: Group
    label: str
    period: Period = Period.MONTH


STANDARD_LIST: tuple[Line, ...] = (
    # What the gate counts as income (wage, benefit, pension, holiday allowance) is asked apart: see `income.py`.
    Line("huurtoeslag", Group.INCOME, "Huurtoeslag"),
    Line("zorgtoeslag", Group.INCOME, "Zorgtoeslag"),
    Line("kindgebonden_budget", Group.INCOME, "Kindgebonden budget"),
    Line("kinderbijslag", Group.INCOME, "Kinderbijslag", Period.QUARTER),
    Line("kinderopvangtoeslag", Group.INCOME, "Kinderopvangtoeslag"),
    Line("alimentatie_received", Group.INCOME, "Alimentatie die u krijgt"),
    Line("tax_credit", Group.INCOME, "Teruggave van de belasting"),
    Line("kostgeld", Group.INCOME, "Kostgeld van kinderen of andere bewoners"),
    Line("other_income", Group.INCOME, "Ander geld dat binnenkomt"),
    Line("rent", Group.FIXED, "Huur of hypotheek"),
    Line("energy", Group.FIXED, "Gas, licht en warmte"),
    Line("water", Group.FIXED, "Water", Period.QUARTER),
    Line("health_insurance", Group.FIXED, "Zorgverzekering"),
    Line("liability_insurance", Group.FIXED, "Verzekering voor schade en inboedel"),
    Line("funeral_insurance", Group.FIXED, "Verzekering voor uw uitvaart"),
    Line("phone", Group.FIXED, "Internet, telefoon en televisie"),
    Line("municipal_tax", Group.FIXED, "Belasting van de gemeente", Period.TEN_INSTALLMENTS),
    Line("water_board_tax", Group.FIXED, "Belasting van het waterschap", Period.TEN_INSTALLMENTS),
    Line("care_contribution", Group.FIXED, "Eigen bijdrage voor zorg"),
    Line("bank", Group.FIXED, "Kosten van de bank", Period.QUARTER),
    Line("car_insurance", Group.FIXED, "Verzekering van de auto"),
    Line("road_tax", Group.FIXED, "Belasting voor de auto", Period.QUARTER),
    Line("childcare", Group.FIXED, "Kinderopvang"),
    Line("alimentatie_paid", Group.FIXED, "Alimentatie die u betaalt"),
    Line("other_arrangements", Group.FIXED, "Regelingen die u al betaalt"),
    Line("subscriptions", Group.FIXED, "Abonnementen en lidmaatschappen"),
    Line("eigen_risico", Group.RESERVE, "Eigen risico van de zorg", Period.YEAR),
    Line("clothing", Group.RESERVE, "Kleding en schoenen"),
    Line("furniture", Group.RESERVE, "Meubels en reparaties"),
    Line("medical", Group.RESERVE, "Medicijnen en zorg die u zelf betaalt"),
    Line("holidays", Group.RESERVE, "Verjaardagen, feest en vakantie", Period.YEAR),
    Line("buffer", Group.RESERVE, "Een potje voor tegenvallers"),
    Line("food", Group.HOUSEHOLD, "Eten en drinken", Period.WEEK),
    Line("cleaning", Group.HOUSEHOLD, "Schoonmaken en verzorging"),
    Line("pets", Group.HOUSEHOLD, "Huisdieren"),
    Line("transport", Group.HOUSEHOLD, "Vervoer"),
    Line("pocket_money", Group.HOUSEHOLD, "Zakgeld en andere uitgaven"),
)
LINES: dict[str, Line] = {line.code: line for line in STANDARD_LIST}
SHORT_LIST = ("rent", "energy", "health_insurance")
"""The three fixed costs that the short path asks (ux.md C8)."""


def line_per_month(line: Mapping[str, Any] | None) -> int | None:
    """A stored line in cents per month, half-up; None when it is empty or not known."""
    if not line or line.get("cents") is None:
        return None
    return per_month(line["cents"], Period(line["period"]))


def check_line(code: str, line: Mapping[str, Any] | None) -> None:
    """Refuse (ValueError) what cannot be a line: a code outside the list, another shape, a period that does not exist.

    A line is {"cents": int, "period": "month"} or {"unknown": True}; None empties it.
    """
    if code not in LINES:
        raise ValueError(f"no such line: {code}")
    if line is None or line == {"unknown": True}:
        return
    if line.keys() != {"cents", "period"}:
        raise ValueError(f"{code}: a line has cents and a period, or is unknown")
    whole_number(line["cents"], code)
    Period(line["period"])
