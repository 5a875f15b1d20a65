"""JSON with one way to write a value, so that a hash or a signature over it means the same everywhere."""

import json
from typing import Any


def canonical_json(value: Any) -> bytes:
    """Keys sorted, no spaces, UTF-8. UnicodeEncodeError for half a pair of signs (a lone surrogate)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
