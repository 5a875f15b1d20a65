"""The printed form of a document. The same content gives the same bytes; the accessible form is the HTML page."""

import unicodedata
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

import reportlab
from reportlab.lib import colors
from reportlab.lib.enums import TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from arrangements.documents.content import Content
from arrangements.documents.content import Table as TableContent

# Bitstream Vera comes with reportlab, may be embedded, and knows € and the letters of most names in the Netherlands.
_FONT: Final = "Vera"
_BOLD: Final = "VeraBd"
_INK: Final = colors.HexColor("#1b1b1b")
_LINE: Final = colors.HexColor("#8a8a8a")
_SHADE: Final = colors.HexColor("#eef2f5")
_MARGIN: Final = 20 * mm


@lru_cache(maxsize=1)
def _known_letters() -> frozenset[int]:
    """Register both faces once per process; gives the letters they have."""
    directory = Path(reportlab.__file__).parent / "fonts"
    faces = [TTFont(name, str(directory / f"{name}.ttf")) for name in (_FONT, _BOLD)]
    for face in faces:
        pdfmetrics.registerFont(face)
    return frozenset(faces[0].face.charToGlyph)


def _style(name: str, size: float, *, bold: bool = False, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(
        name,
        fontName=_BOLD if bold else _FONT,
        fontSize=size,
        leading=size * 1.4,
        textColor=_INK,
        alignment=more.pop("alignment", TA_LEFT),
        **more,
    )


_TITLE = _style("title", 20, bold=True, spaceAfter=10)
_HEADING = _style("heading", 13, bold=True, spaceBefore=14, spaceAfter=5, keepWithNext=1)
_BODY = _style("body", 11, spaceAfter=5)
_ITEM = _style("item", 11, spaceAfter=4, leftIndent=14, bulletIndent=2)
_LABEL = _style("label", 11, bold=True)
_CELL = _style("cell", 8)
_CELL_RIGHT = _style("cell-right", 8, alignment=TA_RIGHT)
_HEAD = _style("head", 8, bold=True)
_HEAD_RIGHT = _style("head-right", 8, bold=True, alignment=TA_RIGHT)
_CAPTION = _style("caption", 9, bold=True, spaceAfter=3, keepWithNext=1)


class _Heading(Paragraph):
    """A heading that also stands in the outline of the file."""

    def __init__(self, text: str, style: ParagraphStyle, key: str, level: int) -> None:
        super().__init__(_safe(text), style)
        self.plain = text
        self.key = key
        self.level = level


class _Document(BaseDocTemplate):
    """Knows its footer, and how many pages there are once that was counted."""

    def __init__(self, target: BytesIO, content: Content, pages: int) -> None:
        super().__init__(
            target,
            pagesize=A4,
            leftMargin=_MARGIN,
            rightMargin=_MARGIN,
            topMargin=_MARGIN,
            bottomMargin=24 * mm,
            title=content["title"],
            subject=content["reference"],
            author="Eén Plan",
            creator="Eén Plan",
            producer="Eén Plan",
            lang=content["lang"],
            invariant=1,
            displayDocTitle=True,
        )
        self._content = content
        self._pages = pages
        frame = Frame(
            self.leftMargin, self.bottomMargin, self.width, self.height, id="page", leftPadding=0, rightPadding=0
        )
        self.addPageTemplates(PageTemplate(id="page", frames=[frame], onPage=self._footer))

    def _footer(self, canvas: Canvas, _document: BaseDocTemplate) -> None:
        canvas.saveState()
        canvas.setFont(_FONT, 7)
        canvas.setFillColor(_INK)
        reference, digest = self._content["reference"], self._content["hash"]
        left = f"Kenmerk {reference} · {self._content['version']}" if reference else self._content["version"]
        canvas.drawString(_MARGIN, 14 * mm, left)
        canvas.drawRightString(A4[0] - _MARGIN, 14 * mm, f"pagina {canvas.getPageNumber()} van {self._pages}")
        if digest:
            canvas.drawString(_MARGIN, 10 * mm, f"Code van de getekende tekst: {digest}")
        canvas.restoreState()

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802  reportlab's name
        if isinstance(flowable, _Heading):
            self.canv.bookmarkPage(flowable.key)
            self.canv.addOutlineEntry(flowable.plain, flowable.key, level=flowable.level, closed=False)


def render_pdf(content: Content) -> bytes:
    """The document as PDF: A4, Dutch, with title, outline, and "pagina x van y". Same content, same bytes."""
    _known_letters()
    # Twice: only after the first time it is known how many pages there are.
    counted = _Document(BytesIO(), content, 0)
    counted.build(_story(content))
    target = BytesIO()
    _Document(target, content, counted.page).build(_story(content))
    return target.getvalue()


def _safe(text: str) -> str:
    """Text as reportlab's markup wants it; a letter the font does not have loses its accent rather than its shape."""
    known = _known_letters()
    fixed = "".join(
        letter if ord(letter) in known else _without_accent(letter, known)
        for letter in unicodedata.normalize("NFC", text)
    )
    return escape(fixed)


def _without_accent(letter: str, known: frozenset[int]) -> str:
    plain = "".join(part for part in unicodedata.normalize("NFKD", letter) if ord(part) in known)
    return plain or "?"


def _story(content: Content) -> list[Flowable]:
    story: list[Flowable] = [_Heading(content["title"], _TITLE, "titel", 0)]
    story += [Paragraph(_safe(text), _BODY) for text in content["intro"]]
    if content["summary"]:
        story.append(_Heading("In het kort", _HEADING, "kort", 1))
        story.append(_summary(content["summary"]))
        story.append(Spacer(1, 6))
    story += [Paragraph(_safe(text), _LABEL) for text in content["contact"]]
    for section in content["sections"]:
        story.append(_Heading(section["heading"], _HEADING, section["key"], 1))
        story += [Paragraph(_safe(text), _BODY) for text in section["paragraphs"]]
        story += [Paragraph(_safe(text), _ITEM, bulletText="•") for text in section.get("points", [])]
        table = section.get("table")
        if table is not None:
            story.append(Paragraph(_safe(table["caption"]), _CAPTION))
            story.append(_table(table))
    return story


def _summary(rows: list[list[str]]) -> Table:
    width = A4[0] - 2 * _MARGIN
    made = Table(
        [[Paragraph(_safe(label), _LABEL), Paragraph(_safe(answer), _BODY)] for label, answer in rows],
        colWidths=[width * 0.36, width * 0.64],
        hAlign="LEFT",
    )
    made.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE)]))
    return made


def _table(content: TableContent) -> Table:
    numbers = [column["number"] for column in content["columns"]]
    head = [
        Paragraph(_safe(column["label"]), _HEAD_RIGHT if column["number"] else _HEAD) for column in content["columns"]
    ]
    rows: list[list[Paragraph]] = [head]
    rows += [_row(row, numbers, bold=False) for row in content["rows"]]
    style: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("BACKGROUND", (0, 0), (-1, 0), _SHADE),
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, _LINE),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ]
    if "total" in content:
        rows.append(_row(content["total"], numbers, bold=True))
        style.append(("LINEABOVE", (0, -1), (-1, -1), 1, _INK))
    width = A4[0] - 2 * _MARGIN
    # Words want more room than amounts.
    weights = [1.0 if number else 1.5 for number in numbers]
    made = Table(rows, colWidths=[width * one / sum(weights) for one in weights], repeatRows=1, hAlign="LEFT")
    made.setStyle(TableStyle(style))
    return made


def _row(cells: list[str], numbers: list[bool], *, bold: bool) -> list[Paragraph]:
    left, right = (_HEAD, _HEAD_RIGHT) if bold else (_CELL, _CELL_RIGHT)
    return [Paragraph(_safe(cell), right if number else left) for cell, number in zip(cells, numbers, strict=True)]
