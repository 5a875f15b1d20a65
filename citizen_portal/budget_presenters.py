"""What the pages of the budget show, in words. The sums are made by `affordability.budget`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from affordability.budget import (
    BUFFER,
    HOLIDAY_ALLOWANCE,
    LINES,
    NET_INCOME,
    PARTNER_INCOME,
    STANDARD_LIST,
    DoubleCount,
    Group,
)
from affordability.reference_amounts import is_above
from arrangements.models import Application, BudgetMark
from arrangements.queries.budget import BudgetFile
from citizen_portal import steps
from citizen_portal.entered_by import Authors
from citizen_portal.forms.budget import PERIOD_WORDS, reference_words
from kernel.cents import spoken_euro
from kernel.periods import Period

UNKNOWN = "dat weet ik niet"


@dataclass(frozen=True, slots=True)
class Part:
    """One of the four parts: its page, its heading and the question on its page."""

    group: Group
    page: str
    title: str
    question: str
    intro: str


PARTS = (
    Part(
        Group.INCOME,
        "budget-inkomsten",
        "Wat komt er binnen",
        "Wat komt er nog meer binnen?",
        "Vul hier toeslagen en ander geld in. Uw loon of uitkering staat er al.",
    ),
    Part(
        Group.FIXED,
        "budget-vaste-lasten",
        "Vaste lasten",
        "Wat zijn uw vaste lasten?",
        "Dit betaalt u steeds weer. Kijk op uw bankrekening als u het niet weet.",
    ),
    Part(
        Group.RESERVE,
        "budget-reserveren",
        "Geld opzij leggen",
        "Waar legt u geld voor opzij?",
        "Dit betaalt u niet elke maand. Maar het komt wel een keer.",
    ),
    Part(
        Group.HOUSEHOLD,
        "budget-huishouden",
        "Huishouden",
        "Wat geeft u uit aan het huishouden?",
        "Schat het bedrag als u het niet precies weet.",
    ),
)
PART_OF = {part.group: part for part in PARTS}

# What is not a line of the list, with the page where it is asked.
FACTS = {
    NET_INCOME: ("Loon, uitkering of pensioen", "inkomen", "net_income_cents"),
    HOLIDAY_ALLOWANCE: ("Vakantiegeld", "inkomen", "holiday_allowance"),
    PARTNER_INCOME: ("Inkomen van uw partner", "partner", "partner_income_cents"),
}

WARNINGS = {
    DoubleCount.RENT: (
        "U telt de huurtoeslag 2 keer.",
        "Vul de hele huur in. Of haal de huurtoeslag weg bij wat er binnenkomt.",
    ),
    DoubleCount.RENT_ASK: ("Telt u de huurtoeslag 2 keer?", "Zeg bij uw huur of de huurtoeslag er al af is."),
    DoubleCount.HEALTH_INSURANCE: (
        "U telt de zorgtoeslag 2 keer.",
        "Vul de hele premie in. Of haal de zorgtoeslag weg bij wat er binnenkomt.",
    ),
    DoubleCount.HEALTH_INSURANCE_ASK: (
        "Telt u de zorgtoeslag 2 keer?",
        "Zeg bij uw zorgverzekering of de zorgtoeslag er al af is.",
    ),
    DoubleCount.CHILDCARE: (
        "U telt de kinderopvangtoeslag 2 keer.",
        "Vul bij kinderopvang het hele bedrag in. Of haal de toeslag weg.",
    ),
    DoubleCount.CHILDCARE_ASK: (
        "Telt u de kinderopvangtoeslag 2 keer?",
        "Zeg bij kinderopvang of de toeslag er al af is.",
    ),
    DoubleCount.OTHER_INCOME: (
        "U telt uw vakantiegeld 2 keer.",
        "Het zit al in uw inkomen. Haal het weg bij ander geld.",
    ),
    DoubleCount.OTHER_INCOME_ASK: ("Telt u uw vakantiegeld 2 keer?", "Zeg of uw andere geld vakantiegeld is."),
    DoubleCount.OTHER_ARRANGEMENTS: (
        "U telt een regeling 2 keer.",
        "U betaalt deze organisatie straks via dit plan. Haal de regeling hier weg.",
    ),
    DoubleCount.OTHER_ARRANGEMENTS_ASK: (
        "Telt u een regeling 2 keer?",
        "Zeg of uw regeling bij een organisatie in dit plan hoort.",
    ),
    DoubleCount.HOLIDAY_ALLOWANCE: (
        "U telt uw vakantiegeld 2 keer.",
        "U zegt dat het in uw inkomen zit. Maar u vult het ook apart in.",
    ),
}

# How a figure is called when it changed: "uw huur is veranderd".
FIGURE_WORDS = {
    "situation": "uw huishouden",
    "members": "uw huishouden",
    "net_income_cents": "uw inkomen",
    "income_typed": "uw inkomen",
    "holiday_allowance": "uw vakantiegeld",
    "taxable_income_cents": "uw belastbaar inkomen",
    "taxable_income_unknown": "uw belastbaar inkomen",
    "taxable_typed": "uw belastbaar inkomen",
    "partner_takes_part": "het deel van uw partner",
    "partner_income_cents": "het inkomen van uw partner",
    "partner_typed": "het inkomen van uw partner",
    "uncertain": "uw bijzondere situatie",
    "unknown": "wat u niet weet",
    "declared_cents": "wat u kunt missen",
    "budget.huurtoeslag": "uw huurtoeslag",
    "budget.zorgtoeslag": "uw zorgtoeslag",
    "budget.kindgebonden_budget": "uw kindgebonden budget",
    "budget.kinderbijslag": "uw kinderbijslag",
    "budget.kinderopvangtoeslag": "uw kinderopvangtoeslag",
    "budget.alimentatie_received": "de alimentatie die u krijgt",
    "budget.tax_credit": "de teruggave van de belasting",
    "budget.kostgeld": "uw kostgeld",
    "budget.other_income": "uw andere geld",
    "budget.rent": "uw huur",
    "budget.energy": "uw gas, licht en warmte",
    "budget.water": "uw water",
    "budget.health_insurance": "uw zorgverzekering",
    "budget.liability_insurance": "uw verzekering voor schade",
    "budget.funeral_insurance": "uw uitvaartverzekering",
    "budget.phone": "uw internet en telefoon",
    "budget.municipal_tax": "de belasting van de gemeente",
    "budget.water_board_tax": "de belasting van het waterschap",
    "budget.care_contribution": "uw eigen bijdrage",
    "budget.bank": "uw bank",
    "budget.car_insurance": "uw autoverzekering",
    "budget.road_tax": "de belasting voor uw auto",
    "budget.childcare": "uw kinderopvang",
    "budget.alimentatie_paid": "de alimentatie die u betaalt",
    "budget.other_arrangements": "een regeling die u betaalt",
    "budget.subscriptions": "uw abonnement",
    "budget.eigen_risico": "uw eigen risico",
    "budget.clothing": "uw kleding",
    "budget.furniture": "uw bedrag voor meubels",
    "budget.medical": "uw bedrag voor zorg",
    "budget.holidays": "uw bedrag voor feest en vakantie",
    "budget.buffer": "uw potje voor tegenvallers",
    "budget.food": "uw bedrag voor eten",
    "budget.cleaning": "uw bedrag voor verzorging",
    "budget.pets": "uw bedrag voor huisdieren",
    "budget.transport": "uw vervoer",
    "budget.pocket_money": "uw zakgeld",
}


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One line of the overview. `cents` per month, None when it is not known; `typed`: how it was filled in, when that is
    not per month; `reference` only when the line is above it.
    """

    label: str
    cents: int | None
    typed: str
    by: str
    note: str = ""
    reference: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class BudgetPart:
    """One part of the overview with its total in cents per month, as far as known."""

    part: Part
    rows: list[BudgetRow]
    total: int
    unknown: int
    gone_through: bool


def overview(application: Application, found: BudgetFile) -> dict[str, Any]:
    """The four parts, what is left, what is counted twice, and the mark."""
    authors = Authors(application)
    parts = [_part(part, application, found, authors) for part in PARTS]
    left = found.left
    return {
        "parts": parts,
        "left": left,
        "shortage": -left if left is not None and left < 0 else 0,
        "warnings": [(*WARNINGS[one], page_of(one)) for one in found.double_counts],
        "missing": [label for _, label in missing(found)],
        "next_part": next((one.part for one in parts if not one.gone_through), None),
        "started": bool(application.budget),
        **mark(found.mark),
    }


def missing(found: BudgetFile) -> list[tuple[str, str]]:
    """(code, label) of what is not known, in the order of the page."""
    codes = [code for group in Group for code in found.budget.unknown_in(group)]
    return [(code, LINES[code].label if code in LINES else FACTS[code][0]) for code in codes]


def page_of(double_count: DoubleCount) -> str:
    """Where it can be put right."""
    if double_count is DoubleCount.HOLIDAY_ALLOWANCE:
        return "inkomen"
    return PART_OF[LINES[double_count.value.removesuffix("_ask")].group].page


def _part(part: Part, application: Application, found: BudgetFile, authors: Authors) -> BudgetPart:
    rows = _facts(application, found, authors) if part.group is Group.INCOME else []
    for line in STANDARD_LIST:
        if line.group is not part.group:
            continue
        stored: Mapping[str, Any] | None = application.budget.get(line.code)
        ours = line.code == BUFFER and found.buffer_is_ours
        if stored is None and not ours:
            continue
        reference = found.references.get(line.code)
        rows.append(
            BudgetRow(
                label=line.label,
                cents=found.budget.per_month.get(line.code),
                typed=typed_words(stored),
                by="gerekend door Eén Plan" if ours else authors.of(f"budget.{line.code}"),
                note=application.budget_notes.get(line.code, ""),
                reference=reference_words(reference) if reference and is_above(stored, reference) else "",
            )
        )
    return BudgetPart(
        part=part,
        rows=rows,
        total=found.budget.total(part.group),
        unknown=len(found.budget.unknown_in(part.group)),
        gone_through=part.group not in found.budget.unanswered,
    )


def typed_words(line: Mapping[str, Any] | None) -> str:
    """ "65 euro per week"; "" for an amount per month."""
    if not line or line.get("cents") is None or line["period"] == Period.MONTH.value:
        return ""
    return f"{spoken_euro(line['cents'])} {PERIOD_WORDS[line['period']]}"


def _facts(application: Application, found: BudgetFile, authors: Authors) -> list[BudgetRow]:
    """What is asked on other pages and belongs to the income. The holiday allowance is a row only while it is not known."""
    budget = found.budget
    shown = {NET_INCOME: budget.net_income}
    if HOLIDAY_ALLOWANCE in budget.unknown:
        shown[HOLIDAY_ALLOWANCE] = 0
    if steps.is_couple(application):
        shown[PARTNER_INCOME] = budget.partner_income
    rows = []
    for name, cents in shown.items():
        label, page, answer = FACTS[name]
        known = None if name in budget.unknown else cents
        rows.append(BudgetRow(label=label, cents=known, typed="", by=authors.of(answer), page=page))
    return rows


def mark(given: BudgetMark | None) -> dict[str, Any]:
    """The coach's mark as it is told: it holds, or why it does not any more."""
    if given is None:
        return {"mark": None, "mark_holds": False, "mark_changed": ""}
    return {
        "mark": given,
        "mark_holds": given.dropped_on is None,
        "mark_changed": changed_words(given.dropped_because),
    }


def changed_words(names: Sequence[str]) -> str:
    """ "uw huur is veranderd", or how many figures changed."""
    words = list(dict.fromkeys(FIGURE_WORDS[name] for name in names if name in FIGURE_WORDS))
    if len(words) == 1:
        return f"{words[0]} is veranderd"
    return f"{len(words)} antwoorden zijn veranderd" if words else "een antwoord is veranderd"
