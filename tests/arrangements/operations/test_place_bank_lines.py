"""Lines that are not a citizen's transfer: each finds what it is by its own id and amount, whoever books it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from arrangements.models import (
    Arrangement,
    ArrangementLine,
    BankFile,
    BankLine,
    Claim,
    PayoutBatch,
    PayoutFile,
    PayoutLine,
    ProviderSettlement,
    Refund,
    Withholder,
    WithholdingFile,
)
from arrangements.models.payout import pack
from arrangements.operations import place_bank_line
from arrangements.operations.fetch_statements import fetch_statements
from arrangements.operations.hand_in_statement import hand_in_statement
from arrangements.operations.import_statement import import_statement
from arrangements.operations.place_bank_line import Bookers
from arrangements.payments.provider import RemittanceChannel
from infra import jobs
from infra.models import Message
from infra.scope import as_worker
from tests.factories.bank_files import Paper, Row, camt
from tests.factories.money import running_case
from tests.factories.people import make_director, make_user

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 24)
TOWN = "NL91ABNA0417164300"


class DoesNotAgree(Exception):
    """As the operations of others say it."""


@dataclass
class Asked:
    """Writes down what was asked of the booking operations."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refuse: bool = False

    def bookers(self) -> Bookers:
        def booker(name: str) -> Any:
            def book(**told: Any) -> None:
                if self.refuse:
                    raise DoesNotAgree
                self.calls.append((name, told))

            return book

        return Bookers(
            settlement=booker("settlement"),
            payout=booker("payout"),
            payout_returned=booker("payout_returned"),
            refund=booker("refund"),
            refund_failed=booker("refund_failed"),
            withheld=booker("withheld"),
            refusals=(DoesNotAgree,),
        )


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    made = Asked()
    monkeypatch.setattr(place_bank_line, "BOOKERS", made.bookers())
    return made


def ours(name: str) -> str:
    """The whole id of a transfer: it ends with its claim."""
    found = PayoutLine.objects.filter(end_to_end_id__startswith=f"{name}C").values_list("end_to_end_id", flat=True)
    return found.first() or name


def read(*rows: Row) -> list[BankLine]:
    with as_worker("test"):
        rows = tuple(
            replace(
                row,
                end_to_end_id=ours(row.end_to_end_id),
                parts=[(cents, ours(name)) for cents, name in row.parts],
            )
            for row in rows
        )
        file, _new = hand_in_statement(name="a.xml", content=camt(Paper(rows), version="08").encode())
        assert import_statement(file_id=file.pk).state == "read"
        return list(BankLine.objects.order_by("position", "part"))


def meanings(lines: Sequence[BankLine]) -> list[str]:
    return [one.meaning for one in lines]


def payout(number: str = "EP-1", *, together: bool = False) -> PayoutBatch:
    """A batch of two transfers, 10 and 20 euro, in a file that was handed in."""
    _case, arrangement = running_case(1_000_00, 2_000_00)
    with as_worker("test"):
        first, second = ArrangementLine.objects.filter(arrangement=arrangement).order_by("position")
        # Both claims are of one organisation.
        Claim.objects.filter(pk=second.claim_id).update(creditor_id=first.creditor_id)
        ArrangementLine.objects.filter(pk=second.pk).update(creditor_id=first.creditor_id)
        lines = list(ArrangementLine.objects.filter(arrangement=arrangement).order_by("position"))
        file = PayoutFile.objects.create(
            message_id=f"MSG-{number}", packed=pack(b"x"), sha256="0" * 64, total_cents=30_00, line_count=2, made_on=DAY
        )
        batch = PayoutBatch.objects.create(
            file=file,
            creditor_id=lines[0].creditor_id,
            run_date=DAY,
            number=number,
            total_cents=30_00,
            together=together,
            line_count=2,
            iban="NL20INGB0001234567",
            state="submitted",
        )
        for row, cents in zip(lines, (10_00, 20_00), strict=True):
            PayoutLine.objects.create(
                batch=batch,
                creditor_id=row.creditor_id,
                claim_id=row.claim_id,
                arrangement=arrangement,
                amount_cents=cents,
                reference="x",
                end_to_end_id=f"{number}-{cents}C{row.claim_id}",
            )
    return batch


def booked(batch: PayoutBatch) -> tuple[str, dict[str, Any]]:
    return ("payout", {"batch_id": batch.pk, "booked_on": DAY, "amount_cents": 30_00})


@pytest.mark.parametrize(
    "rows",
    [
        [Row(-30_00, batch_id="EP-1")],
        [Row(-30_00, batch_id="EP-1", parts=[(-10_00, "EP-1-1000"), (-20_00, "EP-1-2000")])],
        [Row(-10_00, end_to_end_id="EP-1-1000"), Row(-20_00, end_to_end_id="EP-1-2000")],
        [Row(-10_00, batch_id="EP-1"), Row(-20_00, batch_id="EP-1")],
        [Row(-30_00, batch_id="MSG-EP-1")],
        [Row(-30_00, end_to_end_id="EP-1")],
    ],
)
def test_a_payout_is_known_however_the_bank_books_it(asked: Asked, rows: list[Row]) -> None:
    batch = payout()
    lines = read(*rows)
    assert set(meanings(lines)) == {"payout"}
    assert asked.calls == [booked(batch)]


def test_a_debit_that_is_not_ours_is_no_payout(asked: Asked) -> None:
    payout()
    assert meanings(read(Row(-30_00), Row(-30_01, batch_id="MSG-EP-1"))) == ["open", "open"]
    assert asked.calls == []


def test_a_booking_that_does_not_agree_waits_and_the_others_go_on(asked: Asked) -> None:
    payout()
    asked.refuse = True
    lines = read(Row(-29_00, batch_id="EP-1"), Row(7_77))
    assert meanings(lines) == ["open", "open"]
    assert lines[0].evidence == "klopt niet met onze opdracht"


def test_a_transfer_that_came_back_is_known_by_its_id_and_its_amount(asked: Asked) -> None:
    payout()
    lines = read(
        Row(10_00, end_to_end_id="EP-1-1000", return_reason="AC04"),
        Row(10_00, end_to_end_id="EP-1-1000", return_reason="AC04"),
        Row(19_99, end_to_end_id="EP-1-2000", return_reason="AC04"),
    )
    # The second one is not there to come back any more, the third is a cent off: both wait for a person.
    assert meanings(lines) == ["payout_returned", "open", "open"]
    with as_worker("test"):
        name = ours("EP-1-1000")
    assert asked.calls == [("payout_returned", {"end_to_end_id": name, "reason": "AC04", "booked_on": DAY})]


def test_what_went_as_one_transfer_comes_back_as_one(asked: Asked) -> None:
    payout(together=True)
    assert meanings(read(Row(30_00, end_to_end_id="EP-1", is_reversal=True))) == ["payout_returned"]
    assert asked.calls[0][1]["reason"] == "MS03"


def test_a_refund_goes_out_and_comes_back(asked: Asked) -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    _refund(arrangement)
    lines = read(
        Row(-5_00, end_to_end_id="EPR1"),
        Row(5_00, end_to_end_id="EPR1", return_reason="AC01"),
        Row(-4_99, end_to_end_id="EPR1"),
    )
    assert meanings(lines) == ["refund", "refund_returned", "open"]
    assert [name for name, _told in asked.calls] == ["refund", "refund_failed"]
    assert asked.calls[1][1]["reason_code"] == "AC01"


def _refund(arrangement: Arrangement) -> Refund:
    with as_worker("test"):
        return Refund.objects.create(
            reason="overpaid",
            arrangement=arrangement,
            citizen_id=arrangement.citizen_id,
            amount_cents=5_00,
            iban="NL20INGB0001234567",
            account_name="R. Vos",
            end_to_end_id="EPR1",
            asked_by=make_user("a@eenplan.example"),
            asked_on=DAY,
        )


def test_a_settlement_by_name_by_amount_and_below_zero(asked: Asked) -> None:
    running_case(1_000_00, 2_000_00)
    with as_worker("test"):
        for name, net in (("po_1", 99_71), ("po_2", 50_00), ("po_3", -7_50), ("po_4", 10_00), ("po_5", 10_00)):
            ProviderSettlement.objects.create(
                provider="demobank", provider_id=name, gross_cents=net, fee_cents=0, net_cents=net, paid_out_on=DAY
            )
    lines = read(
        Row(99_71, text="uitbetaling po_1"),
        Row(50_00, name="DemoBank Payments"),
        Row(-7_50, end_to_end_id="po_3"),
        Row(10_00, name="DemoBank Payments"),
        Row(99_70, text="uitbetaling po_1"),
    )
    # Of two with the same amount nobody can say which; a cent off is not it.
    assert meanings(lines) == ["settlement"] * 3 + ["open"] * 2


def test_the_transfer_of_a_municipality_goes_to_its_specification_and_never_to_one_citizen(asked: Asked) -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    with as_worker("test"):
        town = Withholder.objects.create(name="Gemeente", iban=TOWN)
        file = WithholdingFile.objects.create(
            withholder=town, reference="INH 2026-11", total_cents=500_00, sha256="1" * 64
        )
    lines = read(
        Row(500_00, iban=TOWN, text="betreft inh/2026-11"),
        Row(500_01, iban=TOWN, text="INH 2026-11"),
        Row(45_00, iban=TOWN, reference=arrangement.payment_reference),
    )
    assert asked.calls == [("withheld", {"file_id": file.pk, "bank_line_id": lines[0].pk})]
    assert meanings(lines)[1:] == ["open", "open"]


class Bank:
    """A bank with files on a shelf."""

    name = "bank"

    def __init__(self, *files: bytes) -> None:
        self.files = files

    def submit(self, message_id: str, content: bytes) -> None:
        raise AssertionError

    def read_status(self, message_id: str) -> None:
        return None

    def statements_since(self, cursor: str) -> tuple[Sequence[tuple[str, bytes]], str]:
        start = int(cursor or 0)
        return [(f"{at}.xml", self.files[at]) for at in range(start, len(self.files))], str(len(self.files))


def test_statements_of_the_bank_are_fetched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    make_director()
    running_case(1_000_00, 2_000_00)
    monkeypatch.setattr("arrangements.operations.fetch_statements.CHANNEL_LIMIT", 1_000_000)
    bank: RemittanceChannel = Bank(camt(Paper([Row(45_00)])).encode(), b"x" * 1_000_001)
    moved: list[str] = []
    with as_worker("test"):
        assert fetch_statements(channel=bank, cursor="", move=moved.append) == 1
        assert fetch_statements(channel=bank, cursor="", move=moved.append) == 0
        assert fetch_statements(channel=bank, cursor="2", move=moved.append) == 0
    jobs.run_all()
    assert moved == ["2", "2", "2"]
    with as_worker("test"):
        assert BankFile.objects.get().state == "read"
        assert Message.objects.filter(kind="statement_refused").count() == 1
