"""What a file is, is told by its first bytes."""

import pytest

from arrangements.domain.paper_file import SHOWN_BY_BROWSERS, extension, media_type
from tests.factories.papers import JPEG, PDF, png


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (JPEG, "image/jpeg"),
        (png(), "image/png"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "image/heic"),
        (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00", "image/heic"),
        (PDF, "application/pdf"),
    ],
)
def test_photos_and_pdf_are_kept(content: bytes, found: str) -> None:
    assert media_type(content) == found
    assert extension(found) in {"jpg", "png", "webp", "heic", "pdf"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8",
        b"<html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">',
        b"GIF89a\x01\x00",
        b"PK\x03\x04 a document of a word processor",
        b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00",
        b"RIFF\x24\x00\x00\x00WAVEfmt ",
        b"<script>1</script>%PDF-1.7",
        b"MZ\x90\x00",
    ],
)
def test_everything_else_is_not(content: bytes) -> None:
    assert media_type(content) is None


def test_only_pictures_are_shown_in_the_browser() -> None:
    assert "application/pdf" not in SHOWN_BY_BROWSERS
    assert all(found.startswith("image/") for found in SHOWN_BY_BROWSERS)
