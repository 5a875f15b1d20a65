"""Betalingskenmerk and IBAN, against official examples and python-stdnum."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import iban as oracle_iban
from stdnum.nl import bsn as oracle_bsn

from kernel.identifiers import betalingskenmerk, format_iban, is_betalingskenmerk, is_bsn_like, is_iban, mask_iban

DIGITS = st.text("0123456789", min_size=1, max_size=18)
NUMBERS = st.integers(7, 12).flatmap(lambda size: st.text("0123456789", min_size=size, max_size=size)) | st.text(
    "0123456789",
    min_size=15,
    max_size=15,
)


def test_the_official_example_of_sixteen_digits_comes_out() -> None:
    assert betalingskenmerk("000056789012345") == "5000056789012345"


def test_the_official_example_of_fourteen_digits_comes_out() -> None:
    assert betalingskenmerk("234534622567") == "12234534622567"
    assert is_betalingskenmerk("12 2345 3462 2567")


@given(NUMBERS)
def test_what_we_make_is_accepted_and_holds_the_number(number: str) -> None:
    kenmerk = betalingskenmerk(number)
    assert is_betalingskenmerk(kenmerk)
    assert kenmerk.endswith(number)
    assert len(kenmerk) == (16 if len(number) == 15 else len(number) + 2)


@given(NUMBERS, st.integers(1, 9))
def test_a_wrong_check_digit_is_refused(number: str, off: int) -> None:
    kenmerk = betalingskenmerk(number)
    assert not is_betalingskenmerk(str((int(kenmerk[0]) + off) % 10) + kenmerk[1:])


def test_a_wrong_length_digit_is_refused() -> None:
    assert betalingskenmerk("1234567")[1] == "7"
    assert betalingskenmerk("1234567890")[1] == "0"
    accepted = [
        digit for digit in "0123456789" for check in "0123456789" if is_betalingskenmerk(f"{check}{digit}1234567")
    ]
    assert accepted == ["7"]


@pytest.mark.parametrize(
    "number", ["", "123456", "1234567890123", "12345678901234", "1" * 16, "12345a7", "１２３４５６７", "-1234567"]
)
def test_a_number_that_fits_no_form_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="betalingskenmerk"):
        betalingskenmerk(number)


def test_seven_digits_have_no_check() -> None:
    assert is_betalingskenmerk("1234567")
    assert is_betalingskenmerk("123.45.67")


@pytest.mark.parametrize("text", ["", "12345678", "123456789012345", "1" * 17, "12345６7", "abcdefg", None, 1234567])
def test_what_has_no_form_of_a_betalingskenmerk_is_refused(text: Any) -> None:
    assert not is_betalingskenmerk(text)


@given(DIGITS)
def test_any_digits_are_judged_without_an_error(text: Any) -> None:
    assert is_betalingskenmerk(text) in {True, False}


@pytest.mark.parametrize(
    "text",
    [
        "NL91ABNA0417164300",
        "nl91 abna 0417 1643 00",
        "NL20INGB0001234567",
        "DE89370400440532013000",
        "BE68539007547034",
        "GB82WEST12345698765432",
        "FR1420041010050500013M02606",
        "MT84MALT011000012345MTLCAST001S",
        "NO9386011117947",
    ],
)
def test_a_real_iban_is_accepted(text: Any) -> None:
    assert is_iban(text)
    # Without the tables per country: those of the oracle know only the Belgian banks of its day.
    assert oracle_iban.validate(text, check_country=False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "NL91ABNA0417164301",
        "NL91ABNA041716430",
        "NL91ABNA04171643000",
        "XX91ABNA0417164300",
        "NL91-ABNA-0417-1643-00",
        "NL9１ABNA0417164300",
        "NL91ABNA0417164300\n",
        "91NLABNA0417164300",
        "NL91",
        None,
        5,
    ],
)
def test_what_is_no_iban_is_refused(text: Any) -> None:
    assert not is_iban(text)


def test_a_dutch_iban_has_four_letters_and_ten_digits_even_when_mod_97_is_right() -> None:
    body = "12340417164300"
    check = 98 - int(body + "232100") % 97
    assert not is_iban(f"NL{check:02d}{body}")


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=4, max_size=4), st.integers(0, 10**10 - 1), st.integers(2, 98))
def test_dutch_ibans_are_judged_as_the_oracle_does(bank: str, account: int, check: int) -> None:
    text = f"NL{check:02d}{bank}{account:010d}"
    assert is_iban(text) == oracle_iban.is_valid(text)
    right = f"NL{oracle_iban.calc_check_digits('NL00' + text[4:])}{text[4:]}"
    assert is_iban(right)


@given(
    st.sampled_from(["NL91ABNA0417164300", "DE89370400440532013000", "BE68539007547034"]),
    st.integers(4, 13),
    st.integers(0, 9),
)
def test_one_wrong_digit_is_always_found(text: Any, place: int, digit: int) -> None:
    assume(text[place].isdigit() and text[place] != str(digit))
    assert not is_iban(text[:place] + str(digit) + text[place + 1 :])


def test_ibans_are_shown_in_groups_and_masked_in_lists() -> None:
    assert format_iban("nl91abna0417164300") == "NL91 ABNA 0417 1643 00"
    assert mask_iban("NL91ABNA0417164300") == "NL91 •••• •••• ••43 00"


@given(st.text("0123456789", min_size=8, max_size=10))
def test_a_bsn_is_recognised_where_the_oracle_does(text: Any) -> None:
    assert is_bsn_like(text) == (len(text) == 9 and oracle_bsn.is_valid(text))


def test_test_numbers_are_recognised_with_dots_and_spaces() -> None:
    assert is_bsn_like("111222333")
    assert is_bsn_like("9999.99.990")
    assert not is_bsn_like("000000000")
    assert not is_bsn_like("111222334")
