"""The one transfer of a municipality and its specification: whichever comes first waits for the other.

The books tell one story. The transfer comes in whole on unidentified money (1000 to 2900), one entry for one line of the
bank; then every line of the specification goes to its arrangement (2900 to 2000). What is of nobody here stays on 2900, for
a person to place or to send back. So 1000 always holds what 2000 and 2900 together got.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from django.db import transaction
from django.db.models import Sum

from accounts.models import User
from arrangements.domain import postings
from arrangements.models import Arrangement, BankLine, Receipt, WithholdingFile, WithholdingLine
from arrangements.operations.book_unidentified import book_unidentified
from arrangements.operations.divide_waiting import divide_waiting
from arrangements.operations.post_entries import post_entries
from arrangements.operations.receive_payment import OVER, lock_arrangement, receive_transfer
from arrangements.operations.tell_desk import tell_desk
from arrangements.queries.refunds import unplaced_of_file
from arrangements.queries.withholding import speaks_of
from infra import audit, clock, jobs
from kernel.cents import format_euro

BOOKED_AT_ONCE: Final = 200
"""Up to so many lines are divided together with the booking; more are booked in bulk, and divided after it."""
CHUNK: Final = 2_000
PAGE: Final = "/beheer/arrangements/withholdingfile/"


class DoesNotMatch(Exception):
    """This transfer is not the money of this specification: another sender, reference or amount."""


@transaction.atomic
def book_withholding(*, file_id: int, bank_line_id: int) -> WithholdingFile:
    """The money of this specification is here: book the transfer, and every line to its arrangement. Worker only.

    Up to `BOOKED_AT_ONCE` lines everything happens in this transaction; of more the transfer is booked here, and a job
    books the lines in bulk. A second call changes nothing. Raises DoesNotMatch unless sender, reference and amount agree
    to the cent.
    """
    file = WithholdingFile.objects.select_for_update(of=("self",)).select_related("withholder").get(pk=file_id)
    if file.state == WithholdingFile.State.BOOKED and file.bank_line_id == bank_line_id:
        return file
    bank_line = BankLine.objects.select_for_update(of=("self",)).get(pk=bank_line_id)
    if (
        file.state != WithholdingFile.State.WAITING
        or bank_line.meaning != BankLine.Meaning.OPEN
        or bank_line.amount_cents != file.total_cents
        or not speaks_of(bank_line, file)
    ):
        raise DoesNotMatch(f"file {file_id} and bank line {bank_line_id}")
    book_unidentified(bank_line)
    today = clock.today()
    file.state, file.bank_line, file.booked_on = WithholdingFile.State.BOOKED, bank_line, today
    file.save(update_fields=["state", "bank_line", "booked_on"])
    bank_line.meaning, bank_line.placed_on = BankLine.Meaning.WITHHELD, today
    bank_line.evidence = "specificatie van de gemeente"
    bank_line.save(update_fields=["meaning", "placed_on", "evidence"])
    audit.record(
        "withholding_booked",
        object_type="withholding_file",
        object_id=file.pk,
        from_state=WithholdingFile.State.WAITING,
        to_state=file.state,
        details={"total_cents": file.total_cents, "bank_line": bank_line.pk},
    )
    _tell_of_unknown(file)
    waiting = _lines_to_book(file.pk)
    if len(waiting) > BOOKED_AT_ONCE:
        jobs.enqueue("book_withheld_lines", key=f"book_withheld_lines:{file.pk}", arguments={"file": file.pk})
    else:
        for line in waiting:
            receive_withheld(line)
    return file


def receive_withheld(line: WithholdingLine) -> Receipt:
    """One line to its arrangement, and divided. Once; worker only, in the caller's transaction."""
    if line.arrangement_id is None:
        raise ValueError(f"withholding line {line.pk} is of nobody")
    return receive_transfer(
        lock_arrangement(line.arrangement_id),
        key=receipt_key(line.pk),
        amount_cents=line.amount_cents,
        received_on=clock.today(),
        source=Receipt.Source.WITHHELD,
        withholding_line=line,
        was_unidentified=True,
    )


def receipt_key(line_id: int) -> str:
    """Of the receipt of one line."""
    return f"withheld:{line_id}"


@jobs.job("book_withheld_lines", chunked=True)
def book_withheld_lines(work: jobs.Work) -> dict[str, int]:
    """Many lines: booked in bulk, a chunk per transaction, and divided in sets. Goes on where it stopped."""
    file_id = work.arguments["file"]
    booked = divided = 0
    while made := _book_chunk(file_id):
        booked += made
        work.progress(booked, booked, f"{booked} regels geboekt")
    while ids := _waiting_arrangements(file_id):
        divided += divide_waiting(arrangement_ids=range(ids[0], ids[-1] + 1)).receipts
    return {"booked": booked, "divided": divided}


@transaction.atomic
def _waiting_arrangements(file_id: int) -> list[int]:
    """The next chunk of arrangements of this file with money that waits for its division, lowest first."""
    waiting = Receipt.objects.filter(withholding_line__file_id=file_id, divided_on=None).order_by("arrangement_id")
    return list(waiting.values_list("arrangement_id", flat=True).distinct()[:CHUNK])


@transaction.atomic
def _book_chunk(file_id: int) -> int:
    """The next lines as receipts that wait for their division, with their entries: the same few statements for any number."""
    # Nobody else books lines of this file meanwhile.
    WithholdingFile.objects.select_for_update(of=("self",)).get(pk=file_id)
    lines = _lines_to_book(file_id, limit=CHUNK)
    if not lines:
        return 0
    today = clock.today()
    receipts, entries = [], []
    for line in lines:
        assert line.arrangement is not None and line.citizen_id is not None  # noqa: PT018,S101  so were they chosen
        receipts.append(
            Receipt(
                kind=Receipt.Kind.AFTER_END if line.arrangement.state in OVER else Receipt.Kind.INSTALLMENT,
                source=Receipt.Source.WITHHELD,
                arrangement=line.arrangement,
                citizen_id=line.citizen_id,
                withholding_line=line,
                key=receipt_key(line.pk),
                amount_cents=line.amount_cents,
                divided_cents=0,
                received_on=today,
            )
        )
        entries.append(
            postings.matched(receipt_key(line.pk), arrangement=line.arrangement.pk, amount=line.amount_cents)
        )
    Receipt.objects.bulk_create(receipts)
    post_entries(entries)
    return len(receipts)


def _lines_to_book(file_id: int, *, limit: int | None = None) -> Sequence[WithholdingLine]:
    """Lines of somebody here without a receipt. In the order of the arrangements: two files never wait for each other."""
    rows = (
        WithholdingLine.objects.filter(file_id=file_id, arrangement__isnull=False, receipt=None)
        .select_related("arrangement")
        .order_by("arrangement_id", "position")
    )
    return list(rows[:limit] if limit else rows)


# --- finding each other ------------------------------------------------------------------------------------------


def match_waiting_files(bank_line: BankLine) -> WithholdingFile | None:
    """The money came after the specification: book the file this transfer belongs to; None when there is none (yet).

    For who reads the statements; worker only, in the caller's transaction. A transfer whose reference is right and whose
    amount is not stays where it is, and the desk hears the difference.
    """
    if bank_line.meaning != BankLine.Meaning.OPEN or bank_line.amount_cents <= 0:
        return None
    waiting = WithholdingFile.objects.filter(
        state=WithholdingFile.State.WAITING, withholder__iban=bank_line.counterparty_iban
    ).select_related("withholder")
    return _first_match((file, bank_line) for file in waiting.order_by("pk"))


@jobs.job("match_withholding")
@transaction.atomic
def match_withholding(work: jobs.Work) -> dict[str, bool]:
    """The specification came after the money: look whether its transfer is here and not placed."""
    file = WithholdingFile.objects.select_related("withholder").get(pk=work.arguments["file"])
    if file.state != WithholdingFile.State.WAITING:
        return {"booked": False}
    lines = BankLine.objects.filter(
        meaning=BankLine.Meaning.OPEN, amount_cents__gt=0, counterparty_iban=file.withholder.iban
    )
    return {"booked": _first_match((file, line) for line in lines.order_by("booked_on", "pk")) is not None}


def _first_match(pairs: Iterable[tuple[WithholdingFile, BankLine]]) -> WithholdingFile | None:
    found = [(file, line) for file, line in pairs if speaks_of(line, file)]
    for file, line in found:
        if file.total_cents == line.amount_cents:
            return book_withholding(file_id=file.pk, bank_line_id=line.pk)
    for file, line in found:
        _tell_of_difference(file, line)
    return None


# --- what a person must look at ----------------------------------------------------------------------------------


def _tell_of_difference(file: WithholdingFile, line: BankLine) -> None:
    tell_desk(
        key=f"withholding_differs:{file.pk}:{line.pk}",
        kind="withholding_differs",
        subject="Een inhouding klopt niet met het bestand",
        body="\n".join(
            [
                f"{file.withholder.name} maakte {_exact(line.amount_cents)} over met omschrijving {file.reference}.",
                f"Het bestand is samen {_exact(file.total_cents)}. Verschil: {_exact(line.amount_cents - file.total_cents)}.",
                "Er is niets verdeeld. Vraag de gemeente wat klopt.",
                "Is het bestand fout? Trek het in en zet het goede bestand erin. Is het geld fout? Wacht op de aanvulling.",
            ]
        ),
        where=f"{PAGE}werk/",
    )


def _tell_of_unknown(file: WithholdingFile) -> None:
    unknown = WithholdingLine.objects.filter(file=file, arrangement=None)
    total = unknown.aggregate(sum=Sum("amount_cents"))["sum"]
    if not total:
        return
    tell_desk(
        key=f"withholding_unknown:{file.pk}",
        kind="withholding_unknown",
        subject="Een inhouding voor iemand die wij niet kennen",
        body="\n".join(
            [
                f"In het bestand {file.reference} van {file.withholder.name} staan betalingskenmerken zonder regeling.",
                f"Regels: {unknown.count()}. Samen {_exact(total)}. De andere regels zijn gewoon geboekt.",
                "Zoek uit van wie dit geld is, of stuur het terug.",
            ]
        ),
        where=f"{PAGE}{file.pk}/regels/",
    )


def _exact(cents: int) -> str:
    return format_euro(cents, whole=False)


# --- a line that a person places ---------------------------------------------------------------------------------


class CannotPlace(Exception):
    """Not a line that waits for a person, or not an arrangement; `str()` says it in Dutch."""


@transaction.atomic
def ask_place_withheld(*, line_id: int, payment_reference: str, user: User) -> None:
    """A person of the desk says whose line this is; the worker books it. Scope: the desk's. Raises CannotPlace."""
    line = WithholdingLine.objects.select_related("file").filter(pk=line_id, arrangement=None).first()
    if line is None or line.file.state != WithholdingFile.State.BOOKED:
        raise CannotPlace("Deze regel wacht niet (meer) op een besluit.")
    bare = re.sub(r"[ .\u00a0]", "", payment_reference)
    arrangement = Arrangement.objects.filter(payment_reference=bare).first()
    if arrangement is None:
        raise CannotPlace("Dit betalingskenmerk is niet van een regeling. Zoek het op bij de regelingen.")
    if line.amount_cents > unplaced_of_file(line.file):
        raise CannotPlace("Dit geld gaat al terug naar de gemeente. Trek eerst de terugbetaling in.")
    audit.record(
        "withheld_line_placed",
        object_type="withholding_line",
        object_id=line.pk,
        citizen_id=arrangement.citizen_id,
        details={"by": user.pk, "amount_cents": line.amount_cents},
    )
    jobs.enqueue(
        "place_withheld_line",
        key=f"place_withheld_line:{line.pk}:{arrangement.pk}",
        arguments={"line": line.pk, "arrangement": arrangement.pk},
    )


@jobs.job("place_withheld_line")
@transaction.atomic
def place_withheld_line(work: jobs.Work) -> dict[str, bool]:
    """Carry out what a person decided about a line. The first decision stands; money that goes back stays where it is."""
    file_id = WithholdingLine.objects.values_list("file_id", flat=True).get(pk=work.arguments["line"])
    file = WithholdingFile.objects.select_for_update(of=("self",)).get(pk=file_id)
    line = WithholdingLine.objects.select_for_update(of=("self",)).get(pk=work.arguments["line"])
    if line.arrangement_id is not None or line.amount_cents > unplaced_of_file(file):
        return {"placed": False}
    arrangement = lock_arrangement(work.arguments["arrangement"])
    line.arrangement, line.citizen_id = arrangement, arrangement.citizen_id
    line.save(update_fields=["arrangement", "citizen"])
    receive_withheld(line)
    return {"placed": True}
