"""Telling everybody who works at the desk that something waits in /beheer/."""

from django.conf import settings

from accounts.models import CaseWorker
from infra import outbox


def tell_desk(*, key: str, kind: str, subject: str, lines: list[str], path: str) -> int:
    """Mail every active worker of the desk, once per `key`. Part of the caller's transaction; worker only.

    No names of citizens in `lines`; `path` is the page where the work stands. Returns how many were told.
    """
    body = "\n".join([*lines, "", f"{settings.SITE_BASE_URL}{path}"])
    workers = CaseWorker.objects.select_related("user").filter(kind=CaseWorker.Kind.DESK, active=True)
    for worker in workers:
        outbox.post_message(
            key=f"{key}:{worker.pk}",
            kind=kind,
            subject=subject,
            body=f"Beste {worker.name},\n\n{body}\n\nEén Plan",
            to_address=worker.user.email,
            to_name=worker.name,
        )
    return len(workers)
