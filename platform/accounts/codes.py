"""Codes people read from paper: easy to read aloud, kept only as a keyed hash."""

import hashlib
import hmac
import re
import secrets

from django.conf import settings

# No 0/O, 1/I/L, 5/S, 8/B, U/V: nobody should have to guess a letter.
ALPHABET = "ACDEFGHJKMNPQRTWXY34679"
LENGTH = 8


def new_code() -> str:
    """Eight characters, about 36 bits; short-lived or limited by other means."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def derived_code(purpose: str, *parts: object) -> str:
    """A code that can be made again from the same facts, so that it need not be stored readable."""
    digest = _hmac(purpose + ":code", "|".join(str(part) for part in parts))
    number = int(digest, 16)
    letters = []
    for _ in range(LENGTH):
        number, rest = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[rest])
    return "".join(letters)


def shown(code: str) -> str:
    """As it is printed: ACDE-FGHJ."""
    return f"{code[:4]}-{code[4:]}"


def normalised(text: str) -> str:
    """What somebody typed, without spaces, dashes and capitals mattering."""
    return re.sub(r"[\s\-.]", "", text).upper()


def code_hash(purpose: str, code: str) -> str:
    """Keyed hash of a code. `purpose` keeps the kinds of code apart."""
    return _hmac(purpose, normalised(code))


def match_key(*, family_name: str, birth_date: str, postcode: str, house_number: str) -> str:
    """Keyed hash by which a citizen and an uploaded claim find each other (architecture.md). `birth_date` is ISO.

    Capitals, spaces and accents do not matter; a family name is compared without its prefixes written apart.
    """
    name = _letters(family_name)
    house = re.sub(r"\s", "", house_number).lower()
    return _hmac("match", "|".join((name, birth_date, re.sub(r"\s", "", postcode).upper(), house)))


def same_name(one: str, other: str) -> bool:
    """Whether two family names are the same but for capitals, spaces, signs and accents; an empty one is like none."""
    return bool(_letters(one)) and _letters(one) == _letters(other)


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", _plain(text))


def _plain(text: str) -> str:
    import unicodedata

    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


def _hmac(purpose: str, text: str) -> str:
    return hmac.new(settings.MATCH_KEY_SECRET.encode(), f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()
