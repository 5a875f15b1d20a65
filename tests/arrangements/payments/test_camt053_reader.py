"""The reader of camt.053: what Dutch banks write gives the right totals, also by a stranger's count."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pyiso20022.camt import camt_053_001_02, camt_053_001_08  # type: ignore[import-untyped]  # has none
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig

from arrangements.payments.bank_file import FileRefused, Movement, Statement
from arrangements.payments.camt053 import read_statements
from tests.factories.bank_files import OUR_IBAN, Paper, Row, balance, camt

VERSIONS = ("02", "08")
DAY = date(2026, 11, 24)


def one(content: str | bytes) -> Statement:
    statements = read_statements(content.encode() if isinstance(content, str) else content)
    assert len(statements) == 1
    return statements[0]


def only(content: str | bytes) -> Movement:
    (movement,) = one(content).movements
    return movement


def strangers_count(content: str, version: str) -> list[tuple[int, int, int]]:
    """(opening, booked, closing) in cents per statement, by pyiso20022 and xsdata."""
    kind: Any = {"02": camt_053_001_02, "08": camt_053_001_08}[version].Document
    document: Any = XmlParser(config=ParserConfig(fail_on_unknown_properties=True)).from_string(content, kind)
    counted = []
    for statement in document.bk_to_cstmr_stmt.stmt:

        def cents(row: Any) -> int:
            amount = Decimal(row.amt.value) * 100
            assert amount == int(amount)
            return int(amount) * (1 if row.cdt_dbt_ind.value == "CRDT" else -1)

        def status(row: Any) -> str:
            return str(row.sts.value if version == "02" else row.sts.cd)

        balances = {
            str(getattr(row.tp.cd_or_prtry.cd, "value", row.tp.cd_or_prtry.cd)): cents(row) for row in statement.bal
        }
        booked = sum(cents(row) for row in statement.ntry if status(row) == "BOOK")
        counted.append((balances.get("OPBD", balances.get("PRCD", 0)), booked, balances["CLBD"]))
    return counted


def _everyday(version: str) -> str:
    """Transfers in and out, a batch, a return, something that is only announced; two statements."""
    first = Paper(
        [
            Row(45_00, reference="7000000000000001", bank_reference="A1"),
            Row(-1_234_56, name="Stichting X", batch_id="PAYOUT-1", parts=[(-1_000_00, "E1"), (-234_56, "E2")]),
            Row(1_000_00, end_to_end_id="E1", return_reason="AC01"),
            Row(9_99, status="PDNG"),
            Row(5_000_000_01, text="grote & <kleine> letters"),
        ],
        opening_cents=1,
    )
    second = Paper(
        [Row(-5_000_00), Row(5)],
        opening_cents=5_000_000_00,
        identification="AFSCHRIFT-2",
        number=2,
        opening_code="PRCD",
    )
    return camt(first, second, version=version)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_stranger_counts_the_same_totals(version: str) -> None:
    content = _everyday(version)
    ours = [
        (row.opening_cents, sum(move.amount_cents for move in row.movements), row.closing_cents)
        for row in read_statements(content.encode())
    ]
    assert ours == strangers_count(content, version)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_field_of_a_transfer_is_read(version: str) -> None:
    row = Row(
        45_00,
        name="J. de Vries",
        iban="NL20INGB0001234567",
        reference="7000 0000 0000 0001",
        text="regeling november",
        end_to_end_id="MIJN-1",
        bank_reference="REF-9",
        booked_on=date(2026, 11, 23),
    )
    assert only(camt(Paper([row]), version=version)) == Movement(
        position=1,
        part=0,
        booked_on=date(2026, 11, 23),
        amount_cents=45_00,
        counterparty_name="J. de Vries",
        counterparty_iban="NL20INGB0001234567",
        structured_reference="7000000000000001",
        text="regeling november",
        end_to_end_id="MIJN-1",
        bank_reference="REF-9",
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_a_batch_that_adds_up_gives_a_line_per_part(version: str) -> None:
    found = one(camt(Paper([Row(-30_00, batch_id="B1", parts=[(-10_00, "E1"), (-20_00, "E2")])]), version=version))
    told = [
        (move.position, move.part, move.amount_cents, move.end_to_end_id, move.batch_id) for move in found.movements
    ]
    assert told == [(1, 1, -10_00, "E1", "B1"), (1, 2, -20_00, "E2", "B1")]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_batch_whose_parts_do_not_add_up_stays_one_line(version: str) -> None:
    move = only(camt(Paper([Row(-30_00, batch_id="B1", parts=[(-10_00, "E1"), (-19_99, "E2")])]), version=version))
    assert (move.part, move.amount_cents, move.batch_id, move.end_to_end_id) == (0, -30_00, "B1", "")


def test_a_part_with_the_other_sign_counts_with_its_own_sign() -> None:
    content = camt(Paper([Row(-30_00, batch_id="B1", parts=[(-40_00, "E1"), (10_00, "E2")])]), version="08")
    assert [move.amount_cents for move in one(content).movements] == [-40_00, 10_00]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_return_carries_its_reason_and_the_id_it_went_out_with(version: str) -> None:
    move = only(camt(Paper([Row(10_00, end_to_end_id="EP1", return_reason="AC04")]), version=version))
    assert (move.return_reason, move.end_to_end_id) == ("AC04", "EP1")


def test_a_return_without_details_is_seen_by_its_code_or_by_the_reversal_mark() -> None:
    by_code = camt(Paper([Row(10_00)])).replace("<SubFmlyCd>ESCT", "<SubFmlyCd>RRTN")
    assert only(by_code).return_reason == "MS03"
    assert only(camt(Paper([Row(10_00, is_reversal=True)]))).return_reason == "MS03"
    assert only(camt(Paper([Row(10_00)]))).return_reason == ""


def test_a_reversal_keeps_the_sign_the_bank_gives() -> None:
    # ISO: CdtDbtInd is the direction of this entry; RvslInd only says that it undoes another one.
    assert only(camt(Paper([Row(-10_00, is_reversal=True)]))).amount_cents == -10_00


def test_of_money_that_came_back_the_other_side_is_not_ourselves() -> None:
    content = camt(Paper([Row(10_00, iban=OUR_IBAN, name="Wij zelf")]))
    other = "<Cdtr><Nm>Waterbedrijf</Nm></Cdtr><CdtrAcct><Id><IBAN>NL20INGB0001234567</IBAN></Id></CdtrAcct>"
    move = only(content.replace("</RltdPties>", f"{other}</RltdPties>"))
    assert (move.counterparty_name, move.counterparty_iban) == ("Waterbedrijf", "NL20INGB0001234567")


def _recoded(encoding: str, declared: str, mark: bytes = b"") -> bytes:
    text = camt(Paper([Row(45_00, name="Zoë Brâncuși" if "8859" not in encoding else "Zoë Blok")]))
    return mark + text.replace("UTF-8", declared).encode(encoding)


@pytest.mark.parametrize(
    "content",
    [
        _recoded("utf-8", "UTF-8"),
        _recoded("utf-8", "UTF-8", b"\xef\xbb\xbf"),
        _recoded("utf-16", "UTF-16"),
        _recoded("utf-16-le", "UTF-16"),
        _recoded("utf-16-be", "utf-16"),
        _recoded("iso-8859-1", "ISO-8859-1"),
        _recoded("iso-8859-15", "ISO-8859-15"),
        camt(Paper([Row(45_00, name="Zoë")]), declaration="").encode(),
        b"\n  " + camt(Paper([Row(45_00, name="Zoë")])).encode(),
    ],
)
def test_the_character_sets_of_banks_are_read(content: bytes) -> None:
    assert only(content).counterparty_name.startswith("Zoë")


def test_the_pages_of_one_statement_may_use_interim_balances() -> None:
    content = camt(Paper([Row(45_00)])).replace("OPBD", "ITBD").replace("CLBD", "ITBD")
    assert one(content).closing_cents == 1_045_00


def test_other_balances_and_a_forward_one_do_not_disturb() -> None:
    extra = balance("CLAV", 5_00, DAY) + balance("FWAV", 6_00, date(2026, 11, 25)) + balance("XPCD", 1, DAY)
    assert one(camt(Paper([Row(45_00)], extra_balances=extra))).closing_cents == 1_045_00


def test_a_balance_per_day_uses_the_first_and_the_last() -> None:
    extra = balance("OPBD", 1_010_00, date(2026, 11, 25)) + balance("CLBD", 1_030_00, date(2026, 11, 25))
    rows = [Row(10_00), Row(20_00, booked_on=date(2026, 11, 25))]
    found = one(camt(Paper(rows, extra_balances=extra, closing_cents=1_010_00)))
    assert (found.opening_cents, found.closing_cents, found.closed_on) == (1_000_00, 1_030_00, date(2026, 11, 25))


def test_an_overdrawn_account_has_a_balance_below_zero() -> None:
    found = one(camt(Paper([Row(-45_00)], opening_cents=10_00)))
    assert (found.opening_cents, found.closing_cents) == (10_00, -35_00)


def test_a_statement_without_movements_is_a_statement() -> None:
    assert one(camt(Paper())).movements == ()


def _prefixed(text: str) -> str:
    body = text.split("?>", 1)[1].replace("</", "\0").replace("<", "<n:").replace("\0", "</n:")
    return body.replace("xmlns=", "xmlns:n=")


_DIALECTS: dict[str, Callable[[str], str]] = {
    "a prefix on every element": _prefixed,
    "no namespace at all": lambda text: text.replace(' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"', ""),
    "a later version with the same shape": lambda text: text.replace("camt.053.001.02", "camt.053.001.04"),
    "in an envelope": lambda text: text.replace("<Document", "<BizMsgEnvlp><AppHdr/><Document", 1) + "</BizMsgEnvlp>",
    "a schema location": lambda text: text.replace(
        "<Document ", '<Document xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="x y" ', 1
    ),
    "a comment in an amount": lambda text: text.replace(">45.00<", "><!-- vijf -->45<!-- en -->.00<"),
    "CDATA": lambda text: text.replace("<Nm>R. Vos</Nm>", "<Nm><![CDATA[R. Vos]]></Nm>"),
    "one decimal": lambda text: text.replace(">45.00<", ">45.0<"),
    "no decimals": lambda text: text.replace(">45.00<", ">45<"),
    "five decimals": lambda text: text.replace(">45.00<", ">45.00000<"),
    "leading zeros": lambda text: text.replace(">45.00<", ">0000000045.00<"),
    "spaces around": lambda text: text.replace(">45.00<", ">\n  45.00\t<"),
    "a date with a time zone": lambda text: text.replace("<BookgDt><Dt>2026-11-24", "<BookgDt><Dt>2026-11-24+01:00"),
    "a moment instead of a day": lambda text: text.replace(
        "<BookgDt><Dt>2026-11-24</Dt>", "<BookgDt><DtTm>2026-11-24T23:59:59.123+01:00</DtTm>"
    ),
    "only a value date": lambda text: text.replace("BookgDt>", "ValDt>"),
    "a name longer than the schema allows": lambda text: text.replace("R. Vos", "R. Vos " + "x" * 400),
    "an entry without details": lambda text: text.split("<NtryDtls>")[0] + "</Ntry>" + text.split("</Ntry>", 1)[1],
    "unknown elements": lambda text: text.replace("<Ntry>", "<Ntry><Nieuw><Iets>1</Iets></Nieuw>"),
    "an account without an IBAN": lambda text: text.replace(
        f"<Acct><Id><IBAN>{OUR_IBAN}</IBAN></Id>", f"<Acct><Id><Othr><Id>{OUR_IBAN}</Id></Othr></Id>"
    ),
    "the account in lower case with spaces": lambda text: text.replace(OUR_IBAN, "nl02 abna 0123 4567 89"),
    "a processing instruction": lambda text: text.replace("<Document", '<?xml-stylesheet href="x.xsl"?><Document', 1),
    "windows lines": lambda text: text.replace("><", ">\r\n<"),
}


@pytest.mark.parametrize("name", _DIALECTS)
def test_the_ways_banks_differ_give_the_same_totals(name: str) -> None:
    text = camt(Paper([Row(45_00)]))
    content = _DIALECTS[name](text)
    assert content != text
    found = one(content)
    assert (found.account, found.opening_cents, found.closing_cents) == (OUR_IBAN, 1_000_00, 1_045_00)
    assert [(move.amount_cents, move.booked_on) for move in found.movements] == [(45_00, DAY)]


def test_an_id_longer_than_we_keep_stays_unique() -> None:
    long = "STATEMENT-" + "9" * 40
    found = read_statements(camt(Paper(identification=f"{long}1"), Paper(identification=f"{long}2")).encode())
    assert len({row.identification for row in found}) == 2
    assert all(len(row.identification) <= 35 for row in found)


def test_several_different_references_on_one_transfer_are_text_and_no_reference() -> None:
    more = "<Strd><CdtrRefInf><Ref>7000000000000002</Ref></CdtrRefInf></Strd></RmtInf>"
    move = only(camt(Paper([Row(45_00, reference="7000000000000001")])).replace("</RmtInf>", more))
    assert move.structured_reference == ""
    assert "7000000000000001" in move.text
    assert "7000000000000002" in move.text


def test_text_is_one_line_of_readable_signs() -> None:
    move = only(camt(Paper([Row(45_00, text="rechts\u202enaar\u200b links\n en  verder")])))
    assert move.text == "rechts naar links en verder"


def test_money_in_another_currency_inside_a_payment_does_not_matter() -> None:
    strange = '<AmtDtls><InstdAmt><Amt Ccy="USD">52.10</Amt></InstdAmt></AmtDtls><RltdPties>'
    assert only(camt(Paper([Row(45_00)])).replace("<RltdPties>", strange)).amount_cents == 45_00


def test_ten_thousand_lines_add_up() -> None:
    found = one(camt(Paper([Row(1_01, text="x" * 60)] * 10_000)))
    assert sum(move.amount_cents for move in found.movements) == 10_000 * 1_01


def test_the_reason_of_a_statement_that_does_not_close_names_the_figures() -> None:
    with pytest.raises(FileRefused) as refused:
        read_statements(camt(Paper([Row(45_00)], closing_cents=1_045_01)).encode())
    said = str(refused.value).replace("\u00a0", " ")
    assert "AFSCHRIFT-1" in said
    for figure in ("€ 1.000,00", "€ 45,00", "€ 1.045,00", "€ 1.045,01", "€ 0,01"):
        assert figure in said
