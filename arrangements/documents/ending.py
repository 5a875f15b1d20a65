"""The statements when a plan was stopped: what everybody got, and what is open from that day."""

from collections.abc import Sequence

from arrangements.documents.closing import set_aside, what_became
from arrangements.documents.content import Content, Table, columns, long_date, money
from arrangements.domain.termination import MEANING, TerminationGround
from arrangements.models import Arrangement, ArrangementLine
from creditors.models import Creditor

ENDING_TEXT_VERSION = "stopoverzicht-1"


def open_cents(line: ArrangementLine) -> int:
    """What a claim still asks after the plan was stopped: nothing was waived. What went back to the citizen is not asked."""
    return line.outstanding_cents - line.returned_cents - line.paid_cents


def ending_content(*, arrangement: Arrangement, lines: Sequence[ArrangementLine]) -> Content:
    """The citizen's own, with all organisations."""
    director = arrangement.citizen.director
    rows = [[line.creditor.name + what_became(line), line.claim.reference or "–", *_figures(line)] for line in lines]
    return {
        "kind": "stopoverzicht",
        "version": ENDING_TEXT_VERSION,
        "lang": "nl",
        "title": "Uw regeling is gestopt",
        "reference": arrangement.payment_reference,
        "intro": [
            "Hier staat wat u heeft betaald, en wat nog open is.",
            "U staat er niet alleen voor. De gemeente kan u helpen met uw schulden. Dat is gratis.",
        ],
        "summary": [
            ["Gestopt op", long_date(arrangement.terminated_on or arrangement.signed_on)],
            ["De reden", TerminationGround(arrangement.termination_ground).agreement_text],
            ["U betaalde", money(sum(line.paid_cents for line in lines))],
            ["Nog open", money(sum(open_cents(line) for line in lines))],
            *set_aside(lines),
        ],
        "sections": [
            {"key": "betekenis", "heading": "Wat dit betekent", "paragraphs": [], "points": list(MEANING)},
            {
                "key": "organisaties",
                "heading": "Per organisatie",
                "paragraphs": [],
                "table": _table("Alle organisaties", rows, lines, first="Organisatie", second="Kenmerk"),
            },
        ],
        "contact": [f"Vragen? Bel {director.name} van {director.organisation}: {director.phone}."],
        "hash": arrangement.agreement_hash,
    }


def ending_extract_content(
    *, arrangement: Arrangement, creditor: Creditor, lines: Sequence[ArrangementLine]
) -> Content:
    """One creditor's: its own lines only. `lines` may hold those of others; they are left out."""
    own = [line for line in lines if line.creditor_id == creditor.pk]
    director = arrangement.citizen.director
    day = long_date(arrangement.terminated_on or arrangement.signed_on)
    rows = [
        [(line.claim.reference or "–") + what_became(line), line.claim.customer_number or "–", *_figures(line)]
        for line in own
    ]
    return {
        "kind": "stopoverzicht",
        "version": ENDING_TEXT_VERSION,
        "lang": "nl",
        "title": f"De regeling is gestopt: overzicht voor {creditor.name}",
        "reference": arrangement.payment_reference,
        "intro": [
            f"De regeling is gestopt op {day}. Vanaf die dag mag u weer innen.",
            "Reken over de tijd van de regeling geen rente of kosten. Zo staat het in de overeenkomst.",
        ],
        "summary": [
            ["Klant", own[0].claim.debtor_name or "–"],
            ["Gestopt op", day],
            ["De reden", TerminationGround(arrangement.termination_ground).creditor_text],
            ["Uw vordering bij de start", money(sum(line.outstanding_cents for line in own))],
            ["U kreeg", money(sum(line.paid_cents for line in own))],
            ["Nog open", money(sum(open_cents(line) for line in own))],
            *set_aside(own),
        ],
        "sections": [
            {
                "key": "uw-regel",
                "heading": "Uw vorderingen",
                "paragraphs": [],
                "table": _table("Uw vorderingen", rows, own, first="Kenmerk", second="Klantnummer"),
            }
        ],
        "contact": [f"Vragen over deze regeling? Bel {director.name} van {director.organisation}: {director.phone}."],
        "hash": arrangement.agreement_hash,
    }


def _figures(line: ArrangementLine) -> list[str]:
    return [money(line.outstanding_cents), money(line.paid_cents), money(open_cents(line))]


def _table(caption: str, rows: list[list[str]], lines: Sequence[ArrangementLine], *, first: str, second: str) -> Table:
    return {
        "caption": caption,
        "columns": columns(first, second, "Bij de start", "Betaald", "Nog open", numbers=(2, 3, 4)),
        "rows": rows,
        "total": [
            "Samen",
            "",
            money(sum(line.outstanding_cents for line in lines)),
            money(sum(line.paid_cents for line in lines)),
            money(sum(open_cents(line) for line in lines)),
        ],
    }
