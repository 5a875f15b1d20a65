"""A day at the bank, from our side: what providers paid out, and what stands on the statement (payments.md 5.7)."""

from datetime import date

from django.db import transaction

from arrangements.models import BankFile, ProviderCursor
from arrangements.operations.fetch_statements import fetch_statements
from arrangements.operations.import_statement import import_statement
from arrangements.operations.provider_cursor import cursor_of, move_cursor
from arrangements.operations.take_settlements import take_all_settlements
from arrangements.payments import demobank
from arrangements.payments.registry import remittance_channel


def follow_bank(*, today: date) -> int:
    """Take over payouts of providers and the statements that are ready, with everything that follows from their lines.

    The made-up bank has its day first; real banks need nobody to tell them. Without a channel statements are handed in at the
    desk. Worker only, outside a transaction; repeating it on a day finds nothing more. Returns how many files were read.
    Raises OutcomeUnknown when the bank does not answer.
    """
    if demobank.allowed():
        demobank.close_day(today)
    take_all_settlements()
    channel = remittance_channel()
    if channel is not None:
        what = ProviderCursor.What.STATEMENTS
        fetch_statements(
            channel=channel,
            cursor=cursor_of(provider=channel.name, what=what),
            move=lambda after: move_cursor(provider=channel.name, what=what, cursor=after),
        )
    with transaction.atomic():
        waiting = list(
            BankFile.objects.filter(state=BankFile.State.WAITING).order_by("pk").values_list("pk", flat=True)
        )
    for file_id in waiting:
        # Promised as a job as well; read now, so that the rest of the day builds on it.
        import_statement(file_id=file_id)
    return len(waiting)
