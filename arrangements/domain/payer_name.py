"""Whether the name on a bank account can be the citizen's own. Banks write names in many ways; a mother is not her son."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

_WORD: Final = re.compile(r"[a-z]+")
#: Small words of a Dutch family name, and what banks put before or between names.
_LITTLE: Final = frozenset(
    {"van", "de", "der", "den", "het", "t", "ter", "ten", "te", "el", "la", "le", "du", "von", "zu", "op", "in", "aan"}
    | {"dhr", "hr", "mw", "mevr", "mevrouw", "heer", "mr", "drs", "ing", "dr", "en", "of", "e", "o", "cj", "eo"}
)


def is_own_name(payer: str, *, first_name: str, family_name: str) -> bool:
    """Whether `payer` ("J. de Vries", "VRIES J DE", "Hr J de Vries e/o P Smit") can be this citizen.

    Every word of the family name must be there, and beside it the first name or a first letter of it. False when the
    citizen's name is not known, and when in doubt: an account that is not learned costs nothing.
    """
    family = [word for word in _words(family_name) if word not in _LITTLE] or _words(family_name)
    first = _words(first_name)
    if not family or not first:
        return False
    given = _words(payer)
    if not all(word in given for word in family):
        return False
    rest = list(given)
    for word in family:
        rest.remove(word)
    return any(_fits(word, first) for word in rest if word not in _LITTLE or len(word) == 1)


def _fits(word: str, first: Sequence[str]) -> bool:
    """The first name itself, or initials of which the first is its first letter: "j", "jp" for Jan Peter."""
    if word in first:
        return True
    return (
        len(word) <= 3
        and word[0] == first[0][0]
        and word != first[0]
        and not any(vowel in word[1:] for vowel in "aeiou")
    )


def _words(text: str) -> list[str]:
    bare = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(sign for sign in bare if not unicodedata.combining(sign)))
