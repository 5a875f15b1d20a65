"""The letter to an organisation somebody named: what we are, what we ask, and a code. Nothing about the person."""

from datetime import date

from arrangements.documents.content import Content, long_date
from arrangements.models import CreditorInvitation

INVITATION_TEXT_VERSION = "uitnodiging-1"


def invitation_content(*, invitation: CreditorInvitation, code: str, address: str, on: date) -> Content:
    """The letter as it is printed on `on`. `code` as people read it, `address` the page it opens.

    No name, no amount, no customer number of the citizen: who that is, is told when the organisation takes part.
    """
    director = invitation.citizen.director
    return {
        "kind": "uitnodiging",
        "version": INVITATION_TEXT_VERSION,
        "lang": "nl",
        "title": "Doet u mee met een regeling?",
        "reference": code,
        "intro": [
            f"Aan: {invitation.creditor.name}. Datum: {long_date(on)}.",
            "Iemand wil al zijn schulden in één keer regelen. Uw organisatie is daarbij genoemd.",
            "Wij mogen nog niet zeggen om wie het gaat. Dat hoort u als u meedoet.",
        ],
        "summary": [
            ["Wat wij vragen", "Meld uw organisatie aan. Dat is gratis en verplicht u tot niets."],
            ["Waar", address],
            ["Uw code", code],
        ],
        "sections": [
            {
                "key": "daarna",
                "heading": "Wat er daarna gebeurt",
                "paragraphs": [
                    "Wij bellen u en maken een toegang voor u.",
                    "Daarna vragen wij welk bedrag er open staat.",
                    "U krijgt een voorstel. U zegt zelf ja of nee.",
                ],
            },
            {
                "key": "wie",
                "heading": "Wie wij zijn",
                "paragraphs": [
                    "Eén Plan maakt één regeling voor alle organisaties samen. Voor iedereen geldt dezelfde regel.",
                ],
            },
        ],
        "contact": [f"Vragen? Bel {director.name} van {director.organisation}: {director.phone}."],
        "hash": "",
    }
