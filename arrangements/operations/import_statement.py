"""A file with statements goes in whole or not at all, in one transaction (payments.md 3.2, 5.5, 5.7)."""

import hashlib
from collections import Counter
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction

from arrangements.domain.statement_gaps import Numbered, gaps
from arrangements.models import BankFile, BankLine, BankStatement
from arrangements.operations.place_bank_line import place_lines
from arrangements.operations.tell_desk import tell_desk
from arrangements.payments.bank_file import FileRefused, Movement, Statement
from arrangements.payments.camt053 import CHANNEL_LIMIT, UPLOAD_LIMIT, read_statements
from infra import audit, clock, jobs
from kernel.identifiers import format_iban, normalize_iban

_LOCK: Final = 0x42616E6B
_LONGEST_REASON: Final = 500


@jobs.job("import_statement")
def import_statement_job(work: jobs.Work) -> dict[str, Any]:
    """See `import_statement`."""
    row = import_statement(file_id=work.arguments["file"])
    return {"state": row.state}


@transaction.atomic
def import_statement(*, file_id: int) -> BankFile:
    """Read a file that waits (or was refused), keep its statements and lines, and give each line its meaning. Worker only.

    Known statements have no effect; a file with nothing else is KNOWN. Anything wrong in any statement refuses the whole
    file with the reason on it, and nothing else is written. A second call for a file that was read changes nothing.
    """
    # One file at a time: two files may hold the same statement.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    file = BankFile.objects.select_for_update(of=("self",)).get(pk=file_id)
    if file.state not in (BankFile.State.WAITING, BankFile.State.REFUSED):
        return file
    limit = UPLOAD_LIMIT if file.uploaded_by_id else CHANNEL_LIMIT
    try:
        found = read_statements(bytes(file.content), limit_bytes=limit)
        new = [one for one in found if not _is_known(one)]
    except FileRefused as refused:
        return _settle(file, BankFile.State.REFUSED, reason=str(refused))
    if not new:
        return _settle(file, BankFile.State.KNOWN, reason="Alle afschriften in dit bestand stonden er al in.")
    lines: list[BankLine] = []
    for one in new:
        lines += _keep(file, one)
    _mark_gaps(normalize_iban(settings.ACCOUNT_HOLDER_IBAN))
    place_lines(lines)
    return _settle(file, BankFile.State.READ, statements=len(new), lines=len(lines))


def _is_known(one: Statement) -> bool:
    """Whether this very statement was read before. Raises FileRefused for another account, or for other content."""
    ours = normalize_iban(settings.ACCOUNT_HOLDER_IBAN)
    if one.account != ours:
        raise FileRefused(
            f"Afschrift {one.identification} is van rekening {format_iban(one.account)}. Onze rekening is {format_iban(ours)}."
        )
    row = BankStatement.objects.filter(iban=one.account, identification=one.identification).first()
    if row is None:
        return False
    same = (row.opening_cents, row.closing_cents, row.number) == (one.opening_cents, one.closing_cents, one.number)
    stored = list(row.lines.order_by("position", "part").values_list("position", "part", "booked_on", "amount_cents"))
    if not same or stored != [(move.position, move.part, move.booked_on, move.amount_cents) for move in one.movements]:
        raise FileRefused(
            f"Afschrift {one.identification} staat er al in, met andere bedragen of regels. Vraag de bank welk afschrift klopt."
        )
    return True


def _keep(file: BankFile, one: Statement) -> list[BankLine]:
    statement = BankStatement.objects.create(
        file=file,
        iban=one.account,
        identification=one.identification,
        number=one.number,
        opening_cents=one.opening_cents,
        closing_cents=one.closing_cents,
        opened_on=one.opened_on,
        closed_on=one.closed_on,
    )
    rows = [
        BankLine(
            statement=statement,
            position=move.position,
            part=move.part,
            key=key,
            booked_on=move.booked_on,
            amount_cents=move.amount_cents,
            counterparty_name=move.counterparty_name,
            counterparty_iban=move.counterparty_iban,
            structured_reference=move.structured_reference,
            text=move.text,
            end_to_end_id=move.end_to_end_id,
            batch_id=move.batch_id,
            bank_reference=move.bank_reference,
            return_reason=move.return_reason,
        )
        for move, key in zip(one.movements, line_keys(one), strict=True)
    ]
    return BankLine.objects.bulk_create(rows, batch_size=2000)


def line_keys(one: Statement) -> list[str]:
    """The unique key of each movement: account + statement + bank reference + index in batch + running number among
    lines that look the same (payments.md 5.5). Two lines that are identical are both real.
    """
    seen: Counter[str] = Counter()
    keys = []
    for move in one.movements:
        base = f"{one.account}:{one.identification}:{_fingerprint(move)}:{move.part}"
        seen[base] += 1
        keys.append(f"{base}:{seen[base]}")
    return keys


def _fingerprint(move: Movement) -> str:
    """The bank's own reference; without one, what the line says."""
    if move.bank_reference:
        return move.bank_reference
    said = "\x1f".join(
        [
            move.booked_on.isoformat(),
            str(move.amount_cents),
            move.counterparty_iban,
            move.counterparty_name,
            move.structured_reference,
            move.text,
            move.end_to_end_id,
        ]
    )
    return hashlib.sha256(said.encode()).hexdigest()[:24]


def _mark_gaps(iban: str) -> None:
    """Say of every statement whether one is missing before it; the desk hears of new ones. The import goes on."""
    rows = list(BankStatement.objects.filter(iban=iban).order_by("closed_on", "number", "id"))
    told = gaps([Numbered(one.number, one.opening_cents, one.closing_cents, one.closed_on) for one in rows])
    for row, is_gap in zip(rows, told, strict=True):
        if row.gap_before == is_gap:
            continue
        row.gap_before = is_gap
        row.save(update_fields=["gap_before"])
        if is_gap:
            tell_desk(
                key=f"statement_gap:{row.pk}",
                kind="statement_gap",
                subject="Er ontbreekt een afschrift van de bank",
                body=(
                    f"Voor het afschrift van {row.closed_on:%d-%m-%Y} (nummer {row.number or 'onbekend'}) ontbreekt er een.\n"
                    "Vraag het bij de bank op en lees het in. Wat al is gelezen, blijft gewoon staan."
                ),
                where="/beheer/arrangements/bankstatement/overzicht/",
            )


def _settle(file: BankFile, state: BankFile.State, *, reason: str = "", **counted: int) -> BankFile:
    before, file.state = file.state, state
    file.reason = reason if len(reason) <= _LONGEST_REASON else f"{reason[: _LONGEST_REASON - 1]}…"
    file.save(update_fields=["state", "reason"])
    audit.record(
        "bank_file_settled",
        object_type="bank_file",
        object_id=file.pk,
        from_state=before,
        to_state=state,
        details={"on": clock.today().isoformat(), **counted},
    )
    return file
