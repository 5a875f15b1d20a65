"""Files that must not come in: attacks, damage, and what people upload by mistake. Each as bytes, by what is wrong with it."""

import gzip
import io
import zipfile
from typing import Final

from tests.factories.bank_files import OUR_IBAN, Paper, Row, balance, camt

_GOOD: Final = camt(Paper([Row(45_00, end_to_end_id="E1"), Row(-10_00)]))
_BODY: Final = _GOOD.split("?>", 1)[1]
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


def _changed(old: str, new: str, count: int = 1) -> bytes:
    text = _GOOD.replace(old, new, count)
    assert text != _GOOD, old
    return text.encode()


def _zipped() -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("afschrift.xml", _GOOD)
    return whole.getvalue()


def _laughs(levels: int = 9) -> bytes:
    entities = '<!ENTITY l0 "ha">' + "".join(
        f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, levels + 1)
    )
    return f"{_HEAD}<!DOCTYPE Document [{entities}]>{_BODY.replace('R. Vos', f'&l{levels};')}".encode()


def _with_type(doctype: str, body: str = _BODY) -> bytes:
    return f"{_HEAD}{doctype}{body}".encode()


def _amount(text: str) -> bytes:
    return _changed(">45.00<", f">{text}<")


_SECRET: Final = '<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
_DEEP: Final = "<a>" * 100 + "</a>" * 100

BAD_FILES: Final[dict[str, bytes]] = {
    # --- document types, entities, things from elsewhere ---
    "an entity from a file": _with_type(_SECRET, _BODY.replace("R. Vos", "&x;")),
    "an entity from the net": _with_type('<!DOCTYPE Document [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>'),
    "a parameter entity": _with_type('<!DOCTYPE Document [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd">%x;]>'),
    "a document type from elsewhere": _with_type('<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/x.dtd">'),
    "an empty document type": _with_type("<!DOCTYPE Document>"),
    "a billion laughs": _laughs(),
    "one long entity many times": _with_type(
        f'<!DOCTYPE Document [<!ENTITY x "{"x" * 50_000}">]>', _BODY.replace("R. Vos", "&x;" * 500)
    ),
    "an amount that is an entity": _with_type(
        '<!DOCTYPE Document [<!ENTITY x "45.00">]>', _BODY.replace(">45.00<", ">&x;<")
    ),
    "a document type in UTF-16": f'<?xml version="1.0" encoding="UTF-16"?>{_SECRET}{_BODY}'.encode("utf-16"),
    "a document type in UTF-16 without a mark": f'<?xml version="1.0" encoding="UTF-16"?>{_SECRET}{_BODY}'.encode(
        "utf-16-be"
    ),
    "a document type in UTF-7": f'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x+AD4-{_BODY}'.encode(),
    "a document type in small letters": _with_type("<!doctype html>"),
    "a lone entity declaration": _with_type('<!ENTITY x "y">'),
    "an entity nobody declared": _changed("R. Vos", "&onbekend;"),
    "a character code that is not allowed": _changed("R. Vos", "&#0;"),
    "another file drawn in": _changed(
        "<Ntry>", '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/><Ntry>'
    ).replace(b">45.00<", b">45.01<"),
    # --- depth and size ---
    "a hundred levels": _changed("<Ntry>", f"{_DEEP}<Ntry>"),
    "ten thousand levels": (_HEAD + "<a>" * 10_000 + "</a>" * 10_000).encode(),
    "two hundred thousand levels that never close": (_HEAD + "<a>" * 200_000).encode(),
    "a line of ten megabytes": _changed("R. Vos", "x" * 10_000_001),
    "a field of a megabyte": _changed("R. Vos", "x" * 1_000_000),
    "a tag of a megabyte": _changed("<Ntry>", f"<{'x' * 1_000_000}/><Ntry>").replace(b">45.00<", b">45.01<"),
    # --- damage ---
    "nothing": b"",
    "only spaces": b" \n\t\r\n",
    "only zeros": b"\x00" * 200,
    "only a mark": b"\xef\xbb\xbf",
    "only the declaration": _HEAD.encode(),
    "half a file": _GOOD.encode()[: len(_GOOD) // 2],
    "without its last sign": _GOOD.encode()[:-1],
    "without its first sign": _BODY.lstrip()[1:].encode(),
    "something behind the end": _GOOD.encode() + b"<Document/>",
    "twice the same file": (_GOOD + _BODY).encode(),
    "an end that does not fit": _changed("</Ntry>", "</Entry>"),
    "an attribute without quotes": _changed('Ccy="EUR"', "Ccy=EUR"),
    "a zero byte in the middle": _changed("R. Vos", "R.\x00Vos"),
    "a control sign": _changed("R. Vos", "R.\x1bVos"),
    # --- character sets ---
    "latin letters that say they are UTF-8": _changed("R. Vos", "Zoë").replace("ë".encode(), b"\xeb"),
    "half a letter in UTF-8": _changed("R. Vos", "Zo\xeb").replace("ë".encode(), b"\xc3"),
    "too long a form in UTF-8": _changed("R. Vos", "MARK").replace(b"MARK", b"\xc0\xbc"),
    "says UTF-16 and is not": _changed("UTF-8", "UTF-16"),
    "says UTF-8 and is UTF-16 with a mark": _GOOD.encode("utf-16"),
    "a character set nobody knows": _changed("UTF-8", "X-KLINGON"),
    "EBCDIC": _GOOD.encode("cp500"),
    # --- no statement at all ---
    "a web page": b"<!DOCTYPE html><html><body>Uw sessie is verlopen</body></html>",
    "a web page without a type": b"<html><body><p>Uw sessie is verlopen</p></body></html>",
    "a zip": _zipped(),
    "a gzip": gzip.compress(_GOOD.encode()),
    "a pdf": b"%PDF-1.7\n1 0 obj<<>>endobj",
    "an old spreadsheet": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100,
    "MT940": b":20:STARTUMSE\r\n:25:NL02ABNA0123456789\r\n:28C:1/1\r\n:60F:C261124EUR1000,00\r\n",
    "MT940 in its envelope": b"{1:F01ABNANL2AXXXX0000000000}{2:I940}{4:\r\n:20:X\r\n-}",
    "CSV": b"datum;bedrag;naam\n24-11-2026;45,00;R. Vos\n",
    "JSON": b'{"statement": {"amount": "45.00"}}',
    "a picture": b"\x89PNG\r\n\x1a\n" + b"\x00" * 50,
    "camt.052": _GOOD.replace("BkToCstmrStmt", "BkToCstmrAcctRpt").replace("Stmt>", "Rpt>").encode(),
    "camt.054": _GOOD.replace("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn").replace("Stmt>", "Ntfctn>").encode(),
    "pain.001": b'<Document xmlns="urn:x"><CstmrCdtTrfInitn><GrpHdr/></CstmrCdtTrfInitn></Document>',
    "a message without statements": _HEAD.encode() + b"<Document><BkToCstmrStmt><GrpHdr/></BkToCstmrStmt></Document>",
    # --- figures ---
    "a cent too much at the end": camt(Paper([Row(45_00)], closing_cents=1_045_01)).encode(),
    "a cent too little at the end": camt(Paper([Row(45_00)], closing_cents=1_044_99)).encode(),
    "an entry that is gone": camt(Paper([], closing_cents=1_045_00)).encode(),
    "an entry that is there twice": camt(Paper([Row(45_00)] * 2, closing_cents=1_045_00)).encode(),
    "in where it should be out": _changed("DBIT</CdtDbtInd><Sts>", "CRDT</CdtDbtInd><Sts>"),
    "the second of two does not close": camt(
        Paper([Row(45_00)]), Paper([Row(45_00)], closing_cents=1, identification="B", number=2)
    ).encode(),
    "no opening balance": _changed("OPBD", "XXXX"),
    "no closing balance": _changed("CLBD", "CLAV"),
    "no balances": _changed("Bal>", "Saldo>", 4),
    "two closing balances that differ": camt(
        Paper([Row(45_00)], extra_balances=balance("CLBD", 1, Paper().day))
    ).encode(),
    "announced money counted": camt(Paper([Row(45_00, status="PDNG")], closing_cents=1_045_00)).encode(),
    "NaN": _amount("NaN"),
    "infinite": _amount("INF"),
    "an exponent": _amount("4.5E1"),
    "an underscore": _amount("4_5.00"),
    "a comma": _amount("45,00"),
    "a thousand point": _amount("1.045.00"),
    "full-width digits": _amount("４５.00"),
    "Arabic digits": _amount("٤٥.00"),
    "the letter O": _amount("45.O0"),
    "the letter l": _amount("l5.00"),
    "a minus": _amount("-45.00"),
    "a long minus": _amount("\u221245.00"),
    "a plus": _amount("+45.00"),
    "hexadecimal": _amount("0x2D"),
    "a part of a cent": _amount("45.001"),
    "nothing as an amount": _amount(""),
    "only a point": _amount("."),
    "a hidden sign in an amount": _amount("4\u200b5.00"),
    "a hard space in an amount": _amount("\u00a045.00"),
    "an amount of forty digits": _amount("9" * 40),
    "an element in an amount": _amount("4<b/>5.00"),
    "two amounts": _changed(
        '<Ntry><Amt Ccy="EUR">45.00</Amt>', '<Ntry><Amt Ccy="EUR">45.00</Amt><Amt Ccy="EUR">1</Amt>'
    ),
    "no amount": _changed('<Ntry><Amt Ccy="EUR">45.00</Amt>', "<Ntry>"),
    # --- currency, sign, status, dates ---
    "dollars": _changed('<Ntry><Amt Ccy="EUR">', '<Ntry><Amt Ccy="USD">'),
    "euro in small letters": _changed('<Ntry><Amt Ccy="EUR">', '<Ntry><Amt Ccy="eur">'),
    "no currency": _changed('<Ntry><Amt Ccy="EUR">', "<Ntry><Amt>"),
    "an account in pounds": _changed("<Ccy>EUR</Ccy>", "<Ccy>GBP</Ccy>"),
    "a balance in yen": _changed('</Tp><Amt Ccy="EUR">', '</Tp><Amt Ccy="JPY">'),
    "neither in nor out": _changed("<CdtDbtInd>CRDT</CdtDbtInd><Sts>", "<CdtDbtInd>BOTH</CdtDbtInd><Sts>"),
    "in and out": _changed(
        "<CdtDbtInd>CRDT</CdtDbtInd><Sts>", "<CdtDbtInd>CRDT</CdtDbtInd><CdtDbtInd>DBIT</CdtDbtInd><Sts>"
    ),
    "a status nobody knows": _changed("<Sts>BOOK", "<Sts>MAYBE"),
    "the 31st of November": _changed("<BookgDt><Dt>2026-11-24", "<BookgDt><Dt>2026-11-31"),
    "a Dutch date": _changed("<BookgDt><Dt>2026-11-24", "<BookgDt><Dt>24-11-2026"),
    "full-width digits in a date": _changed("<BookgDt><Dt>2026-11-24", "<BookgDt><Dt>２０26-11-24"),
    "the year 9999": _changed("<BookgDt><Dt>2026", "<BookgDt><Dt>9999"),
    "no date on a line": _changed("<BookgDt><Dt>2026-11-24</Dt></BookgDt>", ""),
    # --- whose, and which ---
    "no account": _changed(f"<IBAN>{OUR_IBAN}</IBAN>", ""),
    "no id": _changed("<Id>AFSCHRIFT-1</Id>", ""),
    "twice the same statement": camt(Paper([Row(45_00)]), Paper([Row(45_00)])).encode(),
    "twice the same id with other figures": camt(Paper([Row(45_00)]), Paper([Row(46_00)])).encode(),
    "two accounts in one statement": _changed(
        "</Acct>", "</Acct><Acct><Id><IBAN>NL20INGB0001234567</IBAN></Id></Acct>"
    ),
    "a statement in a statement": _changed(
        "</Stmt>",
        "<SplmtryData><Document><BkToCstmrStmt><Stmt><Id>X</Id></Stmt></BkToCstmrStmt></Document></SplmtryData></Stmt>",
    ),
    "a statement in another namespace": _changed("<Stmt>", '<x:Stmt xmlns:x="urn:x"/><Stmt>'),
    "entries in another namespace": _GOOD.replace("<Ntry>", '<Ntry xmlns="urn:x">').encode(),
}

#: What the reader can read but the import does not take.
BAD_TO_IMPORT: Final[dict[str, bytes]] = {
    "somebody else's account": camt(Paper([Row(45_00)], iban="NL20INGB0001234567")).encode(),
    "ours and somebody else's": camt(
        Paper([Row(45_00)]), Paper([Row(45_00)], identification="B", iban="NL20INGB0001234567")
    ).encode(),
}
