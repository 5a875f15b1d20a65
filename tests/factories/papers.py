"""Photos of papers for tests: small, real files."""

import struct
import zlib
from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x01" * 40
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"


def png(side: int = 64) -> bytes:
    """A square picture, readable by every browser."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\x00" + bytes((30 + row % 200, 90, 160)) * side for row in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def uploaded(content: bytes = JPEG, name: str = "foto.jpg") -> SimpleUploadedFile:
    """A file as a browser sends it; it says nothing true about itself."""
    return SimpleUploadedFile(name, content, content_type="application/octet-stream")


def paper_form(amount: str, on: date, *, paper: str = "letter", **more: object) -> dict[str, object]:
    """What a browser posts on a page of the official figure."""
    return {
        "paper": paper,
        "amount": amount,
        "paper_date_0": str(on.day),
        "paper_date_1": str(on.month),
        "paper_date_2": str(on.year),
        **more,
    }
