"""The bank has booked what a creditor gets: the line on the statement, and the specification, say the same amount."""

from datetime import date

from django.db import transaction

from arrangements.domain import postings
from arrangements.models import MoneyRun, PayoutBatch
from arrangements.operations.post_entries import post_entries
from infra import audit, clock


class CannotBook(Exception):
    """This line of the statement is not what was handed in: a person has to look. The message says what differs."""


@transaction.atomic
def book_payout(*, batch_id: int, booked_on: date, amount_cents: int) -> PayoutBatch:
    """The bank booked this batch on `booked_on`: 1200 to 1000 (payments.md 5.4). Worker only. Repeating it changes nothing.

    `amount_cents`: of the bank's line. CannotBook when it is not what the batch holds, less what the bank refused before, or
    when the batch was never handed in. Once every batch of its run is booked or refused, the run is done.
    """
    batch = PayoutBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
    if batch.state == PayoutBatch.State.BOOKED and batch.total_cents == amount_cents:
        return batch
    if batch.state != PayoutBatch.State.SUBMITTED:
        raise CannotBook(f"{batch.number} is {batch.state}")
    if batch.total_cents != amount_cents:
        raise CannotBook(f"{batch.number} is {batch.total_cents} cents, the bank booked {amount_cents}")
    post_entries([postings.remittance_booked(f"payout:{batch.number}:booked", amount=amount_cents)])
    mark_booked(batch, booked_on)
    return batch


def mark_booked(batch: PayoutBatch, booked_on: date) -> None:
    """Write down that a batch is through. Part of the caller's transaction."""
    before, batch.state, batch.booked_on = batch.state, PayoutBatch.State.BOOKED, booked_on
    batch.save(update_fields=["state", "booked_on"])
    audit.record(
        "payout_booked",
        object_type="payout",
        object_id=batch.pk,
        from_state=before,
        to_state=batch.state,
        creditor_id=batch.creditor_id,
    )
    finish_run(batch.run_id)


def finish_run(run_id: int | None) -> None:
    """The run is done once nothing of it waits for the bank. Part of the caller's transaction."""
    waits = [PayoutBatch.State.BUILT, PayoutBatch.State.SUBMITTED]
    if run_id is None or PayoutBatch.objects.filter(run_id=run_id, state__in=waits).exists():
        return
    done = MoneyRun.objects.filter(pk=run_id, state=MoneyRun.State.SUBMITTED)
    if done.update(state=MoneyRun.State.DONE, done_on=clock.today()):
        audit.record("run_done", object_type="money_run", object_id=run_id, to_state=MoneyRun.State.DONE)
