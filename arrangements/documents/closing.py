"""The closing statements: what was asked, paid, waived, and what the law does not let go."""

from collections.abc import Mapping, Sequence

from arrangements.documents.contact import contact_lines
from arrangements.documents.content import Content, Section, Table, columns, long_date, money, reference_of
from arrangements.domain.lifecycle import ClaimState
from arrangements.models import Arrangement, ArrangementLine, Kwijtschelding
from creditors.models import Creditor

CLOSING_TEXT_VERSION = "eindoverzicht-1"

Granted = Mapping[int, Kwijtschelding]
"""Per claim what was granted; a claim that was paid in full has none."""


def closing_content(*, arrangement: Arrangement, lines: Sequence[ArrangementLine], granted: Granted) -> Content:
    """The citizen's own: all creditors, and the sentence they have worked for."""
    remains = sum(one.remains_cents for one in granted.values())
    waived = sum(one.waived_cents for one in granted.values())
    rows = [
        [
            line.creditor.name + what_became(line),
            reference_of(line.claim),
            *_figures(line, granted.get(line.claim_id)),
        ]
        for line in lines
    ]
    day = long_date(arrangement.waived_on or arrangement.signed_on)
    return {
        "kind": "eindoverzicht",
        "version": CLOSING_TEXT_VERSION,
        "lang": "nl",
        "title": "U bent klaar",
        "reference": arrangement.payment_reference,
        "intro": [
            f"U heeft alle {arrangement.months} termijnen betaald. Dat is knap.",
            "De rest hoeft u niet meer te betalen."
            if not remains
            else "Bijna alles is nu weg. Lees wat er overblijft.",
            "Bewaar dit bewijs goed.",
        ],
        "summary": [
            ["U betaalde", money(arrangement.received_cents)],
            ["Dit hoeft u niet meer te betalen", money(waived)],
            ["Dit blijft over", money(remains) if remains else "niets"],
            *set_aside(lines),
            ["De laatste betaling", long_date(arrangement.fulfilled_on or arrangement.signed_on)],
            ["Kwijtschelding verleend", f"op {day}"],
        ],
        "sections": [
            {
                "key": "organisaties",
                "heading": "Per organisatie",
                "paragraphs": [
                    "Vraagt een organisatie toch nog geld voor deze schuld? Laat dit bewijs zien en bel ons."
                ],
                "table": _table("Alle organisaties in uw regeling", rows, lines, granted, first="Organisatie"),
            },
            *([_what_remains(remains)] if remains else []),
        ],
        "contact": contact_lines(arrangement.citizen),
        "hash": arrangement.agreement_hash,
    }


def _what_remains(remains: int) -> Section:
    return {
        "key": "blijft-over",
        "heading": "Wat blijft over",
        "paragraphs": [
            f"Er blijft {money(remains)} over. Dat mag van de wet niet vervallen.",
            "Maak hierover een nieuwe afspraak met die organisatie. Wij helpen u daarbij.",
        ],
    }


def closing_extract_content(
    *, arrangement: Arrangement, creditor: Creditor, lines: Sequence[ArrangementLine], granted: Granted
) -> Content:
    """One creditor's: its own lines only. `lines` may hold those of others; they are left out."""
    own = [line for line in lines if line.creditor_id == creditor.pk]
    rows = [
        [
            reference_of(line.claim) + what_became(line),
            line.claim.customer_number or "–",
            *_figures(line, granted.get(line.claim_id)),
        ]
        for line in own
    ]
    return {
        "kind": "eindoverzicht",
        "version": CLOSING_TEXT_VERSION,
        "lang": "nl",
        "title": f"Eindoverzicht voor {creditor.name}",
        "reference": arrangement.payment_reference,
        "intro": [
            "Uw klant betaalde alle termijnen van de regeling.",
            "De kwijtschelding is daarom verleend, zoals bij het akkoord is beloofd. U int niets meer van dit bedrag.",
        ],
        "summary": [
            ["Klant", own[0].claim.debtor_name or "–"],
            ["Uw vordering bij de start", money(sum(line.outstanding_cents for line in own))],
            ["U kreeg", money(sum(line.paid_cents for line in own))],
            ["Kwijtgescholden", money(sum(one.waived_cents for one in _of(own, granted)))],
            ["Blijft over", money(sum(one.remains_cents for one in _of(own, granted)))],
            *set_aside(own),
            ["Datum", long_date(arrangement.waived_on or arrangement.signed_on)],
        ],
        "sections": [
            {
                "key": "uw-regel",
                "heading": "Uw vorderingen",
                "paragraphs": [],
                "table": _table("Uw vorderingen in deze regeling", rows, own, granted, first="Kenmerk"),
            }
        ],
        "contact": contact_lines(arrangement.citizen, about="over deze regeling"),
        "hash": arrangement.agreement_hash,
    }


def what_became(line: ArrangementLine) -> str:
    """What is said behind a claim that left the plan, or came into it from another organisation; mostly nothing."""
    if line.claim.state == ClaimState.TRANSFERRED:
        return f" (overgedragen{f' op {long_date(line.closed_on)}' if line.closed_on else ''})"
    if line.claim.state == ClaimState.WITHDRAWN:
        return f" (ingetrokken{f' op {long_date(line.closed_on)}' if line.closed_on else ''})"
    return " (overgenomen)" if line.claim.transferred_from_id is not None else ""


def set_aside(lines: Sequence[ArrangementLine]) -> list[list[str]]:
    """The line about money that waits for the end of a dispute; none when nothing does."""
    parked = sum(line.parked_cents for line in lines)
    return [["Staat opzij, omdat een schuld wordt betwist", money(parked)]] if parked else []


def _of(lines: Sequence[ArrangementLine], granted: Granted) -> list[Kwijtschelding]:
    return [granted[line.claim_id] for line in lines if line.claim_id in granted]


def _figures(line: ArrangementLine, one: Kwijtschelding | None) -> list[str]:
    waived, remains = (one.waived_cents, one.remains_cents) if one else (0, 0)
    return [money(line.outstanding_cents), money(line.paid_cents), money(waived), money(remains)]


def _table(
    caption: str, rows: list[list[str]], lines: Sequence[ArrangementLine], granted: Granted, *, first: str
) -> Table:
    second = "Kenmerk" if first == "Organisatie" else "Klantnummer"
    return {
        "caption": caption,
        "columns": columns(
            first, second, "Bij de start", "Betaald", "Kwijtgescholden", "Blijft over", numbers=(2, 3, 4, 5)
        ),
        "rows": rows,
        "total": [
            "Samen",
            "",
            money(sum(line.outstanding_cents for line in lines)),
            money(sum(line.paid_cents for line in lines)),
            money(sum(one.waived_cents for one in _of(lines, granted))),
            money(sum(one.remains_cents for one in _of(lines, granted))),
        ],
    }
