"""One entry of a statement: booked or not, in or out, one movement or a batch of them, and who is on the other side."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from lxml import etree

from arrangements.payments.bank_file import FileRefused, Movement
from arrangements.payments.camt053_fields import Fields, raw, tidy, to_cents
from kernel.identifiers import normalize_iban

_BOOKED: Final = frozenset({"BOOK"})
#: Announced, or told by the way: not in the balance, so not money yet.
_NOT_BOOKED: Final = frozenset({"PDNG", "INFO", "FUTR"})
#: Sub-families of bank transaction codes that say: this came back.
_RETURN_CODES: Final = frozenset({"RRTN", "RPCR", "UPDD", "PRDD", "ARET", "RIMB"})
#: ISO for "reason not specified": for a return whose reason the bank keeps to itself.
NO_REASON: Final = "MS03"
_NOT_AN_ID: Final = frozenset({"NOTPROVIDED", "NOT PROVIDED", "NONREF", "NOTAVAILABLE", "EREF+NOTPROVIDED"})


@dataclass(frozen=True, slots=True)
class _Detail:
    """One transaction inside an entry; `cents` None when the bank does not say how much it was."""

    element: etree._Element | None
    cents: int | None


class EntryReader:
    """Reads entries of one statement; `own_account` is set once that is known, to tell the other side from ourselves."""

    def __init__(self, namespace: str) -> None:
        self.fields = Fields(namespace)
        self.own_account = ""

    def movements(self, entry: etree._Element, *, position: int, where: str) -> list[Movement]:
        """What the entry moved: nothing while it is not booked, one movement, or one per part of a batch.

        A batch is split only when its parts add up to the entry; else it stays one. Raises FileRefused.
        """
        fields = self.fields
        sign = fields.sign(entry, where)
        amount = sign * fields.cents(entry, where)
        if not self._is_booked(entry, where):
            return []
        day = fields.day(fields.one(entry, "BookgDt"), where) or fields.day(fields.one(entry, "ValDt"), where)
        if day is None:
            raise FileRefused(f"{where}: er staat geen boekdatum bij.")
        if not amount:
            return []
        details = [_Detail(one, self._cents(one, sign)) for one in fields.all(entry, "NtryDtls/TxDtls")]
        if len(details) > 1 and self._adds_up(details, amount):
            split = [one for one in details if one.cents]
            return [
                self._movement(entry, one.element, position, number, day, one.cents or 0)
                for number, one in enumerate(split, start=1)
            ]
        only = details[0].element if len(details) == 1 else None
        whole = self._movement(entry, only, position, 0, day, amount)
        return [whole if len(details) < 2 else self._with_shared(whole, details)]

    def _is_booked(self, entry: etree._Element, where: str) -> bool:
        said = self.fields.text(entry, "Sts/Cd", "Sts/Prtry", "Sts") or "BOOK"
        if said not in _BOOKED | _NOT_BOOKED:
            raise FileRefused(f"{where}: de status “{said[:20]}” kennen wij niet.")
        return said in _BOOKED

    def _cents(self, detail: etree._Element, sign: int) -> int | None:
        """What one part moved. Version 08 gives an amount with its own sign, version 02 puts it one level deeper."""
        fields = self.fields
        found = fields.one(detail, "Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt")
        if found is None or found.get("Ccy", "").strip() != "EUR":
            return None
        cents = to_cents(raw(found))
        if cents is None:
            return None
        own = fields.text(detail, "CdtDbtInd")
        return cents * {"CRDT": 1, "DBIT": -1}.get(own, sign)

    @staticmethod
    def _adds_up(details: list[_Detail], amount: int) -> bool:
        parts = [one.cents for one in details]
        return all(part is not None for part in parts) and sum(part or 0 for part in parts) == amount

    def _movement(
        self,
        entry: etree._Element,
        detail: etree._Element | None,
        position: int,
        part: int,
        day: date,
        amount: int,
    ) -> Movement:
        fields = self.fields
        name, account = self._other_side(detail, incoming=amount > 0)
        reference, text = self._remittance(entry, detail)
        references = fields.one(detail, "Refs")
        batch = fields.one(entry, "NtryDtls/Btch")
        return Movement(
            position=position,
            part=part,
            booked_on=day,
            amount_cents=amount,
            counterparty_name=name[:140],
            counterparty_iban=account[:34],
            structured_reference=reference[:35],
            text=text[:500],
            end_to_end_id=_id(fields.text(references, "EndToEndId")),
            batch_id=_id(fields.text(references, "PmtInfId"))
            or _id(fields.text(batch, "PmtInfId", "MsgId"))
            or _id(fields.text(references, "MsgId")),
            bank_reference=_id(fields.text(references, "AcctSvcrRef"))
            or _id(fields.text(entry, "AcctSvcrRef", "NtryRef"))
            or _id(fields.text(references, "TxId", "InstrId")),
            return_reason=self._return_reason(entry, detail),
        )

    def _with_shared(self, whole: Movement, details: list[_Detail]) -> Movement:
        """A batch that stays one: what all its parts have in common still says what it is."""
        shared = {self.fields.text(one.element, "Refs/PmtInfId", "Refs/MsgId") for one in details}
        batch = whole.batch_id or (_id(shared.pop()) if len(shared) == 1 else "")
        return Movement(
            position=whole.position,
            part=0,
            booked_on=whole.booked_on,
            amount_cents=whole.amount_cents,
            text=whole.text,
            batch_id=batch,
            bank_reference=whole.bank_reference,
            return_reason=whole.return_reason,
        )

    def _other_side(self, detail: etree._Element | None, *, incoming: bool) -> tuple[str, str]:
        """Name and account of the other side. Of money that came back some banks keep the roles it went out with."""
        sides = ("Dbtr", "Cdtr") if incoming else ("Cdtr", "Dbtr")
        parties = self.fields.one(detail, "RltdPties")
        for side in sides:
            name, account = self._party(parties, side)
            if (name or account) and (not account or account != self.own_account):
                return name, account
        return "", ""

    def _party(self, parties: etree._Element | None, side: str) -> tuple[str, str]:
        text = self.fields.text
        name = text(parties, f"{side}/Nm", f"{side}/Pty/Nm", f"Ultmt{side}/Nm", f"Ultmt{side}/Pty/Nm")
        account = text(parties, f"{side}Acct/Id/IBAN", f"{side}Acct/Id/Othr/Id", f"{side}Acct/Id/PrtryAcct/Id")
        return name, normalize_iban(account)

    def _remittance(self, entry: etree._Element, detail: etree._Element | None) -> tuple[str, str]:
        """The structured reference when there is exactly one, and the words beside it."""
        fields = self.fields
        told = {
            "".join(tidy(raw(one)).split())
            for one in fields.all(detail, "RmtInf/Strd/CdtrRefInf/Ref")
            + fields.all(detail, "RmtInf/Strd/CdtrRefInf/CdtrRef")
        } - {""}
        words = [tidy(raw(one)) for one in fields.all(detail, "RmtInf/Ustrd")]
        words += [tidy(raw(one)) for one in fields.all(detail, "RmtInf/Strd/AddtlRmtInf")]
        text = " ".join(word for word in words if word)
        if len(told) > 1:
            text = " ".join([*sorted(told), text]).strip()
        if not text:
            text = fields.text(detail, "AddtlTxInf") or fields.text(entry, "AddtlNtryInf")
        only = next(iter(told)) if len(told) == 1 else ""
        # One that does not fit our column is no reference of ours; it stays readable.
        return (only, text) if len(only) <= 35 else ("", f"{only} {text}".strip())

    def _return_reason(self, entry: etree._Element, detail: etree._Element | None) -> str:
        fields = self.fields
        told = fields.one(detail, "RtrInf")
        reason = fields.text(told, "Rsn/Cd", "Rsn/Prtry")
        codes = {fields.text(one, "BkTxCd/Domn/Fmly/SubFmlyCd") for one in (entry, detail) if one is not None}
        reversed_ = fields.text(entry, "RvslInd") in {"true", "1"}
        if told is None and not reversed_ and not codes & _RETURN_CODES:
            return ""
        return reason if len(reason) == 4 and reason.isascii() and reason.isalnum() else NO_REASON


def _id(text: str) -> str:
    """An id as somebody gave it, at most 35 signs; empty when it only says that there is none."""
    return "" if text.upper() in _NOT_AN_ID else text[:35]
