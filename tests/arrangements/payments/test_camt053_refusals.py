"""What must not come in is refused with a Dutch sentence; whatever bytes come, the reader raises nothing else."""

import re
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrangements.payments.bank_file import FileRefused, Statement
from arrangements.payments.camt053 import read_statements
from tests.factories.bad_bank_files import BAD_FILES
from tests.factories.bank_files import Paper, Row, camt

_DUTCH: Final = re.compile(r"\b(?:dit|het|de|er|regel|afschrift|in|is|staat|wij|kunnen)\b", re.IGNORECASE)
_GOOD: Final = {
    version: camt(
        Paper(
            [Row(45_00, reference="7000000000000001"), Row(-30_00, batch_id="B", parts=[(-10_00, "A"), (-20_00, "C")])]
        ),
        Paper([Row(5_00, return_reason="AC01", end_to_end_id="A")], opening_cents=0, identification="2", number=2),
        version=version,
    ).encode()
    for version in ("02", "08")
}


def test_there_are_enough_of_them() -> None:
    assert len(BAD_FILES) >= 100


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_statements(BAD_FILES[name])
    said = str(refused.value)
    assert _DUTCH.search(said), said
    assert said[0].isupper()
    assert said.endswith("."), said
    assert len(said) <= 500
    assert "root:" not in said


def _adds_up(found: tuple[Statement, ...]) -> bool:
    return all(
        one.opening_cents + sum(move.amount_cents for move in one.movements) == one.closing_cents for one in found
    )


def _read_or_refuse(content: bytes) -> None:
    try:
        found = read_statements(content)
    except FileRefused:
        return
    assert found
    assert _adds_up(found)
    for one in found:
        assert 0 < len(one.identification) <= 35
        for move in one.movements:
            assert move.amount_cents != 0
            assert max(len(move.end_to_end_id), len(move.batch_id), len(move.bank_reference)) <= 35
            assert len(move.counterparty_name) <= 140
            assert len(move.counterparty_iban) <= 34
            assert len(move.return_reason) in (0, 4)


@settings(max_examples=400, deadline=None)
@given(
    version=st.sampled_from(["02", "08"]),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), st.binary(max_size=20)), min_size=1, max_size=5),
)
def test_bytes_changed_anywhere_are_read_right_or_refused(version: str, cuts: list[tuple[float, int, bytes]]) -> None:
    content = _GOOD[version]
    for place, length, new in cuts:
        at = int(place * len(content))
        content = content[:at] + new + content[at + length :]
    _read_or_refuse(content)


_PIECES: Final = [
    "<Ntry>", "</Ntry>", '<Amt Ccy="EUR">', "</Amt>", "1e5", "NaN", "-1", "0", "９", "<!--", "-->", "<![CDATA[", "]]>",
    "<!DOCTYPE x>", "&lt;", "&x;", "CRDT", "DBIT", "PDNG", "BOOK", "<Sts>", "OPBD", "CLBD", "ITBD", "2026-02-30",
    "<Stmt>", "</Stmt>", "<RvslInd>1</RvslInd>", "\u202e", "\x00", " ", "<TxDtls/>", "<Bal/>", "<Acct/>", "xmlns=''",
]  # fmt: skip


_WAYS: Final = ["swap", "drop", "double", "put"]


@settings(max_examples=400, deadline=None)
@given(
    version=st.sampled_from(["02", "08"]),
    moves=st.lists(
        st.tuples(
            st.integers(0, 400),
            st.integers(0, 400),
            st.sampled_from(_WAYS),
            st.sampled_from(_PIECES),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_elements_moved_about_are_read_right_or_refused(version: str, moves: list[tuple[int, int, str, str]]) -> None:
    parts = re.split(r"(?=<)|(?<=>)", _GOOD[version].decode())
    for first, second, what, piece in moves:
        one, two = first % len(parts), second % len(parts)
        if what == "swap":
            parts[one], parts[two] = parts[two], parts[one]
        elif what == "drop":
            parts[one] = ""
        elif what == "double":
            parts.insert(two, parts[one])
        else:
            parts.insert(one, piece)
    _read_or_refuse("".join(parts).encode("utf-8", "surrogatepass"))


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=300))
def test_any_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(FileRefused):
        read_statements(content)
