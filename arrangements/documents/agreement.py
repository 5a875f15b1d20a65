"""The agreement the citizen signs: what stands on the screen is what is hashed, signed and printed."""

from collections.abc import Sequence
from datetime import date

from arrangements.documents.contact import contact_lines
from arrangements.documents.content import (
    Content,
    Section,
    as_text,
    columns,
    last_due_date,
    long_date,
    money,
    percentage,
    reference_of,
)
from arrangements.domain import waiver_conditions
from arrangements.domain.split import RULE
from arrangements.domain.term import installments
from arrangements.domain.termination import MEANING, TerminationGround
from arrangements.models import Answer, Arrangement, Proposal, ProposalLine
from arrangements.models.arrangement import ShiftRule, WindfallRule
from kernel.cents import spoken_euro
from kernel.periods import due_dates

AGREEMENT_TEXT_VERSION = "overeenkomst-2"
_WITHOUT_CHOICES = _WITHOUT_MEANING = "overeenkomst-1"
"""What was signed before the agreement had these sections stays what it was."""

WAIVER_CONDITIONS = tuple(condition.text for condition in waiver_conditions.CONDITIONS)
"""The words of the conditions that are kept as data with what is signed."""

_SHIFT_RULE = {
    ShiftRule.LATER: "Slaat u een termijn over? Dan betaalt u die aan het eind. Uw einddatum schuift op.",
    ShiftRule.HIGHER: (
        "Slaat u een termijn over? Dan worden de andere termijnen iets hoger. Uw einddatum blijft gelijk. "
        "Past dat niet zeker bij u? Dan schuift uw einddatum op."
    ),
}
_WINDFALL_RULE = {
    WindfallRule.KEEP: "Krijgt u eenmalig geld, zoals vakantiegeld? Dat is voor u. Wij vragen er niet om.",
    WindfallRule.SHORTEN: (
        "Krijgt u eenmalig geld, zoals vakantiegeld? Dan mag u extra betalen. U bent dan eerder klaar. Het hoeft niet."
    ),
}


def agreement_text(*, proposal: Proposal, first_due_date: date) -> str:
    """The text of the agreement for this version, the same bytes for the same figures. Scope: the citizen's or worker's."""
    return as_text(agreement_content(proposal=proposal, first_due_date=first_due_date))


def agreement_content(*, proposal: Proposal, first_due_date: date, arrangement: Arrangement | None = None) -> Content:
    """The agreement as the citizen reads it before signing; with `arrangement`, as it was signed.

    Lists all creditors: this is the citizen's own copy (architecture.md). Amounts come from the proposal's lines.
    """
    lines = list(
        ProposalLine.objects.filter(proposal=proposal).select_related("creditor", "claim").order_by("position")
    )
    amounts = installments(proposal.monthly_cents, proposal.months, proposal.pot_cents)
    last = last_due_date(first_due_date, len(amounts))
    waived = sum(line.waived_cents for line in lines)
    remains = sum(line.remains_cents for line in lines)
    version = arrangement.agreement_text_version if arrangement else AGREEMENT_TEXT_VERSION
    content: Content = {
        "kind": "overeenkomst",
        "version": version,
        "lang": "nl",
        "title": "Uw regeling",
        "reference": arrangement.payment_reference if arrangement else "",
        "intro": [
            "Dit is de afspraak tussen u en de organisaties in deze regeling.",
            "Eén Plan verdeelt uw geld over de organisaties. Dat is gratis voor u.",
        ],
        "summary": _summary(amounts, first_due_date, last, waived, remains),
        "sections": [
            _parties(proposal, lines),
            split_section(lines),
            _schedule(amounts, first_due_date),
            _waiver(waived, remains),
            _changes(),
            *([] if version == _WITHOUT_CHOICES else [_choices(proposal)]),
            _ending(),
            *([] if version == _WITHOUT_MEANING else [_after_ending()]),
            _complaints(),
            _data(),
        ],
        "contact": contact_lines(proposal.citizen),
        "hash": "",
    }
    if arrangement is not None:
        content["hash"] = arrangement.agreement_hash
        content["sections"].append(_signatures(proposal, arrangement))
    return content


def _summary(amounts: Sequence[int], first: date, last: date, waived: int, remains: int) -> list[list[str]]:
    times = f"{len(amounts)} keer"
    if len(amounts) > 1 and amounts[-1] != amounts[0]:
        times += f"; de laatste keer {spoken_euro(amounts[-1])}"
    rest = (
        "U betaalt alles terug. Daarna bent u klaar."
        if not waived and not remains
        else f"Heeft u alles betaald? Dan hoeft u {spoken_euro(waived)} niet meer te betalen."
    )
    if remains:
        rest += f" Er blijft {spoken_euro(remains)} over. Dat mag van de wet niet weg."
    return [
        ["U betaalt", f"{spoken_euro(amounts[0])} per maand, {times}"],
        ["Uw betaaldag", f"dag {first.day} van de maand"],
        ["U betaalt voor het eerst", f"op {long_date(first)}"],
        ["U betaalt voor het laatst", f"op {long_date(last)}"],
        ["Wat er met de rest gebeurt", rest],
        ["Lukt betalen een keer niet?", "Vertel het ons. Dan zoeken we samen een oplossing. Te laat is ook betaald."],
    ]


def _parties(proposal: Proposal, lines: Sequence[ProposalLine]) -> Section:
    count = len({line.creditor_id for line in lines})
    who = "1 organisatie" if count == 1 else f"{count} organisaties"
    return {
        "key": "wie",
        "heading": "Wie doen er mee",
        "paragraphs": [
            f"U: {proposal.citizen.full_name or 'de burger die tekent'}.",
            f"De organisaties: {who}. U ziet ze hieronder.",
            "Zij hebben allemaal ja gezegd. Zij stoppen met innen zodra u tekent.",
        ],
    }


def split_section(lines: Sequence[ProposalLine], *, caption: str = "Alle organisaties in uw regeling") -> Section:
    """What every creditor gets, with its percentage: all lines of one version, for the citizen's own papers."""
    return {
        "key": "verdeling",
        "heading": "Wat elke organisatie krijgt",
        "paragraphs": [RULE, "Niemand krijgt stiekem meer. Voor iedereen geldt dezelfde regel."],
        "table": {
            "caption": caption,
            "columns": columns(
                "Organisatie",
                "Kenmerk",
                "Open nu",
                "U betaalt",
                "Deel",
                "Vervalt aan het eind",
                "Blijft over",
                numbers=(2, 3, 4, 5, 6),
            ),
            "rows": [
                [
                    line.creditor.name + (" (preferent)" if line.is_preferent else ""),
                    reference_of(line.claim),
                    money(line.outstanding_cents),
                    money(line.share_cents),
                    percentage(line.share_cents, line.outstanding_cents),
                    money(line.waived_cents),
                    money(line.remains_cents),
                ]
                for line in lines
            ],
            "total": total_row(lines),
        },
    }


def total_row(lines: Sequence[ProposalLine]) -> list[str]:
    """The last row of the table: the sums of the rows above it, to the cent."""
    outstanding = sum(line.outstanding_cents for line in lines)
    share = sum(line.share_cents for line in lines)
    return [
        "Samen",
        "",
        money(outstanding),
        money(share),
        percentage(share, outstanding),
        money(sum(line.waived_cents for line in lines)),
        money(sum(line.remains_cents for line in lines)),
    ]


def _schedule(amounts: Sequence[int], first: date) -> Section:
    return {
        "key": "betaaldagen",
        "heading": "Wanneer u betaalt",
        "paragraphs": [
            "U krijgt drie dagen van tevoren een bericht.",
            "Uw geld gaat naar een aparte rekening. Wij betalen het elke maand door aan de organisaties.",
        ],
        "table": {
            "caption": "Uw termijnen",
            "columns": columns("Nummer", "Betaaldag", "Bedrag", numbers=(0, 2)),
            "rows": [
                [str(number), long_date(day), money(amount)]
                for number, (day, amount) in enumerate(
                    zip(due_dates(first, len(amounts)), amounts, strict=True), start=1
                )
            ],
            "total": ["", "Samen", money(sum(amounts))],
        },
    }


def _waiver(waived: int, remains: int) -> Section:
    paragraphs = [
        f"Aan het eind hoeft u {money(waived)} niet meer te betalen. Dit heet kwijtschelding.",
        "De organisaties beloven dat nu al. Ons systeem regelt het vanzelf. Er zijn twee voorwaarden:",
    ]
    if remains:
        paragraphs.append(
            f"Er blijft {money(remains)} over. Van de wet mag dat deel niet vervallen. Wij beloven daarom niets over dat deel."
        )
    return {
        "key": "kwijtschelding",
        "heading": "De rest hoeft u niet meer te betalen",
        "paragraphs": paragraphs,
        "points": [*WAIVER_CONDITIONS],
    }


def _changes() -> Section:
    return {
        "key": "verandering",
        "heading": "Als er iets verandert",
        "paragraphs": [
            "Verdient u minder? Of heeft u meer kosten? Geef dat meteen door.",
            "Kunt u echt minder missen? Dan gaat het bedrag omlaag. Dat geldt meteen.",
            "Elke organisatie krijgt dan naar verhouding minder. Zij krijgen bericht. U heeft dan geen achterstand.",
        ],
    }


def _choices(proposal: Proposal) -> Section:
    """What the citizen chose before signing, and what is the same for everybody who skips or pays more."""
    return {
        "key": "keuzes",
        "heading": "Wat u heeft gekozen",
        "paragraphs": [
            _SHIFT_RULE[ShiftRule(proposal.shift_rule)],
            _WINDFALL_RULE[WindfallRule(proposal.windfall_rule)],
        ],
        "points": [
            "U mag elke termijn één keer zelf verplaatsen, een paar dagen.",
            "Bij een crisis kan uw contactpersoon een pauze geven. Alle organisaties krijgen dan bericht.",
            "Extra betalen mag altijd. Dat geld wordt verdeeld volgens dezelfde regel.",
            "Betaalt u alles eerder? Dan geldt de kwijtschelding ook eerder.",
        ],
    }


def _ending() -> Section:
    return {
        "key": "stoppen",
        "heading": "Als de regeling stopt",
        "paragraphs": [
            "Te laat betalen stopt de regeling niet vanzelf. Eerst bellen wij u.",
            "Alleen een mens kan de regeling stoppen. Dat kan alleen om een reden die hier staat:",
        ],
        "points": [ground.agreement_text for ground in TerminationGround],
    }


def _after_ending() -> Section:
    return {
        "key": "na-stoppen",
        "heading": "Wat stoppen betekent",
        "paragraphs": [],
        "points": list(MEANING),
    }


def _complaints() -> Section:
    return {
        "key": "klacht",
        "heading": "Als u het niet eens bent met ons",
        "paragraphs": ["Bel of schrijf ons. Een ander dan uw eigen contactpersoon kijkt dan mee."],
    }


def _data() -> Section:
    return {
        "key": "gegevens",
        "heading": "Uw gegevens",
        "paragraphs": [
            "Elke organisatie ziet alleen haar eigen regel, de regel van de verdeling en de totalen.",
            "Zij ziet niet wie de andere organisaties zijn. Wij gebruiken uw BSN niet.",
        ],
    }


def _signatures(proposal: Proposal, arrangement: Arrangement) -> Section:
    items = [f"U tekende op {long_date(arrangement.signed_on)}, ingelogd op onze website."]
    answers = Answer.objects.filter(proposal=proposal, left_out_on=None).select_related("creditor", "decided_by_policy")
    for answer in answers.order_by("creditor__name", "pk"):
        how = (
            f"door beleid versie {answer.decided_by_policy.version}"
            if answer.decided_by_policy is not None
            else "door een medewerker"
        )
        day = long_date(answer.decided_on) if answer.decided_on else "de dag van het voorstel"
        items.append(f"{answer.creditor.name} zei ja op {day}, {how}.")
    return {
        "key": "handtekeningen",
        "heading": "Wie ja zei, en wanneer",
        "paragraphs": [
            f"De code van de tekst die is getekend: {arrangement.agreement_hash}",
            f"Betalingskenmerk: {arrangement.payment_reference}",
        ],
        "points": items,
    }
