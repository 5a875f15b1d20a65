"""The file with transfers for the bank: ISO 20022 pain.001.001.09 (payments.md 3.1). The same rows, the same bytes."""

import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any, BinaryIO, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from lxml import etree

from kernel.identifiers import is_betalingskenmerk, is_creditor_reference, is_iban, normalize_iban

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
# What every SEPA bank accepts (EPC217-08); other letters lose their accent, other signs become a space.
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
_SHORTEST_STRUCTURED: Final = 9
_LONGEST_ID: Final = 35


class NotValid(ValueError):
    """The file is not what the schema of the bank asks. The message says where; it must not be handed in."""


@dataclass(frozen=True, slots=True)
class Party:
    """Name and IBAN only: no address (unstructured ones end in November 2026)."""

    name: str
    iban: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer to the creditor of the batch: cents, our own id (at most 35 signs), and what the creditor reads."""

    end_to_end_id: str
    amount_cents: int
    reference: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What one party gets, booked by the bank as ONE line (BtchBookg). `count` and `total_cents` are of `transfers`, which
    may come from a cursor: they are read once.
    """

    number: str
    creditor: Party
    count: int
    total_cents: int
    transfers: Iterable[Transfer]


def write_file(
    target: BinaryIO,
    *,
    message_id: str,
    run_date: date,
    debtor: Party,
    batches: Iterable[Batch],
    count: int,
    total_cents: int,
) -> None:
    """Write a file of many batches. Everything in it comes from the arguments: no clock, no random number.

    `count` and `total_cents` are those of all batches together. What is in memory is one transfer, however many there are.
    ValueError for no transfers, sums that do not agree, an amount that is not positive, an IBAN that cannot be, or an id that
    is not 1 to 35 safe signs; what was written until then is to be thrown away.
    """
    _check_id(message_id)
    _check_iban(debtor.iban)
    if count <= 0:
        raise ValueError("a file needs a transfer")
    header = Element("GrpHdr")
    _text(header, "MsgId", message_id)
    _text(header, "CreDtTm", f"{run_date.isoformat()}T06:00:00Z")
    _text(header, "NbOfTxs", str(count))
    _text(header, "CtrlSum", euros(total_cents))
    _text(SubElement(header, "InitgPty"), "Nm", plain(debtor.name, 70))
    target.write(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}">\n<CstmrCdtTrfInitn>\n'.encode()
    )
    _write(target, header)
    seen_count = seen_cents = 0
    for batch in batches:
        _write_batch(target, batch, run_date, debtor)
        seen_count += batch.count
        seen_cents += batch.total_cents
    if (seen_count, seen_cents) != (count, total_cents):
        raise ValueError(f"the batches hold {seen_count} transfers of {seen_cents} cents, not {count} of {total_cents}")
    target.write(b"</CstmrCdtTrfInitn>\n</Document>\n")


def build_file(*, number: str, run_date: date, debtor: Party, creditor: Party, transfers: Sequence[Transfer]) -> bytes:
    """The file of one batch, in memory. ValueError as `write_file`."""
    if not transfers:
        raise ValueError("a batch needs a transfer")
    total = sum(one.amount_cents for one in transfers)
    target = io.BytesIO()
    write_file(
        target,
        message_id=number,
        run_date=run_date,
        debtor=debtor,
        batches=[Batch(number, creditor, len(transfers), total, transfers)],
        count=len(transfers),
        total_cents=total,
    )
    return target.getvalue()


def check_file(content: bytes) -> None:
    """Compare a file with the schema of pain.001.001.09, as it came from ISO. Raises NotValid."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        document = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise NotValid(str(error)) from error
    schema = _schema()
    if not schema.validate(document):
        first = schema.error_log[0]
        raise NotValid(f"line {first.line}: {first.message}")


@lru_cache(maxsize=1)
def _schema() -> Any:
    return etree.XMLSchema(etree.fromstring(files("sepaxml").joinpath("schemas/pain.001.001.09.xsd").read_bytes()))


def plain(text: str, length: int) -> str:
    """`text` in the signs every SEPA bank accepts, cut at `length`."""
    bare = unicodedata.normalize("NFKD", text)
    letters = (letter if letter in _LETTERS else " " for letter in bare if not unicodedata.combining(letter))
    return " ".join("".join(letters).split())[:length].strip() or "-"


def reference_kind(reference: str) -> str:
    """How a reference travels: "CUR" (betalingskenmerk) or "ISO" (RF, ISO 11649) in the structured field, "" as text."""
    bare = "".join(reference.split())
    # Seven digits carry no check: they may as well be an invoice number, so they travel as text.
    if len(bare) >= _SHORTEST_STRUCTURED and bare.isdigit() and is_betalingskenmerk(bare):
        return "CUR"
    return "ISO" if is_creditor_reference(bare) else ""


def euros(cents: int) -> str:
    """An amount as the schema wants it: 1234.56."""
    return f"{cents // 100}.{cents % 100:02d}"


def _write_batch(target: BinaryIO, batch: Batch, run_date: date, debtor: Party) -> None:
    _check_id(batch.number)
    _check_iban(batch.creditor.iban)
    head = Element("PmtInf")
    _text(head, "PmtInfId", batch.number)
    _text(head, "PmtMtd", "TRF")
    _text(head, "BtchBookg", "true")
    _text(head, "NbOfTxs", str(batch.count))
    _text(head, "CtrlSum", euros(batch.total_cents))
    _text(SubElement(SubElement(head, "PmtTpInf"), "SvcLvl"), "Cd", "SEPA")
    _text(SubElement(head, "ReqdExctnDt"), "Dt", run_date.isoformat())
    _text(SubElement(head, "Dbtr"), "Nm", plain(debtor.name, 70))
    _account(head, "DbtrAcct", debtor.iban)
    other = SubElement(SubElement(SubElement(head, "DbtrAgt"), "FinInstnId"), "Othr")
    _text(other, "Id", "NOTPROVIDED")
    _text(head, "ChrgBr", "SLEV")
    target.write(b"<PmtInf>\n")
    for part in head:
        _write(target, part)
    count = total = 0
    for transfer in _checked(batch.transfers):
        _write(target, _transfer(batch.creditor, transfer))
        count += 1
        total += transfer.amount_cents
    if count == 0:
        raise ValueError("a batch needs a transfer")
    if (count, total) != (batch.count, batch.total_cents):
        raise ValueError(f"batch {batch.number} has {count} transfers of {total} cents")
    target.write(b"</PmtInf>\n")


def _checked(transfers: Iterable[Transfer]) -> Iterator[Transfer]:
    for one in transfers:
        _check_id(one.end_to_end_id)
        if one.amount_cents <= 0:
            raise ValueError("a transfer is positive")
        yield one


def _check_id(name: str) -> None:
    if not 0 < len(name) <= _LONGEST_ID or not _LETTERS.issuperset(name):
        raise ValueError(f"an id has 1 to 35 safe signs: {name!r}")


def _check_iban(iban: str) -> None:
    # The schema only knows the shape (payments.md 3.1).
    if not is_iban(iban):
        raise ValueError("an account number in the file cannot exist")


def _transfer(creditor: Party, one: Transfer) -> Element:
    transfer = Element("CdtTrfTxInf")
    _text(SubElement(transfer, "PmtId"), "EndToEndId", one.end_to_end_id)
    amount = SubElement(SubElement(transfer, "Amt"), "InstdAmt", Ccy="EUR")
    amount.text = euros(one.amount_cents)
    _text(SubElement(transfer, "Cdtr"), "Nm", plain(creditor.name, 70))
    _account(transfer, "CdtrAcct", creditor.iban)
    remittance = SubElement(transfer, "RmtInf")
    issuer = reference_kind(one.reference)
    if issuer:
        reference = SubElement(SubElement(remittance, "Strd"), "CdtrRefInf")
        kind = SubElement(reference, "Tp")
        _text(SubElement(kind, "CdOrPrtry"), "Cd", "SCOR")
        _text(kind, "Issr", issuer)
        _text(reference, "Ref", "".join(one.reference.split()).upper())
    else:
        _text(remittance, "Ustrd", plain(one.reference, 140))
    return transfer


def _write(target: BinaryIO, element: Element) -> None:
    target.write(tostring(element, encoding="unicode").encode() + b"\n")


def _account(parent: Element, name: str, iban: str) -> None:
    _text(SubElement(SubElement(parent, name), "Id"), "IBAN", normalize_iban(iban))


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text
