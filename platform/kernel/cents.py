"""Money as whole cents, and the only way in and out of Dutch euro notation.

Inside the platform an amount is an `int` of cents. A person types euros (ux.md 2.1) and reads euros; both
translations live here, so that `1.250` is never read as one euro and twenty-five cents.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NewType

Cents = NewType("Cents", int)

NO_BREAK_SPACE = "\u00a0"
LARGEST_TYPED_AMOUNT = 100_000_000
"""One million euro in cents: nobody who fills in our pages means more than that."""

ASK_FOR_AMOUNT = "Vul een bedrag in. Bijvoorbeeld 45 of 45,50."
NOT_BELOW_ZERO = "Een bedrag kan niet lager zijn dan 0. Vul 0 of meer in."
ASK_FOR_SMALLER_AMOUNT = "Dit bedrag is te hoog. Kijk het bedrag nog eens na."

_LONGEST_INPUT = 40
_DIGITS = tuple("0123456789")
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2009\u202f\t"), " ")
_PREFIX = re.compile(r"^(?:€|eur(?:o)?(?![a-z]))\s*")
_SUFFIX = re.compile(r"\s*(?:€|euro'?s?|eur)$")
_MINUS = re.compile(r"^(?:(?:€|eur(?:o)?(?![a-z]))\s*)?[-−–]\s*(?:€\s*)?")
_NO_CENTS = re.compile(r"[,.](?:-{1,2}|–|—|=)$")
_RANGE = re.compile(r"^([0-9][0-9.,]*)\s*(?:a|à|-|–|tot|of|/)\s*([0-9][0-9.,]*)$")
_PLAIN = re.compile(r"^([0-9]+)(?:[.,]([0-9]{1,2}))?$")
_GROUPED = re.compile(r"^([1-9][0-9]{0,2}(?:\.[0-9]{3})+|[1-9][0-9]{0,2}(?: [0-9]{3})+)(?:,([0-9]{1,2}))?$")
_THREE_DECIMALS = re.compile(r"^([0-9]{1,3})[.,]([0-9]{3})$")


class AmountError(ValueError):
    """What was typed is not one amount. `str()` of it is the Dutch sentence to show beside the field."""


class NotAnAmount(AmountError):
    """There is no usable amount in the text."""


class AmbiguousAmount(AmountError):
    """The text can mean two amounts; the sentence asks which one."""


def whole_number(value: object, name: str, *, minimum: int = 0) -> int:
    """Return `value` when it is a true int of at least `minimum`; ValueError otherwise.

    A float is refused because it cannot carry cents exactly, and a bool because `True` is not one cent.
    """
    if type(value) is not int:
        raise ValueError(f"{name} must be a whole number (int), not {type(value).__name__}")
    if value < minimum:
        raise ValueError(f"{name} must be at least {minimum}, not {value}")
    return value


def half_up(amount: Fraction) -> int:
    """Round an exact amount to a whole number, halves upwards (domain.md 1.1 and 9)."""
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def parse_euro(text: str, *, maximum: int = LARGEST_TYPED_AMOUNT) -> int:
    """Read what a person typed in a euro field and return cents (ux.md 2.1).

    Accepts `45,5`, `1.234,56`, `1.250`, `45.50`, `€ 45`, `45 euro`, `45,-`, `1 234,50`, `0` and `nul`.
    Raises `AmbiguousAmount` for `12,345`, `1,250` and `45 a 50`, `NotAnAmount` for everything else,
    for negative amounts (with a sentence of their own) and for more than `maximum` cents. Only the digits 0-9 count as digits.
    """
    if len(text) > _LONGEST_INPUT:
        raise NotAnAmount(ASK_FOR_AMOUNT)
    bare = text.translate(_SPACES).strip().lower()
    if minus := _MINUS.match(bare):
        raise NotAnAmount(NOT_BELOW_ZERO if bare[minus.end() :][:1] in _DIGITS else ASK_FOR_AMOUNT)
    bare = _SUFFIX.sub("", _PREFIX.sub("", bare), count=1).strip()
    if bare == "nul":
        return 0
    bare = _NO_CENTS.sub("", bare)
    match = _GROUPED.match(bare) or _PLAIN.match(bare)
    if match is None:
        raise _ambiguity(bare) or NotAnAmount(ASK_FOR_AMOUNT)
    euros, decimals = match.group(1), match.group(2) or ""
    cents = int(euros.replace(".", "").replace(" ", "")) * 100 + int(decimals.ljust(2, "0"))
    if cents > maximum:
        raise NotAnAmount(ASK_FOR_SMALLER_AMOUNT)
    return cents


def _ambiguity(bare: str) -> AmbiguousAmount | None:
    if match := _THREE_DECIMALS.match(bare):
        euros, thousandths = match.groups()
        as_decimals = half_up(Fraction(int(euros) * 1000 + int(thousandths), 10))
        as_thousands = int(euros + thousandths) * 100
        return AmbiguousAmount(f"Bedoelt u {_digits(as_decimals, whole=True)} of {_digits(as_thousands, whole=True)}?")
    if match := _RANGE.match(bare):
        low, high = (part.rstrip(".,") for part in match.groups())
        return AmbiguousAmount(f"Bedoelt u {low} of {high}?")
    return None


def _digits(cents: int, *, whole: bool) -> str:
    euros, rest = divmod(abs(cents), 100)
    text = f"{euros:,}".replace(",", ".")
    return text if whole and not rest else f"{text},{rest:02d}"


def format_euro(cents: int, *, whole: bool = True) -> str:
    """`€ 1.234,56` with a no-break space; without cents `€ 45`, or `€ 45,00` when `whole` is false."""
    sign = "-" if cents < 0 else ""
    return f"€{NO_BREAK_SPACE}{sign}{_digits(cents, whole=whole)}"


def spoken_euro(cents: int) -> str:
    """The amount for running text and for reading aloud: `45 euro`, `45 euro en 50 cent`, `50 cent`."""
    euros, rest = divmod(abs(cents), 100)
    parts = []
    if euros or not rest:
        parts.append(_digits(euros * 100, whole=True) + " euro")
    if rest:
        parts.append(f"{rest} cent")
    return ("min " if cents < 0 else "") + " en ".join(parts)
