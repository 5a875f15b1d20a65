"""Euro fields read what people type, and never guess (ux.md 2.1)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.cents import AmbiguousAmount, NotAnAmount, format_euro, half_up, parse_euro, spoken_euro, whole_number


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("45,5", 4550),
        ("45,50", 4550),
        ("1.234,56", 123456),
        ("1.250", 125000),
        ("12.345", 1234500),
        ("45.50", 4550),
        ("45.5", 4550),
        ("€ 45", 4500),
        ("€45,50", 4550),
        ("€\u00a01.234,56", 123456),
        ("eur 45", 4500),
        ("45 euro", 4500),
        ("45 EURO", 4500),
        ("45,-", 4500),
        ("1.250,-", 125000),
        ("1 234,50", 123450),
        ("1\u00a0234,50", 123450),
        ("1000", 100000),
        ("  45  ", 4500),
        ("0", 0),
        ("0,00", 0),
        ("nul", 0),
        ("Nul euro", 0),
        ("1.000.000", 100_000_000),
    ],
)
def test_an_amount_is_read_as_people_mean_it(typed: str, cents: int) -> None:
    assert parse_euro(typed) == cents


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ("12,345", "Bedoelt u 12,35 of 12.345?"),
        ("1,250", "Bedoelt u 1,25 of 1.250?"),
        ("0.250", "Bedoelt u 0,25 of 250?"),
        ("45 a 50", "Bedoelt u 45 of 50?"),
        ("45 à 50 euro", "Bedoelt u 45 of 50?"),
        ("45-50", "Bedoelt u 45 of 50?"),
    ],
)
def test_an_amount_with_two_meanings_is_asked_again(typed: str, question: str) -> None:
    with pytest.raises(AmbiguousAmount) as caught:
        parse_euro(typed)
    assert str(caught.value) == question


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "-",
        "€",
        "euro",
        "veel",
        "-veel",
        "--5",
        "４５",
        "٤٥",
        "1_000",
        "1e3",
        "0x10",
        "45,",
        ",50",
        "1.2.3",
        "1.23,45",
        "12 34",
        "1.2345",
        "45,5,5",
        "4" * 60,
        "45\n50",
        "1 234.567",
    ],
)
def test_what_is_no_amount_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(NotAnAmount, match=r"^Vul een bedrag in\. Bijvoorbeeld 45 of 45,50\.$"):
        parse_euro(typed)


@pytest.mark.parametrize(
    "typed", ["-5", "-45,50", "−45", "– 45", "€ -45", "-€ 45", "eur -45", "- 1.250", "-12,345", "-0,01"]
)
def test_a_negative_amount_is_told_that_it_cannot_be(typed: str) -> None:
    with pytest.raises(NotAnAmount, match=r"^Een bedrag kan niet lager zijn dan 0\. Vul 0 of meer in\.$"):
        parse_euro(typed)


def test_an_absurd_amount_is_refused() -> None:
    with pytest.raises(NotAnAmount, match="te hoog"):
        parse_euro("1.000.000,01")
    assert parse_euro("2.000.000", maximum=10**12) == 200_000_000


@given(st.integers(0, 100_000_000))
def test_what_we_show_can_be_typed_again(cents: int) -> None:
    assert parse_euro(format_euro(cents)) == cents
    assert parse_euro(format_euro(cents, whole=False)) == cents


@given(st.text(max_size=12))
def test_any_text_gives_an_amount_or_a_sentence(text: Any) -> None:
    try:
        answer = str(parse_euro(text))
    except (AmbiguousAmount, NotAnAmount) as error:
        answer = str(error)
    assert answer.isdigit() or answer.endswith((".", "?"))


def test_amounts_are_shown_the_dutch_way() -> None:
    assert format_euro(123456) == "€\u00a01.234,56"
    assert format_euro(4500) == "€\u00a045"
    assert format_euro(4500, whole=False) == "€\u00a045,00"
    assert format_euro(5) == "€\u00a00,05"
    assert format_euro(-4550) == "€\u00a0-45,50"
    assert format_euro(123456789) == "€\u00a01.234.567,89"


def test_amounts_are_read_aloud_in_words_for_euro_and_cent() -> None:
    assert spoken_euro(4500) == "45 euro"
    assert spoken_euro(4550) == "45 euro en 50 cent"
    assert spoken_euro(50) == "50 cent"
    assert spoken_euro(0) == "0 euro"
    assert spoken_euro(-125000) == "min 1.250 euro"


@given(st.fractions(min_value=0))
def test_half_up_is_never_more_than_half_a_cent_away(amount: Any) -> None:
    assert amount - half_up(amount) < half_up(amount) + 1 - amount or half_up(amount) >= amount
    assert abs(half_up(amount) - amount) * 2 <= 1


@pytest.mark.parametrize("value", [True, False, 1.0, "1", None, -1])
def test_only_whole_numbers_are_amounts(value: Any) -> None:
    with pytest.raises(ValueError, match="amount"):
        whole_number(value, "amount")
