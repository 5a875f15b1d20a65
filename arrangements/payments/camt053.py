"""Reads statements of a bank: ISO 20022 camt.053, versions 02 and 08 and what has the same shape (payments.md 3.2).

Never measured against the schema: real files of banks break it. What decides is whether opening + entries = closing, per
statement; when not, nothing of the whole file is used. Every refusal is a FileRefused with a Dutch sentence.
"""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from arrangements.payments.bank_file import FileRefused, Statement
from arrangements.payments.camt053_entry import EntryReader
from arrangements.payments.camt053_statement import StatementReader
from arrangements.payments.xml_text import NOT_XML, safe_text

UPLOAD_LIMIT: Final = 10_000_000
"""Bytes, for what a person hands in."""
CHANNEL_LIMIT: Final = 50_000_000
"""Bytes, for what the bank itself sends."""
DEEPEST: Final = 64
LONGEST_TEXT: Final = 20_000
_PIECE: Final = 65_536
_MESSAGE: Final = "BkToCstmrStmt"
_OTHER_MESSAGES: Final = {
    "BkToCstmrAcctRpt": "een tussentijds overzicht (camt.052)",
    "BkToCstmrDbtCdtNtfctn": "een melding van bij- en afschrijvingen (camt.054)",
    "CstmrCdtTrfInitn": "een betaalopdracht (pain.001)",
    "CstmrPmtStsRpt": "een statusbericht (pain.002)",
    "CstmrDrctDbtInitn": "een incasso-opdracht (pain.008)",
}


def read_statements(content: bytes, *, limit_bytes: int = UPLOAD_LIMIT) -> tuple[Statement, ...]:
    """All statements of a file, in its order; at least one.

    Raises FileRefused, and nothing else, whatever the bytes are.
    """
    text = safe_text(content, limit_bytes=limit_bytes)
    reader = _FileReader()
    parser = etree.XMLPullParser(
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for piece in _pieces(text):
            parser.feed(piece)
            reader.take(parser)
        parser.close()
        reader.take(parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise FileRefused(
            f"Regel {line}, teken {column}: hier klopt de XML niet. Is het bestand veranderd of half gedownload? "
            "Download het opnieuw bij de bank."
        ) from error
    return reader.statements()


def _pieces(text: str) -> Iterator[bytes]:
    # The declaration is gone and the text is ours: from here on there is one character set.
    for start in range(0, len(text), _PIECE):
        yield text[start : start + _PIECE].encode("utf-8")


class _FileReader:
    """Follows the elements as they come, so that a file of 50 MB is never in memory as a tree."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._namespace = ""
        self._found: list[Statement] = []
        self._statement: StatementReader | None = None
        self._messages = 0
        self._roots: set[str] = set()

    def take(self, parser: etree.XMLPullParser) -> None:
        """Everything the parser has found since."""
        for event, element in parser.read_events():
            # Comments and processing instructions give no events here: only elements do.
            if not isinstance(element, etree._Element):  # noqa: SLF001  lxml's own name for it
                continue
            if event == "start":
                self._start(element)
            else:
                self._end(element)

    def _start(self, element: etree._Element) -> None:
        tag = str(element.tag)
        self._path.append(tag)
        if len(self._path) > DEEPEST:
            raise FileRefused(
                f"Regel {element.sourceline}: de XML is dieper dan {DEEPEST} lagen. Dat is geen afschrift."
            )
        name = etree.QName(element).localname
        if len(self._path) <= 3:
            self._roots.add(name)
        if name == _MESSAGE and self._statement is None:
            self._messages += 1
            self._namespace = etree.QName(element).namespace or ""
        elif len(self._path) > 1 and name == "Stmt" and self._path[-2] == self._own(_MESSAGE):
            if self._statement is not None or tag != self._own("Stmt"):
                raise FileRefused(
                    f"Regel {element.sourceline}: hier staat een afschrift op een plaats waar het niet hoort."
                )
            self._statement = StatementReader(EntryReader(self._namespace), place=len(self._found) + 1)

    def _end(self, element: etree._Element) -> None:
        if element.text is not None and len(element.text) > LONGEST_TEXT:
            raise FileRefused(f"Regel {element.sourceline}: dit veld is langer dan {LONGEST_TEXT} tekens.")
        path = self._path
        if self._statement is not None and self._is(path[:-1], "Stmt"):
            if self._statement.take(element):
                element.clear()
        elif self._statement is not None and self._is(path, "Stmt"):
            self._found.append(self._statement.statement())
            self._statement = None
            element.clear()
        path.pop()

    def _is(self, path: list[str], name: str) -> bool:
        """Whether `path` ends in the element of that name right under the message, in the namespace of the message."""
        return len(path) >= 2 and path[-1] == self._own(name) and path[-2] == self._own(_MESSAGE)

    def _own(self, name: str) -> str:
        return f"{{{self._namespace}}}{name}" if self._namespace else name

    def statements(self) -> tuple[Statement, ...]:
        """What was read, or the reason why this is no file with statements."""
        if not self._messages:
            other = next((said for name, said in _OTHER_MESSAGES.items() if name in self._roots), None)
            if other:
                raise FileRefused(f"Dit is geen afschrift (camt.053), maar {other}. Kies het bestand met afschriften.")
            raise FileRefused(NOT_XML.replace("geen XML-bestand", "geen afschrift van de bank"))
        if not self._found:
            raise FileRefused("In dit bestand staat geen afschrift.")
        seen: set[tuple[str, str]] = set()
        for one in self._found:
            name = (one.account, one.identification)
            if name in seen:
                raise FileRefused(f"Afschrift {one.identification} van {one.account} staat twee keer in het bestand.")
            seen.add(name)
        return tuple(self._found)
