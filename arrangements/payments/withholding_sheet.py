"""The specification of a withholding as a spreadsheet (XLSX): its first sheet as the cells of a text file."""

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from openpyxl import load_workbook

from arrangements.domain.withholding_file import MAX_LINES, Unreadable, csv_lines

_MAX_UNPACKED: Final = 60 * 1024 * 1024
_MAX_COLUMNS: Final = 20
#: A spreadsheet keeps fifteen digits of a number; what comes after them was made up.
_TRUSTED_DIGITS: Final = 15
_CENT: Final = Decimal("0.01")
_INVISIBLE: Final = Decimal("0.000001")


def cells_of(content: bytes) -> list[tuple[int, list[str]]]:
    """The cells of every line that is not empty, with its number: of an XLSX, or of a text file. Raises Unreadable."""
    if not content.strip():
        raise Unreadable("Dit bestand is leeg.")
    if content.startswith(b"PK\x03\x04"):
        return _sheet_lines(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("Dit is een oud Excelbestand (.xls). Sla het op als .xlsx of als CSV UTF-8.")
    if b"\x00" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("Dit is geen CSV of XLSX. Sla het bestand op als CSV UTF-8.")
    return csv_lines(content)


def _sheet_lines(content: bytes) -> list[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            # A small file can unpack to a very large one.
            if sum(part.file_size for part in parts.infolist()) > _MAX_UNPACKED:
                raise Unreadable("Dit bestand is uitgepakt te groot. Sla het op als CSV UTF-8.")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            return _lines_of(book.worksheets[0] if book.worksheets else None)
        finally:
            book.close()
    except Unreadable:
        raise
    except Exception as error:  # whatever is wrong inside a foreign file, it is not readable
        raise Unreadable("Dit Excelbestand is niet te lezen. Sla het opnieuw op als .xlsx of als CSV UTF-8.") from error


def _lines_of(sheet: Any) -> list[tuple[int, list[str]]]:
    if sheet is None:
        raise Unreadable("Dit bestand heeft geen werkblad.")
    found: list[tuple[int, list[str]]] = []
    for number, row in enumerate(sheet.iter_rows(max_col=_MAX_COLUMNS, values_only=True), start=1):
        cells = [_text(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            found.append((number, cells))
        if len(found) > MAX_LINES + 1 or number > 2 * MAX_LINES:
            raise Unreadable(f"Dit bestand heeft meer dan {MAX_LINES} regels. Verdeel het over twee overboekingen.")
    return found


def _text(value: object) -> str:
    """A cell as a person would have typed it. A date or a number that lost digits becomes text that is refused."""
    if value is None:
        return ""
    if isinstance(value, bool | date | datetime):
        return f"({value})"
    if isinstance(value, int):
        return (
            str(value) if len(str(abs(value))) <= _TRUSTED_DIGITS else f"(getal van meer dan {_TRUSTED_DIGITS} cijfers)"
        )
    if isinstance(value, float):
        return _number(value)
    return str(value)


def _number(value: float) -> str:
    """A number that stands for whole cents, as a sum in a spreadsheet may be off by less than anybody can see."""
    exact = Decimal(repr(value))
    cents = exact.quantize(_CENT)
    if abs(exact - cents) > _INVISIBLE:
        return f"{exact:f}".replace(".", ",")
    return _text(int(cents)) if cents == cents.to_integral_value() else f"{cents:f}".replace(".", ",")
