"""A statement of one bank day as a bank writes it: ISO 20022 camt.053.001.08. The same day, the same bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


@dataclass(frozen=True, slots=True)
class Part:
    """One transfer in an entry, in cents (positive), with what the other side is called and wrote."""

    amount_cents: int
    end_to_end_id: str
    name: str
    iban: str
    structured: str
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the account, in cents, + is in. `reference`: the bank's own. `return_reason`: it came back, and why."""

    reference: str
    amount_cents: int
    parts: Sequence[Part]
    batch_id: str = ""
    return_reason: str = ""


def build_statement(
    *, number: int, day: date, holder: str, iban: str, opening_cents: int, entries: Sequence[Entry]
) -> bytes:
    """The file of one statement. Closing is opening plus the entries. No clock, no random number."""
    document = Element("Document", xmlns=NAMESPACE)
    message = SubElement(document, "BkToCstmrStmt")
    moment = f"{day.isoformat()}T20:00:00Z"
    header = SubElement(message, "GrpHdr")
    _text(header, "MsgId", f"DEMO{number:09d}")
    _text(header, "CreDtTm", moment)
    statement = SubElement(message, "Stmt")
    _text(statement, "Id", f"DEMO-{iban[-10:]}-{number}")
    _text(statement, "ElctrncSeqNb", str(number))
    _text(statement, "CreDtTm", moment)
    period = SubElement(statement, "FrToDt")
    _text(period, "FrDtTm", f"{day.isoformat()}T00:00:00Z")
    _text(period, "ToDtTm", f"{day.isoformat()}T23:59:59Z")
    account = SubElement(statement, "Acct")
    _text(SubElement(account, "Id"), "IBAN", iban)
    _text(account, "Ccy", "EUR")
    _text(account, "Nm", holder[:70])
    closing = opening_cents + sum(entry.amount_cents for entry in entries)
    for code, cents in (("OPBD", opening_cents), ("CLBD", closing)):
        balance = SubElement(statement, "Bal")
        _text(SubElement(SubElement(balance, "Tp"), "CdOrPrtry"), "Cd", code)
        _amount(balance, cents)
        _text(SubElement(balance, "Dt"), "Dt", day.isoformat())
    for entry in entries:
        _entry(statement, entry, day)
    indent(document)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(document, encoding="unicode")}\n'.encode()


def _entry(statement: Element, entry: Entry, day: date) -> None:
    row = SubElement(statement, "Ntry")
    _text(row, "NtryRef", entry.reference)
    _amount(row, entry.amount_cents)
    _text(SubElement(row, "Sts"), "Cd", "BOOK")
    _text(SubElement(row, "BookgDt"), "Dt", day.isoformat())
    _text(SubElement(row, "ValDt"), "Dt", day.isoformat())
    _text(row, "AcctSvcrRef", entry.reference)
    _code(row, entry)
    details = SubElement(row, "NtryDtls")
    if entry.batch_id and not entry.return_reason:
        batch = SubElement(details, "Btch")
        _text(batch, "PmtInfId", entry.batch_id)
        _text(batch, "NbOfTxs", str(len(entry.parts)))
        total = SubElement(batch, "TtlAmt", Ccy="EUR")
        total.text = _euros(abs(entry.amount_cents))
        _text(batch, "CdtDbtInd", _side(entry.amount_cents))
    for part in entry.parts:
        _part(details, entry, part)


def _part(details: Element, entry: Entry, part: Part) -> None:
    row = SubElement(details, "TxDtls")
    references = SubElement(row, "Refs")
    if entry.batch_id:
        _text(references, "PmtInfId", entry.batch_id)
    _text(references, "EndToEndId", part.end_to_end_id or "NOTPROVIDED")
    amount = SubElement(row, "Amt", Ccy="EUR")
    amount.text = _euros(part.amount_cents)
    _text(row, "CdtDbtInd", _side(entry.amount_cents))
    if part.name or part.iban:
        # Money that comes in has a debtor, money that goes out a creditor.
        role = "Dbtr" if entry.amount_cents > 0 else "Cdtr"
        parties = SubElement(row, "RltdPties")
        if part.name:
            _text(SubElement(SubElement(parties, role), "Pty"), "Nm", part.name)
        if part.iban:
            _text(SubElement(SubElement(parties, f"{role}Acct"), "Id"), "IBAN", part.iban)
    if part.structured or part.text:
        remittance = SubElement(row, "RmtInf")
        if part.text:
            _text(remittance, "Ustrd", part.text)
        if part.structured:
            reference = SubElement(SubElement(remittance, "Strd"), "CdtrRefInf")
            kind = SubElement(reference, "Tp")
            _text(SubElement(kind, "CdOrPrtry"), "Cd", "SCOR")
            _text(kind, "Issr", "ISO" if part.structured.startswith("RF") else "CUR")
            _text(reference, "Ref", part.structured)
    if entry.return_reason:
        _text(SubElement(SubElement(row, "RtrInf"), "Rsn"), "Cd", entry.return_reason)


def _code(row: Element, entry: Entry) -> None:
    """What kind of entry: received, sent (a batch or one), or sent and returned."""
    family, kind = ("RCDT", "ESCT") if entry.amount_cents > 0 else ("ICDT", "ESCT")
    if entry.return_reason:
        family, kind = "ICDT", "RRTN"
    domain = SubElement(SubElement(row, "BkTxCd"), "Domn")
    _text(domain, "Cd", "PMNT")
    families = SubElement(domain, "Fmly")
    _text(families, "Cd", family)
    _text(families, "SubFmlyCd", kind)


def _amount(parent: Element, cents: int) -> None:
    amount = SubElement(parent, "Amt", Ccy="EUR")
    amount.text = _euros(abs(cents))
    _text(parent, "CdtDbtInd", _side(cents))


def _side(cents: int) -> str:
    return "CRDT" if cents >= 0 else "DBIT"


def _text(parent: Element, name: str, text: str) -> None:
    # What no XML may hold would make the whole statement unreadable.
    SubElement(parent, name).text = "".join(sign for sign in text if sign.isprintable())


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
