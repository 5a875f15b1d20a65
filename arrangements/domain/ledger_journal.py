"""The two ledgers as a plain-text journal that programs of others read: beancount and hledger. Only numbers, no names.

Both ledgers are trees of accounts. An account ends in the parties it is kept for: A is an arrangement, C a creditor, F a
claim. Amounts are int cents here and euros with two decimals in the journal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

FORMATS: Mapping[str, str] = MappingProxyType({"beancount": "beancount", "hledger": "journal"})
"""The programs, each with the ending of its files."""

NAMES: Mapping[int, str] = MappingProxyType(
    {
        1000: "Assets:Cash:1000-SegregatedBank",
        1010: "Assets:Cash:1010-OwnBank",
        1100: "Assets:Cash:1100-Provider",
        1200: "Assets:Cash:1200-InTransit",
        1300: "Assets:Cash:1300-StornoClaim",
        1310: "Assets:Cash:1310-SetOffClaim",
        2000: "Liabilities:Cash:2000-Undistributed",
        2100: "Liabilities:Cash:2100-Payable",
        2200: "Liabilities:Cash:2200-RefundDue",
        2300: "Liabilities:Cash:2300-Reserved",
        2900: "Liabilities:Cash:2900-Unidentified",
        4000: "Income:Cash:4000-Revenue",
        5000: "Expenses:Cash:5000-ProviderFees",
        5100: "Expenses:Cash:5100-StornoFees",
        5900: "Expenses:Cash:5900-StornoLosses",
        100: "Assets:Owed:100-Outstanding",
        200: "Equity:Owed:200-Paid",
        300: "Equity:Owed:300-Waived",
        900: "Equity:Owed:900-Opening",
    }
)
#: These are kept per arrangement as well as per claim, or without a claim.
_WITH_ARRANGEMENT = frozenset({1300, 2000, 2200})


@dataclass(frozen=True, slots=True)
class Posting:
    """One side: `cents` is debit less credit."""

    account: int
    cents: int
    arrangement: int | None = None
    claim: int | None = None
    creditor: int | None = None


def account_name(account: int, arrangement: int | None, claim: int | None, creditor: int | None) -> str:
    """The account in the journal. KeyError for an account we do not have."""
    parts = [NAMES[account]]
    if account in _WITH_ARRANGEMENT and arrangement is not None:
        parts.append(f"A{arrangement}")
    if account not in _WITH_ARRANGEMENT:
        parts += [f"{letter}{number}" for letter, number in (("C", creditor), ("F", claim)) if number is not None]
    return ":".join(parts)


def euros(cents: int) -> str:
    """`-1234.05`."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def head(kind: str, first: date, last: date) -> str:
    """The first lines. ValueError for a program we do not know."""
    if kind not in FORMATS:
        raise ValueError(kind)
    if kind == "beancount":
        return (
            f"; Beide grootboeken van {first} tot en met {last}, in euro. A: regeling, C: organisatie, F: vordering.\n"
            'option "title" "Grootboek"\noption "operating_currency" "EUR"\n\n'
        )
    return (
        f"; Beide grootboeken van {first} tot en met {last}, in euro. A: regeling, C: organisatie, F: vordering.\n"
        "decimal-mark .\ncommodity 1000.00 EUR\n\n"
    )


def opened(kind: str, day: date, name: str) -> str:
    """The account exists from `day`."""
    return f"{day} open {name} EUR\n" if kind == "beancount" else f"account {name}\n"


def transaction(kind: str, day: date, text: str) -> str:
    """The head of an entry; its postings follow, then an empty line. `text` has no quotes in it."""
    return f'{day} * "{text}"\n' if kind == "beancount" else f"{day} * {text}\n"


def side(name: str, cents: int) -> str:
    """One posting."""
    return f"    {name}  {euros(cents)} EUR\n"


def entry(kind: str, day: date, text: str, postings: Sequence[Posting]) -> str:
    """A whole entry."""
    lines = [side(account_name(one.account, one.arrangement, one.claim, one.creditor), one.cents) for one in postings]
    return transaction(kind, day, text) + "".join(lines) + "\n"
