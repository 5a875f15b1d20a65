"""Statements that the bank itself has ready: kept once, read by the worker."""

from collections.abc import Callable

from django.db import transaction

from arrangements.operations.hand_in_statement import hand_in_statement
from arrangements.operations.tell_desk import tell_desk
from arrangements.payments.bank_file import FileRefused
from arrangements.payments.camt053 import CHANNEL_LIMIT
from arrangements.payments.provider import RemittanceChannel


def fetch_statements(*, channel: RemittanceChannel, cursor: str, move: Callable[[str], None]) -> int:
    """Ask for what came after `cursor` and keep it; `move` writes down the next cursor in the same transaction.

    Killed in between, the same files are asked for again, and the same bytes are one file. A file that is too large to keep
    is told to the desk and passed over. Returns how many new files there are. Worker only, outside a transaction: the
    question goes over the network. Raises OutcomeUnknown.
    """
    files, after = channel.statements_since(cursor)
    count = 0
    with transaction.atomic():
        for name, content in files:
            try:
                _row, is_new = hand_in_statement(name=name, content=content, limit_bytes=CHANNEL_LIMIT)
            except FileRefused as refused:
                tell_desk(
                    key=f"statement_too_large:{channel.name}:{name}"[:100],
                    kind="statement_refused",
                    subject="Een bestand van de bank is te groot",
                    body="\n".join([str(refused)]),
                    where="/beheer/arrangements/bankstatement/overzicht/",
                )
            else:
                count += is_new
        move(after)
    return count
