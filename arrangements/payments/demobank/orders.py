"""Files with transfers, handed in at the made-up bank: taken or refused at once, carried out on the next bank day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from lxml import etree

from arrangements.models import DemoBankFault, DemoBankMove, DemoBankOrder
from arrangements.payments.demobank import account, faults
from arrangements.payments.demobank.gate import require_demo
from arrangements.payments.pain001 import NAMESPACE
from arrangements.payments.provider import OrderRefused, OutcomeUnknown
from infra import clock
from kernel.identifiers import normalize_iban

Kind = DemoBankFault.Kind
_SPACES: Final = {"p": NAMESPACE}
_ACCOUNT_WRONG: Final = "AC04"
_LARGEST_FILE: Final = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Ordered:
    """One transfer of a file, in cents."""

    end_to_end_id: str
    amount_cents: int
    name: str
    iban: str
    structured: str
    text: str


@dataclass(frozen=True, slots=True)
class Batch:
    """One PmtInf: `together` is a single debit on the account."""

    number: str
    execute_on: date
    together: bool
    transfers: tuple[Ordered, ...]


def submit(message_id: str, content: bytes) -> None:
    """See RemittanceChannel. Nothing of a file that is not valid is taken."""
    require_demo()
    batches = list(_batches(_checked(message_id, content)))
    names = [one.end_to_end_id for batch in batches for one in batch.transfers]
    try:
        with transaction.atomic():
            order = DemoBankOrder.objects.create(message_id=message_id, content=content, handed_in_on=clock.today())
            refused = faults.take([Kind.PARTIAL_REJECT], message_id, *names).get(Kind.PARTIAL_REJECT)
            if refused is not None:
                one = refused.target if refused.target in names else names[0]
                order.rejected = {one: _ACCOUNT_WRONG}
                order.save(update_fields=["rejected"])
                faults.happened(refused, one)
            silent = faults.take([Kind.TIMEOUT_AFTER_EXECUTION], message_id, "submit").get(Kind.TIMEOUT_AFTER_EXECUTION)
            if silent is not None:
                faults.happened(silent, message_id)
    except IntegrityError as error:
        raise OrderRefused(f"{message_id}: dit bestand is al eerder aangeboden") from error
    if silent is not None:
        raise OutcomeUnknown("submit")


def read_status(message_id: str) -> Mapping[str, str] | None:
    """See RemittanceChannel."""
    row = DemoBankOrder.objects.filter(pk=message_id).values_list("rejected", flat=True).first()
    return None if row is None else dict(row)


def execute(today: date) -> int:
    """Carry out what was handed in before `today` and may be carried out by then. How many files."""
    waiting = DemoBankOrder.objects.filter(executed_on=None, handed_in_on__lt=today).order_by(
        "handed_in_on", "message_id"
    )
    return sum(_execute(message_id, today) for message_id in waiting.values_list("pk", flat=True))


@transaction.atomic
def bounce(end_to_end_id: str) -> DemoBankMove | None:
    """The money of one transfer comes back: the account of the receiver does not exist. None for one that never went."""
    went = account.move_of_transfer(end_to_end_id)
    if went is None:
        return None
    detail = next((one for one in went.details if one["end_to_end_id"] == end_to_end_id), None)
    return account.book(
        f"return:{end_to_end_id}:{went.pk}",
        -went.amount_cents if detail is None else detail["amount_cents"],
        counterparty_name=went.counterparty_name if detail is None else detail["name"],
        counterparty_iban=went.counterparty_iban if detail is None else detail["iban"],
        text="Retour: rekening bestaat niet",
        end_to_end_id=end_to_end_id,
        batch_id=went.batch_id,
        return_reason=_ACCOUNT_WRONG,
    )


@transaction.atomic
def _execute(message_id: str, today: date) -> int:
    order = DemoBankOrder.objects.select_for_update().get(pk=message_id)
    batches = list(_batches(etree.fromstring(bytes(order.content), _parser())))
    if order.executed_on is not None or any(batch.execute_on > today for batch in batches):
        return 0
    names = []
    for batch in batches:
        good = [one for one in batch.transfers if one.end_to_end_id not in order.rejected]
        names += [one.end_to_end_id for one in good]
        if good and batch.together:
            account.book(
                f"order:{message_id}:{batch.number}"[:120],
                -sum(one.amount_cents for one in good),
                batch_id=batch.number,
                details=[_detail(one) for one in good],
            )
        elif good:
            for one in good:
                account.book(
                    f"order:{message_id}:{one.end_to_end_id}"[:120],
                    -one.amount_cents,
                    batch_id=batch.number,
                    end_to_end_id=one.end_to_end_id,
                    counterparty_name=one.name,
                    counterparty_iban=one.iban,
                    structured_reference=one.structured,
                    text=one.text,
                )
    order.executed_on = today
    order.save(update_fields=["executed_on"])
    bounced = faults.take([Kind.BOUNCED_CREDITOR], message_id, *names).get(Kind.BOUNCED_CREDITOR)
    if bounced is not None and names:
        faults.hits(bounced, bounced.target if bounced.target in names else names[0], at_least=1)
    return 1


def _detail(one: Ordered) -> dict[str, Any]:
    return {
        "end_to_end_id": one.end_to_end_id,
        "amount_cents": one.amount_cents,
        "name": one.name,
        "iban": one.iban,
        "structured": one.structured,
        "text": one.text,
    }


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring((files("sepaxml") / "schemas" / "pain.001.001.09.xsd").read_bytes()))


def _checked(message_id: str, content: bytes) -> etree._Element:
    """The root of a file that is valid and adds up. OrderRefused with the reason."""
    if len(content) > _LARGEST_FILE:
        raise OrderRefused("het bestand is te groot")
    if b"<!DOCTYPE" in content:
        raise OrderRefused("een bestand met een DTD wordt niet gelezen")
    try:
        root = etree.fromstring(content, _parser())
    except etree.XMLSyntaxError as error:
        raise OrderRefused(f"dit is geen XML: {error.msg}") from error
    schema = _schema()
    if not schema.validate(root):
        raise OrderRefused(f"niet volgens pain.001.001.09: {next(iter(schema.error_log)).message}")
    if _text(root, ".//p:GrpHdr/p:MsgId") != message_id:
        raise OrderRefused("het nummer in het bestand is een ander")
    batches = list(_batches(root))
    amounts = [one.amount_cents for batch in batches for one in batch.transfers]
    if _text(root, ".//p:GrpHdr/p:NbOfTxs") != str(len(amounts)):
        raise OrderRefused("het aantal overboekingen klopt niet")
    total = _text(root, ".//p:GrpHdr/p:CtrlSum")
    if total and _cents(total) != sum(amounts):
        raise OrderRefused("het totaal klopt niet")
    names = [one.end_to_end_id for batch in batches for one in batch.transfers]
    if len(set(names)) != len(names):
        raise OrderRefused("twee overboekingen hebben hetzelfde nummer")
    ours = normalize_iban(settings.ACCOUNT_HOLDER_IBAN)
    if any(iban.text != ours for iban in root.iterfind(".//p:DbtrAcct/p:Id/p:IBAN", _SPACES)):
        raise OrderRefused("dit is niet onze rekening")
    return root


def _batches(root: etree._Element) -> Iterator[Batch]:
    for batch in root.iterfind(".//p:PmtInf", _SPACES):
        yield Batch(
            number=_text(batch, "p:PmtInfId"),
            execute_on=date.fromisoformat(_text(batch, "p:ReqdExctnDt/p:Dt")[:10]),
            together=_text(batch, "p:BtchBookg") != "false",
            transfers=tuple(
                Ordered(
                    end_to_end_id=_text(one, "p:PmtId/p:EndToEndId"),
                    amount_cents=_cents(_text(one, "p:Amt/p:InstdAmt")),
                    name=_text(one, "p:Cdtr/p:Nm"),
                    iban=_text(one, "p:CdtrAcct/p:Id/p:IBAN"),
                    structured=_text(one, "p:RmtInf/p:Strd/p:CdtrRefInf/p:Ref"),
                    text=_text(one, "p:RmtInf/p:Ustrd"),
                )
                for one in batch.iterfind("p:CdtTrfTxInf", _SPACES)
            ),
        )


def _text(parent: etree._Element, where: str) -> str:
    return parent.findtext(where, "", _SPACES) or ""


def _cents(text: str) -> int:
    """The schema allows at most two decimals for euros only by custom: more are refused."""
    whole, _dot, part = text.partition(".")
    if len(part) > 2:
        raise OrderRefused(f"dit is geen bedrag in centen: {text}")
    return int(whole or 0) * 100 + int(part.ljust(2, "0") or 0)
