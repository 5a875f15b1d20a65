"""Signing what the demo bank posts: HMAC-SHA256 over "timestamp.body", written "t=…,v1=…" as real providers do.

A signature proves who sent it, not that it is new: the unique key on the event id is what stops a replay
(payments.md 1.5).
"""

import hmac
import re
from hashlib import sha256
from typing import Final

from arrangements.payments.provider import Refused

TOLERANCE_SECONDS: Final = 300
# Two machines never agree to the second; anything later than this is refused as coming from the future.
FUTURE_SECONDS: Final = 5
_SHAPE: Final = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})", re.ASCII)


def sign(body: bytes, *, secret: str, at: int) -> str:
    """The header for `body`, sent at Unix time `at` (seconds)."""
    return f"t={at},v1={_digest(body, secret, at)}"


def check(body: bytes, header: str, *, secret: str, now: int) -> None:
    """Return when the header fits the raw body and is at most 300 s old and 5 s early; Refused otherwise."""
    found = _SHAPE.fullmatch(header)
    if found is None:
        raise Refused("no signature")
    at = int(found.group(1))
    # The signature first: until it is right, the timestamp is only something somebody typed.
    if not hmac.compare_digest(_digest(body, secret, at), found.group(2)):
        raise Refused("wrong signature")
    if at > now + FUTURE_SECONDS:
        raise Refused("from the future")
    if at < now - TOLERANCE_SECONDS:
        raise Refused("too old")


def _digest(body: bytes, secret: str, at: int) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + body, sha256).hexdigest()
