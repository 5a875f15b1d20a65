"""What is due back, and what of it is on its way. In cents; from the rows, which `check_books` proves to be account 2200."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Sum

from arrangements.domain.refund import UNDER_WAY
from arrangements.models import ArrangementLine, BankLine, Payment, Receipt, Refund, WithholdingFile, WithholdingLine

_GONE = [Refund.State.PAID]
_WAYS = [*(state.value for state in UNDER_WAY)]


@dataclass(frozen=True, slots=True)
class Due:
    """`due`: of the citizen and still here; `under_way`: the part of it that is promised; `free`: the rest."""

    due_cents: int
    under_way_cents: int

    @property
    def free_cents(self) -> int:
        return max(self.due_cents - self.under_way_cents, 0)


def due_to_citizen(arrangement_id: int) -> Due:
    """What goes back to the citizen of this arrangement: paid too much, paid after the end, or owed to nobody any more.

    What a storno took back stands on its receipt no more. Scope: the citizen's, the desk's or the worker's.
    """
    came = _sum(Receipt.objects.filter(arrangement_id=arrangement_id), "extra_cents")
    back = _sum(ArrangementLine.objects.filter(arrangement_id=arrangement_id), "returned_cents")
    refunds = Refund.objects.filter(arrangement_id=arrangement_id)
    return Due(
        came + back - _sum(refunds.filter(state__in=_GONE), "amount_cents"),
        _sum(refunds.filter(state__in=_WAYS), "amount_cents"),
    )


def back_to_sender_cents(bank_line_id: int) -> int:
    """What goes, or went, back to the sender of this line, in cents."""
    return _sum(Refund.objects.filter(bank_line_id=bank_line_id, state__in=[*_WAYS, *_GONE]), "amount_cents")


def unplaced_of_file(file: WithholdingFile) -> int:
    """What stands on unidentified money of the transfer of this specification and nobody decided about, in cents."""
    if file.state != WithholdingFile.State.BOOKED or file.bank_line_id is None:
        return 0
    return _sum(WithholdingLine.objects.filter(file=file, arrangement=None), "amount_cents") - back_to_sender_cents(
        file.bank_line_id
    )


def free_of_line(line: BankLine) -> int:
    """What of this line stands on unidentified money and can go back to its sender, in cents."""
    if line.meaning == BankLine.Meaning.OPEN:
        return max(line.amount_cents - back_to_sender_cents(line.pk), 0)
    file = WithholdingFile.objects.filter(bank_line=line).first()
    return max(unplaced_of_file(file), 0) if file is not None else 0


def free_of_payment(payment: Payment) -> int:
    """What of this payment can still go back through its provider: never more than came in through it, in cents."""
    receipt = Receipt.objects.filter(payment=payment).exclude(
        Q(stornos__isnull=False) & Q(stornos__won_on__isnull=True)
    )
    gone = Refund.objects.filter(payment=payment, state__in=[*_WAYS, *_GONE])
    return max(_sum(receipt, "amount_cents") - _sum(gone, "amount_cents"), 0)


@dataclass(frozen=True, slots=True)
class RefundRow:
    """One refund as the citizen sees it, in cents. `where`: how it comes, in B1; `paid`: it is on the account."""

    refund: Refund
    amount_cents: int
    where: str
    state: str


def refunds_of(arrangement_id: int) -> Sequence[RefundRow]:
    """What is on its way back to the citizen, and what came back; the newest first. Scope: the citizen's.

    A refund that was only asked for is not promised yet, so it is not shown.
    """
    rows = Refund.objects.filter(
        arrangement_id=arrangement_id,
        state__in=[Refund.State.APPROVED, Refund.State.SUBMITTED, Refund.State.PAID, Refund.State.FAILED],
    ).order_by("-pk")
    return [
        RefundRow(
            row,
            row.amount_cents,
            "op de rekening waarmee u betaalde" if row.payment_id else f"op rekening …{row.iban[-4:]}",
            row.state,
        )
        for row in rows
    ]


def _sum(rows: QuerySet[Any], column: str) -> int:
    return int(rows.aggregate(sum=Sum(column))["sum"] or 0)
