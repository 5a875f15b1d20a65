"""The specification of a withholding: what is read, and what a person hears about a line that is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrangements.domain.withholding_file import Specification, Unreadable, WithheldRow, csv_lines, read_specification
from kernel.identifiers import betalingskenmerk

ANNA = betalingskenmerk("100000000000001")
BRAM = betalingskenmerk("100000000000002")


def read(text: str | bytes) -> Specification:
    return read_specification(csv_lines(text.encode() if isinstance(text, str) else text))


def test_two_lines_are_read_to_the_cent() -> None:
    found = read(f"betalingskenmerk;bedrag\n{ANNA};45,00\n{BRAM};1.234,56\n")
    assert found.rows == (WithheldRow(2, ANNA, 45_00), WithheldRow(3, BRAM, 1_234_56))
    assert found.total_cents == 1_279_56
    assert not found.faults


@pytest.mark.parametrize(
    "text",
    [
        f"\ufeffBedrag;Betalingskenmerk\r\n45,00;{ANNA}\r\n",
        f"betalingskenmerk\tbedrag\n{ANNA}\t45",
        f'betalingskenmerk,bedrag\n{ANNA},"45,00"\n',
        f"\nbetalingskenmerk;bedrag\n\n{ANNA[:4]} {ANNA[4:8]} {ANNA[8:12]} {ANNA[12:]};45.00\n\n",
        f"betalingskenmerk;bedrag\r{ANNA};45,0\r",
    ],
)
def test_mark_of_order_line_ends_separators_and_spaces_make_no_difference(text: str) -> None:
    [row] = read(text).rows
    assert (row.payment_reference, row.amount_cents) == (ANNA, 45_00)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (f"{ANNA};", "Het bedrag ontbreekt"),
        (";45,00", "Het betalingskenmerk ontbreekt"),
        (f"{ANNA};0,00", "Dit bedrag is 0"),
        (f"{ANNA};-45,00", "hoger dan 0"),
        (f"{ANNA};45,00-", "hoger dan 0"),
        (f"{ANNA};€ 45", "Dit is geen bedrag"),
        (f"{ANNA};12,345", "Dit is geen bedrag"),
        (f"{ANNA};1e3", "Dit is geen bedrag"),
        (f"{ANNA};1.23.45", "Vul een bedrag in"),
        (f"{ANNA};９9", "Dit is geen bedrag"),
        (f"{ANNA};99999999999", "te hoog"),
        (f"{ANNA[:-1]}{(int(ANNA[-1]) + 1) % 10};45,00", "controlecijfer"),
        ("1234567;45,00", "controlecijfer"),
        ("111222333;45,00", "burgerservicenummer"),
        ("Totaal;45,00", "alleen uit cijfers"),
        (f"{ANNA};45,00;iets", "Deze regel heeft 3 kolommen"),
        (f'{ANNA};"45,00', "1 kolommen"),
        (f"=1+1;{ANNA}", "alleen uit cijfers"),
    ],
)
def test_a_wrong_line_is_told_with_its_number_and_what_to_do(line: str, says: str) -> None:
    found = read(f"betalingskenmerk;bedrag\n{BRAM};45,00\n{line}\n")
    [fault] = found.faults
    assert fault.line == 3
    assert says in fault.reason


def test_the_same_reference_twice_is_told_on_the_second_line() -> None:
    [fault] = read(f"betalingskenmerk;bedrag\n{ANNA};45,00\n{ANNA};45,00\n").faults
    assert (fault.line, "regel 2" in fault.reason) == (3, True)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "leeg"),
        (b"\n\n", "leeg"),
        (b"betalingskenmerk;bedrag\n", "geen regels"),
        (b"kenmerk;bedrag\n1;2", "namen van de twee kolommen"),
        (b"betalingskenmerk;bedrag;naam\n1;2;3", "Andere kolommen"),
        (b"bsn;bedrag\n1;2", "burgerservicenummers"),
        ("betalingskenmerk;bedrag\n".encode("utf-16"), "UTF-16"),
        (b"betalingskenmerk;bedrag\n\xff;1", "UTF-8"),
    ],
)
def test_a_file_that_is_something_else_is_refused_with_one_sentence(content: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        read(content)


@given(st.lists(st.integers(1, 10_000_00), min_size=1, max_size=30))
def test_whatever_is_written_in_dutch_is_read_back_and_adds_up(amounts: list[int]) -> None:
    lines = [
        f"{betalingskenmerk(f'{number:015d}')};{cents // 100},{cents % 100:02d}"
        for number, cents in enumerate(amounts, start=1)
    ]
    found = read("betalingskenmerk;bedrag\n" + "\n".join(lines))
    assert not found.faults
    assert [row.amount_cents for row in found.rows] == amounts
    assert found.total_cents == sum(amounts)


@given(st.binary(max_size=400))
def test_no_bytes_at_all_make_it_stumble(content: bytes) -> None:
    try:
        found = read(content)
    except Unreadable:
        return
    assert found.rows or found.faults
