"""The columns of people and of what the system keeps of itself, as the desk reads them."""

from typing import Final

from infra import desk_words

_WORDS: Final = {
    "action": "Handeling",
    "active": "Actief",
    "anchored_on": "Gezien op",
    "at": "Moment",
    "attempts": "Pogingen",
    "bewind": "Bewind",
    "business_date": "Dag",
    "by_system": "Door het systeem",
    "channel": "Kanaal",
    "citizen": "Burger",
    "coach": "Coach",
    "created_at": "Gemaakt",
    "date_joined": "Sinds",
    "director": "Contactpersoon",
    "ended_at": "Beëindigd",
    "finished_at": "Klaar",
    "from_state": "Van",
    "given_on": "Gegeven op",
    "is_active": "Actief",
    "is_default_director": "Krijgt nieuwe zaken",
    "kind": "Soort",
    "name": "Naam",
    "object_id": "Nummer",
    "object_type": "Waarvan",
    "organisation": "Organisatie",
    "phone": "Telefoon",
    "progress_done": "Gedaan",
    "progress_total": "Van",
    "seen_by": "Gezien door",
    "sent_at": "Verstuurd",
    "state": "Stand",
    "subject": "Onderwerp",
    "text_version": "Versie van de tekst",
    "to_name": "Aan",
    "to_state": "Naar",
    "user": "Login",
    "valid_from": "Vanaf",
    "valid_until": "Tot en met",
}

desk_words.add(_WORDS)
