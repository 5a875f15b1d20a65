"""The budget of a household: the standard list of lines, with the period in which each amount comes (domain.md 2.2).

The gate does not need a budget. It is for the citizen and the coach, and never leaves them: a creditor sees a result.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
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

    A line is {"cents": int, "period": "month"} or {"unknown": True}; None empties it. A line with a question of its own
    (`OVERLAPS`) may have the answer with its amount: {"cents": int, "period": "month", "overlap": "yes"}.
    """
    if code not in LINES:
        raise ValueError(f"no such line: {code}")
    if line is None or line == {"unknown": True}:
        return
    if line.keys() - {"overlap"} != {"cents", "period"}:
        raise ValueError(f"{code}: a line has cents and a period, or is unknown")
    whole_number(line["cents"], code)
    Period(line["period"])
    if "overlap" in line:
        if code not in OVERLAPS:
            raise ValueError(f"{code}: nothing is asked about double counting here")
        Overlap(line["overlap"])


# --- counted twice -------------------------------------------------------------------------------------------------


class Overlap(StrEnum):
    """The answer to the question that goes with a line: is this amount counted somewhere else too?"""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


HOLIDAY_ALLOWANCE = "holiday_allowance"
PLAN = "plan"
_HOLIDAY_COUNTS = frozenset({"included", "apart", "unknown"})
"""Answers about the holiday allowance by which it is, or may be, in the net income already."""

OVERLAPS: dict[str, str] = {
    "rent": "huurtoeslag",
    "health_insurance": "zorgtoeslag",
    "childcare": "kinderopvangtoeslag",
    "other_income": HOLIDAY_ALLOWANCE,
    "other_arrangements": PLAN,
}
"""Lines that are easily counted twice, with what they overlap with: a line of income, the holiday allowance in the income,
or the organisations of this plan (domain.md 2.2; ux.md 1.3: rent allowance is counted twice)."""


class DoubleCount(StrEnum):
    """What is counted twice, or (`ask`) may be: then the question was not answered."""

    RENT = "rent"
    RENT_ASK = "rent_ask"
    HEALTH_INSURANCE = "health_insurance"
    HEALTH_INSURANCE_ASK = "health_insurance_ask"
    CHILDCARE = "childcare"
    CHILDCARE_ASK = "childcare_ask"
    OTHER_INCOME = "other_income"
    OTHER_INCOME_ASK = "other_income_ask"
    OTHER_ARRANGEMENTS = "other_arrangements"
    OTHER_ARRANGEMENTS_ASK = "other_arrangements_ask"
    HOLIDAY_ALLOWANCE = "holiday_allowance"

    @property
    def is_question(self) -> bool:
        """Whether we do not know: somebody has to answer first."""
        return self.value.endswith("_ask")


def _is_given(line: Mapping[str, Any] | None) -> bool:
    """Whether there is an amount, or will be: one that is "weet ik niet" is filled in some day, and counts twice then."""
    return bool(line and (line.get("cents") or line.get("unknown")))


def overlaps_to_ask(lines: Mapping[str, Mapping[str, Any]], *, holiday: str = "") -> frozenset[str]:
    """The lines whose question matters to this household: the rent always, another only when it can be counted twice, or
    when it was answered before. `holiday` as in `double_counts`.
    """
    asked = {"rent", "other_arrangements"}
    for code, other in OVERLAPS.items():
        possible = holiday in _HOLIDAY_COUNTS if other == HOLIDAY_ALLOWANCE else _is_given(lines.get(other))
        if possible or "overlap" in (lines.get(code) or {}):
            asked.add(code)
    return frozenset(asked)


def double_counts(
    lines: Mapping[str, Mapping[str, Any]],
    *,
    holiday: str = "",
    holiday_typed_apart: bool = False,
    organisations_in_plan: int = 0,
) -> tuple[DoubleCount, ...]:
    """What is counted twice in these stored lines, in a fixed order.

    `holiday`: whether the holiday allowance is in the net income (`included`, `apart`: added by us, `none`, `unknown`, ""
    when nobody was asked); `holiday_typed_apart`: an amount of holiday allowance was typed beside the income as well.
    """
    found: set[DoubleCount] = set()
    for code, other in OVERLAPS.items():
        line = lines.get(code) or {}
        if not line.get("cents"):
            continue
        if other == PLAN:
            elsewhere = organisations_in_plan > 0
        elif other == HOLIDAY_ALLOWANCE:
            elsewhere = holiday in _HOLIDAY_COUNTS
        else:
            elsewhere = _is_given(lines.get(other))
        if not elsewhere:
            continue
        answer = line.get("overlap", Overlap.UNKNOWN)
        if answer == Overlap.YES:
            found.add(DoubleCount(code))
        elif answer == Overlap.UNKNOWN:
            found.add(DoubleCount(f"{code}_ask"))
    if holiday == "included" and holiday_typed_apart:
        found.add(DoubleCount.HOLIDAY_ALLOWANCE)
    return tuple(one for one in DoubleCount if one in found)


# --- the budget as a whole -----------------------------------------------------------------------------------------

NET_INCOME = "net_income"
PARTNER_INCOME = "partner_income"
BUFFER = "buffer"
MOST_PER_MONTH = 10_000_00
"""Above this, in cents per month, a line is a mistake of typing: no household in debt has such a cost."""


def is_absurd(line: Mapping[str, Any] | None) -> bool:
    """Whether an amount in its period cannot be meant: more than `MOST_PER_MONTH`."""
    return (line_per_month(line) or 0) > MOST_PER_MONTH


def lines_with_buffer(
    lines: Mapping[str, Mapping[str, Any]], *, answered: Collection[str], buffer: int | None
) -> dict[str, dict[str, Any]]:
    """The stored lines, and the small buffer (cents per month) as long as nobody changed or emptied that line.

    `answered`: codes of the lines that somebody filled in or left empty. `buffer`: None when we have no such value.
    """
    found = {code: dict(line) for code, line in lines.items()}
    if BUFFER not in answered and BUFFER not in found and buffer is not None:
        found[BUFFER] = {"cents": buffer, "period": Period.MONTH.value}
    return found


@dataclass(frozen=True, slots=True)
class Budget:
    """A household's month, in int cents. Totals are computed here and typed nowhere.

    `per_month` has the lines with an amount; an amount per week or year is rounded to whole cents per line, half-up, and a
    total is the sum of these rounded lines: what is on the page adds up to the cent. `unknown` has the codes of "weet ik
    niet", also `NET_INCOME`, `PARTNER_INCOME` and `HOLIDAY_ALLOWANCE`. `unanswered`: parts of the list nobody went through.
    An empty line of a part that was gone through is something this household does not have.
    """

    net_income: int
    partner_income: int
    per_month: Mapping[str, int]
    unknown: frozenset[str]
    unanswered: frozenset[Group]

    def total(self, group: Group) -> int:
        """The sum of the lines that are known; net income and the partner's belong to the income."""
        lines = sum(cents for code, cents in self.per_month.items() if LINES[code].group is group)
        return lines + (self.net_income + self.partner_income if group is Group.INCOME else 0)

    def unknown_in(self, group: Group) -> tuple[str, ...]:
        """What is not known in this part, in the order of the list."""
        first = (NET_INCOME, HOLIDAY_ALLOWANCE, PARTNER_INCOME) if group is Group.INCOME else ()
        codes = (*first, *(line.code for line in STANDARD_LIST if line.group is group))
        return tuple(code for code in codes if code in self.unknown)

    @property
    def costs(self) -> int:
        """Fixed costs, reserve and household together, as far as known."""
        return sum(self.total(group) for group in Group if group is not Group.INCOME)

    @property
    def is_complete(self) -> bool:
        """Whether everything is known, so that there is an outcome."""
        return not self.unknown and not self.unanswered

    @property
    def left(self) -> int | None:
        """What is left per month (negative: short), or None as long as anything is missing: unknown is never a zero."""
        return self.total(Group.INCOME) - self.costs if self.is_complete else None


def make_budget(
    lines: Mapping[str, Mapping[str, Any]],
    *,
    net_income: int | None,
    partner_income: int | None = 0,
    holiday_unknown: bool = False,
    answered: Collection[str] = (),
    buffer: int | None = None,
) -> Budget:
    """The budget of these stored lines. The order of the lines does not matter.

    `net_income` (with holiday allowance) and `partner_income` (0 without a partner) are cents per month, None when not
    known. `answered` and `buffer` as in `lines_with_buffer`; a part is gone through when all its lines are answered, except
    the buffer. ValueError for what is no line or no amount.
    """
    per_line: dict[str, int] = {}
    unknown: set[str] = set()
    for code, line in lines_with_buffer(lines, answered=answered, buffer=buffer).items():
        check_line(code, line)
        cents = line_per_month(line)
        if cents is None:
            unknown.add(code)
        else:
            per_line[code] = cents
    for name, amount in ((NET_INCOME, net_income), (PARTNER_INCOME, partner_income)):
        if amount is None:
            unknown.add(name)
        else:
            whole_number(amount, name)
    if holiday_unknown:
        unknown.add(HOLIDAY_ALLOWANCE)
    open_groups = {
        line.group
        for line in STANDARD_LIST
        if line.code not in answered and line.code not in lines and line.code != BUFFER
    }
    return Budget(
        net_income=net_income or 0,
        partner_income=partner_income or 0,
        per_month={line.code: per_line[line.code] for line in STANDARD_LIST if line.code in per_line},
        unknown=frozenset(unknown),
        unanswered=frozenset(open_groups),
    )
