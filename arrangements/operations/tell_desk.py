"""Telling everybody who works at the desk that somebody has to look."""

from django.conf import settings

from accounts.models import CaseWorker
from infra import outbox


def tell_desk(*, key: str, kind: str, subject: str, body: str, where: str = "/beheer/") -> None:
    """One message to every active worker of the desk, once per `key`. Part of the caller's transaction. Worker only.

    `where`: the address in /beheer/ at which to go on. No names of citizens in it.
    """
    outbox.post_messages(
        [
            outbox.message(
                key=f"{key}:{worker.pk}",
                kind=kind,
                subject=subject,
                body=f"Beste {worker.name},\n\n{body}\n\n{settings.SITE_BASE_URL}{where}\n\nEén Plan",
                to_address=worker.user.email,
                to_name=worker.name,
            )
            for worker in CaseWorker.objects.select_related("user").filter(kind=CaseWorker.Kind.DESK, active=True)
        ]
    )
