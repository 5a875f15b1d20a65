"""The claims file: a CSV in the words of the Schuldenknooppunt (domain.md 6.2), read line by line and strictly.

Semicolons (or commas, when the first line has no semicolon), UTF-8 with or without BOM, one claim per line. The first
line names the columns, in any order; capitals do not matter:

    KlantnummerSE;FactuurnummerSE;Achternaam;Geboortedatum;Postcode;Huisnummer;OorspronkelijkeVordering;Rente;Kosten;
    ActueelVorderingsbedrag;VorderingsType;GrondPreferentie;Kwijtscheldbaar;GrondNietKwijtscheldbaar;Ontstaansdatum;IBAN;
    SoortVordering;Incassobureau;KenmerkIncassobureau;Deurwaarder;KenmerkDeurwaarder

`COLUMNS` says per column what may stand in it and whether it may be left out. What is not in the grammar is refused,
with the number of the line, the column and the reason (reliability.md 2.4, rows 31-33): reading a number "as well as
we can" is how somebody ends up owing ten times as much. A line break inside a cell does not exist here, so a quote that
is not closed spoils one line and not the rest of the file.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from kernel.identifiers import is_bsn_like, is_iban, normalize_iban

T = TypeVar("T")
D = TypeVar("D")

MAX_BYTES = 30 * 1024 * 1024
MAX_LINES = 200_000
MAX_LINE_BYTES = 8_000
EARLIEST = date(1900, 1, 1)
WHOLE_LINE = ""
"""Stands for the column when a reason is about the line as a whole."""

CUSTOMER_NUMBER = "KlantnummerSE"
REFERENCE = "FactuurnummerSE"
FAMILY_NAME = "Achternaam"
BIRTH_DATE = "Geboortedatum"
POSTCODE = "Postcode"
HOUSE_NUMBER = "Huisnummer"
PRINCIPAL = "OorspronkelijkeVordering"
INTEREST = "Rente"
COSTS = "Kosten"
OUTSTANDING = "ActueelVorderingsbedrag"
CLAIM_TYPE = "VorderingsType"
PREFERENCE_GROUND = "GrondPreferentie"
DISCHARGEABLE = "Kwijtscheldbaar"
NOT_DISCHARGEABLE_GROUND = "GrondNietKwijtscheldbaar"
ORIGIN_DATE = "Ontstaansdatum"
IBAN = "IBAN"
KIND = "SoortVordering"
COLLECTOR = "Incassobureau"
COLLECTOR_REFERENCE = "KenmerkIncassobureau"
DEURWAARDER = "Deurwaarder"
DEURWAARDER_REFERENCE = "KenmerkDeurwaarder"

KINDS = {
    "huur": "rent",
    "zorgpremie": "care_premium",
    "zorgrekening": "care_bill",
    "energie": "energy",
    "water": "water",
    "telecom": "telecom",
    "lening": "credit",
    "aankoop": "purchase",
    "belasting": "tax",
    "toeslag": "allowance",
    "uitkering": "benefit",
    "boete": "fine",
    "studie": "study",
    "anders": "other",
}
"""What the claim is for: as it stands in the file, and as the core calls it."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: may it be left out, and what a person should know about it (Dutch, for the import page)."""

    name: str
    required: bool
    meaning: str
    example: str


COLUMNS: tuple[Column, ...] = (
    Column(CUSTOMER_NUMBER, True, "uw nummer van de klant", "K-20391"),
    Column(REFERENCE, True, "uw kenmerk van de vordering; elk kenmerk komt één keer voor", "F2025-00817"),
    Column(FAMILY_NAME, True, "achternaam zonder tussenvoegsel vooraf; om de klant te vinden", "Jansen"),
    Column(BIRTH_DATE, True, "dd-mm-jjjj of jjjj-mm-dd", "03-12-1985"),
    Column(POSTCODE, True, "vier cijfers en twee letters", "1234 AB"),
    Column(HOUSE_NUMBER, True, "cijfers, en wat erbij hoort", "12 A"),
    Column(PRINCIPAL, True, "hoofdsom in euro, die nu nog openstaat", "1.234,56"),
    Column(INTEREST, False, "rente in euro; leeg is nul", "12,00"),
    Column(COSTS, False, "bijkomende kosten in euro; leeg is nul", "40,00"),
    Column(OUTSTANDING, True, "wat nu nog openstaat: hoofdsom, rente en kosten samen; hoger dan nul", "1.286,56"),
    Column(CLAIM_TYPE, True, "concurrent of preferent", "concurrent"),
    Column(PREFERENCE_GROUND, False, "wetsartikel; verplicht bij preferent, anders leeg", ""),
    Column(DISCHARGEABLE, True, "ja of nee: mag de rest worden kwijtgescholden?", "ja"),
    Column(NOT_DISCHARGEABLE_GROUND, False, "wetsartikel of reden; verplicht bij nee, anders leeg", ""),
    Column(ORIGIN_DATE, False, "dd-mm-jjjj of jjjj-mm-dd; mag leeg zijn", "15-02-2025"),
    Column(IBAN, False, "uw eigen rekening, ter controle; mag leeg zijn", "NL91 ABNA 0417 1643 00"),
    Column(KIND, False, "waar de vordering van is: " + ", ".join(KINDS) + "; mag leeg zijn", "energie"),
    Column(COLLECTOR, False, "wie de vordering voor u int; mag leeg zijn", "Incasso Noord"),
    Column(COLLECTOR_REFERENCE, False, "het kenmerk daar; mag leeg zijn", "IN-44021"),
    Column(DEURWAARDER, False, "de deurwaarder, als die er is; mag leeg zijn", ""),
    Column(DEURWAARDER_REFERENCE, False, "het kenmerk bij de deurwaarder; mag leeg zijn", ""),
)
HEADER = ";".join(column.name for column in COLUMNS)

_BY_LOWER_NAME = {column.name.lower(): column.name for column in COLUMNS}
_BSN_NAMES = frozenset({"bsn", "bsnnummer", "burgerservicenummer", "sofinummer", "sofi"})
_AMOUNTS = frozenset({PRINCIPAL, INTEREST, COSTS, OUTSTANDING})
_FORMULA_STARTS = ("=", "+", "-", "@")
_REPLACEMENT = "\ufffd"
_LINE_END_SIGNS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./_-]{0,59}")
_POSTCODE = re.compile(r"[1-9][0-9]{3} ?(?!S[ADS])[A-Z]{2}")
_HOUSE_NUMBER = re.compile(r"[1-9][0-9]{0,4}(?:[ -]?[A-Za-z0-9]{1,4})?")
_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,8})(?:[.,]([0-9]{1,2}))?")
_GROUPED_AMOUNT = re.compile(r"([1-9][0-9]{0,2}(?:\.[0-9]{3}){1,2})(?:,([0-9]{1,2}))?")
_THOUSANDTHS = re.compile(r"[0-9]+,[0-9]{3}")
_DUTCH_DATE = re.compile(r"([0-9]{2})-([0-9]{2})-([0-9]{4})")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line is refused: its number in the file (the header is line 1), the column, the reason in Dutch.

    `only_a_warning`: the line is taken, but somebody should look.
    """

    line: int
    column: str
    reason: str
    only_a_warning: bool = False


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One good line. Amounts in cents."""

    line: int
    customer_number: str
    reference: str
    family_name: str
    birth_date: date
    postcode: str
    house_number: str
    principal: int
    interest: int
    costs: int
    outstanding: int
    is_preferent: bool
    preference_ground: str
    dischargeable: bool
    not_dischargeable_ground: str
    origin_date: date | None
    kind: str = ""
    collector_name: str = ""
    collector_reference: str = ""
    deurwaarder_name: str = ""
    deurwaarder_reference: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What one line of the file came to: a row, or the reasons why not. A row may come with warnings."""

    number: int
    row: ClaimRow | None
    faults: tuple[Fault, ...]

    @property
    def good(self) -> bool:
        """Whether this line may be stored."""
        return self.row is not None


class Refused(ValueError):
    """A cell is not in the grammar; `str()` is the reason in Dutch."""


def unusable_because(content: bytes) -> str:
    """Why a file cannot even be looked at line by line, in Dutch; '' when it can."""
    if not content:
        return "Dit bestand is leeg."
    if len(content) > MAX_BYTES:
        return f"Dit bestand is groter dan {MAX_BYTES // (1024 * 1024)} MB. Verdeel de vorderingen over meer bestanden."
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return "Dit is een Excel-bestand of een zip-bestand. Sla het op als CSV UTF-8 en stuur dat op."
    if content.startswith(b"%PDF"):
        return "Dit is een PDF. Stuur een CSV-bestand op."
    return ""


def read_claims(lines: Iterable[bytes], *, today: date, own_iban: str) -> Iterator[Line]:
    """Read the lines of a file (with or without their line ends), one `Line` out per claim in.

    A fault in the first line ends the reading: without a header no cell means anything. Empty lines are passed over.
    Duplicates of FactuurnummerSE inside the file are faults that name the other line; comparing with what is stored is
    the caller's work. `own_iban`: the creditor's account, with which a filled-in IBAN must agree.
    """
    reader: _Reader | None = None
    number = claims = 0
    for number, raw in enumerate(lines, start=1):
        bare = raw.removesuffix(b"\n").removesuffix(b"\r")
        if reader is None:
            reader, faults = _read_header(bare, today, own_iban)
            if reader is None:
                yield Line(number, None, faults)
                return
            continue
        if not bare:
            continue
        claims += 1
        if claims > MAX_LINES:
            reason = f"Dit bestand heeft meer dan {MAX_LINES} vorderingen. Verdeel ze over meer bestanden."
            yield Line(number, None, (Fault(number, WHOLE_LINE, reason),))
            return
        yield reader.read(number, bare)
    if reader is None:
        yield Line(1, None, (Fault(1, WHOLE_LINE, "Dit bestand is leeg."),))
    elif not claims:
        reason = "Er staat geen vordering in dit bestand, alleen de namen van de kolommen."
        yield Line(max(number, 1), None, (Fault(max(number, 1), WHOLE_LINE, reason),))


def _decode(raw: bytes) -> str:
    """The text of one line. Refused when it is not UTF-8."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused("Dit bestand is UTF-16. Sla het op als CSV UTF-8.")
    if len(raw) > MAX_LINE_BYTES:
        raise Refused("Deze regel is te lang.")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(
            "Deze regel is geen UTF-8, maar waarschijnlijk Windows-1252. Sla het bestand op als CSV UTF-8."
        ) from None


def _cells(text: str, delimiter: str) -> list[str]:
    """The cells of one line. Signs that end a line become a sign no cell may hold, so that the column is found."""
    if not text.isprintable():
        text = _LINE_END_SIGNS.sub(_REPLACEMENT, text)
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        raise Refused("De aanhalingstekens in deze regel kloppen niet.") from None


def _read_header(raw: bytes, today: date, own_iban: str) -> tuple[_Reader | None, tuple[Fault, ...]]:
    try:
        text = _decode(raw.removeprefix(b"\xef\xbb\xbf"))
        delimiter = ";" if ";" in text else ","
        cells = _cells(text, delimiter)
    except Refused as refusal:
        return None, (Fault(1, WHOLE_LINE, str(refusal)),)
    faults: list[Fault] = []
    places: dict[str, int] = {}
    for place, cell in enumerate(cells):
        written = cell.strip()
        name = _BY_LOWER_NAME.get(written.lower())
        shown = _shown(written) or f"kolom {place + 1}"
        if re.sub(r"[^a-z]", "", written.lower()) in _BSN_NAMES:
            faults.append(Fault(1, shown, "Wij mogen geen burgerservicenummers ontvangen. Haal deze kolom weg."))
        elif name is None:
            faults.append(Fault(1, shown, "Deze kolom kennen wij niet. Gebruik de namen uit de uitleg."))
        elif name in places:
            faults.append(Fault(1, name, "Deze kolom staat er twee keer."))
        else:
            places[name] = place
    missing = [column.name for column in COLUMNS if column.required and column.name not in places]
    faults += [Fault(1, name, "Deze kolom ontbreekt.") for name in missing]
    if faults:
        return None, tuple(faults)
    return _Reader(delimiter, places, today, normalize_iban(own_iban)), ()


def _shown(text: str) -> str:
    """A name from the file, fit to show: no invisible signs, not endless."""
    return "".join(sign for sign in text if sign.isprintable())[:40]


class _Reader:
    """Reads lines with the columns of one header, and remembers the references it has seen."""

    def __init__(self, delimiter: str, places: dict[str, int], today: date, own_iban: str) -> None:
        self._delimiter = delimiter
        self._places = places
        self._today = today
        self._own_iban = own_iban
        self._seen: dict[str, int] = {}

    def read(self, number: int, raw: bytes) -> Line:
        """One line."""
        try:
            cells = _cells(_decode(raw), self._delimiter)
            if len(cells) != len(self._places):
                raise Refused(f"Aantal kolommen in deze regel: {len(cells)}. Het moeten er {len(self._places)} zijn.")
        except Refused as refusal:
            return Line(number, None, (Fault(number, WHOLE_LINE, str(refusal)),))
        taken = _Cells(number, {name: cells[place] for name, place in self._places.items()})
        row = self._row(taken)
        faults = tuple(taken.faults)
        refused = any(not fault.only_a_warning for fault in faults)
        return Line(number, None if refused else row, faults)

    def _row(self, cells: _Cells) -> ClaimRow:
        reference = cells.take(REFERENCE, _code, "")
        if reference:
            self._look_for_double(reference, cells)
        preferent = cells.take(CLAIM_TYPE, _claim_type, False)
        dischargeable = cells.take(DISCHARGEABLE, _yes_or_no, True)
        row = ClaimRow(
            line=cells.number,
            customer_number=cells.take(CUSTOMER_NUMBER, _code, ""),
            reference=reference,
            family_name=cells.take(FAMILY_NAME, _family_name, ""),
            birth_date=cells.take(BIRTH_DATE, self._past_date, EARLIEST),
            postcode=cells.take(POSTCODE, _postcode, ""),
            house_number=cells.take(HOUSE_NUMBER, _house_number, ""),
            principal=cells.take(PRINCIPAL, _amount, 0),
            interest=cells.take(INTEREST, _amount, 0, may_be_empty=True),
            costs=cells.take(COSTS, _amount, 0, may_be_empty=True),
            outstanding=cells.take(OUTSTANDING, _positive_amount, 0),
            is_preferent=preferent,
            preference_ground=cells.take(PREFERENCE_GROUND, _ground, "", may_be_empty=True),
            dischargeable=dischargeable,
            not_dischargeable_ground=cells.take(NOT_DISCHARGEABLE_GROUND, _ground, "", may_be_empty=True),
            origin_date=cells.take(ORIGIN_DATE, self._past_date, None, may_be_empty=True),
            kind=cells.take(KIND, _kind, "", may_be_empty=True),
            collector_name=cells.take(COLLECTOR, _name, "", may_be_empty=True),
            collector_reference=cells.take(COLLECTOR_REFERENCE, _code, "", may_be_empty=True),
            deurwaarder_name=cells.take(DEURWAARDER, _name, "", may_be_empty=True),
            deurwaarder_reference=cells.take(DEURWAARDER_REFERENCE, _code, "", may_be_empty=True),
        )
        cells.take(IBAN, self._iban, "", may_be_empty=True)
        self._compare(row, cells)
        return row

    def _look_for_double(self, reference: str, cells: _Cells) -> None:
        first = self._seen.setdefault(reference, cells.number)
        if first != cells.number:
            cells.refuse(REFERENCE, f"Dit kenmerk staat ook op regel {first}.")

    def _compare(self, row: ClaimRow, cells: _Cells) -> None:
        """What must agree between cells, as far as the cells themselves are good."""
        if cells.are_good(CLAIM_TYPE, PREFERENCE_GROUND):
            if row.is_preferent and not row.preference_ground:
                cells.refuse(PREFERENCE_GROUND, "Noem bij een preferente vordering het wetsartikel.")
            if not row.is_preferent and row.preference_ground:
                cells.refuse(PREFERENCE_GROUND, "Hier staat een grond, maar de vordering is concurrent. Wat klopt?")
        if cells.are_good(DISCHARGEABLE, NOT_DISCHARGEABLE_GROUND):
            if not row.dischargeable and not row.not_dischargeable_ground:
                cells.refuse(NOT_DISCHARGEABLE_GROUND, "Noem waarom de rest niet mag worden kwijtgescholden.")
            if row.dischargeable and row.not_dischargeable_ground:
                reason = "Hier staat een grond, maar de vordering is kwijtscheldbaar. Wat klopt?"
                cells.refuse(NOT_DISCHARGEABLE_GROUND, reason)
        given = (PRINCIPAL, INTEREST, COSTS, OUTSTANDING)
        if cells.are_good(*given) and all(map(cells.is_filled, given)):
            together = row.principal + row.interest + row.costs
            if together != row.outstanding:
                cells.refuse(OUTSTANDING, f"Hoofdsom, rente en kosten zijn samen {_euro(together)}. Wat klopt?")
        for who, name in ((COLLECTOR_REFERENCE, row.collector_name), (DEURWAARDER_REFERENCE, row.deurwaarder_name)):
            if cells.is_filled(who) and not name:
                cells.refuse(who, "Hier staat een kenmerk. Noem ook van wie het is.")
        for name, text in (
            (CUSTOMER_NUMBER, row.customer_number),
            (REFERENCE, row.reference),
            (COLLECTOR_REFERENCE, row.collector_reference),
            (DEURWAARDER_REFERENCE, row.deurwaarder_reference),
        ):
            # One in eleven numbers of nine digits passes the test by chance, so this never refuses.
            if is_bsn_like(text):
                cells.warn(name, "Dit nummer kan een burgerservicenummer zijn. Wij mogen dat niet hebben. Kijk het na.")

    def _past_date(self, text: str) -> date:
        if match := _DUTCH_DATE.fullmatch(text):
            day, month, year = match.groups()
        elif match := _ISO_DATE.fullmatch(text):
            year, month, day = match.groups()
        else:
            raise Refused("Schrijf de datum als dd-mm-jjjj, bijvoorbeeld 03-12-1985.")
        try:
            found = date(int(year), int(month), int(day))
        except ValueError:
            raise Refused("Deze datum bestaat niet.") from None
        if found < EARLIEST:
            raise Refused("Deze datum ligt vóór 1900.")
        if found > self._today:
            raise Refused("Deze datum ligt in de toekomst.")
        return found

    def _iban(self, text: str) -> str:
        if not is_iban(text):
            raise Refused("Dit is geen geldig IBAN.")
        if normalize_iban(text) != self._own_iban:
            raise Refused("Dit IBAN is niet de rekening die wij van u kennen.")
        return text


class _Cells:
    """The cells of one line, taken one by one; gathers what is wrong."""

    def __init__(self, number: int, texts: dict[str, str]) -> None:
        self.number = number
        self.faults: list[Fault] = []
        self._texts = texts
        self._bad: set[str] = set()

    def take(self, name: str, read: Callable[[str], T], otherwise: D, *, may_be_empty: bool = False) -> T | D:
        """What `read` makes of this cell; `otherwise` when the cell is empty (and may be) or refused."""
        cell = self._texts.get(name, "")
        text = cell.strip()
        if not cell and may_be_empty:
            return otherwise
        try:
            _refuse_always(name, cell, text, may_be_empty)
            if may_be_empty and not text:
                return otherwise
            return read(text if text.isascii() else unicodedata.normalize("NFC", text))
        except Refused as refusal:
            self.refuse(name, str(refusal))
            return otherwise

    def refuse(self, name: str, reason: str) -> None:
        """This cell, or how it goes with others, is not good."""
        self._bad.add(name)
        self.faults.append(Fault(self.number, name, reason))

    def warn(self, name: str, reason: str) -> None:
        """Somebody should look at this cell."""
        self.faults.append(Fault(self.number, name, reason, only_a_warning=True))

    def is_filled(self, name: str) -> bool:
        """Whether something stands in this cell."""
        return bool(self._texts.get(name, "").strip())

    def are_good(self, *names: str) -> bool:
        """Whether none of these cells was refused."""
        return self._bad.isdisjoint(names)


def _refuse_always(name: str, cell: str, text: str, may_be_empty: bool) -> None:
    """What no cell may hold, whatever the column."""
    if not cell.isprintable() or _REPLACEMENT in cell:
        # Control and bidi characters, line ends, zero-width signs, and what another encoding left behind.
        raise Refused("Hier staat een onzichtbaar of onleesbaar teken. Haal het weg.")
    if not text and not may_be_empty:
        raise Refused("Deze cel is leeg, maar moet gevuld zijn.")
    if text.startswith(_FORMULA_STARTS) and not (name in _AMOUNTS and re.fullmatch(r"-[ 0-9.,]+", text)):
        raise Refused(f"Deze cel begint met {text[0]}. Een rekenprogramma leest dat als formule. Haal dat teken weg.")


def _code(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise Refused("Gebruik alleen letters, cijfers, spaties en . / - _ (ten hoogste 60 tekens).")
    return text


def _family_name(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    if len(text) > 100 or not all(sign.isalpha() or unicodedata.combining(sign) or sign in " .'’-" for sign in plain):
        raise Refused("In een achternaam staan alleen letters, spaties, punten, streepjes en apostrofs.")
    if not any("a" <= sign <= "z" for sign in plain.lower()):
        # The match compares the letters a to z; a name without any would be the same as every other such name.
        raise Refused("In deze achternaam staat geen letter van a tot en met z.")
    return text


def _postcode(text: str) -> str:
    if not _POSTCODE.fullmatch(text.upper()) or not text.isascii():
        raise Refused("Dit is geen postcode. Bijvoorbeeld 1234 AB.")
    return text.upper().replace(" ", "")


def _house_number(text: str) -> str:
    if not _HOUSE_NUMBER.fullmatch(text):
        raise Refused("Dit is geen huisnummer. Bijvoorbeeld 12 of 12 A.")
    return text


def _amount(text: str) -> int:
    match = _AMOUNT.fullmatch(text) or _GROUPED_AMOUNT.fullmatch(text)
    if match is not None:
        return int(match[1].replace(".", "")) * 100 + int((match[2] or "").ljust(2, "0"))
    if re.fullmatch(r"[-−–] ?[0-9.,]+|[0-9.,]+ ?[-−–]", text):
        raise Refused("Dit bedrag is negatief. Een vordering is nul of hoger.")
    if _THOUSANDTHS.fullmatch(text):
        raise Refused("Dit bedrag kan twee dingen betekenen. Schrijf het met twee cijfers achter de komma.")
    if "€" in text or "eur" in text.lower():
        raise Refused("Schrijf alleen het bedrag, zonder €.")
    raise Refused("Dit is geen bedrag. Bijvoorbeeld 1.234,56 of 1234.56.")


def _positive_amount(text: str) -> int:
    cents = _amount(text)
    if not cents:
        raise Refused("Dit bedrag is nul. Laat een vordering zonder saldo weg.")
    return cents


def _claim_type(text: str) -> bool:
    if text.lower() not in {"concurrent", "preferent"}:
        raise Refused("Vul concurrent of preferent in.")
    return text.lower() == "preferent"


def _yes_or_no(text: str) -> bool:
    if text.lower() not in {"ja", "nee"}:
        raise Refused("Vul ja of nee in.")
    return text.lower() == "ja"


def _ground(text: str) -> str:
    if len(text) > 100:
        raise Refused("Deze tekst is langer dan 100 tekens.")
    return text


_name = _ground


def _kind(text: str) -> str:
    if text.lower() not in KINDS:
        raise Refused("Deze soort kennen wij niet. Kies uit: " + ", ".join(KINDS) + ".")
    return KINDS[text.lower()]


def _euro(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d}"
