"""The specification of a withholding: for whom a municipality withheld, and how much each. Read strictly, line by line.

Two columns, named in the first line in any order (capitals do not matter):

    betalingskenmerk;bedrag
    1012 3456 7890 1234;45,00

CSV with semicolons, commas or tabs, UTF-8 with or without BOM; or the first sheet of an XLSX with the same two columns
(`arrangements.payments.withholding_sheet` turns that into the same cells). What is not in this grammar is refused with the
number of the line (the first line is 1) and a sentence that says what to do: reading an amount "as well as we can" is how
somebody's instalment ends up with another. Whole or nothing.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from kernel.cents import AmountError, parse_euro
from kernel.identifiers import is_betalingskenmerk, is_bsn_like

MAX_BYTES: Final = 5 * 1024 * 1024
MAX_LINES: Final = 50_000
FAULTS_SHOWN: Final = 100
"""More faults than this are counted, not listed."""
MAX_LINE_LENGTH: Final = 500

REFERENCE: Final = "betalingskenmerk"
AMOUNT: Final = "bedrag"
_SHORTEST_CHECKED = 9
_BSN_NAMES = frozenset({"bsn", "burgerservicenummer", "sofinummer"})
_SHAPE = re.compile(r"[0-9. \u00a0]+(?:,[0-9]{1,2})?")
_SEPARATORS = ";\t,"


class Unreadable(ValueError):
    """The file as a whole cannot be read; `str()` is the Dutch sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class WithheldRow:
    """One good line: its number in the file, the betalingskenmerk as digits only, and cents above zero."""

    line: int
    payment_reference: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line is refused, in Dutch. The header is line 1."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Specification:
    """What was read. With one fault the whole file is refused. Amounts in cents."""

    rows: tuple[WithheldRow, ...]
    faults: tuple[Fault, ...]

    @property
    def total_cents(self) -> int:
        """What the transfer of the municipality must be."""
        return sum(row.amount_cents for row in self.rows)


def csv_lines(content: bytes) -> list[tuple[int, list[str]]]:
    """The cells of every line that is not empty, with its number. Raises Unreadable."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("Dit bestand is UTF-16. Sla het op als CSV UTF-8.")
    try:
        text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("Dit bestand is geen UTF-8. Sla het op als CSV UTF-8.") from None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = next((line for line in lines if line.strip()), "")
    separator = next((sign for sign in _SEPARATORS if sign in first), ";")
    found: list[tuple[int, list[str]]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        if len(line) > MAX_LINE_LENGTH:
            found.append((number, [line[:MAX_LINE_LENGTH]]))
            continue
        try:
            found.append((number, next(csv.reader([line], delimiter=separator, strict=True))))
        except (csv.Error, StopIteration):
            found.append((number, [line]))
    return found


def read_specification(lines: Iterable[tuple[int, Sequence[str]]]) -> Specification:
    """The rows and the faults of a file that was taken apart into cells. Raises Unreadable for a file without lines or
    with a first line that does not name the two columns.
    """
    places: tuple[int, int, int] | None = None
    rows: list[WithheldRow] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for number, cells in lines:
        if places is None:
            places = _header(cells)
            continue
        if len(rows) + len(faults) >= MAX_LINES:
            raise Unreadable(f"Dit bestand heeft meer dan {MAX_LINES} regels. Verdeel het over twee overboekingen.")
        try:
            row = _row(number, cells, places)
            first = seen.setdefault(row.payment_reference, number)
            if first != number:
                raise Unreadable(f"Dit betalingskenmerk staat ook op regel {first}. Maak er één regel van.")
        except Unreadable as fault:
            faults.append(Fault(number, str(fault)))
        else:
            rows.append(row)
    if places is None:
        raise Unreadable("Dit bestand is leeg.")
    if not rows and not faults:
        raise Unreadable("Er staan geen regels in dit bestand, alleen de namen van de kolommen.")
    return Specification(tuple(rows), tuple(faults))


def _header(cells: Sequence[str]) -> tuple[int, int, int]:
    """Where the reference and the amount stand, and how many cells a line has."""
    names = [cell.strip().lower() for cell in cells]
    if any(name.replace(" ", "") in _BSN_NAMES for name in names):
        raise Unreadable("Wij mogen geen burgerservicenummers ontvangen. Haal die kolom weg.")
    if sorted(names) != sorted((REFERENCE, AMOUNT)):
        raise Unreadable(
            f"De eerste regel moet de namen van de twee kolommen zijn: {REFERENCE};{AMOUNT}. Andere kolommen mogen er niet in."
        )
    return names.index(REFERENCE), names.index(AMOUNT), len(names)


def _row(number: int, cells: Sequence[str], places: tuple[int, int, int]) -> WithheldRow:
    reference_place, amount_place, width = places
    if len(cells) != width:
        raise Unreadable(f"Deze regel heeft {len(cells)} kolommen. Het moeten er {width} zijn.")
    return WithheldRow(number, _reference(cells[reference_place]), _amount(cells[amount_place]))


def _reference(cell: str) -> str:
    bare = re.sub(r"[ .\u00a0]", "", cell)
    if not bare:
        raise Unreadable("Het betalingskenmerk ontbreekt.")
    if not (bare.isascii() and bare.isdigit()):
        raise Unreadable("Een betalingskenmerk bestaat alleen uit cijfers. In Excel: zet de kolom op Tekst.")
    if len(bare) < _SHORTEST_CHECKED or not is_betalingskenmerk(bare):
        if is_bsn_like(bare):
            raise Unreadable(
                "Dit lijkt een burgerservicenummer. Dat mogen wij niet ontvangen. Vul het betalingskenmerk in."
            )
        raise Unreadable(
            "Dit betalingskenmerk klopt niet: het controlecijfer past niet. Neem het over van het overzicht."
        )
    return bare


def _amount(cell: str) -> int:
    text = cell.strip()
    if not text:
        raise Unreadable("Het bedrag ontbreekt.")
    if text.startswith(("-", "−", "–")) or text.endswith("-"):
        raise Unreadable("Een ingehouden bedrag is hoger dan 0. Haal correcties uit het bestand en bel ons.")
    if not _SHAPE.fullmatch(text) and not re.fullmatch(r"[0-9]+\.[0-9]{1,2}", text):
        raise Unreadable("Dit is geen bedrag. Schrijf het als 45,00 of 1.234,56, zonder euroteken.")
    try:
        cents = parse_euro(text)
    except AmountError as error:
        raise Unreadable(str(error)) from None
    if not cents:
        raise Unreadable("Dit bedrag is 0. Laat de regel weg.")
    return cents
