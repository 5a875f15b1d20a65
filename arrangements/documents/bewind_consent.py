"""What a bewindvoerder says yes to: on paper to sign, and kept word for word with its hash."""

from accounts.models import Bewind, Citizen
from arrangements.documents.content import Content, Section, as_text

BEWIND_TEXT_VERSION = "bewind-1"
"""Another word in this file is another version."""


def bewind_consent_content(*, bewind: Bewind, citizen: Citizen) -> Content:
    """The consent for this bewindvoerder and this citizen, as it is printed and signed."""
    office = f" van {bewind.organisation}" if bewind.organisation else ""
    person = citizen.full_name or "de cliënt"
    return {
        "kind": "toestemming-bewindvoerder",
        "version": BEWIND_TEXT_VERSION,
        "lang": "nl",
        "title": "Toestemming van de bewindvoerder",
        "reference": "",
        "intro": [f"{bewind.name or 'De bewindvoerder'}{office} is bewindvoerder van {person}."],
        "summary": [],
        "sections": [
            {
                "key": "plan",
                "heading": "Dit is het plan",
                "paragraphs": [],
                "points": [
                    f"{person} vraagt alle organisaties om één regeling via Eén Plan.",
                    "Er is één bedrag per maand en één looptijd.",
                    "Het bedrag laat genoeg over om van te leven: dat is getoetst aan de wet.",
                    "Eén Plan verdeelt het geld over de organisaties. Dat is gratis.",
                    "Wat na de laatste betaling nog openstaat, wordt kwijtgescholden waar de wet dat toelaat.",
                ],
            },
            {
                "key": "ja",
                "heading": "De bewindvoerder geeft toestemming voor",
                "paragraphs": [],
                "points": [
                    "het versturen van het voorstel aan de organisaties",
                    "het tekenen van de regeling",
                    "de betaling van het bedrag van elke maand",
                ],
            },
            {
                "key": "intrekken",
                "heading": "Intrekken",
                "paragraphs": [
                    "De bewindvoerder kan deze toestemming altijd intrekken. Dan start er niets nieuws.",
                    "Een regeling die al is getekend, loopt door.",
                ],
            },
        ],
        "contact": [],
        "hash": "",
    }


def bewind_consent_text(*, bewind: Bewind, citizen: Citizen) -> str:
    """The same as plain lines: what is hashed and kept."""
    return as_text(bewind_consent_content(bewind=bewind, citizen=citizen))


def to_sign(content: Content) -> Content:
    """The same with room for a signature: the print form. The words that are agreed to do not change by it."""
    lines = [
        "Naam: ____________________________________",
        "Datum: ___________________________________",
        "Handtekening: ____________________________",
    ]
    room: Section = {"key": "handtekening", "heading": "Handtekening van de bewindvoerder", "paragraphs": lines}
    return {**content, "sections": [*content["sections"], room]}
