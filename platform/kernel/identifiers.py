"""Numbers with a check in them: betalingskenmerk and IBAN; and the one number we refuse, the BSN.

Rules: payments.md 3.4 and domain.md 8. The answers are compared with python-stdnum in the tests.
"""

from __future__ import annotations

import re
from string import ascii_uppercase, digits

_KENMERK_WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3, 6, 1)
_SEPARATORS = str.maketrans("", "", " .\u00a0")
_IBAN_SPACES = str.maketrans("", "", " \u00a0")
_ONLY_DIGITS = re.compile(r"[0-9]+")
_RF_SHAPE = re.compile(r"RF[0-9]{2}[A-Z0-9]{1,21}")
_IBAN_SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_DUTCH_ACCOUNT = re.compile(r"[A-Z]{4}[0-9]{10}")
_LETTER_VALUES = {sign: str(value) for value, sign in enumerate(digits + ascii_uppercase)}

# Lengths of the IBAN registry: the SEPA countries first, then the others that use an IBAN.
# fmt: off
_IBAN_LENGTHS = {
    "AD": 24, "AL": 28, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
    "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GI": 23, "GL": 18, "GR": 27, "HR": 21, "HU": 28, "IE": 22,
    "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MT": 31,
    "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "RS": 22, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "VA": 22,
    "AE": 23, "AZ": 28, "BA": 20, "BH": 22, "BI": 27, "BR": 29, "BY": 28, "CR": 22, "DJ": 27, "DO": 28, "EG": 29,
    "FK": 18, "GE": 22, "GT": 28, "HN": 28, "IL": 23, "IQ": 23, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32,
    "LY": 25, "MN": 20, "MR": 27, "MU": 30, "NI": 28, "OM": 23, "PK": 24, "PS": 29, "QA": 29, "RU": 33, "SA": 24,
    "SC": 31, "SD": 18, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VG": 24, "XK": 20,
    "YE": 30,
}
# fmt: on

_FREE_LENGTH = 7
_SHORTEST_CHECKED, _LONGEST_CHECKED = 9, 14
_FULL_LENGTH = 16
_BSN_LENGTH = 9


def _without_separators(text: object, separators: dict[int, int | None] = _SEPARATORS) -> str:
    """`text` without spaces and dots; empty, and so never valid, when it is no text at all."""
    return text.translate(separators) if isinstance(text, str) else ""


def _check_digit(number: str) -> str:
    total = sum(
        int(digit) * _KENMERK_WEIGHTS[place % len(_KENMERK_WEIGHTS)] for place, digit in enumerate(reversed(number))
    )
    check = 11 - total % 11
    # Eleven values on ten digits: 10 is written as 1 and 11 as 0.
    return str({10: 1, 11: 0}.get(check, check))


def betalingskenmerk(number: str) -> str:
    """The payment reference for `number`: digits only, ready for the structured field of a bank transfer.

    A number of 7 to 12 digits becomes check digit + length digit + number (9 to 14 digits); a number of 15 digits
    becomes check digit + number (16 digits). Spaces and dots in `number` are ignored. ValueError for any other
    length, because no form of betalingskenmerk can hold it, and for anything that is not the digits 0-9.

    About 1.7 % of typing errors pass the check: never match money on it alone (payments.md 3.4).
    """
    bare = _without_separators(number)
    if not _ONLY_DIGITS.fullmatch(bare):
        raise ValueError("a betalingskenmerk is made of the digits 0-9 only")
    if len(bare) == _FULL_LENGTH - 1:
        return _check_digit(bare) + bare
    if _SHORTEST_CHECKED - 2 <= len(bare) <= _LONGEST_CHECKED - 2:
        # The length digit takes part in the check (Betaalvereniging).
        counted = str(len(bare) % 10) + bare
        return _check_digit(counted) + counted
    raise ValueError(f"a betalingskenmerk holds a number of 7 to 12 or of 15 digits, not of {len(bare)}")


def is_betalingskenmerk(text: str) -> bool:
    """Whether `text` can be a betalingskenmerk: 7 digits (no check), 9 to 14 or 16 digits; spaces and dots ignored."""
    bare = _without_separators(text)
    if not _ONLY_DIGITS.fullmatch(bare):
        return False
    if len(bare) == _FREE_LENGTH:
        return True
    if len(bare) == _FULL_LENGTH:
        return bare[0] == _check_digit(bare[1:])
    if _SHORTEST_CHECKED <= len(bare) <= _LONGEST_CHECKED:
        return bare[1] == str((len(bare) - 2) % 10) and bare[0] == _check_digit(bare[1:])
    return False


def is_creditor_reference(text: str) -> bool:
    """Whether `text` is a creditor reference of ISO 11649: RF, two check digits, 1 to 21 signs, mod 97 is 1. Spaces ignored."""
    bare = _without_separators(text, _IBAN_SPACES)
    if not bare.isascii():
        return False
    bare = bare.upper()
    if not _RF_SHAPE.fullmatch(bare):
        return False
    return int("".join(_LETTER_VALUES[sign] for sign in bare[4:] + bare[:4])) % 97 == 1


def normalize_iban(text: str) -> str:
    """`text` without spaces, in capitals. Says nothing about validity; see `is_iban`."""
    return text.translate(_IBAN_SPACES).upper()


def is_iban(text: str) -> bool:
    """Whether `text` is a well-formed IBAN: known country and length, mod 97 is 1; for NL four letters and ten digits.

    Spaces and lower case are accepted, other signs are not. That the account exists is for the bank to say.
    """
    bare = _without_separators(text, _IBAN_SPACES)
    if not bare.isascii():  # before upper(): that turns some other letters into A-Z
        return False
    bare = bare.upper()
    if not _IBAN_SHAPE.fullmatch(bare) or len(bare) != _IBAN_LENGTHS.get(bare[:2]):
        return False
    if bare[2:4] in {"00", "01", "99"}:  # cannot come out of the calculation (ISO 13616), though mod 97 may be 1
        return False
    if bare.startswith("NL") and not _DUTCH_ACCOUNT.fullmatch(bare[4:]):
        return False
    return int("".join(_LETTER_VALUES[sign] for sign in bare[4:] + bare[:4])) % 97 == 1


def format_iban(text: str) -> str:
    """The IBAN in groups of four, as people read it: `NL91 ABNA 0417 1643 00`."""
    bare = normalize_iban(text)
    return " ".join(bare[start : start + 4] for start in range(0, len(bare), 4))


def mask_iban(text: str) -> str:
    """The IBAN for lists, with only the first and last four signs: `NL91 •••• •••• ••43 00` (ux.md 2.3)."""
    bare = normalize_iban(text)
    return format_iban(bare[:4] + "•" * max(len(bare) - 8, 0) + bare[4:][-4:])


def is_bsn_like(text: str) -> bool:
    """Whether `text` could be a BSN: nine digits that pass the 11-test; spaces and dots ignored.

    Only used to refuse: the platform keeps no BSN (domain.md 0, rule 10).
    """
    bare = _without_separators(text)
    if len(bare) != _BSN_LENGTH or not _ONLY_DIGITS.fullmatch(bare) or not int(bare):
        return False
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(weight * int(digit) for weight, digit in zip(weights, bare, strict=True)) % 11 == 0
