"""The file with transfers for the bank: ISO 20022 pain.001.001.09 (payments.md 3.1). The same batch, the same bytes."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from kernel.identifiers import is_betalingskenmerk, normalize_iban

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
# What every SEPA bank accepts (EPC217-08); other letters lose their accent, other signs become a space.
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
_SHORTEST_STRUCTURED: Final = 9


@dataclass(frozen=True, slots=True)
class Party:
    """Name and IBAN only: no address (unstructured ones end in November 2026)."""

    name: str
    iban: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer: cents, our own id (at most 35 signs), and what the receiver reads. `to`: another one than the creditor
    of the batch.
    """

    end_to_end_id: str
    amount_cents: int
    reference: str
    to: Party | None = None


def build_file(
    *, number: str, run_date: date, debtor: Party, creditor: Party | None = None, transfers: Sequence[Transfer]
) -> bytes:
    """The file of one batch. Everything in it comes from the arguments: no clock, no random number.

    ValueError without transfers, for an amount that is not positive, for an id longer than 35 signs, and for a transfer
    to nobody.
    """
    if not transfers:
        raise ValueError("a batch needs a transfer")
    for name in (number, *(one.end_to_end_id for one in transfers)):
        if not 0 < len(name) <= 35:
            raise ValueError(f"an id has 1 to 35 signs: {name!r}")
    if any(one.amount_cents <= 0 for one in transfers):
        raise ValueError("a transfer is positive")
    count, total = str(len(transfers)), _euros(sum(one.amount_cents for one in transfers))
    document = Element("Document", xmlns=NAMESPACE)
    initiation = SubElement(document, "CstmrCdtTrfInitn")
    header = SubElement(initiation, "GrpHdr")
    _text(header, "MsgId", number)
    _text(header, "CreDtTm", f"{run_date.isoformat()}T06:00:00Z")
    _text(header, "NbOfTxs", count)
    _text(header, "CtrlSum", total)
    _text(SubElement(header, "InitgPty"), "Nm", plain(debtor.name, 70))
    batch = SubElement(initiation, "PmtInf")
    _text(batch, "PmtInfId", number)
    _text(batch, "PmtMtd", "TRF")
    _text(batch, "NbOfTxs", count)
    _text(batch, "CtrlSum", total)
    _text(SubElement(SubElement(batch, "PmtTpInf"), "SvcLvl"), "Cd", "SEPA")
    _text(SubElement(batch, "ReqdExctnDt"), "Dt", run_date.isoformat())
    _text(SubElement(batch, "Dbtr"), "Nm", plain(debtor.name, 70))
    _account(batch, "DbtrAcct", debtor.iban)
    other = SubElement(SubElement(SubElement(batch, "DbtrAgt"), "FinInstnId"), "Othr")
    _text(other, "Id", "NOTPROVIDED")
    _text(batch, "ChrgBr", "SLEV")
    for one in transfers:
        receiver = one.to or creditor
        if receiver is None:
            raise ValueError(f"nobody gets {one.end_to_end_id}")
        _transfer(batch, receiver, one)
    indent(document)
    text = tostring(document, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def plain(text: str, length: int) -> str:
    """`text` in the signs every SEPA bank accepts, cut at `length`."""
    bare = unicodedata.normalize("NFKD", text)
    letters = (letter if letter in _LETTERS else " " for letter in bare if not unicodedata.combining(letter))
    return " ".join("".join(letters).split())[:length].strip() or "-"


def _transfer(batch: Element, creditor: Party, one: Transfer) -> None:
    transfer = SubElement(batch, "CdtTrfTxInf")
    _text(SubElement(transfer, "PmtId"), "EndToEndId", one.end_to_end_id)
    amount = SubElement(SubElement(transfer, "Amt"), "InstdAmt", Ccy="EUR")
    amount.text = _euros(one.amount_cents)
    _text(SubElement(transfer, "Cdtr"), "Nm", plain(creditor.name, 70))
    _account(transfer, "CdtrAcct", creditor.iban)
    remittance = SubElement(transfer, "RmtInf")
    bare = "".join(one.reference.split())
    # Seven digits carry no check: they may as well be an invoice number, so they travel as text.
    if len(bare) >= _SHORTEST_STRUCTURED and is_betalingskenmerk(bare):
        reference = SubElement(SubElement(remittance, "Strd"), "CdtrRefInf")
        kind = SubElement(reference, "Tp")
        _text(SubElement(kind, "CdOrPrtry"), "Cd", "SCOR")
        _text(kind, "Issr", "CUR")
        _text(reference, "Ref", bare)
    else:
        _text(remittance, "Ustrd", plain(one.reference, 140))


def _account(parent: Element, name: str, iban: str) -> None:
    _text(SubElement(SubElement(parent, name), "Id"), "IBAN", normalize_iban(iban))


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
