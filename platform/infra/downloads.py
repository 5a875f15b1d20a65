"""Handing back a file somebody else made: never as a part of this site, never kept by a browser or a proxy."""

from django.http import HttpResponse
from django.utils.cache import add_never_cache_headers
from django.utils.http import content_disposition_header


def foreign_file(content: bytes, *, media_type: str, name: str, inline: bool = False) -> HttpResponse:
    """The file as it came. `inline` shows it by itself in the browser, in a sandbox where nothing runs or loads.

    `media_type` is what we found in its first bytes, and the browser is told not to guess (reliability.md 2.2, row 10).
    """
    response = HttpResponse(
        content,
        content_type=media_type,
        headers={
            "Content-Disposition": content_disposition_header(not inline, name) or "attachment",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        },
    )
    add_never_cache_headers(response)
    return response
