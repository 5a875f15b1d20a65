"""A transfer came back after the bank had booked it: the account is wrong, closed, or not of this creditor."""

from datetime import date

from django.db import transaction

from arrangements.models import PayoutBatch, PayoutLine
from arrangements.operations.block_iban import block_iban
from arrangements.operations.take_back import take_back
from infra import audit


class NotBooked(Exception):
    """This transfer was not booked, so it cannot come back: refused before, or still on its way."""


@transaction.atomic
def return_payout_line(*, end_to_end_id: str, reason: str, booked_on: date) -> int:
    """The money of one transfer came back on our account on `booked_on`: 1000 to 2100 (payments.md 5.4). Worker only.

    With the number of a batch that went as one transfer the whole batch comes back. `reason`: a code of ISO 20022; when it
    says that the account is wrong, payments to the creditor are held up, and desk and creditor are told. Returns cents; zero
    when it came back before. LookupError for an id that is not ours; raises NotBooked, CannotTakeBack.
    """
    line = PayoutLine.named([end_to_end_id]).first()
    whole = PayoutBatch.objects.filter(number=end_to_end_id, together=True).first()
    if line is None and whole is None:
        raise LookupError(end_to_end_id)
    batch_id = whole.pk if whole is not None else (line.batch_id if line is not None else 0)
    batch = PayoutBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
    if batch.state != PayoutBatch.State.BOOKED:
        raise NotBooked(end_to_end_id)
    ids = [line.pk] if whole is None and line is not None else None
    total = take_back(batch, line_ids=ids, on=booked_on, reason=reason, after_booking=True)
    if not total:
        return 0
    audit.record(
        "payout_returned",
        object_type="payout",
        object_id=batch.pk,
        creditor_id=batch.creditor_id,
        details={"total_cents": total, "reason": reason, "transfer": end_to_end_id},
    )
    block_iban(batch=batch, reason=reason or "NARR", total_cents=total)
    return total
