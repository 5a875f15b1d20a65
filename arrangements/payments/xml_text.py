"""From the bytes of somebody else's file to text that an XML reader may see (reliability.md 2.4).

Nothing is guessed: the tekenset is the one the file says it is in, and a document type is refused before anything is read.
"""

import codecs
import re
from typing import Final

from arrangements.payments.bank_file import FileRefused

_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Names a bank may give to its character set, and what Python calls it. Others are refused.
_CHARACTER_SETS: Final = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "iso-8859-1",
    "iso8859-1": "iso-8859-1",
    "latin1": "iso-8859-1",
    "latin-1": "iso-8859-1",
    "iso-8859-15": "iso-8859-15",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
}
_WIDE: Final = {"utf-16", "utf-16-le", "utf-16-be", "utf-32"}
_DECLARATION: Final = re.compile(r"\A\s*<\?xml\b([^>]*)\?>", re.ASCII)
_ENCODING: Final = re.compile(r"""\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""", re.ASCII)
#: The only two things that may start with "<!" in a statement.
_MARKUP: Final = re.compile(r"<!(?!--|\[CDATA\[)")
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: How files start that people upload by mistake, and what to say.
_OTHERS: Final = (
    (b"PK\x03\x04", "Dit is een zip- of Excel-bestand. Pak het uit, en kies het XML-bestand van de bank."),
    (b"PK\x05\x06", "Dit is een leeg zip-bestand. Kies het XML-bestand van de bank."),
    (b"\x1f\x8b", "Dit bestand is ingepakt (gzip). Pak het uit, en kies het XML-bestand van de bank."),
    (b"BZh", "Dit bestand is ingepakt (bzip2). Pak het uit, en kies het XML-bestand van de bank."),
    (b"\xfd7zXZ", "Dit bestand is ingepakt (xz). Pak het uit, en kies het XML-bestand van de bank."),
    (b"7z\xbc\xaf", "Dit bestand is ingepakt (7z). Pak het uit, en kies het XML-bestand van de bank."),
    (b"Rar!", "Dit bestand is ingepakt (rar). Pak het uit, en kies het XML-bestand van de bank."),
    (b"%PDF", "Dit is een pdf. Download het afschrift bij de bank als camt.053 (XML)."),
    (b"\xd0\xcf\x11\xe0", "Dit is een oud Office-bestand. Download het afschrift bij de bank als camt.053 (XML)."),
    (b"{1:", "Dit lijkt een MT940-bestand. Download het afschrift bij de bank als camt.053 (XML)."),
    (b":20:", "Dit lijkt een MT940-bestand. Download het afschrift bij de bank als camt.053 (XML)."),
)
NOT_XML: Final = "Dit is geen XML-bestand. Download het afschrift bij de bank als camt.053 (XML)."
NO_DTD: Final = (
    "In dit bestand staat een documenttype (DOCTYPE). Dat hoort niet in een afschrift, en het kan gevaarlijk zijn. "
    "Download het afschrift opnieuw bij de bank."
)


def safe_text(content: bytes, *, limit_bytes: int) -> str:
    """The text of an XML file without its declaration.

    Raises FileRefused: empty, larger than `limit_bytes`, packed, no XML, an unknown or wrong character set, a document type.
    """
    if not content.strip(b"\x00 \t\r\n"):
        raise FileRefused("Het bestand is leeg.")
    if len(content) > limit_bytes:
        raise FileRefused(
            f"Het bestand is groter dan {limit_bytes // 1_000_000} MB. Vraag de bank om kleinere bestanden, per dag."
        )
    bare = content.lstrip()
    for start, said in _OTHERS:
        if bare.startswith(start):
            raise FileRefused(said)
    text, used = _decoded(content)
    if wrong := _FORBIDDEN.search(text):
        line = text.count("\n", 0, wrong.start()) + 1
        raise FileRefused(f"Regel {line}: hier staat een teken dat niet in een XML-bestand mag staan.")
    declared = _DECLARATION.match(text)
    if declared:
        _check_declared(declared.group(1), used)
        text = text[: declared.start()] + text[declared.end() :]
    if _MARKUP.search(text):
        raise FileRefused(NO_DTD)
    if not text.lstrip().startswith("<"):
        raise FileRefused(NOT_XML)
    return text


def _decoded(content: bytes) -> tuple[str, str]:
    used = next((name for mark, name in _MARKS if content.startswith(mark)), "")
    if not used:
        used = _sniffed(content)
    try:
        return content.decode(used), used
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileRefused(
            f"Regel {line}: de tekens kloppen niet met de tekenset van het bestand ({used.removesuffix('-sig')}). "
            "Is het bestand veranderd of half gedownload? Download het opnieuw bij de bank."
        ) from error


def _sniffed(content: bytes) -> str:
    """Without a mark: two bytes per sign when that shows, else what the declaration says, else UTF-8."""
    head = content.lstrip()[:4]
    if head[:2] == b"<\x00":
        return "utf-16-le"
    if head[:2] == b"\x00<":
        return "utf-16-be"
    declared = _DECLARATION.match(content[:300].decode("latin-1"))
    found = _ENCODING.search(declared.group(1)) if declared else None
    if not found:
        return "utf-8"
    used = _known(found.group(1))
    if used in _WIDE:
        raise FileRefused(f"Het bestand zegt dat het in {found.group(1)} staat, maar dat is niet zo.")
    return used


def _check_declared(attributes: str, used: str) -> None:
    found = _ENCODING.search(attributes)
    if found and (_known(found.group(1)) in _WIDE) != (used in _WIDE):
        raise FileRefused(f"Het bestand zegt dat het in {found.group(1)} staat, maar dat is niet zo.")


def _known(name: str) -> str:
    try:
        return _CHARACTER_SETS[name.lower()]
    except KeyError:
        raise FileRefused(f"De tekenset {name} van dit bestand kennen wij niet. Gebruik UTF-8.") from None
