"""What a provider paid out to the segregated account: kept line by line, its fees booked (payments.md 5.4, 5.6)."""

import logging
from collections.abc import Sequence
from datetime import date

from django.db import transaction

from arrangements.domain import postings
from arrangements.domain.lifecycle import PaymentState, Thing
from arrangements.models import Payment, ProviderCursor, ProviderMove, ProviderSettlement
from arrangements.operations.moves import move_line
from arrangements.operations.post_entries import post_entries
from arrangements.operations.provider_cursor import cursor_of, move_cursor
from arrangements.operations.refresh_payment import refresh_payment
from arrangements.operations.tell_desk import tell_desk
from arrangements.payments.provider import Capability, CollectionProvider, OutcomeUnknown, Settlement
from arrangements.payments.registry import usable_providers
from infra import audit, jobs

log = logging.getLogger(__name__)

_Kind = ProviderMove.Kind
_TAKEN_BACK = (_Kind.STORNO, _Kind.STORNO_WON)


class DoesNotAddUp(ValueError):
    """The lines of a payout are not its total."""


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
        except DoesNotAddUp as wrong:
            log.exception("payouts of %s", provider.name)
            _tell_desk(provider.name, str(wrong))
    return count


@transaction.atomic
def _tell_desk(provider: str, what: str) -> None:
    tell_desk(
        key=f"settlement_wrong:{provider}:{what}"[:150],
        kind="settlement_wrong",
        subject="Een uitbetaling van de aanbieder klopt niet",
        body=f"De regels van een uitbetaling van {provider} zijn samen niet het bedrag: {what}. Vraag de aanbieder.",
    )


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
    return _keep(provider.name, settlement)


def _check(settlement: Settlement) -> None:
    total = sum(line.amount_cents for line in settlement.lines)
    if total != settlement.net_cents:
        # Nothing of it is booked, and the cursor stays: the coverage of the day shows the gap until somebody has looked.
        raise DoesNotAddUp(f"{settlement.provider_id}: lines {total}, paid out {settlement.net_cents}")


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
        try:
            refresh_payment(payment_id=payments[collection].pk)
        except Exception:  # one payment that cannot be read must not keep the money of the others waiting
            log.exception("payment %s could not be refreshed", payments[collection].pk)


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
    rows = _locked(payments)
    _book_fees(rows, settlement)
    paid = {line.collection_id for line in settlement.lines if line.kind == _Kind.PAYMENT}
    _mark_settled(row, [one for one in rows if one.provider_id in paid])
    audit.record(
        "settlement_taken",
        object_type="settlement",
        object_id=row.pk,
        to_state=row.state,
        details={"gross_cents": row.gross_cents, "fee_cents": row.fee_cents, "net_cents": row.net_cents},
    )
    return row.pk


def _locked(payments: dict[str, Payment]) -> list[Payment]:
    """Held still, in a fixed order. Nothing of an arrangement is touched here, so its lock is not needed."""
    numbers = [row.pk for row in payments.values()]
    return list(Payment.objects.select_for_update(of=("self",)).filter(pk__in=numbers).order_by("pk"))


def _book_fees(rows: Sequence[Payment], settlement: Settlement) -> None:
    """What the provider kept of each: the rule and the key of `book_fee`, for a whole payout in a few statements."""
    kept: dict[str, int] = {}
    for line in settlement.lines:
        if line.kind == _Kind.FEE:
            kept[line.collection_id] = kept.get(line.collection_id, 0) - line.amount_cents
    fresh = [row for row in rows if row.fee_cents is None and row.provider_id in kept]
    for row in fresh:
        row.fee_cents = max(kept[row.provider_id], 0)
    Payment.objects.bulk_update(fresh, ["fee_cents"], batch_size=2000)
    post_entries(
        postings.provider_fee(f"{row.provider}:{row.provider_id}:fee", amount=row.fee_cents)
        for row in fresh
        if row.fee_cents
    )


def _mark_settled(settlement: ProviderSettlement, rows: Sequence[Payment]) -> None:
    """Many at once: the move is in the table for every payment that succeeded, and for no other one is it made."""
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
