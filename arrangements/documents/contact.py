"""Who to call, on paper: paper outlives an absence, so the director stays and the stand-in has a last day."""

from accounts.contact import contact_of
from accounts.models import Citizen
from arrangements.documents.content import long_date


def contact_lines(citizen: Citizen, *, about: str = "") -> list[str]:
    """The lines of a document that say whom to call. `about`: what the questions are about, with its preposition."""
    contact = contact_of(citizen.director)
    director = contact.director
    lines = [
        f"Vragen{f' {about}' if about else ''}? Bel {director.name} van {director.organisation}: {director.phone}."
    ]
    if contact.stand_in is not None and contact.until is not None:
        lines.append(f"Tot en met {long_date(contact.until)} neemt {contact.name} waar: {contact.phone}.")
    return lines
