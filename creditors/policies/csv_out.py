"""CSV that a spreadsheet opens without running anything (reliability.md 2.4, row 31)."""

import csv
import io
from collections.abc import Iterable, Sequence

_RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
BOM = "\ufeff"


def safe_cell(text: str) -> str:
    """A text cell that is no formula: an apostrophe in front when it starts like one. Also when spaces come first."""
    return "'" + text if text.lstrip(" \n").startswith(_RUNS_AS_FORMULA) or text.startswith(_RUNS_AS_FORMULA) else text


def euros(cents: int) -> str:
    """An amount in cents as spreadsheets here read it: 1234,56. A number column, so a minus stays a minus."""
    sign, size = ("-" if cents < 0 else ""), abs(cents)
    return f"{sign}{size // 100},{size % 100:02d}"


def csv_file(header: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    """UTF-8 with BOM, semicolons, every text neutralised. An int is an amount in cents."""
    out = io.StringIO()
    out.write(BOM)
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([euros(cell) if isinstance(cell, int) else safe_cell(cell) for cell in row])
    return out.getvalue().encode("utf-8")
