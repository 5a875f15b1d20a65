"""Made-up statements in the ways Dutch banks write camt.053. Set-up only; nothing here was copied from a bank."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

OUR_IBAN = "NL02ABNA0123456789"


@dataclass
class Row:
    """One entry. `cents` + is in. `parts`: a batch that tells its parts, (cents, end-to-end id) each."""

    cents: int
    name: str = "R. Vos"
    iban: str = "NL20INGB0001234567"
    reference: str = ""
    text: str = ""
    end_to_end_id: str = ""
    batch_id: str = ""
    bank_reference: str = ""
    return_reason: str = ""
    status: str = "BOOK"
    currency: str = "EUR"
    booked_on: date | None = None
    is_reversal: bool = False
    parts: Sequence[tuple[int, str]] = ()


@dataclass
class Paper:
    """One statement. `closing_cents` None: what adds up."""

    rows: Sequence[Row] = ()
    opening_cents: int = 1_000_00
    closing_cents: int | None = None
    identification: str = "AFSCHRIFT-1"
    number: int | None = 1
    iban: str = OUR_IBAN
    day: date = date(2026, 11, 24)
    opening_code: str = "OPBD"
    extra_balances: str = ""


def camt(*papers: Paper, version: str = "02", declaration: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    """A whole file, in version 02 or 08."""
    namespace = f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"
    statements = "".join(_statement(one, version) for one in papers)
    return (
        f'{declaration}\n<Document xmlns="{namespace}"><BkToCstmrStmt><GrpHdr><MsgId>BERICHT1</MsgId>'
        f"<CreDtTm>2026-11-25T05:12:00</CreDtTm></GrpHdr>{statements}</BkToCstmrStmt></Document>"
    )


def euros(cents: int) -> str:
    return f"{abs(cents) // 100}.{abs(cents) % 100:02d}"


def balance(code: str, cents: int, day: date) -> str:
    return f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_amount(cents)}{_sign(cents)}<Dt><Dt>{day}</Dt></Dt></Bal>"


def _statement(paper: Paper, version: str) -> str:
    booked = sum(row.cents for row in paper.rows if row.status == "BOOK")
    closing = paper.opening_cents + booked if paper.closing_cents is None else paper.closing_cents
    number = "" if paper.number is None else f"<ElctrncSeqNb>{paper.number}</ElctrncSeqNb>"
    rows = "".join(entry(row, paper.day, version) for row in paper.rows)
    return (
        f"<Stmt><Id>{escape(paper.identification)}</Id>{number}<CreDtTm>2026-11-25T05:00:00</CreDtTm>"
        f"<Acct><Id><IBAN>{paper.iban}</IBAN></Id><Ccy>EUR</Ccy></Acct>"
        f"{balance(paper.opening_code, paper.opening_cents, paper.day)}{balance('CLBD', closing, paper.day)}"
        f"{paper.extra_balances}{rows}</Stmt>"
    )


def entry(row: Row, day: date, version: str) -> str:
    status = f"<Sts>{row.status}</Sts>" if version < "08" else f"<Sts><Cd>{row.status}</Cd></Sts>"
    reversal = "<RvslInd>true</RvslInd>" if row.is_reversal else ""
    service = f"<AcctSvcrRef>{row.bank_reference}</AcctSvcrRef>" if row.bank_reference else ""
    code = "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>"
    batch = ""
    if row.parts:
        batch = f"<Btch><PmtInfId>{row.batch_id}</PmtInfId><NbOfTxs>{len(row.parts)}</NbOfTxs></Btch>"
        details = "".join(_detail(row, version, cents, name) for cents, name in row.parts)
    else:
        details = _detail(row, version, row.cents, row.end_to_end_id)
    return (
        f'<Ntry><Amt Ccy="{row.currency}">{euros(row.cents)}</Amt>{_sign(row.cents)}{reversal}{status}'
        f"<BookgDt><Dt>{row.booked_on or day}</Dt></BookgDt>{service}{code}<NtryDtls>{batch}{details}</NtryDtls></Ntry>"
    )


def _detail(row: Row, version: str, cents: int, end_to_end_id: str) -> str:
    other, account = ("Dbtr", "DbtrAcct") if row.cents > 0 else ("Cdtr", "CdtrAcct")
    named = f"<Nm>{escape(row.name)}</Nm>"
    party = f"<{other}>{named if version < '08' else f'<Pty>{named}</Pty>'}</{other}>" if row.name else ""
    bank = f"<{account}><Id><IBAN>{row.iban}</IBAN></Id></{account}>" if row.iban else ""
    batch = f"<PmtInfId>{row.batch_id}</PmtInfId>" if row.batch_id else ""
    refs = f"<Refs>{batch}<EndToEndId>{end_to_end_id or 'NOTPROVIDED'}</EndToEndId></Refs>"
    amount = ""
    if row.parts and version < "08":
        amount = f"<AmtDtls><TxAmt>{_amount(cents)}</TxAmt></AmtDtls>"
    elif version >= "08":
        amount = _amount(cents) + _sign(cents)
    structured = (
        "<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry><Issr>CUR</Issr></Tp>"
        f"<Ref>{row.reference}</Ref></CdtrRefInf></Strd>"
        if row.reference
        else ""
    )
    free = f"<Ustrd>{escape(row.text)}</Ustrd>" if row.text else ""
    told = f"<RmtInf>{free}{structured}</RmtInf>" if free or structured else ""
    returned = f"<RtrInf><Rsn><Cd>{row.return_reason}</Cd></Rsn></RtrInf>" if row.return_reason else ""
    return f"<TxDtls>{refs}{amount}<RltdPties>{party}{bank}</RltdPties>{told}{returned}</TxDtls>"


def _amount(cents: int) -> str:
    return f'<Amt Ccy="EUR">{euros(cents)}</Amt>'


def _sign(cents: int) -> str:
    return f"<CdtDbtInd>{'CRDT' if cents >= 0 else 'DBIT'}</CdtDbtInd>"
