"""The seven lines of the daily check (payments.md 5.6): what is compared, and when a line is red. Amounts in cents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from kernel.cents import format_euro


class Line(IntEnum):
    """The numbers of the lines."""

    PROVIDER = 1
    BANK = 2
    REMITTANCE = 3
    COVERAGE = 4
    OWED = 5
    AGEING = 6
    TRIAL_BALANCE = 7


TITLES: Mapping[Line, str] = {
    Line.PROVIDER: "Betaaldienst: elke uitbetaling regel voor regel tegen rekening 1100",
    Line.BANK: "Bank: begin, regels en eind van elk afschrift, en rekening 1000",
    Line.REMITTANCE: "Doorbetalen: bestanden, rekening 1200, de bank en elk saldo op 2100",
    Line.COVERAGE: "Dekking: er staat genoeg voor wat van anderen is",
    Line.OWED: "Waar het geld is tegen wat nog open staat, per regeling",
    Line.AGEING: "Wat te lang ligt",
    Line.TRIAL_BALANCE: "Proefbalans nul, en oude boekstukken zijn niet veranderd",
}

ASSETS = (1000, 1100, 1200)
OF_OTHERS = (2000, 2100, 2200, 2300, 2900)
CASH = (1000, 1010, 1100, 1200, 1300, 1310, 2000, 2100, 2200, 2300, 2900, 4000, 5000, 5100, 5900)
OWED = (100, 200, 300, 900)


def euro(cents: int) -> str:
    """With cents, and a minus when it is below zero."""
    return format_euro(cents, whole=False)


@dataclass
class Check:
    """One line: its figures, what is wrong (`faults` make it red) and what has to be looked at (`notes` do not)."""

    line: Line
    figures: list[tuple[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def is_green(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    def amount(self, label: str, cents: int) -> None:
        """Add a figure in euros."""
        self.figures.append((label, euro(cents)))

    def count(self, label: str, number: int) -> None:
        """Add a number."""
        self.figures.append((label, str(number)))

    def equal(self, what: str, left: int, other: str, right: int) -> None:
        """A fault when two amounts that have to be the same are not; says both and the difference."""
        if left != right:
            self.faults.append(
                f"{what} is {euro(left)}, {other} is {euro(right)}. Het verschil is {euro(left - right)}."
            )

    def as_row(self) -> dict[str, object]:
        """As it is kept."""
        return {
            "number": int(self.line),
            "title": TITLES[self.line],
            "is_green": self.is_green,
            "figures": [list(figure) for figure in self.figures],
            "faults": self.faults,
            "notes": self.notes,
        }


def shortfall(totals: Mapping[int, int]) -> int:
    """What the segregated money falls short of what is of others, in cents; 0 when it is covered.

    `totals`: debit less credit per account.
    """
    there = sum(totals.get(account, 0) for account in ASSETS)
    theirs = -sum(totals.get(account, 0) for account in OF_OTHERS)
    return max(0, theirs - there)


def causes(totals: Mapping[int, int]) -> list[tuple[str, int]]:
    """Where a shortfall comes from: together they are the difference, because every entry balances."""
    return [
        ("kosten van de betaaldienst", totals.get(5000, 0)),
        ("kosten van storno's", totals.get(5100, 0)),
        ("storno's die burgers nog terugbetalen (1300)", totals.get(1300, 0)),
        ("storno's die nog worden verrekend (1310)", totals.get(1310, 0)),
        ("afgeboekte storno's", totals.get(5900, 0)),
        ("al aangevuld van eigen geld", totals.get(1010, 0) + totals.get(4000, 0)),
    ]


def coverage(totals: Mapping[int, int], *, short_working_days: int, allowed_working_days: int) -> Check:
    """Line 4. A shortfall is named at once, as what to top up today; it is red when it was there too long."""
    check = Check(Line.COVERAGE)
    check.amount("op de aparte rekening, bij de betaaldienst en onderweg", sum(totals.get(a, 0) for a in ASSETS))
    check.amount("van burgers, organisaties en onbekenden", -sum(totals.get(a, 0) for a in OF_OTHERS))
    short = shortfall(totals)
    check.amount("aan te vullen", short)
    if short:
        parts = ", ".join(f"{name} {euro(cents)}" for name, cents in causes(totals) if cents)
        said = f"Vul vandaag {euro(short)} aan van eigen geld. Het komt door: {parts or 'onbekend'}."
        if short_working_days > allowed_working_days:
            check.faults.append(f"{said} Dit had al {short_working_days} werkdagen geleden gemoeten.")
        else:
            check.notes.append(said)
    return check


def trial_balance(totals: Mapping[int, int]) -> Check:
    """The first half of line 7: each ledger sums to zero, and every account is one we have."""
    check = Check(Line.TRIAL_BALANCE)
    for name, accounts in (("waar het geld is", CASH), ("wat nog open staat", OWED)):
        total = sum(totals.get(account, 0) for account in accounts)
        check.amount(f"proefbalans {name}", total)
        check.equal(f"De proefbalans van {name}", total, "een proefbalans", 0)
    unknown = sorted(account for account in totals if account not in CASH and account not in OWED)
    if unknown:
        check.faults.append(f"Er is geboekt op rekeningen die er niet zijn: {unknown}.")
    return check


def add(totals: dict[int, int], more: Mapping[int, int] | Mapping[str, int]) -> None:
    """Add the totals of a day; keys of kept rows are texts."""
    for account, cents in more.items():
        totals[int(account)] = totals.get(int(account), 0) + cents


def some(rows: Sequence[str], *, most: int = 5) -> str:
    """The first few, and how many more there are."""
    more = len(rows) - most
    return ", ".join(rows[:most]) + (f" en nog {more}" if more > 0 else "")
