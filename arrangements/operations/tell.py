"""Telling the parties something: neutral subjects, B1 text, through the outbox, in the transaction of the change."""

from django.conf import settings

from accounts.operations.tell_citizen import tell_citizen
from creditors.models import Creditor
from infra import outbox
from infra.models import Message

__all__ = ["tell_citizen", "tell_creditor"]


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
