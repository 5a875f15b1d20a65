"""A specification as a spreadsheet: the same cells as the text file, and numbers that lost digits are not trusted."""

import io
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook

from arrangements.domain.withholding_file import Unreadable, read_specification
from arrangements.payments.withholding_sheet import cells_of
from kernel.identifiers import betalingskenmerk

ANNA = betalingskenmerk("100000000000001")
SHORT = betalingskenmerk("123456789")


def sheet(*rows: tuple[Any, ...]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_text_and_numbers_are_read_to_the_cent() -> None:
    content = sheet(("Betalingskenmerk", "Bedrag"), (ANNA, 45), (SHORT, 0.1 + 0.2), (None, None))
    found = read_specification(cells_of(content))
    assert [(row.payment_reference, row.amount_cents) for row in found.rows] == [(ANNA, 45_00), (SHORT, 30)]


def test_a_reference_that_is_a_number_lost_its_last_digit_and_is_told() -> None:
    [fault] = read_specification(cells_of(sheet(("betalingskenmerk", "bedrag"), (int(ANNA), 45)))).faults
    assert (fault.line, "op Tekst" in fault.reason) == (2, True)


@pytest.mark.parametrize("amount", [45.005, date(2026, 1, 1), True, "=1+1"])
def test_an_amount_that_is_no_amount_is_told(amount: object) -> None:
    [fault] = read_specification(cells_of(sheet(("betalingskenmerk", "bedrag"), (ANNA, amount)))).faults
    assert fault.line == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04rommel", "niet te lezen"),
        (b"\xd0\xcf\x11\xe0rest", "oud Excelbestand"),
        (b"%PDF\x00\x01", "geen CSV of XLSX"),
        (b"  ", "leeg"),
    ],
)
def test_another_kind_of_file_is_refused_with_a_sentence(content: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        cells_of(content)
