"""What a provider paid out to the segregated account: kept line by line, its fees booked (payments.md 5.4, 5.6)."""

import logging
from collections.abc import Sequence
from datetime import date

from django.db import transaction

from arrangements.domain.lifecycle import PaymentState, Thing
from arrangements.models import Payment, ProviderCursor, ProviderMove, ProviderSettlement
from arrangements.operations.book_storno import book_fee
from arrangements.operations.moves import move_line
from arrangements.operations.provider_cursor import cursor_of, move_cursor
from arrangements.operations.refresh_payment import refresh_payment
from arrangements.payments.provider import Capability, CollectionProvider, OutcomeUnknown, Settlement
from arrangements.payments.registry import usable_providers
from infra import audit, jobs

log = logging.getLogger(__name__)

_Kind = ProviderMove.Kind
_TAKEN_BACK = (_Kind.STORNO, _Kind.STORNO_WON)


@jobs.job("take_settlements", chunked=True)
def take_settlements_job(_work: jobs.Work) -> dict[str, int]:
    """See `take_all_settlements`. Chunked, because the provider is asked outside any transaction."""
    return {"settlements": take_all_settlements()}


def settlements_due(*, today: date) -> int:
    """Of every provider, on the business date. How many payouts were new. Worker only."""
    del today  # the provider knows what it paid
    return take_all_settlements()


def take_all_settlements() -> int:
    """Of every provider that pays out; one that does not answer is asked again later, from the same place."""
    count = 0
    for provider in usable_providers():
        if Capability.SETTLEMENTS not in provider.capabilities():
            continue
        try:
            count += len(take_settlements(provider))
        except OutcomeUnknown:
            log.warning("%s does not answer about its payouts", provider.name)
    return count


def take_settlements(provider: CollectionProvider) -> list[int]:
    """Keep what this provider paid out since the last time; numbers of the new ProviderSettlements. Worker only.

    Outside a transaction, because the provider is asked. Killed half-way it starts again where it stopped: every payout, fee
    and line has a key of its own. The bank's statement, not this, says that the money is there (`book_settlement`).
    """
    before = cursor_of(provider=provider.name, what=ProviderCursor.What.SETTLEMENTS)
    settlements, after = provider.settlements_since(before)
    made = [taken for taken in (_take(provider, settlement) for settlement in settlements) if taken is not None]
    if after != before:
        move_cursor(provider=provider.name, what=ProviderCursor.What.SETTLEMENTS, cursor=after)
    return made


def _take(provider: CollectionProvider, settlement: Settlement) -> int | None:
    _check(settlement)
    payments = _payments(provider.name, settlement)
    _catch_up(payments, settlement)
    fees: dict[str, int] = {}
    for line in settlement.lines:
        if line.kind == _Kind.FEE:
            fees[line.collection_id] = fees.get(line.collection_id, 0) - line.amount_cents
    for collection, fee in fees.items():
        if collection in payments and payments[collection].fee_cents is None:
            book_fee(payment_id=payments[collection].pk, fee_cents=max(fee, 0))
    return _keep(provider.name, settlement)


def _check(settlement: Settlement) -> None:
    total = sum(line.amount_cents for line in settlement.lines)
    if total != settlement.net_cents:
        # Nothing of it is booked, and the cursor stays: the coverage of the day shows the gap until somebody has looked.
        raise ValueError(f"settlement {settlement.provider_id}: lines {total}, paid out {settlement.net_cents}")


def _payments(name: str, settlement: Settlement) -> dict[str, Payment]:
    wanted = {line.collection_id for line in settlement.lines}
    with transaction.atomic():
        rows = Payment.objects.filter(provider=name, provider_id__in=wanted).exclude(provider_id="")
        return {row.provider_id: row for row in rows}


def _catch_up(payments: dict[str, Payment], settlement: Settlement) -> None:
    """The provider paid out, or took back, what our books do not know yet: its message was lost or is on its way."""
    behind = {
        line.collection_id
        for line in settlement.lines
        if line.collection_id in payments
        and (
            line.kind in _TAKEN_BACK
            or (line.kind == _Kind.PAYMENT and payments[line.collection_id].state == PaymentState.PENDING)
        )
    }
    for collection in sorted(behind):
        refresh_payment(payment_id=payments[collection].pk)


@transaction.atomic
def _keep(name: str, settlement: Settlement) -> int | None:
    """The rows of one payout; the number when they are new. What was on its way and failed is marked."""
    state = ProviderSettlement.State.FAILED if settlement.failed else ProviderSettlement.State.ON_ITS_WAY
    row, made = ProviderSettlement.objects.get_or_create(
        provider=name,
        provider_id=settlement.provider_id,
        defaults={
            "gross_cents": settlement.gross_cents,
            "fee_cents": settlement.fee_cents,
            "net_cents": settlement.net_cents,
            "paid_out_on": settlement.paid_out_on,
            "state": state,
        },
    )
    if not made:
        if settlement.failed and row.state == ProviderSettlement.State.ON_ITS_WAY:
            row.state = state
            row.save(update_fields=["state"])
            audit.record("settlement_failed", object_type="settlement", object_id=row.pk)
        return None
    payments = _payments(name, settlement)
    ProviderMove.objects.bulk_create(
        [
            ProviderMove(
                settlement=row,
                provider=name,
                provider_id=line.provider_id,
                kind=line.kind,
                payment=payments.get(line.collection_id),
                amount_cents=line.amount_cents,
            )
            for line in settlement.lines
        ],
        batch_size=2000,
    )
    paid = [line.collection_id for line in settlement.lines if line.kind == _Kind.PAYMENT]
    _mark_settled(row, [payments[collection].pk for collection in paid if collection in payments])
    audit.record(
        "settlement_taken",
        object_type="settlement",
        object_id=row.pk,
        to_state=row.state,
        details={"gross_cents": row.gross_cents, "fee_cents": row.fee_cents, "net_cents": row.net_cents},
    )
    return row.pk


def _mark_settled(settlement: ProviderSettlement, numbers: Sequence[int]) -> None:
    """Many at once: the move is in the table for every payment that succeeded, and for no other one is it made."""
    rows = list(Payment.objects.select_for_update(of=("self",)).filter(pk__in=numbers).order_by("pk"))
    Payment.objects.filter(pk__in=[row.pk for row in rows]).update(settlement=settlement)
    succeeded = [row for row in rows if row.state == PaymentState.SUCCEEDED]
    Payment.objects.filter(pk__in=[row.pk for row in succeeded]).update(state=PaymentState.SETTLED)
    audit.record_all(
        [
            move_line(
                Thing.PAYMENT,
                row,
                PaymentState.SUCCEEDED,
                PaymentState.SETTLED,
                reason="bijgeschreven op de aparte rekening",
            )
            for row in succeeded
        ]
    )
