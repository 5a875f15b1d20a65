"""What each line of a statement turned out to be (payments.md 3.3, 4): tried in one order, the first that fits wins.

A settlement of the provider, a payout that the bank carried out, a payout that came back, a refund that went or came back,
a withholding of a municipality, our own money, and else a transfer of a citizen, by the ladder. What came in and fits
nothing stands on unidentified money (2900) until a person decides; what went out and fits nothing stays open, and red.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final, Protocol

from django.conf import settings
from django.db import transaction

from arrangements.domain.refund import CannotRefund
from arrangements.models import (
    BankLine,
    PayoutBatch,
    PayoutFile,
    PayoutLine,
    ProviderSettlement,
    Refund,
    Withholder,
    WithholdingFile,
)
from arrangements.operations.book_payout import CannotBook, book_payout
from arrangements.operations.book_settlement import book_settlement
from arrangements.operations.book_unidentified import book_unidentified
from arrangements.operations.book_withholding import DoesNotMatch, book_withholding
from arrangements.operations.own_money import book_top_up
from arrangements.operations.place_transfers import place_transfers
from arrangements.operations.return_payout import NotBooked, return_payout_line
from arrangements.operations.settle_refund import refund_failed, refund_paid
from arrangements.operations.take_back import CannotTakeBack
from arrangements.payments.camt053_entry import NO_REASON
from infra import clock
from kernel.identifiers import normalize_iban

log = logging.getLogger(__name__)
Meaning = BankLine.Meaning


class _Settle(Protocol):
    def __call__(self, *, settlement_id: int, booked_on: date) -> object: ...


class _PayOut(Protocol):
    def __call__(self, *, batch_id: int, booked_on: date, amount_cents: int) -> object: ...


class _Return(Protocol):
    def __call__(self, *, end_to_end_id: str, reason: str, booked_on: date) -> object: ...


class _RefundPaid(Protocol):
    def __call__(self, *, end_to_end_id: str, booked_on: date) -> object: ...


class _RefundFailed(Protocol):
    def __call__(self, *, end_to_end_id: str, reason_code: str, booked_on: date) -> object: ...


class _Withheld(Protocol):
    def __call__(self, *, file_id: int, bank_line_id: int) -> object: ...


@dataclass(frozen=True, slots=True)
class Bookers:
    """Who books what a line turned out to be. Without a booker a line that is recognised waits for one, as any other.

    `refusals`: what they raise when a line is not what was handed in. Then that line waits for a person; the others go on.
    """

    settlement: _Settle | None = None
    payout: _PayOut | None = None
    payout_returned: _Return | None = None
    refund: _RefundPaid | None = None
    refund_failed: _RefundFailed | None = None
    withheld: _Withheld | None = None
    refusals: tuple[type[Exception], ...] = ()


BOOKERS: Final = Bookers(
    settlement=book_settlement,
    payout=book_payout,
    payout_returned=return_payout_line,
    refund=refund_paid,
    refund_failed=refund_failed,
    withheld=book_withholding,
    refusals=(CannotBook, CannotRefund, CannotTakeBack, DoesNotMatch, LookupError, NotBooked),
)


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


def mark(line: BankLine, meaning: Meaning, evidence: str) -> None:
    """Write down what a line turned out to be."""
    line.meaning, line.evidence, line.placed_on = meaning, evidence[:40], clock.today()
    line.save(update_fields=["meaning", "evidence", "placed_on"])


def _try(
    bookers: Bookers, lines: Sequence[BankLine], meaning: Meaning, evidence: str, book: Callable[[], object]
) -> bool:
    """Book, and write down what the lines are; whether that went. A refusal undoes this booking only."""
    try:
        with transaction.atomic():
            book()
            for line in lines:
                mark(line, meaning, evidence)
    except bookers.refusals:
        log.warning("bank line %s is %s by its id, and does not agree with our books", lines[0].pk, meaning)
        for line in lines:
            line.meaning, line.placed_on, line.evidence = Meaning.OPEN, None, "klopt niet met onze opdracht"
            line.save(update_fields=["meaning", "placed_on", "evidence"])
        return False
    return True


def _told(line: BankLine) -> str:
    return f"{line.end_to_end_id} {line.structured_reference} {line.bank_reference} {line.batch_id} {line.text}"


def _settlements(lines: Sequence[BankLine], bookers: Bookers) -> None:
    """By the provider's own name of it and the amount; or by the amount, when only one is on its way and its name is there.

    Below zero the provider took it from our account.
    """
    book = bookers.settlement
    waiting = list(ProviderSettlement.objects.filter(booked_on=None)) if book is not None else []
    if book is None or not waiting:
        return
    for line in lines:
        same = [one for one in waiting if one.net_cents == line.amount_cents]
        told = _told(line).casefold()
        found = [one for one in same if one.provider_id.casefold() in told]
        if not found:
            by_name = [one for one in same if one.state != ProviderSettlement.State.FAILED]
            known = len(by_name) == 1 and by_name[0].provider.casefold() in line.counterparty_name.casefold()
            found = by_name if known else []
        if len(found) == 1:
            call = partial(book, settlement_id=found[0].pk, booked_on=line.booked_on)
            if _try(bookers, [line], Meaning.SETTLEMENT, "uitbetaling van de aanbieder", call):
                waiting.remove(found[0])


def _payouts(lines: Sequence[BankLine], bookers: Bookers) -> None:
    """The bank names our batch (PmtInfId), our file (MsgId), or the transfers in it; parts of one batch come together."""
    book = bookers.payout
    out = [line for line in lines if line.amount_cents < 0]
    if not out or book is None:
        return
    names = {line.batch_id for line in out} | {line.end_to_end_id for line in out}
    names.discard("")
    by_number = dict(PayoutBatch.objects.filter(number__in=names).values_list("number", "pk"))
    by_transfer = dict(PayoutLine.named(names).values_list("end_to_end_id", "batch_id"))
    groups: dict[int, list[BankLine]] = defaultdict(list)
    for line in out:
        batch = by_number.get(line.batch_id) or by_transfer.get(line.end_to_end_id) or by_number.get(line.end_to_end_id)
        if batch is not None:
            groups[batch].append(line)
    for batch, parts in sorted(groups.items()):
        amount = -sum(line.amount_cents for line in parts)
        call = partial(book, batch_id=batch, booked_on=parts[0].booked_on, amount_cents=amount)
        _try(bookers, parts, Meaning.PAYOUT, "onze opdracht", call)
    _whole_files([line for line in out if line.meaning == Meaning.OPEN], bookers)


def _whole_files(lines: Sequence[BankLine], bookers: Bookers) -> None:
    """One debit for a whole file: booked per batch and per refund when the total is right to the cent."""
    names = {one.batch_id for one in lines} - {""}
    files = {row.message_id: row for row in PayoutFile.objects.defer("packed").filter(message_id__in=names)}
    for line in lines:
        file = files.get(line.batch_id)
        if file is None:
            continue
        batches = list(PayoutBatch.objects.filter(file=file).order_by("pk"))
        refunds = list(Refund.objects.filter(file=file).order_by("pk"))
        total = sum(one.total_cents for one in batches) + sum(one.amount_cents for one in refunds)
        if total == -line.amount_cents:
            call = partial(_book_file, bookers, batches, refunds, line.booked_on)
            _try(bookers, [line], Meaning.PAYOUT, "onze opdracht, in een bedrag", call)


def _book_file(bookers: Bookers, batches: Sequence[PayoutBatch], refunds: Sequence[Refund], day: date) -> None:
    if bookers.payout is not None:
        for batch in batches:
            bookers.payout(batch_id=batch.pk, booked_on=day, amount_cents=batch.total_cents)
    if bookers.refund is not None:
        for refund in refunds:
            bookers.refund(end_to_end_id=refund.end_to_end_id, booked_on=day)


def _returned_payouts(lines: Sequence[BankLine], bookers: Bookers) -> None:
    """Money of a payout is back: it carries the end-to-end id it went out with, and the amount."""
    book = bookers.payout_returned
    back = [line for line in lines if line.amount_cents > 0 and line.end_to_end_id]
    if not back or book is None:
        return
    names = {line.end_to_end_id for line in back}
    # What went as one transfer comes back as one, under the number of its batch.
    whole = PayoutBatch.objects.filter(number__in=names, together=True).values_list("number", "total_cents")
    parts = PayoutLine.named(names).filter(returned_on=None)
    sent = dict(whole) | dict(parts.values_list("end_to_end_id", "amount_cents"))
    for line in back:
        if sent.get(line.end_to_end_id) != line.amount_cents:
            continue
        reason = line.return_reason or NO_REASON
        call = partial(book, end_to_end_id=line.end_to_end_id, reason=reason, booked_on=line.booked_on)
        if _try(bookers, [line], Meaning.PAYOUT_RETURNED, f"kwam terug: {reason}", call):
            del sent[line.end_to_end_id]


def _refunds(lines: Sequence[BankLine], bookers: Bookers) -> None:
    """A refund went out, or came back, by its own end-to-end id and its amount."""
    named = [line for line in lines if line.end_to_end_id]
    rows = Refund.objects.filter(end_to_end_id__in={line.end_to_end_id for line in named})
    sent = dict(rows.values_list("end_to_end_id", "amount_cents"))
    for line in named:
        if sent.get(line.end_to_end_id) != abs(line.amount_cents):
            continue
        name, day = line.end_to_end_id, line.booked_on
        if line.amount_cents < 0 and bookers.refund is not None:
            call: Callable[[], object] = partial(bookers.refund, end_to_end_id=name, booked_on=day)
            _try(bookers, [line], Meaning.REFUND, "onze terugbetaling", call)
        elif line.amount_cents > 0 and bookers.refund_failed is not None:
            reason = line.return_reason or NO_REASON
            call = partial(bookers.refund_failed, end_to_end_id=name, reason_code=reason, booked_on=day)
            _try(bookers, [line], Meaning.REFUND_RETURNED, f"kwam terug: {reason}", call)


def _withheld(lines: Sequence[BankLine], bookers: Bookers) -> None:
    """A municipality paid: sender, reference and amount are those of a specification that waits for its money."""
    book = bookers.withheld
    if book is None:
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
        if len(found) != 1:
            continue
        try:
            with transaction.atomic():
                book(file_id=found[0].pk, bank_line_id=line.pk)
        except bookers.refusals:
            log.warning("bank line %s does not agree with specification %s", line.pk, found[0].pk)
        line.refresh_from_db()


def _squeezed(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _own_money(lines: Sequence[BankLine], _bookers: Bookers) -> None:
    """From our own account: it makes up what providers kept (1010 to 1000)."""
    own = normalize_iban(settings.OWN_ACCOUNT_IBAN)
    for line in lines:
        if line.amount_cents > 0 and line.counterparty_iban == own:
            book_top_up(key=f"bank_line:{line.pk}", amount_cents=line.amount_cents)
            mark(line, Meaning.TOP_UP, "van onze eigen rekening")
