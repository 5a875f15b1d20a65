"""One statement of a camt.053 file: the account, the balances, the entries, and whether they add up."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from lxml import etree

from arrangements.payments.bank_file import FileRefused, Movement, Statement
from arrangements.payments.camt053_entry import EntryReader
from arrangements.payments.camt053_fields import raw, tidy, to_day
from kernel.cents import format_euro
from kernel.identifiers import normalize_iban

_NUMBER: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
#: Booked balance at the start and at the end; the interim one is how banks number the pages of one statement.
_OPENING: Final = ("OPBD", "PRCD", "ITBD")
_CLOSING: Final = ("CLBD", "ITBD")
_LONGEST_ID: Final = 35


@dataclass(frozen=True, slots=True)
class _Balance:
    code: str
    day: date | None
    cents: int


class StatementReader:
    """Collects the parts of one statement as they come by."""

    def __init__(self, entries: EntryReader, *, place: int) -> None:
        self._entries = entries
        self._fields = entries.fields
        self._where = f"Afschrift {place}"
        self._id = ""
        self._numbers: dict[str, str] = {}
        self._account = ""
        self._balances: list[_Balance] = []
        self._movements: list[Movement] = []
        self._count = 0
        self._from: date | None = None
        self._until: date | None = None
        self._made: date | None = None

    def take(self, element: etree._Element) -> bool:
        """Take in one part, right under the statement. True when it may be thrown away."""
        name = self._fields.name(element)
        reader = {
            "Id": self._take_id,
            "ElctrncSeqNb": self._take_number,
            "LglSeqNb": self._take_number,
            "CreDtTm": self._take_made,
            "FrToDt": self._take_period,
            "Acct": self._take_account,
            "Bal": self._take_balance,
            "Ntry": self._take_entry,
        }.get(name)
        if reader is not None:
            reader(element)
        return True

    def _take_id(self, element: etree._Element) -> None:
        self._id = tidy(raw(element))
        if self._id:
            self._where = f"{self._where.split(' (')[0]} ({self._id[:40]})"

    def _take_number(self, element: etree._Element) -> None:
        self._numbers[self._fields.name(element)] = raw(element).strip()

    def _take_made(self, element: etree._Element) -> None:
        self._made = to_day(raw(element))

    def _take_period(self, element: etree._Element) -> None:
        for name in ("FrDtTm", "FrDt"):
            self._from = self._from or to_day(self._fields.text(element, name))
        for name in ("ToDtTm", "ToDt"):
            self._until = self._until or to_day(self._fields.text(element, name))

    def _take_account(self, element: etree._Element) -> None:
        if self._account:
            raise FileRefused(f"{self._where}: er staan twee rekeningen in één afschrift.")
        currency = self._fields.text(element, "Ccy")
        if currency and currency != "EUR":
            raise FileRefused(
                f"{self._where}: de rekening is in {currency[:10]}. Wij kunnen alleen afschriften in euro (EUR) lezen."
            )
        self._account = normalize_iban(self._fields.text(element, "Id/IBAN", "Id/Othr/Id"))[:34]
        self._entries.own_account = self._account

    def _take_balance(self, element: etree._Element) -> None:
        code = self._fields.text(element, "Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry", "Tp/Cd")
        if code not in {*_OPENING, *_CLOSING}:
            return
        where = f"{self._where}, saldo {code}"
        amount = self._fields.sign(element, where) * self._fields.cents(element, where)
        day = self._fields.day(self._fields.one(element, "Dt"), where)
        self._balances.append(_Balance(code, day, amount))

    def _take_entry(self, element: etree._Element) -> None:
        self._count += 1
        where = f"{self._where}, regel {self._count} (regel {element.sourceline} van het bestand)"
        self._movements += self._entries.movements(element, position=self._count, where=where)

    def statement(self) -> Statement:
        """The whole statement, when it closes. Raises FileRefused."""
        if not self._account:
            raise FileRefused(f"{self._where}: er staat geen rekeningnummer bij.")
        if not self._id:
            raise FileRefused(f"{self._where}: er staat geen kenmerk van de bank (Id) bij.")
        opening, closing = self._balance(_OPENING, last=False), self._balance(_CLOSING, last=True)
        if opening is None or closing is None or opening is closing:
            missing = "beginsaldo (OPBD of PRCD)" if opening is None else "eindsaldo (CLBD)"
            raise FileRefused(f"{self._where}: er staat geen {missing} bij. Zonder dat saldo is niets na te rekenen.")
        total = sum(one.amount_cents for one in self._movements)
        if opening.cents + total != closing.cents:
            difference = closing.cents - opening.cents - total
            raise FileRefused(
                f"{self._where} van {self._account} klopt niet: beginsaldo {_euro(opening.cents)}, regels samen "
                f"{_euro(total)}, dat is {_euro(opening.cents + total)}. De bank geeft als eindsaldo "
                f"{_euro(closing.cents)}. Verschil: {_euro(difference)}."
            )
        closed_on = closing.day or self._until or self._made or max(_days(self._movements), default=None)
        opened_on = opening.day or self._from or min(_days(self._movements), default=closed_on)
        if closed_on is None or opened_on is None:
            raise FileRefused(f"{self._where}: er staat geen datum bij.")
        return Statement(
            account=self._account,
            identification=_short(self._id),
            number=self._number(),
            opening_cents=opening.cents,
            closing_cents=closing.cents,
            opened_on=min(opened_on, closed_on),
            closed_on=closed_on,
            movements=tuple(self._movements),
        )

    def _number(self) -> int | None:
        for name in ("ElctrncSeqNb", "LglSeqNb"):
            said = self._numbers.get(name, "")
            if _NUMBER.fullmatch(said):
                return int(said)
        return None

    def _balance(self, codes: tuple[str, ...], *, last: bool) -> _Balance | None:
        """The balance to reckon with: of the first code there is, the first or the last day."""
        for code in codes:
            rows = [one for one in self._balances if one.code == code]
            if not rows:
                continue
            days = [one.day for one in rows if one.day is not None]
            if len(days) == len(rows):
                wanted = max(days) if last else min(days)
                rows = [one for one in rows if one.day == wanted]
            if code != "ITBD" and len({one.cents for one in rows}) > 1:
                raise FileRefused(f"{self._where}: het saldo {code} staat er twee keer, met verschillende bedragen.")
            return rows[-1] if last else rows[0]
        return None


def _days(movements: list[Movement]) -> list[date]:
    return [one.booked_on for one in movements]


def _short(identification: str) -> str:
    """At most 35 signs, as in our table; a longer one, which some banks send, keeps its start and gets a hash."""
    if len(identification) <= _LONGEST_ID:
        return identification
    return f"{identification[:24]}~{hashlib.sha256(identification.encode()).hexdigest()[:10]}"


def _euro(cents: int) -> str:
    return format_euro(cents, whole=False)
