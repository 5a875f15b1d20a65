"""The file for the bank."""

from datetime import date

import pytest
from defusedxml.ElementTree import fromstring

from arrangements.payments.pain001 import NAMESPACE, NotValid, Party, Transfer, build_file, check_file, plain
from kernel.identifiers import betalingskenmerk

SPACES = {"p": NAMESPACE}
FOUNDATION = Party("Stichting Derdengelden Eén Plan", "NL02ABNA0123456789")
CREDITOR = Party("Zorgverzekeraar Zon & Zee", "NL91 ABNA 0417 1643 00")


def build(*transfers: Transfer) -> bytes:
    return build_file(
        number="EP20261207-1", run_date=date(2026, 12, 7), debtor=FOUNDATION, creditor=CREDITOR, transfers=transfers
    )


def test_control_sum_and_count_are_those_of_the_transfers() -> None:
    root = fromstring(build(Transfer("A1", 1_05, "F1"), Transfer("A2", 99_99, "F2")))
    for part in ("GrpHdr", "PmtInf"):
        assert root.findtext(f".//p:{part}/p:NbOfTxs", None, SPACES) == "2"
        assert root.findtext(f".//p:{part}/p:CtrlSum", None, SPACES) == "101.04"
    assert [one.text for one in root.iterfind(".//p:InstdAmt", SPACES)] == ["1.05", "99.99"]


def test_the_same_batch_gives_the_same_bytes() -> None:
    assert build(Transfer("A1", 1, "F1")) == build(Transfer("A1", 1, "F1"))


def test_a_betalingskenmerk_travels_in_the_structured_field() -> None:
    kenmerk = betalingskenmerk("123456789012345")
    root = fromstring(build(Transfer("A1", 1, kenmerk)))
    assert root.findtext(".//p:CdtrRefInf/p:Ref", None, SPACES) == kenmerk
    assert root.findtext(".//p:CdtrRefInf/p:Tp/p:CdOrPrtry/p:Cd", None, SPACES) == "SCOR"
    assert root.findtext(".//p:CdtrRefInf/p:Tp/p:Issr", None, SPACES) == "CUR"
    assert root.find(".//p:Ustrd", SPACES) is None


@pytest.mark.parametrize("reference", ["F-2026/17", "1234567", "9999999999999999"])
def test_any_other_reference_travels_as_text(reference: str) -> None:
    root = fromstring(build(Transfer("A1", 1, reference)))
    assert root.findtext(".//p:Ustrd", None, SPACES) == reference
    assert root.find(".//p:Strd", SPACES) is None


def test_names_lose_what_banks_do_not_accept_and_keep_their_letters() -> None:
    assert plain("Zorgverzekeraar Zon & Zee", 70) == "Zorgverzekeraar Zon Zee"
    assert plain("Eén Plan", 70) == "Een Plan"
    assert plain("€", 70) == "-"


@pytest.mark.parametrize(
    "transfer", [Transfer("A1", 0, "F"), Transfer("A1", -1, "F"), Transfer("A" * 36, 1, "F"), Transfer("", 1, "F")]
)
def test_a_transfer_that_cannot_be_is_refused(transfer: Transfer) -> None:
    with pytest.raises(ValueError, match=r"transfer|id"):
        build(transfer)


def test_a_batch_without_transfers_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a transfer"):
        build()


def test_a_file_that_stops_half_way_or_holds_a_wrong_word_is_not_handed_in() -> None:
    content = build(Transfer("EP20261207-1-1", 12_50, "F-1"))
    check_file(content)
    for wrong in (
        content[:-12],
        content[: len(content) // 2],
        content.replace(b"SLEV", b"NOBODY"),
        content.replace(b"EndToEndId", b"EndToEndIx"),
        b"",
        b"<a/>",
    ):
        with pytest.raises(NotValid):
            check_file(wrong)
