"""The file with transfers for the bank: ISO 20022 pain.001.001.09 (payments.md 3.1). The same rows, the same bytes."""

import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, Protocol
from xml.sax.saxutils import escape

from lxml import etree

from kernel.identifiers import is_betalingskenmerk, is_creditor_reference, is_iban, normalize_iban

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
# What every SEPA bank accepts (EPC217-08); other letters lose their accent, other signs become a space.
_SIGNS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ "
_LETTERS: Final = frozenset(_SIGNS)
_ID: Final = re.compile(f"[{re.escape(_SIGNS)}]{{1,35}}")
_SHORTEST_STRUCTURED: Final = 9
WRITTEN_AT_ONCE: Final = 500


class Sink(Protocol):
    """Where a file goes to."""

    def write(self, data: bytes, /) -> object: ...


class Source(Protocol):
    """Where a file comes from."""

    def read(self, size: int, /) -> bytes: ...


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
    to: Party | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What one party gets, booked by the bank as ONE line (BtchBookg). `count` and `total_cents` are of `transfers`, which
    may come from a cursor: they are read once.
    """

    number: str
    creditor: Party | None
    count: int
    total_cents: int
    transfers: Iterable[Transfer]


def write_file(
    target: Sink,
    *,
    message_id: str,
    run_date: date,
    debtor: Party,
    batches: Iterable[Batch],
    count: int,
    total_cents: int,
) -> None:
    """Write a file of many batches. Everything in it comes from the arguments: no clock, no random number.

    `count` and `total_cents` are those of all batches together. Memory holds a few hundred transfers, however many there are.
    ValueError for no transfers, sums that do not agree, an amount that is not positive, an IBAN that cannot be, or an id that
    is not 1 to 35 safe signs; what was written until then is to be thrown away.
    """
    _check_id(message_id)
    _check_iban(debtor.iban)
    if count <= 0:
        raise ValueError("a file needs a transfer")
    target.write(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}">\n<CstmrCdtTrfInitn>\n'
        f"<GrpHdr><MsgId>{message_id}</MsgId><CreDtTm>{run_date.isoformat()}T06:00:00Z</CreDtTm><NbOfTxs>{count}</NbOfTxs>"
        f"<CtrlSum>{euros(total_cents)}</CtrlSum><InitgPty><Nm>{_name(debtor.name)}</Nm></InitgPty></GrpHdr>\n".encode()
    )
    seen_count = seen_cents = 0
    for batch in batches:
        _write_batch(target, batch, run_date, debtor)
        seen_count += batch.count
        seen_cents += batch.total_cents
    if (seen_count, seen_cents) != (count, total_cents):
        raise ValueError(f"the batches hold {seen_count} transfers of {seen_cents} cents, not {count} of {total_cents}")
    target.write(b"</CstmrCdtTrfInitn>\n</Document>\n")


def build_file(
    *, number: str, run_date: date, debtor: Party, creditor: Party | None = None, transfers: Sequence[Transfer]
) -> bytes:
    """The file of one batch, in memory; without `creditor` every transfer names who gets it. ValueError as `write_file`."""
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
    check_stream(io.BytesIO(content))


def check_stream(source: Source) -> None:
    """The same of a file that is read bit by bit: what was compared is let go, so memory does not grow with the file."""
    transfer, whole = f"{{{NAMESPACE}}}CdtTrfTxInf", f"{{{NAMESPACE}}}Document"
    last = ""
    try:
        reading = etree.iterparse(
            source,
            tag=(transfer, whole),
            schema=_schema(),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=True,
        )
        for _event, element in reading:
            last = element.tag
            if last == transfer:
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise NotValid(str(error.msg)) from error
    # Nothing wrong so far is all a stream can say of a file that stops half-way.
    if last != whole:
        raise NotValid("the file stops before its end")


@lru_cache(maxsize=1)
def _schema() -> Any:
    return etree.XMLSchema(etree.fromstring(files("sepaxml").joinpath("schemas/pain.001.001.09.xsd").read_bytes()))


def plain(text: str, length: int) -> str:
    """`text` in the signs every SEPA bank accepts, cut at `length`."""
    if not _LETTERS.issuperset(text):
        bare = unicodedata.normalize("NFKD", text)
        text = "".join(letter if letter in _LETTERS else " " for letter in bare if not unicodedata.combining(letter))
    return " ".join(text.split())[:length].strip() or "-"


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


def _write_batch(target: Sink, batch: Batch, run_date: date, debtor: Party) -> None:
    _check_id(batch.number)
    if batch.creditor is not None:
        _check_iban(batch.creditor.iban)
    target.write(
        f"<PmtInf>\n<PmtInfId>{batch.number}</PmtInfId>\n<PmtMtd>TRF</PmtMtd>\n<BtchBookg>true</BtchBookg>\n"
        f"<NbOfTxs>{batch.count}</NbOfTxs>\n<CtrlSum>{euros(batch.total_cents)}</CtrlSum>\n"
        f"<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf>\n"
        f"<ReqdExctnDt><Dt>{run_date.isoformat()}</Dt></ReqdExctnDt>\n<Dbtr><Nm>{_name(debtor.name)}</Nm></Dbtr>\n"
        f"<DbtrAcct>{_account(debtor.iban)}</DbtrAcct>\n"
        "<DbtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId></DbtrAgt>\n<ChrgBr>SLEV</ChrgBr>\n".encode()
    )
    count = total = 0
    written: list[str] = []
    same = "" if batch.creditor is None else _receiver(batch.creditor)
    for transfer in batch.transfers:
        amount = transfer.amount_cents
        _check_id(transfer.end_to_end_id)
        if amount <= 0:
            raise ValueError("a transfer is positive")
        receiver = same
        if transfer.to is not None:
            _check_iban(transfer.to.iban)
            receiver = _receiver(transfer.to)
        elif not same:
            raise ValueError(f"nobody gets {transfer.end_to_end_id}")
        # Nothing to escape: ids and plain text hold no sign that means something in XML.
        written.append(
            f"<CdtTrfTxInf><PmtId><EndToEndId>{transfer.end_to_end_id}</EndToEndId></PmtId>"
            f'<Amt><InstdAmt Ccy="EUR">{amount // 100}.{amount % 100:02d}</InstdAmt></Amt>{receiver}'
            f"<RmtInf>{_remittance(transfer.reference)}</RmtInf></CdtTrfTxInf>\n"
        )
        count += 1
        total += amount
        if len(written) == WRITTEN_AT_ONCE:
            target.write("".join(written).encode())
            written.clear()
    target.write("".join(written).encode())
    if count == 0:
        raise ValueError("a batch needs a transfer")
    if (count, total) != (batch.count, batch.total_cents):
        raise ValueError(f"batch {batch.number} has {count} transfers of {total} cents")
    target.write(b"</PmtInf>\n")


def _check_id(name: str) -> None:
    if not _ID.fullmatch(name):
        raise ValueError(f"an id has 1 to 35 safe signs: {name!r}")


def _check_iban(iban: str) -> None:
    # The schema only knows the shape (payments.md 3.1).
    if not is_iban(iban):
        raise ValueError("an account number in the file cannot exist")


def _name(text: str) -> str:
    return plain(text, 70)


def _account(iban: str) -> str:
    return f"<Id><IBAN>{escape(normalize_iban(iban))}</IBAN></Id>"


def _receiver(party: Party) -> str:
    return f"<Cdtr><Nm>{_name(party.name)}</Nm></Cdtr><CdtrAcct>{_account(party.iban)}</CdtrAcct>"


def _remittance(reference: str) -> str:
    issuer = reference_kind(reference)
    if not issuer:
        return f"<Ustrd>{plain(reference, 140)}</Ustrd>"
    return (
        f"<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry><Issr>{issuer}</Issr></Tp>"
        f"<Ref>{''.join(reference.split()).upper()}</Ref></CdtrRefInf></Strd>"
    )
