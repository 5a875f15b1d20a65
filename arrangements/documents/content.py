"""What a document says, apart from how it looks: a plain dictionary that HTML and PDF are both made from.

It is stored with the document, so the figures it was made from never change. Everything in it is text.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NotRequired, TypedDict

from arrangements.models import Claim
from kernel.cents import format_euro
from kernel.periods import add_months

_MONTHS = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)
_WEEKDAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")


class Column(TypedDict):
    """A column of a table; amounts stand right."""

    label: str
    number: bool


class Table(TypedDict):
    """A table with a caption, and a last row of totals when there is something to add up."""

    caption: str
    columns: list[Column]
    rows: list[list[str]]
    total: NotRequired[list[str]]


class Section(TypedDict):
    """One heading with what stands under it, in this order. `key` names it for links inside the page."""

    key: str
    heading: str
    paragraphs: list[str]
    points: NotRequired[list[str]]
    table: NotRequired[Table]


class Content(TypedDict):
    """A whole document. `summary` is the first page: label and answer, one line each."""

    kind: str
    version: str
    lang: str
    title: str
    reference: str
    intro: list[str]
    summary: list[list[str]]
    sections: list[Section]
    contact: list[str]
    hash: str


def long_date(day: date) -> str:
    """ "1 december 2026", the same in every process: never by the language that happens to be switched on."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def weekday_date(day: date) -> str:
    """ "dinsdag 1 december 2026", for a day somebody has to be ready."""
    return f"{_WEEKDAYS[day.weekday()]} {long_date(day)}"


def money(cents: int) -> str:
    """An amount in a document always shows its cents."""
    return format_euro(cents, whole=False)


def percentage(part: int, whole: int) -> str:
    """`part` of `whole` cents as "22,22 %", half-up; "100,00 %" of nothing."""
    hundredths = (20_000 * part + whole) // (2 * whole) if whole else 10_000
    return f"{hundredths // 100},{hundredths % 100:02d} %"


def last_due_date(first: date, months: int) -> date:
    """The due date of the last of `months` instalments, counted from the first."""
    return add_months(first, max(months, 1) - 1)


def reference_of(claim: Claim) -> str:
    """The creditor's own reference, and who collects under which other one."""
    parts = [claim.reference or "–"]
    for name, number in (
        (claim.collector_name, claim.collector_reference),
        (claim.deurwaarder_name, claim.deurwaarder_reference),
    ):
        if name:
            parts.append(f"{name}: {number}" if number else name)
    return "; ".join(parts)


def columns(*labels: str, numbers: Sequence[int] = ()) -> list[Column]:
    """The columns of a table; `numbers` are the positions, from 0, that hold amounts."""
    return [{"label": label, "number": position in numbers} for position, label in enumerate(labels)]


def as_text(content: Content) -> str:
    """Everything the reader agrees to, as plain lines: the text that is hashed. Who to call is not part of the deal."""
    return "\n".join(_lines(content)) + "\n"


def _lines(content: Content) -> Iterator[str]:
    yield f"{content['kind']} {content['version']}"
    yield content["title"]
    yield from content["intro"]
    for label, answer in content["summary"]:
        yield f"{label}: {answer}"
    for section in content["sections"]:
        yield f"# {section['heading']}"
        yield from section["paragraphs"]
        yield from (f"- {point}" for point in section.get("points", []))
        table = section.get("table")
        if table is not None:
            yield " | ".join(column["label"] for column in table["columns"])
            yield from (" | ".join(row) for row in table["rows"])
            if "total" in table:
                yield " | ".join(table["total"])
