"""The bank refused transfers before it booked them: that money is payable again (payments.md 5.4, 5.7)."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction

from arrangements.models import PayoutBatch, PayoutFile, PayoutLine
from arrangements.operations.block_iban import block_iban
from arrangements.operations.book_payout import finish_run, mark_booked
from arrangements.operations.take_back import take_back
from infra import audit, clock


@transaction.atomic
def reject_payouts(*, message_id: str, refused: Mapping[str, str]) -> int:
    """The bank refused some transfers of a file, `refused` says which (end-to-end id) and why (ISO 20022 code).

    Those lines are payable again (1200 to 2100), and the total of their batch becomes what the bank still books. A transfer
    that stands for a whole batch takes the whole batch back. Returns cents. Unknown ids, and those refused before, change
    nothing. Worker only. LookupError for a file that is not ours.
    """
    file = PayoutFile.objects.filter(message_id=message_id).first()
    if file is None:
        raise LookupError(message_id)
    total = 0
    batches = PayoutBatch.objects.select_for_update(of=("self",)).filter(file=file, state=PayoutBatch.State.SUBMITTED)
    for batch in batches.filter(number__in=list(refused)).order_by("pk"):
        total += reject_batch(batch, reason=refused[batch.number])
    lines = PayoutLine.named(refused).filter(
        batch__file=file, batch__state=PayoutBatch.State.SUBMITTED, returned_on=None
    )
    wanted: dict[int, dict[str, list[int]]] = {}
    for pk, batch_id, end_to_end_id in lines.values_list("pk", "batch_id", "end_to_end_id"):
        wanted.setdefault(batch_id, {}).setdefault(refused[end_to_end_id], []).append(pk)
    for batch in batches.filter(pk__in=list(wanted)).order_by("pk"):
        for reason, ids in sorted(wanted[batch.pk].items()):
            total += reject_batch(batch, line_ids=ids, reason=reason)
    return total


@transaction.atomic
def reject_file(*, file_id: int, reason: str) -> int:
    """The bank did not take the file at all: everything in it is payable again. Returns cents. Worker only."""
    file = PayoutFile.objects.select_for_update(of=("self",)).get(pk=file_id)
    if file.state not in (PayoutFile.State.MADE, PayoutFile.State.SUBMITTED):
        return 0
    file.state = PayoutFile.State.REJECTED
    file.save(update_fields=["state"])
    audit.record("payout_file_refused", object_type="payout_file", object_id=file.pk, reason=reason[:300])
    waits = [PayoutBatch.State.BUILT, PayoutBatch.State.SUBMITTED]
    batches = PayoutBatch.objects.select_for_update(of=("self",)).filter(file=file, state__in=waits).order_by("pk")
    return sum(reject_batch(batch) for batch in batches)


def reject_batch(
    batch: PayoutBatch,
    *,
    line_ids: list[int] | None = None,
    reason: str = "",
    into: PayoutBatch.State = PayoutBatch.State.REJECTED,
) -> int:
    """Take lines (all when None) of a locked batch back before the bank booked it. Returns cents.

    With nothing left to book the batch is refused; what was set off in it stays set off, and is then all there is of it.
    """
    today = clock.today()
    total = take_back(batch, line_ids=line_ids, on=today, reason=reason)
    if not total:
        return 0
    left = batch.total_cents - total
    if left or batch.set_off_cents:
        batch.total_cents = left
        batch.save(update_fields=["total_cents"])
    if not left:
        _close(batch, into, today)
    audit.record(
        "payout_refused",
        object_type="payout",
        object_id=batch.pk,
        to_state=batch.state,
        creditor_id=batch.creditor_id,
        details={"total_cents": total, "reason": reason, "left_cents": left},
    )
    block_iban(batch=batch, reason=reason, total_cents=total)
    return total


def _close(batch: PayoutBatch, into: PayoutBatch.State, today: date) -> None:
    if batch.set_off_cents:
        mark_booked(batch, today)
        return
    batch.state = into
    batch.save(update_fields=["state"])
    finish_run(batch.run_id)
