"""The comparison for a party that seizes: what the plan gives it, and what law leaves it (features.md S10).

No income, no household, no other organisation by name: only what is left above the beslagvrije voet, and totals.
"""

from datetime import date

from arrangements.documents.content import Content, Section, columns, long_date, money
from arrangements.domain.beslag import BeslagComparison, Under
from arrangements.models import Arrangement

COMPARISON_TEXT_VERSION = "vergelijking-1"
UNKNOWN = "niet bekend"
_NEVER = "nooit, want er is niets te missen"


def comparison_content(
    *,
    arrangement: Arrangement,
    comparison: BeslagComparison,
    party: str,
    reference: str,
    debtor: str,
    on_date: date | None,
) -> Content:
    """`party`: who seizes; `debtor`: how that party knows its customer; `on_date`: the day the capacity was computed."""
    director = arrangement.citizen.director
    return {
        "kind": "vergelijking",
        "version": COMPARISON_TEXT_VERSION,
        "lang": "nl",
        "title": f"Het plan of beslag: vergelijking voor {party}",
        "reference": reference,
        "intro": [
            "Er loopt een plan voor de schulden van uw klant. Door een beslag staat dat plan stil, voor alle organisaties.",
            "Hieronder ziet u wat u in het plan krijgt en wat een beslag oplevert.",
        ],
        "summary": summary(comparison, debtor=debtor),
        "sections": [_side_by_side(comparison), _sure(comparison), _how(on_date)],
        "contact": [f"Vragen? Bel {director.name} van {director.organisation}: {director.phone}."],
        "hash": "",
    }


def summary(comparison: BeslagComparison, *, debtor: str) -> list[list[str]]:
    """The first page: label and answer."""
    in_plan = "Als u meedoet krijgt u ongeveer" if comparison.joins else "In het plan krijgt u nog"
    return [
        ["Klant", debtor or "–"],
        ["Uw vordering nu", UNKNOWN if comparison.claim is None else money(comparison.claim)],
        [in_plan, UNKNOWN if comparison.in_plan is None else money(comparison.in_plan)],
        ["Nog te betalen maanden", str(comparison.months)],
        ["Met beslag, per maand", per_month(comparison.alone)],
    ]


def rows(comparison: BeslagComparison) -> list[list[str]]:
    """The three ways, each with what comes per month, how long it takes, and how sure it is."""
    in_plan = "In het plan" if not comparison.joins else "In het plan, als u meedoet"
    plan_month = UNKNOWN if comparison.per_month is None else f"{money(comparison.per_month)}, gemiddeld"
    return [
        [
            in_plan,
            plan_month,
            f"{comparison.months} maanden",
            "afgesproken" if not comparison.joins else "een schatting",
        ],
        ["Beslag, alleen u", per_month(comparison.alone), duration(comparison.alone), "niet zeker"],
        [
            "Beslag, als alle organisaties dat doen",
            per_month(comparison.together),
            duration(comparison.together),
            "niet zeker",
        ],
    ]


COLUMNS = ("Manier", "Per maand", "Zo lang tot u heeft wat het plan geeft", "Hoe zeker")


def per_month(under: Under | None) -> str:
    """What a beslag brings per month, as one amount or between two."""
    if under is None:
        return UNKNOWN
    return money(under.low) if under.exact else f"{money(under.low)} tot {money(under.high)}"


def duration(under: Under | None) -> str:
    """After how many months it brought what the plan gives."""
    if under is None:
        return UNKNOWN
    if under.high == 0:
        return _NEVER
    if under.months_fast is None:
        return UNKNOWN
    if under.months_slow is None:
        return f"{under.months_fast} maanden, of nooit"
    if under.months_slow == under.months_fast:
        return f"{under.months_fast} maanden"
    return f"{under.months_fast} tot {under.months_slow} maanden"


def _side_by_side(comparison: BeslagComparison) -> Section:
    return {
        "key": "naast-elkaar",
        "heading": "Het plan en beslag naast elkaar",
        "paragraphs": [],
        "table": {
            "caption": "Wat u krijgt, per manier",
            "columns": columns(*COLUMNS),
            "rows": rows(comparison),
        },
    }


def _sure(comparison: BeslagComparison) -> Section:
    first = (
        "U doet nog niet mee. Meedoen kan: uw deel volgt uit dezelfde regel als dat van de anderen."
        if comparison.joins
        else "Wat u in het plan nog krijgt, is afgesproken. De rest van uw vordering is toegezegd als kwijtschelding."
    )
    return {
        "key": "zeker",
        "heading": "Wat u moet weten",
        "paragraphs": [],
        "points": [
            first,
            "In het plan heeft u geen kosten van een deurwaarder. Met beslag wel; die kosten zijn hier niet meegeteld.",
            "Onder de beslagvrije voet mag niemand komen. Alleen wat daarboven zit, kan met beslag worden gehaald.",
            "Leggen meer organisaties beslag? Dan wordt dat deel verdeeld naar de grootte van de vorderingen.",
            "Zolang het beslag duurt, krijgt niemand iets uit het plan, ook u niet.",
            "Heft u het beslag op? Dan gaat het plan verder. De gemiste termijnen komen er aan het eind bij.",
        ],
    }


def _how(on_date: date | None) -> Section:
    return {
        "key": "berekening",
        "heading": "Hoe dit is berekend",
        "paragraphs": [
            f"Wat boven de beslagvrije voet zit, is berekend op {long_date(on_date)}. Het kan veranderen."
            if on_date
            else "Wat boven de beslagvrije voet zit, is nog niet berekend.",
            "Staat er ‘niet bekend’? Dan ontbreekt een gegeven. Wij schatten niet.",
        ],
    }
