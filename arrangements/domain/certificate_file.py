"""Reading the files of the equality certificate back: strict, because whoever checks one may have been handed anything."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, NoReturn, TypeVar

from arrangements.domain.certificate import (
    COLUMNS,
    MOST_TREES,
    Basis,
    FullList,
    Heading,
    Line,
    Party,
    Statement,
)
from arrangements.domain.split import Rates
from arrangements.domain.sum_tree import Node, Step

MAX_BYTES: Final = 1_000_000
MOST_CENTS: Final = 10**15
_MOST_DIGITS: Final = 60
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_SIGNATURE: Final = re.compile(r"[0-9a-f]{128}")

EMPTY: Final = "Dit bestand is leeg. Kies het bestand dat u van ons kreeg."
TOO_LARGE: Final = "Dit bestand is te groot. Kies het bestand dat u van ons kreeg."
NOT_WHOLE: Final = "Deze tekst is niet heel. Kies het bestand dat u van ons kreeg."
NOT_OURS: Final = "Dit is geen bewijs van Eén Plan. Kies het bestand dat u van ons kreeg."

T = TypeVar("T")


class Unreadable(ValueError):
    """This is no certificate. `str()` of it is the Dutch sentence that says what to do."""


@dataclass(frozen=True)
class Signed:
    """One file: the paper, and who signed it. `document` is the paper as it was read, for the signature."""

    paper: Statement | FullList
    document: dict[str, Any]
    key_id: str
    signature: str


def read_certificate(content: bytes) -> Signed:
    """The certificate in a file. Unreadable for everything else, also for one with something more in it."""
    if not content.strip():
        raise Unreadable(EMPTY)
    if len(content) > MAX_BYTES:
        raise Unreadable(TOO_LARGE)
    try:
        # A mark at the beginning comes from programs that save text.
        found = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once, parse_float=_no, parse_constant=_no)
    except Unreadable:
        raise
    except (ValueError, RecursionError) as error:
        raise Unreadable(NOT_WHOLE) from error
    envelope = _object(found, "document", "sleutel", "handtekening")
    document = envelope["document"]
    kind = document.get("soort") if isinstance(document, dict) else None
    paper: Statement | FullList
    if kind == "verklaring":
        paper = _statement(document)
    elif kind == "volledige lijst":
        paper = _full_list(document)
    else:
        _no()
    return Signed(paper, document, _text(envelope["sleutel"]), _matching(envelope["handtekening"], _SIGNATURE))


def _no(_: object = None) -> NoReturn:
    raise Unreadable(NOT_OURS)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # The same name twice is one thing to us and another to somebody else's program.
    found = dict(pairs)
    return found if len(found) == len(pairs) else _no()


def _object(value: Any, *names: str) -> dict[str, Any]:
    return value if isinstance(value, dict) and set(value) == set(names) else _no()


def _list(value: Any, read: Callable[[Any], T], *, least: int = 0) -> tuple[T, ...]:
    return tuple(read(one) for one in value) if isinstance(value, list) and len(value) >= least else _no()


def _text(value: Any) -> str:
    # A half of a pair of signs (surrogate) can be written in JSON and in no file.
    return value if isinstance(value, str) and not re.search(r"[\ud800-\udfff]", value) else _no()


def _matching(value: Any, pattern: re.Pattern[str]) -> str:
    text = _text(value)
    return text if pattern.fullmatch(text) else _no()


def _number(value: Any, *, most: int = MOST_CENTS) -> int:
    return value if type(value) is int and 0 <= value <= most else _no()


def _flag(value: Any) -> bool:
    return value if type(value) is bool else _no()


def _rate(value: Any) -> Fraction:
    most = 10**_MOST_DIGITS
    numbers = _list(value, lambda one: _number(one, most=most), least=2)
    if len(numbers) != 2 or not numbers[1] or not numbers[0] <= numbers[1]:
        _no()
    rate = Fraction(numbers[0], numbers[1])
    # There is one way to write a percentage.
    return rate if (rate.numerator, rate.denominator) == numbers else _no()


def _heading(value: Any) -> Heading:
    found = _object(
        value,
        "vorm",
        "onderwerp",
        "naam",
        "gemaakt_op",
        "regel",
        "grondslag",
        "percentage_preferent",
        "percentage_concurrent",
        "marge_centen",
    )
    if found["grondslag"] not in list(Basis):
        _no()
    return Heading(
        subject=_text(found["onderwerp"]),
        label=_text(found["naam"]),
        made_on=_text(found["gemaakt_op"]),
        basis=Basis(found["grondslag"]),
        rates=Rates(_rate(found["percentage_preferent"]), _rate(found["percentage_concurrent"])),
        margin=_number(found["marge_centen"]),
        rule=_text(found["regel"]),
        form=_number(found["vorm"]),
    )


def _line(value: Any) -> Line:
    found = _object(value, "nummer", "kenmerk", "open", "preferent", "deel", "vervalt", "blijft_over")
    return Line(
        number=_number(found["nummer"]),
        reference=_text(found["kenmerk"]),
        outstanding=_number(found["open"]),
        preferent=_flag(found["preferent"]),
        share=_number(found["deel"]),
        waived=_number(found["vervalt"]),
        remains=_number(found["blijft_over"]),
    )


def _party(value: Any) -> Party:
    found = _object(value, "naam", "zout", "regels")
    return Party(_text(found["naam"]), _matching(found["zout"], _HEX), _list(found["regels"], _line, least=1))


def _totals(value: Any) -> tuple[int, ...]:
    found = _object(value, *COLUMNS)
    return tuple(_number(found[name]) for name in COLUMNS)


def _sums(value: Any) -> tuple[int, ...]:
    sums = _list(value, _number)
    return sums if len(sums) == len(COLUMNS) else _no()


def _step(value: Any) -> Step:
    found = _object(value, "kant", "code", "som")
    if found["kant"] not in ("links", "rechts"):
        _no()
    return Step(Node(_matching(found["code"], _HEX), _sums(found["som"])), found["kant"] == "links")


def _trees(value: Any, read: Callable[[Any], T]) -> tuple[tuple[T, ...], ...]:
    found = _list(value, lambda one: _list(one, read), least=1)
    return found if len(found) <= MOST_TREES else _no()


def _statement(value: Any) -> Statement:
    found = _object(value, "soort", "kop", "organisatie", "anderen", "samen", "paden", "vastlegging")
    return Statement(
        heading=_heading(found["kop"]),
        party=_party(found["organisatie"]),
        others=_totals(found["anderen"]),
        totals=_totals(found["samen"]),
        paths=_trees(found["paden"], _step),
        root=_matching(found["vastlegging"], _HEX),
    )


def _full_list(value: Any) -> FullList:
    found = _object(value, "soort", "kop", "organisaties", "bomen", "totalen", "vastlegging")
    parties = _list(found["organisaties"], _party, least=1)
    orders = _trees(found["bomen"], _number)
    if any(not _is_order(order, len(parties)) for order in orders):
        _no()
    return FullList(
        heading=_heading(found["kop"]),
        parties=parties,
        orders=orders,
        totals=_totals(found["totalen"]),
        root=_matching(found["vastlegging"], _HEX),
    )


def _is_order(order: Sequence[int], length: int) -> bool:
    return sorted(order) == list(range(length))
