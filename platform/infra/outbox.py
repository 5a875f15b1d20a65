"""Telling somebody something: the message is written with the change it tells about and sent after the commit."""

import uuid

from django.conf import settings
from django.core.mail import EmailMessage

from infra import clock, jobs
from infra.models import DemoPost, Message


def post_message(
    *,
    key: str,
    kind: str,
    subject: str,
    body: str,
    to_address: str,
    to_name: str = "",
    citizen_id: int | None = None,
    creditor_id: int | None = None,
) -> None:
    """Put one message in the outbox, once per `key`. Without an address it becomes a letter.

    `subject` is seen on a lock screen: no debt words, no organisation, no amount (ux.md 2.11).
    """
    row = Message(
        key=key,
        kind=kind,
        channel=Message.Channel.EMAIL if to_address else Message.Channel.LETTER,
        to_address=to_address,
        to_name=to_name,
        subject=subject,
        body=body,
        citizen_id=citizen_id,
        creditor_id=creditor_id,
        business_date=clock.today(),
    )
    Message._base_manager.bulk_create([row], ignore_conflicts=True)  # noqa: SLF001  telling needs no right to read
    jobs.enqueue(
        "send_message",
        key=f"send:{key}",
        arguments={"message": str(row.id)},
        citizen_id=citizen_id,
        creditor_id=creditor_id,
    )


@jobs.job("send_message")
def send_message(work: jobs.Work) -> None:
    """Send one message. The mail goes out before the mark: at least once, with the message's own id in its header."""
    row = Message.objects.select_for_update().filter(pk=uuid.UUID(work.arguments["message"]), sent_at=None).first()
    if row is None:
        return
    if row.channel == Message.Channel.EMAIL:
        EmailMessage(
            subject=row.subject,
            body=row.body,
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[row.to_address],
            headers={"Message-ID": f"<{row.id}@{settings.MAIL_DOMAIN}>"},
        ).send()
    elif settings.DEMO:
        # Nobody prints here: the demo shows its letters where it shows its mail.
        DemoPost.objects.create(to_address=f"Brief aan {row.to_name}"[:254], subject=row.subject, body=row.body)
    Message.objects.filter(pk=row.pk).update(sent_at=clock.now())
