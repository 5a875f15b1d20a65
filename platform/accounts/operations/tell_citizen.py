from django.conf import settings

from accounts.contact import contact_of
from accounts.models import Citizen
from infra import outbox

NAMELESS = "meneer of mevrouw"


def tell_citizen(citizen: Citizen, *, key: str, kind: str, subject: str, body: str) -> None:
    """One message to the citizen, once per `key`. Who to call stands under every message: the director, or the stand-in."""
    outbox.post_message(
        key=key,
        kind=kind,
        subject=subject,
        body=letter(citizen.full_name or NAMELESS, body, contact_of(citizen.director).question_line),
        to_address=citizen.user.email if citizen.user else "",
        to_name=citizen.full_name,
        citizen_id=citizen.pk,
    )


def letter(name: str, body: str, question_line: str) -> str:
    """The whole text of a message to a citizen."""
    return (
        f"Beste {name},\n\n{body}\n\n{question_line}\n"
        f"Of ga zelf naar {settings.SITE_BASE_URL} en log in.\n\n"
        "Met vriendelijke groet,\nEén Plan"
    )
