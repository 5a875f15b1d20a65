"""The small fields of a statement: amounts, dates, signs. One strict grammar each; nothing is guessed."""

import re
import unicodedata
from datetime import date
from typing import Final

from lxml import etree

from arrangements.payments.bank_file import FileRefused

# The digits 0-9 only: Python's own readers take full-width digits, 1_000 and NaN (reliability.md 2.4, threat 33).
_AMOUNT: Final = re.compile(r"([0-9]{0,13})(?:\.([0-9]{0,2})(0*))?", re.ASCII)
_DATE: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?",
    re.ASCII,
)
_SPACES: Final = " \t\r\n"
_SIGNS: Final = {"CRDT": 1, "DBIT": -1}
_EARLIEST, _LATEST = date(2000, 1, 1), date(2199, 12, 31)


class Fields:
    """Looks up elements by name, in the namespace of the message only: what comes from elsewhere does not count."""

    def __init__(self, namespace: str) -> None:
        self._own = f"{{{namespace}}}" if namespace else ""

    def name(self, element: etree._Element) -> str:
        """The name of an element of the message; empty for anything else."""
        tag = str(element.tag)
        if not self._own:
            return "" if tag.startswith("{") else tag
        return tag.removeprefix(self._own) if tag.startswith(self._own) else ""

    def all(self, parent: etree._Element | None, path: str) -> list[etree._Element]:
        """All elements at `path` ("A/B") under `parent`."""
        if parent is None:
            return []
        return parent.findall("/".join(self._own + step for step in path.split("/")))

    def one(self, parent: etree._Element | None, *paths: str) -> etree._Element | None:
        """The first element at the first of `paths` that is there."""
        for path in paths:
            found = self.all(parent, path)
            if found:
                return found[0]
        return None

    def text(self, parent: etree._Element | None, *paths: str) -> str:
        """The text at the first of `paths` that has any, tidied; else empty."""
        for path in paths:
            for found in self.all(parent, path):
                if said := tidy(raw(found)):
                    return said
        return ""

    def sign(self, parent: etree._Element, where: str) -> int:
        """1 for money in, -1 for money out."""
        found = self.all(parent, "CdtDbtInd")
        said = raw(found[0]).strip(_SPACES) if len(found) == 1 else ""
        if said not in _SIGNS:
            raise FileRefused(f"{where}: er staat niet of dit erbij komt (CRDT) of eraf gaat (DBIT).")
        return _SIGNS[said]

    def cents(self, parent: etree._Element, where: str) -> int:
        """The amount in `Amt` right under `parent`, in whole cents, never below zero. Euro only."""
        found = self.all(parent, "Amt")
        if len(found) != 1:
            raise FileRefused(f"{where}: er staat niet precies één bedrag.")
        said = found[0].get("Ccy", "").strip(_SPACES)
        if said != "EUR":
            named = f"in {tidy(said)[:10]}" if said else "zonder munteenheid"
            raise FileRefused(f"{where}: het bedrag is {named}. Wij kunnen alleen afschriften in euro (EUR) lezen.")
        cents = to_cents(raw(found[0])) if not len(found[0]) else None
        if cents is None:
            raise FileRefused(f"{where}: wij kunnen het bedrag “{tidy(raw(found[0]))[:40]}” niet lezen.")
        return cents

    def day(self, parent: etree._Element | None, where: str) -> date | None:
        """The day in `Dt` or `DtTm` right under `parent`; None when there is nothing."""
        found = self.one(parent, "Dt", "DtTm")
        if found is None:
            return None
        day = to_day(raw(found))
        if day is None:
            raise FileRefused(f"{where}: wij kunnen de datum “{tidy(raw(found))[:40]}” niet lezen.")
        return day


def raw(element: etree._Element) -> str:
    """The text of an element; comments are gone by now. Of one with elements in it: what stands before the first."""
    return element.text or ""


def tidy(text: str) -> str:
    """One line of readable signs: no control or direction signs, no double spaces, one way to write a letter."""
    bare = unicodedata.normalize("NFC", text)
    return " ".join("".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in bare).split())


def to_cents(text: str) -> int | None:
    """Whole cents of "12", "12.3", "12.30", "12.3000"; None for anything else."""
    found = _AMOUNT.fullmatch(text.strip(_SPACES))
    if found is None:
        return None
    whole, decimals, _zeros = found.groups()
    if not whole and not decimals:
        return None
    return int(whole or "0") * 100 + int((decimals or "").ljust(2, "0"))


def to_day(text: str) -> date | None:
    """The day of an ISO date or moment, as the bank wrote it: a moment is not moved to another time zone."""
    found = _DATE.fullmatch(text.strip(_SPACES))
    if found is None:
        return None
    year, month, day = found.groups()
    try:
        read = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return read if _EARLIEST <= read <= _LATEST else None
