"""What is told, lost, told twice, told too late or told by somebody else: the books follow what is true at the bank."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from arrangements.models import (
    DemoBankEvent,
    LedgerEntry,
    MoneyDecision,
    Payment,
    ProviderEvent,
    ProviderMove,
    ProviderSettlement,
    Receipt,
    Storno,
)
from arrangements.operations.book_settlement import book_settlement
from arrangements.operations.check_books import check_books
from arrangements.operations.close_event import CannotClose, close_event
from arrangements.operations.refresh_payment import refresh_pending_payments
from arrangements.operations.start_payment import ProviderSilent
from arrangements.operations.store_event import store_event
from arrangements.operations.take_settlements import take_all_settlements
from arrangements.operations.watch_events import fetch_missed_events, look_again_at_events
from arrangements.payments import demobank
from arrangements.payments.provider import Verified
from arrangements.payments.signatures import sign
from infra import clock, jobs
from infra.models import Job
from infra.scope import act_as, as_worker
from kernel.working_days import add_working_days
from tests.factories.bank_day import settle
from tests.factories.money import at, next_open, open_link, pay_next, running_case
from tests.factories.norms import desk_scope, make_desk

pytestmark = pytest.mark.django_db

ADDRESS = "/betalen/webhook/demobank/"


def link() -> Payment:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    return open_link(arrangement.citizen, next_open(arrangement))


def knock(body: bytes) -> int:
    header = sign(body, secret="tests-only-webhook", at=int(time.time()))
    client = Client(enforce_csrf_checks=True)
    return client.post(ADDRESS, body, content_type="application/json", headers={demobank.HEADER: header}).status_code


def bodies(*payments: str) -> list[bytes]:
    rows = DemoBankEvent.objects.filter(payment_id__in=payments).order_by("number")
    return [bytes(row.body) for row in rows]


def next_day() -> None:
    day = add_working_days(clock.today(), 1)
    at(day)
    with as_worker("test"):
        demobank.close_day(day)


def fetched() -> int:
    with as_worker("test"):
        count = fetch_missed_events()
    jobs.run_all()
    return count


def state(payment: Payment) -> str:
    with as_worker("test"):
        payment.refresh_from_db()
    return payment.state


def books() -> list[object]:
    connection.check_constraints()
    with as_worker("test"):
        return list(check_books())


def test_a_lost_message_is_fetched_and_booked_and_fetching_again_finds_nothing() -> None:
    payment = link()
    demobank.set_fault("lost_webhook")
    demobank.pay(payment.provider_id)
    with as_worker("test"):
        assert not Job.objects.filter(kind="demobank_webhook").exists()
    assert fetched() == 1
    assert state(payment) == "succeeded"
    assert fetched() == 0
    assert books() == []


def test_a_bank_that_thinks_leaves_the_payment_on_its_way_until_it_knows() -> None:
    payment = link()
    demobank.set_fault("late_success", after_days=2)
    demobank.pay(payment.provider_id)
    fetched()
    assert state(payment) == "pending"
    next_day()
    next_day()
    fetched()
    assert state(payment) == "succeeded"
    assert books() == []


def test_failure_after_success_is_booked_as_taken_back() -> None:
    payment = link()
    demobank.set_fault("fails_after_success", after_days=1)
    demobank.pay(payment.provider_id)
    fetched()
    assert state(payment) == "succeeded"
    next_day()
    fetched()
    assert state(payment) == "reversed"
    with as_worker("test"):
        assert Storno.objects.get().amount_cents == 45_00


def test_a_storno_comes_after_the_chosen_days_with_its_fee_and_is_booked_once() -> None:
    payment = link()
    demobank.set_fault("storno", after_days=3)
    demobank.pay(payment.provider_id)
    fetched()
    for _ in range(3):
        next_day()
    fetched()
    assert state(payment) == "reversed"
    for body in bodies(payment.provider_id):
        assert knock(body) == 200
    jobs.run_all()
    with as_worker("test"):
        assert Storno.objects.count() == 1
        assert LedgerEntry.objects.filter(kind="storno_fee").count() == 1


def test_messages_in_the_wrong_order_and_twice_book_once() -> None:
    payment = link()
    demobank.set_fault("wrong_order")
    demobank.set_fault("duplicate")
    demobank.pay(payment.provider_id)
    with as_worker("test"):
        promised = list(Job.objects.filter(kind="demobank_webhook").values_list("key", flat=True))
    assert len(promised) == 3
    for body in reversed(bodies(payment.provider_id) * 2):
        assert knock(body) == 200
    jobs.run_all(rounds=2)
    with as_worker("test"):
        assert Receipt.objects.count() == 1
        assert ProviderEvent.objects.filter(handled_at=None).count() == 0
    assert books() == []


def test_a_link_that_was_opened_without_an_answer_is_found_by_the_janitor() -> None:
    _case, arrangement = running_case(1_000_00)
    demobank.set_fault("timeout_after_execution", target="open_link")
    with pytest.raises(ProviderSilent):
        open_link(arrangement.citizen, next_open(arrangement))
    with as_worker("test"):
        payment = Payment.objects.get()
        assert payment.provider_id == ""
        demobank.pay(demobank.DemoBank().find(f"payment:{payment.public_id}") or "", notify=False)
        Payment.objects.update(created_at=clock.now() - timedelta(minutes=6))
        assert refresh_pending_payments(work()) == {"looked_at": 1}
    assert state(payment) == "succeeded"


def work() -> jobs.Work:
    with as_worker("test"):
        job = jobs.enqueue("refresh_pending_payments", key=f"test:{uuid4()}")
    return jobs.Work(job, {})


def test_the_janitor_asks_at_five_minutes_and_an_hour_and_not_in_between() -> None:
    payment = link()
    demobank.pay(payment.provider_id, notify=False)
    with as_worker("test"):
        assert refresh_pending_payments(work()) == {"looked_at": 0}
        Payment.objects.update(created_at=clock.now() - timedelta(minutes=20), asked_at=clock.now())
        assert refresh_pending_payments(work()) == {"looked_at": 0}
        Payment.objects.update(
            created_at=clock.now() - timedelta(minutes=61), asked_at=clock.now() - timedelta(minutes=50)
        )
        assert refresh_pending_payments(work()) == {"looked_at": 1}
    assert state(payment) == "succeeded"


def test_a_link_nobody_used_for_two_weeks_is_closed() -> None:
    payment = link()
    with as_worker("test"):
        Payment.objects.update(created_at=clock.now() - timedelta(days=15))
        refresh_pending_payments(work())
    assert state(payment) == "failed"
    with pytest.raises(demobank.AlreadyDecided):
        demobank.pay(payment.provider_id)


class TestAMessageNobodyCanPlace:
    def stranger(self, *, hours_ago: int) -> ProviderEvent:
        with as_worker("test"):
            store_event(provider="demobank", event=Verified("evt_x", "collection.succeeded", "demo_x"), raw=b"{}")
            Job.objects.filter(kind="handle_provider_event").update(state="failed")
            ProviderEvent.objects.update(received_at=clock.now() - timedelta(hours=hours_ago))
            return ProviderEvent.objects.get()

    def look(self) -> dict[str, int] | None:
        with as_worker("test"):
            return look_again_at_events(work())

    def test_it_is_tried_again_every_hour_and_once_an_hour(self) -> None:
        self.stranger(hours_ago=5)
        assert self.look() == {"again": 1, "shown": 0}
        self.look()
        with as_worker("test"):
            assert Job.objects.filter(kind="handle_provider_event", state="waiting").count() == 1

    def test_after_a_day_it_lies_with_a_person_and_is_not_tried_any_more(self) -> None:
        event = self.stranger(hours_ago=25)
        assert self.look() == {"again": 0, "shown": 1}
        assert self.look() == {"again": 0, "shown": 0}
        with as_worker("test"):
            event.refresh_from_db()
        assert event.shown_on is not None
        assert event.handled_at is None

    def test_a_person_looks_and_says_why_and_then_it_is_done(self) -> None:
        event = self.stranger(hours_ago=25)
        self.look()
        user = make_desk()
        with act_as(desk_scope(user)):
            event.refresh_from_db()
            with pytest.raises(CannotClose, match="Schrijf op"):
                close_event(event=event, user=user, note=" ")
            close_event(event=event, user=user, note="Testbetaling van de bank")
            with pytest.raises(CannotClose, match="collega"):
                close_event(event=event, user=user, note="nog eens")
        jobs.run_all(rounds=2)
        with as_worker("test"):
            event.refresh_from_db()
            decision = MoneyDecision.objects.get()
        assert event.handled_at is not None
        assert decision.done_on is not None

    def test_one_that_is_still_tried_is_not_closed(self) -> None:
        event = self.stranger(hours_ago=1)
        user = make_desk()
        with act_as(desk_scope(user)), pytest.raises(CannotClose, match="nog een dag"):
            close_event(event=event, user=user, note="weg")


class TestPayouts:
    def paid(self) -> Payment:
        _case, arrangement = running_case(1_000_00, 2_000_00)
        return pay_next(arrangement)

    def test_a_payout_is_kept_with_its_lines_and_the_fee_is_ours(self) -> None:
        payment = self.paid()
        next_day()
        with as_worker("test"):
            assert take_all_settlements() == 1
            assert take_all_settlements() == 0
            row = ProviderSettlement.objects.get()
            kinds = sorted(ProviderMove.objects.values_list("kind", "amount_cents", "payment_id"))
        assert (row.gross_cents, row.fee_cents, row.net_cents, row.state) == (45_00, 29, 44_71, "on_its_way")
        assert kinds == [("fee", -29, payment.pk), ("payment", 45_00, payment.pk)]
        assert state(payment) == "settled"
        assert (payment.fee_cents, payment.settlement_id) == (29, row.pk)

    def test_a_payout_that_comes_before_the_message_books_the_payment_first(self) -> None:
        payment = link()
        demobank.pay(payment.provider_id, notify=False)
        next_day()
        with as_worker("test"):
            take_all_settlements()
        assert state(payment) == "settled"
        with as_worker("test"):
            assert Receipt.objects.get().amount_cents == 45_00

    def test_it_is_on_the_bank_when_the_statement_says_so_and_once(self) -> None:
        self.paid()
        next_day()
        with as_worker("test"):
            take_all_settlements()
            row = ProviderSettlement.objects.get()
            assert book_settlement(settlement_id=row.pk, booked_on=clock.today())
            assert not book_settlement(settlement_id=row.pk, booked_on=clock.today())
            assert LedgerEntry.objects.filter(kind="settlement").count() == 1

    def test_with_what_we_add_every_cent_is_there_for_the_creditors(self) -> None:
        self.paid()
        next_day()
        with as_worker("test"):
            assert settle(today=clock.today()) == 45_00
            assert settle(today=clock.today()) == 0
        assert books() == []
