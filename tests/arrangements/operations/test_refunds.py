"""Money that goes back: two people decide, once it goes out, and what comes back is still theirs."""

from datetime import date, timedelta

import pytest
from defusedxml.ElementTree import fromstring
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Sum

from accounts.models import User
from arrangements.domain.refund import CannotRefund
from arrangements.models import (
    Arrangement,
    BankLine,
    CaseTask,
    LedgerEntry,
    LedgerPosting,
    Payment,
    PayoutFile,
    ProviderCall,
    Refund,
)
from arrangements.operations import submit_refunds as submitting
from arrangements.operations.ask_refund import approve_refund, ask_refund, withdraw_refund
from arrangements.operations.book_unidentified import book_unidentified
from arrangements.operations.check_books import check_books
from arrangements.operations.receive_payment import lock_arrangement, receive_transfer
from arrangements.operations.settle_refund import RefundUnknown, refund_failed, refund_paid
from arrangements.operations.submit_refunds import StillUnknown, send_by_provider, submit_refunds
from arrangements.payments.pain001 import NAMESPACE
from arrangements.payments.provider import CallFailed, OrderRefused, OutcomeUnknown
from arrangements.queries.refunds import due_to_citizen, refunds_of
from infra import clock, jobs
from infra.models import Message
from infra.scope import Scope, act_as, as_worker
from tests.factories.bank import SENDER_IBAN, bank_line
from tests.factories.money import START, pay_all, pay_next, running_case
from tests.factories.norms import make_desk
from tests.factories.people import citizen_scope

pytestmark = pytest.mark.django_db
IBAN = "NL91ABNA0417164300"


def balance(account: int, **where: int) -> int:
    with as_worker("test"):
        rows = LedgerPosting.objects.filter(entry__ledger="cash", account=account, **where)
        return int(rows.aggregate(sum=Sum(F("credit_cents") - F("debit_cents")))["sum"] or 0)


def books_are_right() -> None:
    connection.check_constraints()
    with as_worker("test"):
        assert check_books() == []


def overpaid(extra: int = 20_00) -> Arrangement:
    """A plan of 100 euro that is paid, with `extra` more by transfer."""
    _case, arrangement = running_case(100_00)
    with as_worker("test"):
        receive_transfer(
            lock_arrangement(arrangement.pk),
            key=f"test:{arrangement.pk}",
            amount_cents=100_00 + extra,
            received_on=clock.today(),
        )
    return arrangement


def paid_twice() -> tuple[Arrangement, Payment]:
    """A plan of 45 euro, paid with a link that asked 45 and got 60."""
    _case, arrangement = running_case(45_00)
    return arrangement, pay_next(arrangement, amount_cents=60_00)


def at_desk(user: User, arrangement: Arrangement | None = None) -> Scope:
    return Scope(user_id=user.pk, citizen_id=arrangement.citizen_id if arrangement else None, desk=True, reason="test")


def asked(
    arrangement: Arrangement,
    cents: int = 20_00,
    *,
    user: User | None = None,
    payment: Payment | None = None,
    iban: str = IBAN,
    name: str = "A. de Vries",
) -> Refund:
    user = user or make_desk()
    with act_as(at_desk(user, arrangement)):
        return ask_refund(
            reason=Refund.Reason.OVERPAID,
            user=user,
            arrangement=arrangement,
            payment=payment,
            amount_cents=cents,
            iban="" if payment else iban,
            account_name="" if payment else name,
        )


def approved(refund: Refund, arrangement: Arrangement | None = None) -> Refund:
    user = make_desk()
    with act_as(at_desk(user, arrangement)):
        return approve_refund(refund=refund, user=user)


def submitted(refund: Refund) -> Refund:
    with as_worker("test"):
        submit_refunds(run_date=clock.today())
        return Refund.objects.get(pk=refund.pk)


def now(refund: Refund) -> Refund:
    with as_worker("test"):
        return Refund.objects.get(pk=refund.pk)


def test_a_refund_is_asked_approved_handed_in_and_shown_by_the_bank() -> None:
    plan = overpaid()
    refund = approved(asked(plan), plan)
    refund = submitted(refund)
    assert (refund.state, balance(2200), balance(1000)) == ("submitted", 20_00, -120_00)
    with as_worker("test"):
        refund_paid(end_to_end_id=refund.end_to_end_id, booked_on=clock.today())
        before = LedgerEntry.objects.count(), Message.objects.count()
        refund_paid(end_to_end_id=refund.end_to_end_id, booked_on=clock.today())
        assert (LedgerEntry.objects.count(), Message.objects.count()) == before
    assert (now(refund).state, balance(2200), balance(1000)) == ("paid", 0, -100_00)
    books_are_right()


def test_the_file_holds_every_refund_with_its_own_account_and_is_made_once() -> None:
    first, second = overpaid(), overpaid(5_00)
    rows = [approved(asked(first), first), approved(asked(second, 5_00, name="B. Jansen"), second)]
    submitted(rows[0])
    submitted(rows[1])
    with as_worker("test"):
        [file] = PayoutFile.objects.filter(run=None)
    spaces = {"p": NAMESPACE}
    root = fromstring(bytes(file.content), forbid_dtd=True)
    found = [
        (
            one.findtext("p:PmtId/p:EndToEndId", "", spaces),
            one.findtext("p:Amt/p:InstdAmt", "", spaces),
            one.findtext("p:Cdtr/p:Nm", "", spaces),
        )
        for one in root.iterfind(".//p:CdtTrfTxInf", spaces)
    ]
    assert found == [(rows[0].end_to_end_id, "20.00", "A. de Vries"), (rows[1].end_to_end_id, "5.00", "B. Jansen")]
    assert (file.total_cents, file.line_count, file.state) == (25_00, 2, "submitted")
    with as_worker("test"):
        again = submitting.file_of(
            message_id=file.message_id, run_date=file.made_on, refunds=list(Refund.objects.order_by("pk"))
        )
    assert again == bytes(file.content)


def test_nobody_approves_what_they_asked_for_and_the_database_says_so_too() -> None:
    plan, user = overpaid(), make_desk()
    refund = asked(plan, user=user)
    with act_as(at_desk(user, plan)), pytest.raises(CannotRefund, match="collega"):
        approve_refund(refund=refund, user=user)
    with as_worker("test"), pytest.raises(IntegrityError), transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(approved_by=user, state="approved")


def test_no_more_goes_back_than_is_due_less_what_is_on_its_way() -> None:
    plan = overpaid()
    with pytest.raises(CannotRefund, match="meer dan er terug kan"):
        asked(plan, 20_01)
    refund = asked(plan, 15_00)
    with pytest.raises(CannotRefund):
        asked(plan, 5_01)
    user = make_desk()
    with act_as(at_desk(user, plan)):
        withdraw_refund(refund=refund, user=user)
    submitted(approved(asked(plan, 20_00), plan))
    with pytest.raises(CannotRefund):
        asked(plan, 1)
    with pytest.raises(CannotRefund, match="hoger is dan 0"):
        asked(plan, 0)


@pytest.mark.parametrize(
    ("iban", "name", "says"),
    [
        ("NL91ABNA0417164301", "A", "IBAN klopt niet"),
        ("", "A", "IBAN klopt niet"),
        (IBAN, "  ", "op welke naam"),
        ("NL02ABNA0123456789", "A", "onze eigen rekening|IBAN klopt niet"),
    ],
)
def test_an_account_that_cannot_be_is_told(iban: str, name: str, says: str) -> None:
    plan = overpaid()
    with pytest.raises(CannotRefund, match=says):
        asked(plan, iban=iban, name=name)


def test_what_was_handed_in_cannot_be_withdrawn() -> None:
    plan, user = overpaid(), make_desk()
    refund = submitted(approved(asked(plan), plan))
    with act_as(at_desk(user, plan)), pytest.raises(CannotRefund):
        withdraw_refund(refund=refund, user=user)


def test_a_transfer_that_comes_back_is_due_again_with_a_task_for_the_right_account() -> None:
    plan = overpaid()
    refund = submitted(approved(asked(plan), plan))
    with as_worker("test"):
        refund_paid(end_to_end_id=refund.end_to_end_id, booked_on=clock.today())
        refund_failed(end_to_end_id=refund.end_to_end_id, reason_code="AC04", booked_on=clock.today())
        before = LedgerEntry.objects.count()
        refund_failed(end_to_end_id=refund.end_to_end_id, reason_code="AC04", booked_on=clock.today())
        assert LedgerEntry.objects.count() == before
        assert CaseTask.objects.filter(key=f"refund_failed:{refund.pk}").exists()
        assert due_to_citizen(plan.pk).free_cents == 20_00
    assert (now(refund).state, balance(2200), balance(1000)) == ("failed", 20_00, -120_00)
    books_are_right()
    again = submitted(approved(asked(plan, iban="NL20INGB0001234567"), plan))
    assert again.end_to_end_id != refund.end_to_end_id
    books_are_right()


def test_what_the_bank_refuses_before_booking_is_posted_nowhere() -> None:
    plan = overpaid()
    refund = submitted(approved(asked(plan), plan))
    with as_worker("test"):
        before = LedgerEntry.objects.count()
        refund_failed(end_to_end_id=refund.end_to_end_id, reason_code="AC01")
        assert LedgerEntry.objects.count() == before
        assert due_to_citizen(plan.pk).free_cents == 20_00
    books_are_right()


def test_a_return_that_is_read_before_the_transfer_itself_books_both_once() -> None:
    plan = overpaid()
    refund = submitted(approved(asked(plan), plan))
    with as_worker("test"):
        refund_failed(end_to_end_id=refund.end_to_end_id, reason_code="AC04", booked_on=clock.today())
        refund_paid(end_to_end_id=refund.end_to_end_id, booked_on=clock.today())
    assert (now(refund).state, balance(2200)) == ("failed", 20_00)
    books_are_right()


def test_an_end_to_end_id_of_nobody_is_told() -> None:
    with as_worker("test"), pytest.raises(RefundUnknown):
        refund_paid(end_to_end_id="EPRonbekend", booked_on=START)


def test_money_of_a_sender_nobody_knows_goes_back_to_that_account_only() -> None:
    line, user = bank_line(33_00), make_desk()
    with as_worker("test"):
        book_unidentified(line)
    with act_as(at_desk(user)):
        with pytest.raises(CannotRefund, match="waar het vandaan kwam"):
            ask_refund(
                reason=Refund.Reason.UNIDENTIFIED,
                user=user,
                bank_line=line,
                amount_cents=33_00,
                iban=IBAN,
                account_name="X",
            )
        with pytest.raises(CannotRefund, match="meer dan"):
            ask_refund(reason=Refund.Reason.UNIDENTIFIED, user=user, bank_line=line, amount_cents=33_01)
        refund = ask_refund(reason=Refund.Reason.UNIDENTIFIED, user=user, bank_line=line, amount_cents=33_00)
        with pytest.raises(CannotRefund):
            ask_refund(reason=Refund.Reason.UNIDENTIFIED, user=user, bank_line=line, amount_cents=1)
    assert (refund.iban, refund.account_name) == (SENDER_IBAN, "A. Afzender")
    refund = submitted(approved(refund))
    with as_worker("test"):
        assert BankLine.objects.get(pk=line.pk).meaning == "sent_back"
        refund_paid(end_to_end_id=refund.end_to_end_id, booked_on=clock.today())
    assert (balance(2900), balance(1000)) == (0, 0)
    books_are_right()
    with as_worker("test"):
        refund_failed(end_to_end_id=refund.end_to_end_id, reason_code="AC04", booked_on=clock.today())
        assert BankLine.objects.get(pk=line.pk).meaning == "open"
    assert balance(2900) == 33_00
    books_are_right()


class Provider:
    """The other side of a provider that can refund: keeps its keys, answers late when told to."""

    def __init__(self) -> None:
        self.refunds: dict[str, tuple[str, int]] = {}
        self.silent = 0
        self.refuses = False

    def refund(self, provider_id: str, amount_cents: int, key: str) -> str:
        if self.refuses:
            raise CallFailed("no")
        self.refunds.setdefault(key, (provider_id, amount_cents))
        if self.silent:
            self.silent -= 1
            raise OutcomeUnknown
        return f"re_{key}"

    def find(self, key: str) -> str | None:
        return f"re_{key}" if key in self.refunds else None


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    found = Provider()
    monkeypatch.setattr("arrangements.operations.call_provider.provider_named", lambda _name: found)
    return found


def test_a_payment_goes_back_the_way_it_came_without_an_account(provider: Provider) -> None:
    plan, payment = paid_twice()
    refund = approved(asked(plan, 15_00, payment=payment), plan)
    with as_worker("test"):
        [mail] = Message.objects.filter(key=f"refund_approved:{refund.pk}")
    assert "op de rekening waarmee u betaalde" in mail.body
    jobs.run_all()
    assert list(provider.refunds.values()) == [(payment.provider_id, 15_00)]
    assert (now(refund).state, now(refund).iban, balance(2200), balance(1100)) == ("paid", "", 0, -45_00)
    with as_worker("test"):
        send_by_provider(refund.pk)
    assert len(provider.refunds) == 1
    books_are_right()


def test_a_provider_that_does_not_answer_gets_the_same_call_again_and_it_goes_once(provider: Provider) -> None:
    plan, payment = paid_twice()
    refund = approved(asked(plan, 15_00, payment=payment), plan)
    provider.silent = 1
    with as_worker("test"), pytest.raises(StillUnknown):
        send_by_provider(refund.pk)
    assert (now(refund).state, balance(2200)) == ("approved", 15_00)
    user = make_desk()
    with act_as(at_desk(user, plan)), pytest.raises(CannotRefund, match="Intrekken kan niet meer"):
        withdraw_refund(refund=refund, user=user)
    with as_worker("test"):
        assert send_by_provider(refund.pk) == "paid"
    assert len(provider.refunds) == 1
    books_are_right()


def test_after_a_day_without_an_answer_a_person_looks_and_nothing_is_sent_again(provider: Provider) -> None:
    plan, payment = paid_twice()
    refund = approved(asked(plan, 15_00, payment=payment), plan)
    provider.silent = 1
    with as_worker("test"), pytest.raises(StillUnknown):
        send_by_provider(refund.pk)
    provider.refunds.clear()
    with as_worker("test"):
        ProviderCall.objects.update(called_at=clock.now() - timedelta(hours=24))
        assert send_by_provider(refund.pk) == "approved"
        assert ProviderCall.objects.get(operation="refund").state == "to_person"
        assert Message.objects.filter(kind="refund_unknown").exists()
    assert not provider.refunds


def test_a_provider_that_says_no_leaves_the_money_due(provider: Provider) -> None:
    plan, payment = paid_twice()
    provider.refuses = True
    refund = approved(asked(plan, 15_00, payment=payment), plan)
    jobs.run_all()
    assert (now(refund).state, balance(2200)) == ("failed", 15_00)
    with as_worker("test"):
        assert due_to_citizen(plan.pk).free_cents == 15_00
    books_are_right()


def test_a_provider_refund_that_fails_later_is_reversed(provider: Provider) -> None:
    plan, payment = paid_twice()
    refund = approved(asked(plan, 15_00, payment=payment), plan)
    jobs.run_all()
    with as_worker("test"):
        refund_failed(end_to_end_id=refund.end_to_end_id, reason_code="failed")
    assert (now(refund).state, balance(2200), balance(1100)) == ("failed", 15_00, -60_00)
    books_are_right()


def test_never_more_through_the_provider_than_came_in_there() -> None:
    plan = overpaid()
    with as_worker("test"):
        other = running_case(45_00)[1]
    payment = pay_next(other)
    with pytest.raises(CannotRefund, match="hoort niet bij deze regeling"):
        asked(plan, 1_00, payment=payment)


class Channel:
    """A bank that takes files."""

    name = "bank"

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.silent = self.refuses = False

    def submit(self, message_id: str, content: bytes) -> None:
        if self.refuses:
            raise OrderRefused("niet geldig")
        if message_id in self.files:
            raise OrderRefused("twee keer")
        self.files[message_id] = content
        if self.silent:
            self.silent = False
            raise OutcomeUnknown

    def read_status(self, message_id: str) -> dict[str, str] | None:
        return {} if message_id in self.files else None


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Channel:
    found = Channel()
    monkeypatch.setattr(submitting, "remittance_channel", lambda: found)
    return found


def test_a_bank_that_does_not_answer_gets_the_file_once(channel: Channel) -> None:
    plan = overpaid()
    refund = approved(asked(plan), plan)
    channel.silent = True
    with as_worker("test"), pytest.raises(StillUnknown):
        submit_refunds(run_date=clock.today())
    assert (now(refund).state, len(channel.files)) == ("approved", 1)
    assert submitted(refund).state == "submitted"
    assert len(channel.files) == 1


def test_a_file_that_the_bank_refuses_leaves_all_of_it_due(channel: Channel) -> None:
    plan = overpaid()
    refund = approved(asked(plan), plan)
    channel.refuses = True
    assert submitted(refund).state == "failed"
    with as_worker("test"):
        assert due_to_citizen(plan.pk).free_cents == 20_00
        assert PayoutFile.objects.get(run=None).state == "rejected"
    books_are_right()


def test_the_day_promises_one_file_and_only_when_something_waits() -> None:
    plan = overpaid()
    with as_worker("test"):
        assert submitting.refunds_due(today=clock.today()) == 0
    refund = approved(asked(plan), plan)
    with as_worker("test"):
        assert submitting.refunds_due(today=date(2026, 11, 24)) == 1
        assert submitting.refunds_due(today=date(2026, 11, 24)) == 1
    jobs.run_all()
    assert now(refund).state == "submitted"


def test_the_citizen_sees_what_is_on_its_way_and_not_what_is_only_asked() -> None:
    plan = overpaid()
    refund = asked(plan)
    with as_worker("test"):
        citizen = Arrangement.objects.select_related("citizen").get(pk=plan.pk).citizen
    with act_as(citizen_scope(citizen)):
        assert refunds_of(plan.pk) == []
    approved(refund, plan)
    with act_as(citizen_scope(citizen)):
        [row] = refunds_of(plan.pk)
    assert (row.amount_cents, row.state, row.where) == (20_00, "approved", "op rekening …4300")


def test_money_paid_after_the_end_can_go_back() -> None:
    _case, plan = running_case(45_00)
    pay_all(plan)
    with as_worker("test"):
        receive_transfer(lock_arrangement(plan.pk), key="late", amount_cents=10_00, received_on=clock.today())
    refund = submitted(approved(asked(plan, 10_00), plan))
    with as_worker("test"):
        refund_paid(end_to_end_id=refund.end_to_end_id, booked_on=clock.today())
    assert balance(2200) == 0
    books_are_right()
