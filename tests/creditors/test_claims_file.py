"""The grammar of the claims file: what is in it is read, and everything else is refused with its line number."""

import csv
import io
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditors.policies import claims_file as cf
from creditors.policies.csv_out import csv_file, safe_cell
from tests.factories.creditors import GOOD, claim_line, claims_file

TODAY = date(2026, 11, 23)
OWN = "NL91ABNA0417164300"


def read(content: bytes) -> list[cf.Line]:
    return list(cf.read_claims(io.BytesIO(content), today=TODAY, own_iban=OWN))


def faults(content: bytes) -> list[tuple[int, str]]:
    return [(one.line, one.column) for line in read(content) for one in line.faults if not one.only_a_warning]


def only_line(**cells: str) -> cf.Line:
    (line,) = read(claims_file(claim_line(**cells)))
    return line


def reason(**cells: str) -> str:
    line = only_line(**cells)
    assert line.row is None
    return line.faults[0].reason


def test_the_good_line_is_good() -> None:
    row = only_line().row
    assert row is not None
    assert (row.principal, row.interest, row.costs, row.outstanding) == (123_456, 1_200, 0, 124_656)
    assert (row.postcode, row.birth_date, row.origin_date) == ("1234AB", date(1985, 12, 3), date(2025, 2, 15))


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("0", 0),
        ("45", 4_500),
        ("45,5", 4_550),
        ("45.50", 4_550),
        ("1234,56", 123_456),
        ("1.234,56", 123_456),
        ("1.250", 125_000),
        ("12.345.678,90", 1_234_567_890),
        (" 45,00 ", 4_500),
    ],
)
def test_amounts_with_comma_or_point(typed: str, cents: int) -> None:
    row = only_line(Rente=typed).row
    assert row is not None
    assert row.interest == cents


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("-5,00", "negatief"),
        ("- 5,00", "negatief"),
        ("5,00-", "negatief"),
        ("−5,00", "negatief"),
        ("1,250", "twee dingen"),
        ("€ 5,00", "zonder €"),
        ("5 euro", "zonder €"),
        ("5,123", "twee dingen"),
        ("1.23.456", "geen bedrag"),
        ("1.234.56", "geen bedrag"),
        ("01,00", "geen bedrag"),
        ("1e3", "geen bedrag"),
        ("1_000", "geen bedrag"),
        ("NaN", "geen bedrag"),
        ("１２", "geen bedrag"),
        ("٣", "geen bedrag"),
        ("5,", "geen bedrag"),
        (",50", "geen bedrag"),
        ("9999999999", "geen bedrag"),
        ("=1+1", "formule"),
        ("+5", "formule"),
        ("-1+1", "formule"),
        ("-A1", "formule"),
    ],
)
def test_amounts_that_are_none(typed: str, word: str) -> None:
    assert word in reason(Rente=typed)


def test_an_outstanding_amount_of_nothing_is_no_claim() -> None:
    assert "nul" in reason(ActueelVorderingsbedrag="0,00")
    assert "leeg" in reason(ActueelVorderingsbedrag="")


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("31-02-1985", "bestaat niet"),
        ("29-02-2025", "bestaat niet"),
        ("00-01-1985", "bestaat niet"),
        ("24-11-2026", "toekomst"),
        ("31-12-1899", "1900"),
        ("0001-01-01", "1900"),
        ("3-12-1985", "dd-mm-jjjj"),
        ("12/03/1985", "dd-mm-jjjj"),
        ("03-12-85", "dd-mm-jjjj"),
        ("1985-12-03T00:00", "dd-mm-jjjj"),
        ("０3-12-1985", "dd-mm-jjjj"),
        ("", "leeg"),
    ],
)
def test_dates_that_are_none(typed: str, word: str) -> None:
    assert word in reason(Geboortedatum=typed)


def test_today_and_leap_days_are_dates() -> None:
    assert only_line(Ontstaansdatum="23-11-2026").good
    assert only_line(Geboortedatum="29-02-2000").good


@pytest.mark.parametrize(
    ("column", "typed", "word"),
    [
        ("IBAN", "NL91 ABNA 0417 1643 01", "geen geldig IBAN"),
        ("IBAN", "hallo", "geen geldig IBAN"),
        ("IBAN", "NL02 ABNA 0123 4567 89", "niet de rekening"),
        ("Postcode", "0234 AB", "postcode"),
        ("Postcode", "1234 SS", "postcode"),
        ("Postcode", "1234", "postcode"),
        ("Huisnummer", "0", "huisnummer"),
        ("Huisnummer", "A", "huisnummer"),
        ("Huisnummer", "12 a b", "huisnummer"),
        ("Achternaam", "J4nsen", "achternaam"),
        ("Achternaam", "Иванов", "a tot en met z"),
        ("Achternaam", "", "leeg"),
        ("KlantnummerSE", "K;1", "Het moeten er"),
        ("KlantnummerSE", "K*1", "alleen letters"),
        ("KlantnummerSE", "x" * 61, "60"),
        ("FactuurnummerSE", "", "leeg"),
        ("FactuurnummerSE", "=F1", "formule"),
        ("FactuurnummerSE", "@F1", "formule"),
        ("FactuurnummerSE", "-F1", "formule"),
        ("FactuurnummerSE", "F\u200b1", "onzichtbaar"),
        ("FactuurnummerSE", "F\u202e1", "onzichtbaar"),
        ("FactuurnummerSE", "F\u00a01", "onzichtbaar"),
        ("FactuurnummerSE", "F\ufffd1", "onzichtbaar"),
        ("FactuurnummerSE", "\tF1", "onzichtbaar"),
        ("FactuurnummerSE", "F\x001", "onzichtbaar"),
        ("FactuurnummerSE", "F\r1", "onzichtbaar"),
        ("FactuurnummerSE", "F\u20281", "onzichtbaar"),
        ("FactuurnummerSE", '"F1', "aanhalingstekens"),
        ("VorderingsType", "hoog", "concurrent of preferent"),
        ("VorderingsType", "", "leeg"),
        ("VorderingsType", "preferent", "wetsartikel"),
        ("GrondPreferentie", "Iw 1990 art. 21", "Wat klopt"),
        ("GrondPreferentie", "=HYPERLINK()", "formule"),
        ("GrondPreferentie", "\t", "onzichtbaar"),
        ("Kwijtscheldbaar", "misschien", "ja of nee"),
        ("Kwijtscheldbaar", "nee", "kwijtgescholden"),
        ("GrondNietKwijtscheldbaar", "boete", "Wat klopt"),
    ],
)
def test_every_kind_of_nonsense_has_its_own_reason(column: str, typed: str, word: str) -> None:
    line = only_line(**{column: typed})
    assert line.row is None
    assert line.number == 2
    assert word in line.faults[0].reason
    assert line.faults[0].column in (column, cf.WHOLE_LINE, "GrondPreferentie", "GrondNietKwijtscheldbaar")


def test_every_fault_of_a_line_is_named_at_once() -> None:
    line = only_line(Postcode="x", Geboortedatum="x", Rente="x")
    assert [one.column for one in line.faults] == ["Geboortedatum", "Postcode", "Rente"]


def test_every_double_names_the_first_line() -> None:
    content = claims_file(claim_line(), claim_line(FactuurnummerSE="F-2"), claim_line(), claim_line())
    found = [(one.line, one.reason) for line in read(content) for one in line.faults]
    assert found == [(4, "Dit kenmerk staat ook op regel 2."), (5, "Dit kenmerk staat ook op regel 2.")]


def test_a_double_of_a_wrong_line_is_still_a_double() -> None:
    assert faults(claims_file(claim_line(Rente="x"), claim_line())) == [(2, "Rente"), (3, "FactuurnummerSE")]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_bom_and_line_ends_do_not_matter(end: str, bom: bytes) -> None:
    content = bom + end.join([cf.HEADER, claim_line(), "", claim_line(FactuurnummerSE="F-2")]).encode()
    lines = read(content)
    assert [(line.number, line.good) for line in lines] == [(2, True), (4, True)]


def test_commas_when_the_header_has_them() -> None:
    cells = [f'"{GOOD[column.name]}"' for column in cf.COLUMNS]
    content = "\n".join([cf.HEADER.replace(";", ","), ",".join(cells)]).encode()
    (line,) = read(content)
    assert line.row is not None
    assert line.row.principal == 123_456


def test_columns_may_come_in_any_order_and_case_and_optional_ones_may_be_left_out() -> None:
    names = [column.name for column in reversed(cf.COLUMNS) if column.required]
    content = "\n".join([";".join(name.upper() for name in names), ";".join(GOOD[name] for name in names)]).encode()
    (line,) = read(content)
    assert line.good


@pytest.mark.parametrize(
    ("header", "column", "word"),
    [
        (cf.HEADER + ";BSN", "BSN", "burgerservicenummer"),
        (cf.HEADER + ";Burger service-nummer", "Burger service-nummer", "burgerservicenummer"),
        (cf.HEADER + ";Opmerking", "Opmerking", "kennen wij niet"),
        (cf.HEADER + ";Rente", "Rente", "twee keer"),
        (cf.HEADER.replace("Achternaam;", ""), "Achternaam", "ontbreekt"),
        ("hallo", "hallo", "kennen wij niet"),
    ],
)
def test_a_wrong_header_is_refused_by_name_and_nothing_after_it_is_read(header: str, column: str, word: str) -> None:
    (line,) = read(claims_file(claim_line(Rente="x"), header=header))
    assert line.number == 1
    assert (line.faults[0].column, word in line.faults[0].reason) == (column, True)


def test_windows_1252_is_refused_with_the_number_of_each_such_line() -> None:
    lines = [
        cf.HEADER.encode(),
        claim_line().encode(),
        claim_line(Achternaam="Daniëls", FactuurnummerSE="F-2").encode("cp1252"),
    ]
    found = [(one.line, one.reason) for line in read(b"\n".join(lines)) for one in line.faults]
    assert [number for number, _ in found] == [3]
    assert "Windows-1252" in found[0][1]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_never_get_past_the_first_line(encoding: str) -> None:
    (line,) = read(claims_file(claim_line()).decode().encode(encoding))
    assert (line.number, line.good) == (1, False)


def test_accents_are_the_same_composed_or_not() -> None:
    composed, apart = only_line(Achternaam="Dani\u00ebls").row, only_line(Achternaam="Danie\u0308ls").row
    assert composed is not None
    assert apart is not None
    assert composed.family_name == apart.family_name


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", cf.HEADER.encode(), cf.HEADER.encode() + b"\n\n"])
def test_a_file_without_claims_is_refused(content: bytes) -> None:
    lines = read(content)
    assert lines
    assert not any(line.good for line in lines)


def test_a_line_that_never_ends_is_refused() -> None:
    assert faults(claims_file("x" * 9_000)) == [(2, cf.WHOLE_LINE)]


def test_too_many_lines_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cf, "MAX_LINES", 2)
    content = claims_file(*[claim_line(FactuurnummerSE=f"F-{number}") for number in range(5)])
    lines = read(content)
    assert [line.good for line in lines] == [True, True, False]
    assert lines[-1].number == 4


def test_what_is_no_text_is_refused_before_reading() -> None:
    assert "Excel" in cf.unusable_because(b"PK\x03\x04")
    assert "leeg" in cf.unusable_because(b"")
    assert "30 MB" in cf.unusable_because(b"x" * (cf.MAX_BYTES + 1))
    assert not cf.unusable_because(claims_file(claim_line()))


# --- properties --------------------------------------------------------------------------------------------------

any_text = st.text(max_size=30)
_REAL_AMOUNT = re.compile(r"(?:[0-9]{1,9}|[0-9]{1,3}(?:\.[0-9]{3})+)(?:,[0-9]{1,2})?|[0-9]{1,9}\.[0-9]{1,2}")


@given(any_text)
def test_an_amount_is_in_the_grammar_or_refused_with_its_line(typed: str) -> None:
    quoted = '"' + typed.replace('"', '""') + '"'
    lines = read(claims_file(claim_line(ActueelVorderingsbedrag=quoted)))
    if all(line.good for line in lines):
        assert _REAL_AMOUNT.fullmatch(typed.strip())
    else:
        assert lines[0].number == 2
        assert lines[0].faults


@given(any_text, st.sampled_from([column.name for column in cf.COLUMNS]))
def test_whatever_stands_in_a_cell_the_line_is_good_or_named(typed: str, column: str) -> None:
    lines = read(claims_file(claim_line(**{column: typed})))
    assert all(line.good or line.faults for line in lines)
    for line in lines:
        if line.row is not None:
            for cell in (
                line.row.reference,
                line.row.customer_number,
                line.row.family_name,
                line.row.preference_ground,
            ):
                assert cell.isprintable()
                assert not cell.startswith(("=", "+", "-", "@"))


@given(st.binary(max_size=300))
def test_any_bytes_after_the_header_are_read_or_refused_by_line(noise: bytes) -> None:
    lines = read(cf.HEADER.encode() + b"\n" + noise)
    assert lines
    assert not any(line.good for line in lines)
    assert all(1 <= line.number <= noise.count(b"\n") + 2 for line in lines)


@given(st.binary(max_size=200))
def test_any_bytes_at_all_never_break_the_reader(noise: bytes) -> None:
    assert all(not line.good for line in read(noise))


@given(any_text)
def test_no_cell_we_write_is_a_formula(typed: str) -> None:
    written = csv_file(["kop"], [[typed]]).decode("utf-8-sig")
    cell = list(csv.reader(io.StringIO(written, newline=""), delimiter=";"))[1]
    shown = cell[0] if cell else ""
    assert not shown.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert shown.removeprefix("'") == typed.removeprefix("'") or shown == typed


@pytest.mark.parametrize("typed", ["=1+1", "+1", "-1", "@A", "\t=1", "\r=1", " =1", "\n=1"])
def test_formulas_get_an_apostrophe(typed: str) -> None:
    assert safe_cell(typed) == "'" + typed


def test_negative_amounts_stay_numbers() -> None:
    assert csv_file(["bedrag"], [[-12_34]]).decode("utf-8-sig") == "bedrag\r\n-12,34\r\n"


# --- who collects, and what the amounts are made of --------------------------------------------------------------


def test_who_collects_and_what_the_claim_is_for_may_be_named() -> None:
    row = only_line(
        SoortVordering="Energie",
        Incassobureau="Incasso Noord",
        KenmerkIncassobureau="IN-44021",
        Deurwaarder="Deurwaarders Zuid",
        KenmerkDeurwaarder="DZ-7",
    ).row
    assert row is not None
    assert (row.kind, row.collector_name, row.collector_reference) == ("energy", "Incasso Noord", "IN-44021")
    assert (row.deurwaarder_name, row.deurwaarder_reference) == ("Deurwaarders Zuid", "DZ-7")


def test_a_file_without_these_columns_is_as_good_as_before() -> None:
    old = [column.name for column in cf.COLUMNS if column.name in GOOD][:16]
    (line,) = read("\r\n".join([";".join(old), ";".join(GOOD[name] for name in old), ""]).encode())
    assert line.row is not None
    assert (line.row.kind, line.row.collector_name) == ("", "")


def test_an_unknown_kind_names_the_kinds_there_are() -> None:
    assert "huur, zorgpremie" in reason(SoortVordering="gas")


def test_a_reference_without_a_name_is_refused_at_the_reference() -> None:
    line = only_line(KenmerkIncassobureau="IN-1", KenmerkDeurwaarder="DZ-1")
    assert [one.column for one in line.faults] == ["KenmerkIncassobureau", "KenmerkDeurwaarder"]
    assert line.row is None


def test_amounts_that_are_all_given_add_up() -> None:
    good = {"OorspronkelijkeVordering": "100", "Rente": "5,00", "Kosten": "40", "ActueelVorderingsbedrag": "145"}
    assert only_line(**good).good
    line = only_line(**{**good, "ActueelVorderingsbedrag": "140"})
    assert [(one.column, one.reason) for one in line.faults] == [
        ("ActueelVorderingsbedrag", "Hoofdsom, rente en kosten zijn samen 145,00. Wat klopt?")
    ]
    # A cell that is left open leaves room for what was paid already.
    assert only_line(**{**good, "Kosten": "", "ActueelVorderingsbedrag": "60"}).good


def test_the_kinds_of_the_file_are_those_of_the_core() -> None:
    from arrangements.models import Claim

    assert set(cf.KINDS.values()) == set(Claim.Kind.values)
