"""What each line of a statement turned out to be (payments.md 3.3, 4): tried in one order, the first that fits wins.

A settlement of the provider, a payout that the bank carried out, a payout that came back, a refund that went or came back,
a withholding of a municipality, our own money, and else a transfer of a citizen, by the ladder. What came in and fits
nothing stands on unidentified money (2900) until a person decides; what went out and fits nothing stays open, and red.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

from django.conf import settings
from django.db.models import Sum

from arrangements.domain import postings
from arrangements.models import (
    BankLine,
    LedgerEntry,
    PayoutBatch,
    PayoutFile,
    PayoutLine,
    ProviderSettlement,
    Refund,
    Withholder,
    WithholdingFile,
)
from arrangements.operations.place_transfers import place_transfers
from arrangements.operations.post_entries import post_entries
from infra import clock
from kernel.identifiers import normalize_iban

Meaning = BankLine.Meaning


class _Settle(Protocol):
    def __call__(self, *, settlement_id: int, booked_on: date) -> object: ...


class _PayOut(Protocol):
    def __call__(self, *, batch_id: int, booked_on: date, amount_cents: int) -> object: ...


class _Return(Protocol):
    def __call__(self, *, end_to_end_id: str, reason: str, booked_on: date) -> object: ...


class _RefundPaid(Protocol):
    def __call__(self, *, end_to_end_id: str, booked_on: date) -> object: ...


class _Withheld(Protocol):
    def __call__(self, *, file_id: int, bank_line_id: int) -> object: ...


@dataclass(frozen=True, slots=True)
class Bookers:
    """Who books what a line turned out to be. Without a booker a line that is recognised waits for one, as any other."""

    settlement: _Settle | None = None
    payout: _PayOut | None = None
    payout_returned: _Return | None = None
    refund: _RefundPaid | None = None
    refund_returned: _Return | None = None
    withheld: _Withheld | None = None


BOOKERS: Final = Bookers()


def place_lines(lines: Sequence[BankLine], *, bookers: Bookers | None = None) -> None:
    """Give lines of one import their meaning and book them, in the caller's transaction. Worker only.

    In a fixed number of look-ups for all lines together; each booking is the operation of its kind.
    """
    waiting = [line for line in lines if line.meaning == Meaning.OPEN]
    for step in (_settlements, _payouts, _returned_payouts, _refunds, _withheld, _own_money):
        step(waiting, bookers or BOOKERS)
        waiting = [line for line in waiting if line.meaning == Meaning.OPEN]
    came_in = [line for line in waiting if line.amount_cents > 0]
    # What a municipality withheld waits for its specification; it is no citizen's own transfer.
    withholders = set(Withholder.objects.values_list("iban", flat=True))
    of_citizens = [line for line in came_in if line.counterparty_iban not in withholders and not line.return_reason]
    place_transfers(of_citizens)
    for line in came_in:
        if line.meaning == Meaning.OPEN:
            book_unidentified(line)


def book_unidentified(line: BankLine) -> None:
    """Money came in and nobody knows yet whose it is: 1000 to 2900, once per line of the bank. Worker only."""
    key = f"bank_line:{line.pk}:unidentified"
    if not LedgerEntry.objects.filter(key=f"cash:{key}").exists():
        post_entries([postings.receipt_transfer(key, arrangement=None, amount=line.amount_cents)])


def mark(line: BankLine, meaning: Meaning, evidence: str) -> None:
    """Write down what a line turned out to be."""
    line.meaning, line.evidence, line.placed_on = meaning, evidence[:40], clock.today()
    line.save(update_fields=["meaning", "evidence", "placed_on"])


def _told(line: BankLine) -> str:
    return f"{line.end_to_end_id} {line.structured_reference} {line.bank_reference} {line.batch_id} {line.text}"


def _settlements(lines: Sequence[BankLine], bookers: Bookers) -> None:
    """By the provider's own name of it and the amount; or by the amount, when only one is on its way and its name is there."""
    on_their_way = list(ProviderSettlement.objects.filter(booked_on=None).exclude(state="failed"))
    if not on_their_way or bookers.settlement is None:
        return
    for line in lines:
        if line.amount_cents <= 0:
            continue
        same = [one for one in on_their_way if one.net_cents == line.amount_cents]
        told = _told(line).casefold()
        found = [one for one in same if one.provider_id.casefold() in told]
        if not found and len(same) == 1 and same[0].provider.casefold() in line.counterparty_name.casefold():
            found = same
        if len(found) == 1:
            bookers.settlement(settlement_id=found[0].pk, booked_on=line.booked_on)
            on_their_way.remove(found[0])
            mark(line, Meaning.SETTLEMENT, "uitbetaling van de aanbieder")


def _payouts(lines: Sequence[BankLine], bookers: Bookers) -> None:
    """The bank names our batch (PmtInfId), our file (MsgId), or the transfers in it; parts of one batch come together."""
    out = [line for line in lines if line.amount_cents < 0]
    if not out or bookers.payout is None:
        return
    names = {line.batch_id for line in out} | {line.end_to_end_id for line in out}
    names.discard("")
    by_number = dict(PayoutBatch.objects.filter(number__in=names).values_list("number", "pk"))
    by_transfer = dict(PayoutLine.objects.filter(end_to_end_id__in=names).values_list("end_to_end_id", "batch_id"))
    groups: dict[int, list[BankLine]] = defaultdict(list)
    for line in out:
        batch = by_number.get(line.batch_id) or by_transfer.get(line.end_to_end_id) or by_number.get(line.end_to_end_id)
        if batch is not None:
            groups[batch].append(line)
    for batch, parts in sorted(groups.items()):
        amount = -sum(line.amount_cents for line in parts)
        bookers.payout(batch_id=batch, booked_on=parts[0].booked_on, amount_cents=amount)
        for line in parts:
            mark(line, Meaning.PAYOUT, "onze opdracht")
    _whole_files([line for line in out if line.meaning == Meaning.OPEN], bookers.payout)


def _whole_files(lines: Sequence[BankLine], book: _PayOut) -> None:
    """One debit for a whole file: booked per batch when the total is right to the cent."""
    files = {
        row.message_id: row for row in PayoutFile.objects.filter(message_id__in={one.batch_id for one in lines} - {""})
    }
    for line in lines:
        file = files.get(line.batch_id)
        if file is None:
            continue
        batches = list(PayoutBatch.objects.filter(file=file).order_by("pk"))
        refunds = Refund.objects.filter(file=file).aggregate(sum=Sum("amount_cents"))["sum"] or 0
        if refunds or sum(one.total_cents for one in batches) != -line.amount_cents:
            continue
        for one in batches:
            book(batch_id=one.pk, booked_on=line.booked_on, amount_cents=one.total_cents)
        mark(line, Meaning.PAYOUT, "onze opdracht, in een bedrag")


def _returned_payouts(lines: Sequence[BankLine], bookers: Bookers) -> None:
    """Money of a payout is back: it carries the end-to-end id it went out with, and the amount."""
    back = [line for line in lines if line.amount_cents > 0 and line.end_to_end_id]
    if not back or bookers.payout_returned is None:
        return
    sent = dict(
        PayoutLine.objects.filter(
            end_to_end_id__in={line.end_to_end_id for line in back}, returned_on=None
        ).values_list("end_to_end_id", "amount_cents")
    )
    for line in back:
        if sent.pop(line.end_to_end_id, None) != line.amount_cents:
            continue
        reason = line.return_reason or "MS03"
        bookers.payout_returned(end_to_end_id=line.end_to_end_id, reason=reason, booked_on=line.booked_on)
        mark(line, Meaning.PAYOUT_RETURNED, f"kwam terug: {reason}")


def _refunds(lines: Sequence[BankLine], bookers: Bookers) -> None:
    """A refund went out, or came back, by its own end-to-end id and its amount."""
    named = [line for line in lines if line.end_to_end_id]
    sent = dict(
        Refund.objects.filter(end_to_end_id__in={line.end_to_end_id for line in named}).values_list(
            "end_to_end_id", "amount_cents"
        )
    )
    for line in named:
        amount = sent.get(line.end_to_end_id)
        if amount is None or abs(line.amount_cents) != amount:
            continue
        if line.amount_cents < 0 and bookers.refund is not None:
            bookers.refund(end_to_end_id=line.end_to_end_id, booked_on=line.booked_on)
            mark(line, Meaning.REFUND, "onze terugbetaling")
        elif line.amount_cents > 0 and bookers.refund_returned is not None:
            reason = line.return_reason or "MS03"
            bookers.refund_returned(end_to_end_id=line.end_to_end_id, reason=reason, booked_on=line.booked_on)
            mark(line, Meaning.REFUND_RETURNED, f"kwam terug: {reason}")


def _withheld(lines: Sequence[BankLine], bookers: Bookers) -> None:
    """A municipality paid: sender, reference and amount are those of a specification that waits for its money."""
    if bookers.withheld is None:
        return
    senders = dict(
        Withholder.objects.filter(iban__in={line.counterparty_iban for line in lines} - {""}).values_list("iban", "pk")
    )
    for line in lines:
        sender = senders.get(line.counterparty_iban)
        if sender is None or line.amount_cents <= 0:
            continue
        told = _squeezed(_told(line))
        waiting = WithholdingFile.objects.filter(
            withholder_id=sender, state=WithholdingFile.State.WAITING, total_cents=line.amount_cents
        )
        found = [file for file in waiting if _squeezed(file.reference) in told]
        if len(found) == 1:
            bookers.withheld(file_id=found[0].pk, bank_line_id=line.pk)
            line.refresh_from_db()


def _squeezed(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _own_money(lines: Sequence[BankLine], _bookers: Bookers) -> None:
    """From our own account: it makes up what providers kept (1010 to 1000)."""
    own = normalize_iban(settings.OWN_ACCOUNT_IBAN)
    for line in lines:
        if line.amount_cents > 0 and line.counterparty_iban == own:
            post_entries([postings.top_up(f"bank_line:{line.pk}:top_up", amount=line.amount_cents)])
            mark(line, Meaning.TOP_UP, "van onze eigen rekening")
