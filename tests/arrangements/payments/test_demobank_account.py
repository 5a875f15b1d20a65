"""The account at the made-up bank: payouts, transfers, orders and statements that close; and what can go wrong with them."""

from datetime import date
from itertools import pairwise
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from pyiso20022.camt.camt_053_001_08 import camt_053_001_08 as camt  # type: ignore[import-untyped]  # generated code
from xsdata.formats.dataclass.parsers import XmlParser

from arrangements.models import DemoBankMove, DemoBankOrder, DemoBankStatement
from arrangements.payments import demobank
from arrangements.payments.pain001 import Party, Transfer, build_file
from arrangements.payments.provider import Collection, OrderRefused, OutcomeUnknown
from tests.factories.money import START, at

pytestmark = pytest.mark.django_db

OURS = Party("Stichting Derdengelden Eén Plan", "NL02ABNA0123456789")
THEIRS = Party("Waterbedrijf De Bron", "NL91ABNA0417164300")
TUESDAY = date(2026, 11, 24)
WEDNESDAY = date(2026, 11, 25)
SATURDAY = date(2026, 11, 28)
MONDAY = date(2026, 11, 30)
SPACE = {"c": "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"}
BANK = demobank.DemoBank()


@pytest.fixture(autouse=True)
def _monday() -> None:
    at(START)


def close(day: date) -> None:
    at(day)
    demobank.close_day(day)


def order(number: str, *cents: int) -> bytes:
    return build_file(
        number=number,
        run_date=START,
        debtor=OURS,
        creditor=THEIRS,
        transfers=[Transfer(f"{number}-{place}", amount, f"klant {place}") for place, amount in enumerate(cents)],
    )


def paid(cents: int, key: str) -> str:
    link = BANK.open_link(Collection(key, cents, "Termijn 1", "http://testserver/"))
    demobank.pay(link.provider_id)
    return link.provider_id


def statement(number: int = -1) -> Element:
    files, _cursor = BANK.statements_since("")
    return fromstring(files[number][1])


def amounts(root: Element) -> list[tuple[str, str]]:
    return [
        (one.findtext("c:CdtDbtInd", "", SPACE), one.findtext("c:Amt", "", SPACE))
        for one in root.iterfind(".//c:Ntry", SPACE)
    ]


def balances(root: Element) -> list[str]:
    return [one.findtext("c:Amt", "", SPACE) for one in root.iterfind(".//c:Bal", SPACE)]


def test_what_was_paid_before_today_is_paid_out_less_the_fee_and_the_holder_adds_it() -> None:
    paid(45_00, "a")
    paid(30_00, "b")
    close(TUESDAY)
    (settlement,), _cursor = BANK.settlements_since("")
    assert (settlement.gross_cents, settlement.fee_cents, settlement.net_cents) == (75_00, 58, 74_42)
    assert amounts(statement()) == [("CRDT", "74.42"), ("CRDT", "0.58")]
    assert balances(statement()) == ["0.00", "75.00"]


def test_what_is_paid_today_waits_for_the_next_bank_day() -> None:
    paid(45_00, "a")
    demobank.close_day(START)
    assert BANK.settlements_since("")[0] == []
    close(SATURDAY)
    assert BANK.settlements_since("")[0] == []
    close(MONDAY)
    assert len(BANK.settlements_since("")[0]) == 1


def test_a_storno_above_what_came_in_waits_until_there_is_money() -> None:
    first = paid(45_00, "a")
    close(TUESDAY)
    demobank.reverse_payment(first)
    paid(10_00, "b")
    close(WEDNESDAY)
    assert len(BANK.settlements_since("")[0]) == 1
    paid(60_00, "c")
    close(date(2026, 11, 26))
    later = BANK.settlements_since("")[0][1]
    assert later.net_cents == 10_00 - 29 + 60_00 - 29 - 45_00 - 7_50


def test_the_fee_is_told_with_the_payout() -> None:
    payment = paid(45_00, "a")
    assert BANK.read(payment).fee_cents is None
    close(TUESDAY)
    assert BANK.read(payment).fee_cents == 29


def test_closing_a_day_twice_changes_nothing_and_later_money_is_booked_the_next_day() -> None:
    paid(45_00, "a")
    close(TUESDAY)
    demobank.close_day(TUESDAY)
    assert DemoBankStatement.objects.count() == 1
    late = demobank.transfer_in(iban=THEIRS.iban, name="J. Jansen", amount_cents=12_00, text="bijdrage")
    assert late.booked_on == WEDNESDAY
    close(WEDNESDAY)
    assert balances(statement()) == ["45.00", "57.00"]


def test_the_same_transfer_by_name_is_one_transfer_and_two_without_a_name_are_two() -> None:
    for _ in range(2):
        demobank.transfer_in(iban=THEIRS.iban, name="J", amount_cents=1_00, key="once")
        demobank.transfer_in(iban=THEIRS.iban, name="J", amount_cents=1_00)
    assert DemoBankMove.objects.count() == 3
    with pytest.raises(ValueError, match="nothing"):
        demobank.transfer_in(iban=THEIRS.iban, name="J", amount_cents=0)


def test_an_order_is_carried_out_the_next_bank_day_as_one_debit_with_its_parts() -> None:
    demobank.transfer_in(iban=THEIRS.iban, name="J", amount_cents=100_00)
    BANK.submit("EP1", order("EP1", 10_00, 20_50))
    assert BANK.read_status("EP1") == {}
    demobank.close_day(START)
    close(TUESDAY)
    root = statement()
    assert amounts(root) == [("DBIT", "30.50")]
    assert balances(root) == ["100.00", "69.50"]
    parts = [one.findtext("c:Refs/c:EndToEndId", "", SPACE) for one in root.iterfind(".//c:TxDtls", SPACE)]
    assert parts == ["EP1-0", "EP1-1"]
    assert root.findtext(".//c:Btch/c:PmtInfId", "", SPACE) == "EP1"


def test_the_same_message_twice_is_refused() -> None:
    BANK.submit("EP1", order("EP1", 10_00))
    with pytest.raises(OrderRefused, match="al eerder"):
        BANK.submit("EP1", order("EP1", 10_00))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda file: file.replace(b"<NbOfTxs>1", b"<NbOfTxs>2", 1), "aantal"),
        (lambda file: file.replace(b"<CtrlSum>10.00", b"<CtrlSum>11.00", 1), "totaal"),
        (lambda file: file.replace(b"EP1</MsgId>", b"EP2</MsgId>"), "nummer"),
        (lambda file: file.replace(b"NL02ABNA0123456789", b"NL91ABNA0417164300"), "onze rekening"),
        (lambda file: file.replace(b"<PmtMtd>TRF", b"<PmtMtd>XXX"), "pain.001"),
        (lambda file: file.replace(b"?>\n", b'?>\n<!DOCTYPE x [<!ENTITY y "z">]>\n', 1), "DTD"),
        (lambda file: file[:-20], "geen XML"),
        (lambda _file: b"", "geen XML"),
    ],
)
def test_a_file_that_is_not_right_is_refused_whole(spoil: object, why: str) -> None:
    with pytest.raises(OrderRefused, match=why):
        BANK.submit("EP1", spoil(order("EP1", 10_00)))  # type: ignore[operator]
    assert not DemoBankOrder.objects.exists()
    assert BANK.read_status("EP1") is None


def test_part_of_an_order_is_refused_when_the_menu_says_so() -> None:
    demobank.set_fault("partial_reject", target="EP1-1")
    BANK.submit("EP1", order("EP1", 10_00, 20_50, 5_00))
    assert BANK.read_status("EP1") == {"EP1-1": "AC04"}
    close(TUESDAY)
    assert amounts(statement()) == [("DBIT", "15.00")]


def test_the_money_for_one_creditor_comes_back_with_its_own_number_and_the_reason() -> None:
    demobank.set_fault("bounced_creditor", after_days=1)
    BANK.submit("EP1", order("EP1", 10_00, 20_50))
    close(TUESDAY)
    close(WEDNESDAY)
    root = statement()
    assert amounts(root) == [("CRDT", "10.00")]
    assert root.findtext(".//c:RtrInf/c:Rsn/c:Cd", "", SPACE) == "AC04"
    assert root.findtext(".//c:TxDtls/c:Refs/c:EndToEndId", "", SPACE) == "EP1-0"


def test_a_transfer_that_went_can_still_bounce() -> None:
    BANK.submit("EP1", order("EP1", 10_00, 20_50))
    close(TUESDAY)
    demobank.set_fault("bounced_creditor", target="EP1-1")
    close(WEDNESDAY)
    assert amounts(statement()) == [("CRDT", "20.50")]


def test_no_answer_after_an_order_was_taken_and_the_second_time_it_is_refused() -> None:
    demobank.set_fault("timeout_after_execution", target="submit")
    with pytest.raises(OutcomeUnknown):
        BANK.submit("EP1", order("EP1", 10_00))
    assert BANK.read_status("EP1") == {}
    with pytest.raises(OrderRefused):
        BANK.submit("EP1", order("EP1", 10_00))


def test_statements_close_follow_each_other_and_are_the_same_bytes() -> None:
    for day in (TUESDAY, WEDNESDAY, MONDAY):
        paid(45_00, f"before {day}")
        demobank.transfer_in(
            iban=THEIRS.iban, name="É & <b>", amount_cents=5_00, structured="RF18539007547034", text="ij"
        )
        close(day)
    files, cursor = BANK.statements_since("")
    roots = [fromstring(content) for _name, content in files]
    for before, after in pairwise(roots):
        assert balances(before)[1] == balances(after)[0]
    assert [root.findtext(".//c:ElctrncSeqNb", "", SPACE) for root in roots] == ["1", "2", "3"]
    assert BANK.statements_since("")[0] == files
    assert BANK.statements_since(cursor) == ([], cursor)


def test_a_stranger_reads_the_statement_and_finds_the_same_total() -> None:
    demobank.transfer_in(iban=THEIRS.iban, name="J", amount_cents=100_00, structured="RF18539007547034")
    BANK.submit("EP1", order("EP1", 10_00, 20_50))
    demobank.close_day(START)
    demobank.set_fault("bounced_creditor")
    close(TUESDAY)
    close(WEDNESDAY)
    total = 0
    for _name, content in BANK.statements_since("")[0]:
        document = XmlParser().from_bytes(content, camt.Document)
        (found,) = document.bk_to_cstmr_stmt.stmt
        sides = {"CRDT": 1, "DBIT": -1}
        signed = [int(one.amt.value * 100) * sides[one.cdt_dbt_ind.value] for one in found.ntry]
        opening, closing = (int(one.amt.value * 100) * sides[one.cdt_dbt_ind.value] for one in found.bal)
        assert opening + sum(signed) == closing
        total += sum(signed)
    assert total == 100_00 - 30_50 + 10_00
