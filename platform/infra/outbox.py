"""Telling somebody something: the message is written with the change it tells about and sent after the commit."""

import uuid
from collections.abc import Callable, Sequence
from typing import ParamSpec

from django.conf import settings
from django.core.mail import EmailMessage

from infra import clock, jobs
from infra.models import DemoPost, Message

_P = ParamSpec("_P")


def message(
    *,
    key: str,
    kind: str,
    subject: str,
    body: str,
    to_address: str,
    to_name: str = "",
    citizen_id: int | None = None,
    creditor_id: int | None = None,
) -> Message:
    """One message that is not in the outbox yet. Without an address it becomes a letter.

    `subject` is seen on a lock screen: no debt words, no organisation, no amount (ux.md 2.11).
    """
    return Message(
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


def post_messages(rows: Sequence[Message]) -> None:
    """Put messages in the outbox, each once per its key. Part of the caller's transaction."""
    Message._base_manager.bulk_create(rows, batch_size=2000, ignore_conflicts=True)  # noqa: SLF001  telling needs no right to read
    jobs.enqueue_all(
        [
            jobs.promise(
                "send_message",
                key=f"send:{row.key}",
                arguments={"message": str(row.id)},
                citizen_id=row.citizen_id,
                creditor_id=row.creditor_id,
            )
            for row in rows
        ]
    )


def _posted(build: Callable[_P, Message]) -> Callable[_P, None]:
    def post_message(*args: _P.args, **what: _P.kwargs) -> None:
        """Put one message in the outbox, once per `key`; see `message`."""
        post_messages([build(*args, **what)])

    return post_message


post_message = _posted(message)


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
