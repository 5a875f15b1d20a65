"""A citizen's own transfers: to the arrangement they are for, by the ladder of payments.md 4."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from arrangements.domain import postings
from arrangements.domain.lifecycle import InstallmentState
from arrangements.domain.matching import Book, Incoming, Suggest, match
from arrangements.models import Arrangement, BankLine, Installment, KnownIban, Receipt
from arrangements.operations.post_entries import post_entries
from arrangements.operations.receive_payment import RUNNING, lock_arrangement, receive_transfer
from arrangements.queries.transfer_candidates import transfer_candidates
from infra import clock

MOST_AT_ONCE: Final = 200
"""Up to so many transfers of one import are divided with it; more are booked together and divided by the monthly run."""
_SOON: Final = timedelta(days=14)
_LATELY: Final = timedelta(days=31)


@transaction.atomic
def place_transfers(lines: Sequence[BankLine]) -> int:
    """Book every transfer whose arrangement is certain, write suggestions on the others. Returns how many were booked.

    In the order of the arrangements, so that two imports never wait for each other. What nobody claims stays OPEN; the
    caller puts it on unidentified money. Worker only.
    """
    incoming = [incoming_of(line) for line in lines]
    may_book = settings.BOOK_KNOWN_IBAN_AND_AMOUNT
    booked: list[tuple[BankLine, Book]] = []
    for line, one, candidates in zip(lines, incoming, transfer_candidates(incoming, clock.today()), strict=True):
        decision = match(one, candidates, book_iban_and_amount=may_book)
        if isinstance(decision, Book):
            booked.append((line, decision))
        elif isinstance(decision, Suggest):
            line.suggestions = [
                {"arrangement": told.arrangement, "evidence": told.evidence.value} for told in decision.suggestions
            ]
            line.save(update_fields=["suggestions"])
    booked.sort(key=lambda pair: (pair[1].arrangement, pair[0].pk))
    if len(booked) > MOST_AT_ONCE:
        booked = _book_together(booked)
    for line, decision in booked:
        arrangement = lock_arrangement(decision.arrangement)
        book_transfer(arrangement, line, evidence=decision.evidence.value)
        _learn(line, decision)
    return len(booked)


def incoming_of(line: BankLine) -> Incoming:
    """What the ladder looks at."""
    return Incoming(
        amount_cents=line.amount_cents,
        iban=line.counterparty_iban,
        name=line.counterparty_name,
        structured_reference=line.structured_reference,
        text=line.text,
        end_to_end_id=line.end_to_end_id,
    )


def book_transfer(
    arrangement: Arrangement, line: BankLine, *, evidence: str, was_unidentified: bool = False
) -> Receipt:
    """This line is money for this (locked) arrangement: receipt, division, and where it was placed. Once. Worker only."""
    receipt = receive_transfer(
        arrangement,
        key=receipt_key(line),
        amount_cents=line.amount_cents,
        received_on=line.booked_on,
        bank_line=line,
        was_unidentified=was_unidentified,
        is_extra=_is_second(arrangement, line.booked_on),
    )
    _placed(line, arrangement.pk, evidence)
    line.save(update_fields=["meaning", "evidence", "arrangement", "placed_on", "suggestions"])
    return receipt


def receipt_key(line: BankLine) -> str:
    """Of the receipt of one line of the bank."""
    return f"bank_line:{line.pk}:receipt"


def _placed(line: BankLine, arrangement_id: int, evidence: str) -> None:
    line.meaning, line.evidence, line.placed_on = BankLine.Meaning.RECEIPT, evidence[:40], clock.today()
    line.arrangement_id, line.suggestions = arrangement_id, []


def _is_second(arrangement: Arrangement, day: date) -> bool:
    """Whether this month's instalment was paid already, and the next one is not due for a while: then it comes extra."""
    rows = Installment.objects.filter(arrangement=arrangement)
    unpaid = rows.filter(state__in=[InstallmentState.OPEN, InstallmentState.PARTLY_PAID, InstallmentState.MISSED])
    if unpaid.filter(due_date__lte=day + _SOON).exists():
        return False
    return rows.filter(state=InstallmentState.PAID, paid_on__gt=day - _LATELY, paid_on__lte=clock.today()).exists()


def _learn(line: BankLine, decision: Book) -> None:
    """From now on this account is known as the citizen's. Never somebody else's: the name on it has been looked at."""
    if decision.learn_iban:
        KnownIban.objects.get_or_create(
            arrangement_id=decision.arrangement,
            iban=line.counterparty_iban,
            defaults={"learned_from": line, "since": clock.today()},
        )


def _book_together(booked: list[tuple[BankLine, Book]]) -> list[tuple[BankLine, Book]]:
    """Many at once, in a fixed number of statements: received (1000 to 2000), to be divided later. Gives back the others.

    Only of running arrangements: what comes after the end is held, which is a decision per receipt.
    """
    ids = {decision.arrangement for _line, decision in booked}
    running = {
        row.pk: row
        for row in Arrangement.objects.select_for_update(of=("self",))
        .filter(pk__in=ids, state__in=RUNNING)
        .order_by("pk")
    }
    together = [pair for pair in booked if pair[1].arrangement in running]
    Receipt.objects.bulk_create(
        [
            Receipt(
                source=Receipt.Source.TRANSFER,
                arrangement=running[decision.arrangement],
                citizen_id=running[decision.arrangement].citizen_id,
                bank_line=line,
                key=receipt_key(line),
                amount_cents=line.amount_cents,
                divided_cents=0,
                received_on=line.booked_on,
            )
            for line, decision in together
        ],
        batch_size=2000,
    )
    post_entries(
        postings.receipt_transfer(receipt_key(line), arrangement=decision.arrangement, amount=line.amount_cents)
        for line, decision in together
    )
    for line, decision in together:
        _placed(line, decision.arrangement, decision.evidence.value)
    BankLine.objects.bulk_update(
        [line for line, _decision in together],
        ["meaning", "evidence", "arrangement", "placed_on", "suggestions"],
        batch_size=1000,
    )
    KnownIban.objects.bulk_create(
        [
            KnownIban(
                arrangement_id=decision.arrangement,
                iban=line.counterparty_iban,
                learned_from=line,
                since=clock.today(),
            )
            for line, decision in together
            if decision.learn_iban
        ],
        ignore_conflicts=True,
    )
    return [pair for pair in booked if pair[1].arrangement not in running]
