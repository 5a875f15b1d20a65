"""The specification of one payout: what the creditor books from. Its total is the line on the bank statement, to the cent."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from arrangements.documents.content import Content, columns, long_date, money
from arrangements.documents.pdf import render_pdf
from arrangements.models import PayoutBatch, PayoutLine
from creditors.policies.csv_out import csv_file, safe_cell
from kernel.identifiers import format_iban

PDF_LINES: Final = 2_000
"""More lines than this are for a machine: no PDF of hundreds of pages."""
TEXT_VERSION: Final = "specificatie-1"
HEADER: Final = (
    "KlantnummerSE",
    "FactuurnummerSE",
    "Betaalreferentie",
    "Regeling",
    "Verrekend",
    "Stand",
    "Bedrag",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One claim in a payout. `paid_cents` is its part of the bank's line: zero when the bank refused it. `status`: what
    happened to it afterwards, "" when nothing did.
    """

    line: PayoutLine
    transfer: str
    paid_cents: int
    status: str

    @property
    def texts(self) -> tuple[str, str, str, str]:
        """Customer number, reference, what the bank statement shows, and the arrangement."""
        line = self.line
        return line.claim.customer_number, line.reference, self.transfer, line.arrangement.payment_reference


def rows(batch: PayoutBatch, lines: Iterable[PayoutLine]) -> Iterator[Row]:
    """The lines as they are shown, in the same order. What they paid adds up to what the bank books."""
    for line in lines:
        refused = line.returned_on is not None and not line.returned_after_booking
        status = ""
        if refused:
            status = "niet overgemaakt"
        elif line.returned_on is not None:
            status = f"kwam terug op {line.returned_on:%d-%m-%Y}"
        yield Row(
            line,
            batch.number if batch.together else line.end_to_end_id,
            0 if refused else line.amount_cents,
            status,
        )


def as_csv(found: Iterable[Row]) -> bytes:
    """To book from; an int is an amount."""
    return csv_file(HEADER, ((*row.texts, row.line.set_off_cents, row.status, row.paid_cents) for row in found))


def as_xlsx(batch: PayoutBatch, found: Iterable[Row]) -> bytes:
    """The same as a workbook: amounts are numbers, texts are texts and never a formula. Written row by row."""
    book = Workbook(write_only=True)
    book.properties.creator = "Eén Plan"
    made = datetime(batch.run_date.year, batch.run_date.month, batch.run_date.day, tzinfo=UTC).replace(tzinfo=None)
    book.properties.created = book.properties.modified = made
    sheet = book.create_sheet("Specificatie")
    for letter, width in zip("ABCDEFG", (18, 24, 34, 20, 12, 24, 12), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    sheet.append([_text(sheet, one) for one in HEADER])
    off = paid = 0
    for row in found:
        sheet.append(
            [
                *(_text(sheet, one) for one in row.texts),
                _amount(sheet, row.line.set_off_cents),
                _text(sheet, row.status),
                _amount(sheet, row.paid_cents),
            ]
        )
        off, paid = off + row.line.set_off_cents, paid + row.paid_cents
    total = [_text(sheet, one) for one in ("Samen", "", "", "")]
    sheet.append([*total, _amount(sheet, off), _text(sheet, ""), _amount(sheet, paid)])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _text(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=safe_cell(text))
    cell.data_type = "s"
    return cell


def _amount(sheet: Any, cents: int) -> Any:
    euros: Any = Decimal(cents) / 100  # exact; the stubs know no Decimal
    cell = WriteOnlyCell(sheet, value=euros)
    cell.number_format = "#,##0.00"
    return cell


def as_pdf(batch: PayoutBatch, found: Iterable[Row]) -> bytes:
    """The same on paper. The same payout gives the same bytes."""
    shown = list(found)
    off = sum(row.line.set_off_cents for row in shown)
    content: Content = {
        "kind": "specificatie",
        "version": TEXT_VERSION,
        "lang": "nl",
        "title": f"Specificatie van doorbetaling {batch.number}",
        "reference": batch.number,
        "intro": [f"Voor {batch.account_name or batch.creditor.name}."],
        "summary": [
            ["Bedrag", money(batch.total_cents)],
            ["Datum", long_date(batch.run_date)],
            ["Stand", batch.get_state_display() + (f" op {long_date(batch.booked_on)}" if batch.booked_on else "")],
            ["Naar rekening", format_iban(batch.iban)],
            *([["Verrekend met storno's", money(off)]] if off else []),
        ],
        "sections": [
            {
                "key": "regels",
                "heading": "Per vordering",
                "paragraphs": [],
                "table": {
                    "caption": f"{len(shown)} regels",
                    "columns": columns(
                        "Uw kenmerk",
                        "Klantnummer",
                        "Regeling",
                        "Betaalreferentie",
                        "Verrekend",
                        "Bedrag",
                        numbers=(4, 5),
                    ),
                    "rows": [
                        [
                            row.line.reference + (f" ({row.status})" if row.status else ""),
                            row.line.claim.customer_number or "–",
                            row.line.arrangement.payment_reference,
                            row.transfer,
                            money(row.line.set_off_cents) if row.line.set_off_cents else "–",
                            money(row.paid_cents),
                        ]
                        for row in shown
                    ],
                    "total": ["Samen", "", "", "", money(off) if off else "–", money(batch.total_cents)],
                },
            }
        ],
        "contact": [],
        "hash": "",
    }
    return render_pdf(content)
