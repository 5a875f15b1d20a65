"""The extract of the agreement for one creditor: its own line, the rule, and the number and totals of the others."""

from collections.abc import Sequence

from arrangements.documents.agreement import AGREEMENT_TEXT_VERSION, WAIVER_CONDITIONS
from arrangements.documents.contact import contact_lines
from arrangements.documents.content import Content, columns, last_due_date, long_date, money, percentage, reference_of
from arrangements.domain.split import RULE
from arrangements.models import Arrangement, ArrangementLine
from creditors.models import Creditor


def extract_content(*, arrangement: Arrangement, creditor: Creditor, lines: Sequence[ArrangementLine]) -> Content:
    """What `creditor` gets. `lines` are all lines of the arrangement; those of others are only counted and added up."""
    own = [line for line in lines if line.creditor_id == creditor.pk]
    others = [line for line in lines if line.creditor_id != creditor.pk]
    other_creditors = len({line.creditor_id for line in others})
    last = last_due_date(arrangement.first_due_date, arrangement.months)
    return {
        "kind": "uittreksel",
        "version": AGREEMENT_TEXT_VERSION,
        "lang": "nl",
        "title": f"Uittreksel van een regeling voor {creditor.name}",
        "reference": arrangement.payment_reference,
        "intro": _intro(arrangement, own),
        "summary": [
            ["Klant", own[0].claim.debtor_name or "–"],
            ["Maandbedrag van de klant", f"{money(arrangement.monthly_cents)}, {arrangement.months} keer"],
            ["Eerste en laatste termijn", f"{long_date(arrangement.first_due_date)} en {long_date(last)}"],
            ["Uw vordering", money(sum(line.outstanding_cents for line in own))],
            ["Uw deel", money(sum(line.share_cents for line in own))],
            ["Kwijtschelding aan het eind", money(sum(line.waived_cents for line in own))],
            *([["Blijft over", _what_stays(own)]] if any(line.remains_cents for line in own) else []),
        ],
        "sections": [
            {
                "key": "uw-regel",
                "heading": "Uw vorderingen in deze regeling",
                "paragraphs": [],
                "table": {
                    "caption": "Uw vorderingen",
                    "columns": columns(
                        "Kenmerk",
                        "Klantnummer",
                        "Vordering",
                        "U krijgt",
                        "Deel",
                        "Kwijtschelding",
                        "Blijft over",
                        numbers=(2, 3, 4, 5, 6),
                    ),
                    "rows": [
                        [
                            reference_of(line.claim) + (" (preferent)" if line.is_preferent else ""),
                            line.claim.customer_number or "–",
                            money(line.outstanding_cents),
                            money(line.share_cents),
                            percentage(line.share_cents, line.outstanding_cents),
                            money(line.waived_cents),
                            money(line.remains_cents),
                        ]
                        for line in own
                    ],
                },
            },
            {
                "key": "de-regel",
                "heading": "De regel van de verdeling",
                "paragraphs": [
                    RULE,
                    "Na elke betaling heeft elke organisatie tot op de cent haar deel van wat er binnen is.",
                ],
            },
            {
                "key": "de-anderen",
                "heading": "De andere organisaties",
                "paragraphs": [
                    "Er doen geen andere organisaties mee."
                    if not others
                    else f"Er doen nog {other_creditors} andere organisaties mee."
                    if other_creditors > 1
                    else "Er doet nog 1 andere organisatie mee.",
                    "U ziet hun totalen, niet hun namen.",
                ],
                "table": {
                    "caption": "De totalen",
                    "columns": columns("", "Vordering", "Deel", "Percentage", numbers=(1, 2, 3)),
                    "rows": [
                        _totals("Uw organisatie", own),
                        _totals("De anderen samen", others),
                    ],
                    "total": _totals("Allemaal samen", lines),
                },
            },
            {
                "key": "kwijtschelding",
                "heading": "Kwijtschelding",
                "paragraphs": [
                    "Bij het akkoord beloofde u de kwijtschelding. Ons systeem verleent die. Er zijn twee voorwaarden:"
                ],
                "points": [*WAIVER_CONDITIONS],
            },
        ],
        "contact": contact_lines(arrangement.citizen, about="over deze regeling"),
        "hash": arrangement.agreement_hash,
    }


def _intro(arrangement: Arrangement, own: Sequence[ArrangementLine]) -> list[str]:
    signed = long_date(arrangement.signed_on)
    if all(line.claim.transferred_from_id is not None for line in own):
        return [
            f"Uw klant tekende op {signed} een regeling. Daarna is de vordering van u geworden.",
            "De regeling geldt ook voor u, met de beloofde kwijtschelding. U int niet zelf.",
        ]
    return [
        f"Uw klant tekende op {signed} een regeling. Uw organisatie zei ja.",
        "Vanaf die dag stopt u met innen. Voor de regeling telt het bedrag van die dag.",
    ]


def _what_stays(own: Sequence[ArrangementLine]) -> str:
    """What law does not let go: never promised away."""
    kept = [line for line in own if line.remains_cents]
    grounds = ", ".join(dict.fromkeys(line.claim.not_dischargeable_ground for line in kept))
    return f"{money(sum(line.remains_cents for line in kept))} mag van de wet niet weg ({grounds})"


def _totals(label: str, lines: Sequence[ArrangementLine]) -> list[str]:
    outstanding = sum(line.outstanding_cents for line in lines)
    share = sum(line.share_cents for line in lines)
    return [label, money(outstanding), money(share), percentage(share, outstanding) if lines else "–"]
