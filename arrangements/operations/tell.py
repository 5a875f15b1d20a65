"""Telling the parties something: neutral subjects, B1 text, through the outbox, in the transaction of the change."""

from django.conf import settings

from accounts.models import Citizen
from creditors.models import Creditor
from infra import outbox
from infra.models import Message


def tell_citizen(citizen: Citizen, *, key: str, kind: str, subject: str, body: str) -> None:
    """One message to the citizen, once per `key`. The director's name and number stand under every message."""
    director = citizen.director
    outbox.post_message(
        key=key,
        kind=kind,
        subject=subject,
        body=(
            f"Beste {citizen.full_name or 'meneer of mevrouw'},\n\n{body}\n\n"
            f"Vragen? Bel {director.name}: {director.phone}.\n"
            f"Of ga zelf naar {settings.SITE_BASE_URL} en log in.\n\n"
            "Met vriendelijke groet,\nEén Plan"
        ),
        to_address=citizen.user.email if citizen.user else "",
        to_name=citizen.full_name,
        citizen_id=citizen.pk,
    )


def message_for_creditor(creditor: Creditor, *, key: str, kind: str, subject: str, body: str) -> Message:
    """One message to the group address of a creditor, not posted yet. No names of citizens in it."""
    return outbox.message(
        key=key,
        kind=kind,
        subject=subject,
        body=f"{body}\n\n{settings.SITE_BASE_URL}/schuldeiser/\n\nEén Plan",
        to_address=creditor.email,
        to_name=creditor.name,
        creditor_id=creditor.pk,
    )


def tell_creditor(creditor: Creditor, *, key: str, kind: str, subject: str, body: str) -> None:
    """One message to the group address of a creditor, once per `key`. No names of citizens in it."""
    outbox.post_messages([message_for_creditor(creditor, key=key, kind=kind, subject=subject, body=body)])
