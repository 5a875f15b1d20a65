"""What kind of file a citizen sent, told by its first bytes and never by its name. Nothing is opened or decoded here."""

from collections.abc import Callable

MAX_BYTES = 8 * 1024 * 1024
"""A photo of a telephone, or a letter of some pages as PDF. Stored as it came, so a small file that unpacks to a huge
picture costs nobody anything here.
"""

PDF = "application/pdf"

# ISO 14496-12: a length, "ftyp", then the brand. These brands are HEIF pictures; video has others.
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})

_SIGNS: dict[str, Callable[[bytes], bool]] = {
    "image/jpeg": lambda head: head.startswith(b"\xff\xd8\xff"),
    "image/png": lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
    "image/webp": lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP",
    "image/heic": lambda head: head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS,
    # Readers accept rubbish before it; we do not, because such a file may be something else as well.
    PDF: lambda head: head.startswith(b"%PDF-"),
}

SHOWN_BY_BROWSERS = frozenset({"image/jpeg", "image/png", "image/webp"})
"""Pictures every browser shows. The others are saved to be opened elsewhere."""


def media_type(content: bytes) -> str | None:
    """The media type of a file that begins with `content` (16 bytes are enough), or None for what we do not keep."""
    head = content[:16]
    return next((name for name, fits in _SIGNS.items() if fits(head)), None)


def extension(found: str) -> str:
    """What the name of a saved file of this media type ends in. KeyError for a type we do not keep."""
    return {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic", PDF: "pdf"}[found]
