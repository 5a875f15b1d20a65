"""Once a bank day the made-up bank pays out what it collected before that day, less what it charges and what was taken back."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import F, Sum

from arrangements.models import DemoBankBalanceLine, DemoBankMove, DemoBankPayment
from arrangements.payments.demobank import account
from arrangements.payments.provider import Settlement, SettlementLine

_PREFIX = "settlement:"
_FEES = ("fee", "storno_fee")


@transaction.atomic
def settle(today: date) -> DemoBankMove | None:
    """Pay out everything of before `today`, when that is above zero; else it waits. The holder adds the fees of its own.

    None when there is nothing to pay out; then also a second time on a day.
    """
    lines = list(DemoBankBalanceLine.objects.select_for_update().filter(settlement="", happened_on__lt=today))
    net = sum(line.amount_cents for line in lines)
    if net <= 0:
        return None
    name = f"po_{today:%Y%m%d}_{min(line.pk for line in lines)}"
    numbers = [line.pk for line in lines]
    DemoBankBalanceLine.objects.filter(pk__in=numbers).update(settlement=name)
    paid = [line.payment_id for line in lines if line.kind == "fee"]
    fee = (
        DemoBankBalanceLine.objects.filter(payment__in=paid, kind="fee")
        .values("payment")
        .annotate(sum=Sum("amount_cents"))
    )
    kept = {row["payment"]: -row["sum"] for row in fee}
    rows = list(DemoBankPayment.objects.filter(pk__in=kept))
    for row in rows:
        row.fee_cents = kept[row.pk]
    DemoBankPayment.objects.bulk_update(rows, ["fee_cents"])
    move = account.book(
        f"{_PREFIX}{name}",
        net,
        counterparty_name=account.BANK_NAME,
        counterparty_iban=account.BANK_IBAN,
        text=f"{account.BANK_NAME} uitbetaling {name}",
        end_to_end_id=name,
    )
    fees = -sum(line.amount_cents for line in lines if line.kind in _FEES)
    if fees:
        account.top_up(amount_cents=fees, key=name)
    return move


def settlements_since(cursor: str) -> tuple[Sequence[Settlement], str]:
    """See CollectionProvider."""
    moves = list(
        DemoBankMove.objects.filter(key__startswith=_PREFIX, pk__gt=int(cursor or 0)).order_by("pk").defer("details")
    )
    names = [move.end_to_end_id for move in moves]
    lines: dict[str, list[SettlementLine]] = {name: [] for name in names}
    rows = DemoBankBalanceLine.objects.filter(settlement__in=names).order_by("pk")
    for pk, kind, payment, amount, name in rows.values_list(
        "pk", "kind", "payment_id", "amount_cents", F("settlement")
    ):
        lines[name].append(SettlementLine(f"bl_{pk}", kind, payment, amount))
    found = []
    for move in moves:
        own = tuple(lines[move.end_to_end_id])
        fee = -sum(line.amount_cents for line in own if line.kind in _FEES)
        found.append(Settlement(move.end_to_end_id, move.booked_on, move.amount_cents + fee, fee, lines=own))
    return found, str(moves[-1].pk) if moves else cursor
