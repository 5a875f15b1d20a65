"""Statements of the segregated account: one per bank day on which something moved, numbered without gaps."""

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.db import transaction

from arrangements.models import DemoBankMove, DemoBankStatement
from arrangements.payments.demobank.camt053 import Entry, Part, build_statement
from arrangements.payments.demobank.gate import ACCOUNT, one_at_a_time
from kernel.identifiers import normalize_iban


@transaction.atomic
def close(today: date) -> DemoBankStatement | None:
    """Close `today`: everything that was booked up to and including it, and stands in no statement yet.

    None when nothing moved, or when the day was closed before.
    """
    one_at_a_time(ACCOUNT)
    last = DemoBankStatement.objects.order_by("-number").first()
    if last is not None and last.day >= today:
        return None
    moves = list(DemoBankMove.objects.filter(statement=None, booked_on__lte=today).order_by("id"))
    if not moves:
        return None
    number = 1 if last is None else last.number + 1
    opening = 0 if last is None else last.closing_cents
    statement = DemoBankStatement.objects.create(
        number=number,
        day=today,
        opening_cents=opening,
        closing_cents=opening + sum(move.amount_cents for move in moves),
        content=build_statement(
            number=number,
            day=today,
            holder=settings.ACCOUNT_HOLDER_NAME,
            iban=normalize_iban(settings.ACCOUNT_HOLDER_IBAN),
            opening_cents=opening,
            entries=[_entry(move) for move in moves],
        ),
    )
    DemoBankMove.objects.filter(pk__in=[move.pk for move in moves]).update(statement=statement)
    return statement


def statements_since(cursor: str) -> tuple[Sequence[tuple[str, bytes]], str]:
    """See RemittanceChannel."""
    rows = list(DemoBankStatement.objects.filter(number__gt=int(cursor or 0)).order_by("number"))
    files = [(f"camt053-{row.number:06d}-{row.day.isoformat()}.xml", bytes(row.content)) for row in rows]
    return files, str(rows[-1].number) if rows else cursor


def _entry(move: DemoBankMove) -> Entry:
    parts = [Part(**detail) for detail in move.details] or [
        Part(
            amount_cents=abs(move.amount_cents),
            end_to_end_id=move.end_to_end_id,
            name=move.counterparty_name,
            iban=move.counterparty_iban,
            structured=move.structured_reference,
            text=move.text,
        )
    ]
    return Entry(
        reference=f"DEMO{move.pk:012d}",
        amount_cents=move.amount_cents,
        parts=parts,
        # A single transfer of a batch is an entry of its own; only what was booked together is a batch.
        batch_id=move.batch_id if move.details or move.return_reason else "",
        return_reason=move.return_reason,
    )
