"""A run of which everything is built: its totals, and the files for the bank, ready to be released."""

import gzip
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, Sum

from arrangements.domain.payouts import into_files
from arrangements.models import MoneyRun, PayoutBatch, PayoutFile, PayoutLine
from arrangements.operations.tell_desk import tell_desk
from arrangements.payments.pain001 import Batch, Party, Sink, Transfer, check_stream, write_file
from infra import audit, clock

READ_AT_ONCE = 2_000

FAST: Final = 1
"""Of gzip: nine times as small is enough."""


@transaction.atomic
def close_run(*, run_id: int) -> MoneyRun:
    """Everything of this run is built: write its totals and its files, checked against the bank's schema. Worker only.

    One pain.001 file, or a few for a very large run (`domain/payouts.into_files`). A run without batches is done at once.
    Repeating it changes nothing. Raises NotValid when a file is not what the bank takes: then nothing is ready.
    """
    run = MoneyRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.state != MoneyRun.State.RUNNING:
        return run
    today = clock.today()
    found = run.batches.aggregate(total=Sum("total_cents"), batches=Count("pk"), lines=Sum("line_count"))
    run.total_cents, run.batch_count, run.line_count = found["total"] or 0, found["batches"], found["lines"] or 0
    run.built_at = clock.now()
    if run.batch_count:
        run.state = MoneyRun.State.BUILT
        _make_files(run, today)
        tell_desk(
            key=f"run_built:{run.pk}",
            kind="run_built",
            subject="Een run wacht op vrijgave",
            body="De doorbetalingen van een run staan klaar. Twee medewerkers kijken ze na en geven ze vrij.",
            where=f"/beheer/arrangements/moneyrun/{run.pk}/vrijgeven/",
        )
    else:
        run.state, run.done_on = MoneyRun.State.DONE, today
    run.save(
        update_fields=["state", "total_cents", "batch_count", "line_count", "built_at", "done_on"],
    )
    audit.record(
        "run_built",
        object_type="money_run",
        object_id=run.pk,
        from_state=MoneyRun.State.RUNNING,
        to_state=run.state,
        details={"total_cents": run.total_cents, "batches": run.batch_count, "lines": run.line_count},
    )
    return run


def _make_files(run: MoneyRun, today: date) -> None:
    for number, batch_ids in enumerate(into_files(_transfers(run)), start=1):
        message_id = f"EP{run.run_date:%Y%m%d}R{run.pk}F{number}"
        # Packed while it is made and unpacked while it is checked: nowhere is a whole file in memory.
        packed, hashed = io.BytesIO(), sha256()
        with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=FAST, mtime=0) as zipped:
            count, total = write_file_of(
                _Hashing(zipped, hashed), message_id=message_id, run_date=run.run_date, batch_ids=batch_ids
            )
        packed.seek(0)
        with gzip.GzipFile(fileobj=packed) as unzipped:
            check_stream(unzipped)
        file = PayoutFile.objects.create(
            run=run,
            message_id=message_id,
            packed=packed.getvalue(),
            sha256=hashed.hexdigest(),
            total_cents=total,
            line_count=count,
            made_on=today,
        )
        PayoutBatch.objects.filter(pk__in=batch_ids).update(file=file)


class _Hashing:
    """What is written here is hashed and passed on."""

    def __init__(self, target: Sink, hashed: Any) -> None:
        self._target = target
        self._hashed = hashed

    def write(self, data: bytes) -> None:
        self._hashed.update(data)
        self._target.write(data)


def _transfers(run: MoneyRun) -> Iterator[tuple[int, int]]:
    counted = run.batches.filter(total_cents__gt=0).order_by("pk")
    rows = counted.annotate(transfers=Count("lines", filter=Q(lines__amount_cents__gt=0)))
    for pk, together, transfers in rows.values_list("pk", "together", "transfers").iterator():
        yield pk, 1 if together else transfers


def write_file_of(target: Sink, *, message_id: str, run_date: date, batch_ids: Sequence[int]) -> tuple[int, int]:
    """Write the file of these batches from their rows as they were built; its number of transfers, and its total in cents.

    The same rows give the same bytes, whenever it is made: what the bank refused or sent back later makes no difference.
    """
    lines = PayoutLine.objects.filter(batch_id__in=list(batch_ids), amount_cents__gt=0)
    sums = {
        row["batch_id"]: (row["count"], row["total"])
        for row in lines.order_by().values("batch_id").annotate(count=Count("pk"), total=Sum("amount_cents"))
    }
    batches = list(PayoutBatch.objects.filter(pk__in=list(batch_ids)).order_by("pk"))
    count = sum(1 if batch.together else sums[batch.pk][0] for batch in batches)
    total = sum(sums[batch.pk][1] for batch in batches)
    write_file(
        target,
        message_id=message_id,
        run_date=run_date,
        debtor=Party(settings.ACCOUNT_HOLDER_NAME, settings.ACCOUNT_HOLDER_IBAN),
        batches=_filled(batches, sums),
        count=count,
        total_cents=total,
    )
    return count, total


def _filled(batches: Sequence[PayoutBatch], sums: Mapping[int, tuple[int, int]]) -> Iterator[Batch]:
    """Every batch with its transfers, of one cursor over the lines of all of them: `batches` are in the same order."""
    apart = [batch.pk for batch in batches if not batch.together]
    rows = PayoutLine.objects.filter(batch_id__in=apart, amount_cents__gt=0).order_by("batch_id", "claim_id")
    found = rows.values_list("batch_id", "end_to_end_id", "amount_cents", "reference").iterator(chunk_size=READ_AT_ONCE)
    lines = groupby(found, key=itemgetter(0))
    for batch in batches:
        party = Party(batch.account_name, batch.iban)
        count, total = sums[batch.pk]
        if batch.together:
            yield Batch(batch.number, party, 1, total, [Transfer(batch.number, total, batch.number)])
        else:
            yield Batch(batch.number, party, count, total, (Transfer(*row[1:]) for row in next(lines)[1]))
