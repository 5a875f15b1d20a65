"""A payment that the payer's bank takes back: whose money it is then, to the cent, and that it is booked once."""

from datetime import date

import pytest
from django.db.models import Sum

from arrangements.domain.ladder import ladder_done
from arrangements.domain.lifecycle import InstallmentState
from arrangements.domain.postings import receipt_provider
from arrangements.models import (
    Arrangement,
    ArrangementLine,
    CaseTask,
    Installment,
    LedgerEntry,
    MoneyRun,
    Payment,
    PlanVersion,
    Receipt,
    Refund,
    Storno,
    StornoPart,
)
from arrangements.operations.book_storno import book_fee, book_storno
from arrangements.operations.own_money import book_revenue, book_top_up
from arrangements.operations.pay_out import pay_out
from arrangements.operations.post_entries import post_entries
from arrangements.operations.receive_payment import lock_arrangement, receive_transfer
from arrangements.operations.refresh_payment import refresh_payment
from arrangements.operations.set_off import set_off_balances, set_off_for
from arrangements.operations.settle_dispute import say_it_stands
from arrangements.operations.start_extra_payment import start_extra_payment
from arrangements.operations.start_payment import AlreadyPaid
from arrangements.operations.start_storno_payment import start_storno_payment
from arrangements.operations.withdraw_claim import withdraw_claim
from arrangements.operations.write_off_storno import (
    CannotWriteOff,
    approve_write_off,
    propose_write_off,
    withdraw_write_off,
    write_off_storno,
)
from arrangements.payments import demobank
from arrangements.payments.provider import Reversal
from arrangements.queries.coverage import coverage
from arrangements.queries.overdue import late_ones
from creditors.models import Creditor
from infra import jobs
from infra.models import Message
from infra.scope import act_as, as_worker
from tests.arrangements.operations.test_money_books import assert_books_are_right, lines
from tests.arrangements.operations.test_ops_claims import dispute, owner
from tests.factories.books import balances
from tests.factories.money import RETURN_URL, at, next_open, open_link, pay_all, pay_next, running_case
from tests.factories.norms import desk_scope, make_desk
from tests.factories.people import citizen_scope, login_of
from tests.factories.stornos import remit, take_back

pytestmark = pytest.mark.django_db


def win(payment: Payment, *, dispute: str = "dp_1") -> Storno | None:
    with as_worker("test"):
        cents = Receipt.objects.get(payment=payment).amount_cents
        return book_storno(payment_id=payment.pk, reversal=Reversal(dispute, cents, won=True))


def agree_set_off() -> None:
    with as_worker("test"):
        Creditor.objects.update(set_off_agreed=True)


def fresh(arrangement: Arrangement) -> Arrangement:
    with as_worker("test"):
        return Arrangement.objects.get(pk=arrangement.pk)


def repay(arrangement: Arrangement, storno: Storno, *, amount: int | None = None) -> Payment:
    """The citizen presses the button and pays, at the demo bank."""
    with act_as(citizen_scope(arrangement.citizen)):
        payment = start_storno_payment(storno=storno, return_url=RETURN_URL)
    demobank.pay(payment.provider_id, amount_cents=amount, notify=False)
    with as_worker("test"):
        return refresh_payment(payment_id=payment.pk)


def test_of_what_was_not_paid_on_the_debt_and_the_instalment_are_open_again() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00, 500_00)
    pay_next(arrangement)
    before = [line.paid_cents for line in lines(arrangement)]
    second = pay_next(arrangement)
    storno = take_back(second)
    assert storno is not None
    assert (storno.way, storno.mirrored_cents, storno.open_cents) == ("mirrored", 45_00, 0)
    assert [line.paid_cents for line in lines(arrangement)] == before
    assert balances() == {1100: 45_00, 2100: -45_00}
    now = fresh(arrangement)
    assert (now.received_cents, now.version, now.base_received_cents) == (45_00, 2, 45_00)
    with as_worker("test"):
        again = Installment.objects.get(arrangement=arrangement, number=2)
        assert (again.state, again.paid_cents, again.paid_on) == ("open", 0, None)
        assert Payment.objects.get(pk=second.pk).state == "reversed"
        version = PlanVersion.objects.get(arrangement=arrangement, number=2)
        assert (version.ground, version.decided_by) == ("storno", "system")
        receipt = Receipt.objects.get(payment=second)
        assert (receipt.divided_cents, receipt.reversed_cents) == (0, 45_00)
        assert CaseTask.objects.filter(kind="storno").count() == 1
        assert Message.objects.filter(kind="storno").count() == 1
    assert_books_are_right()
    pay_all(arrangement)
    jobs.run_all()
    assert fresh(arrangement).state == "waived"
    assert_books_are_right()


def test_the_same_storno_told_twice_is_booked_once() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    payment = pay_next(arrangement)
    first = take_back(payment, fee=15_00)
    with as_worker("test"):
        before = LedgerEntry.objects.count(), Message.objects.count(), CaseTask.objects.count()
        again = book_storno(payment_id=payment.pk, reversal=Reversal("dp_1", 45_00, 15_00))
        assert again == first
        assert (LedgerEntry.objects.count(), Message.objects.count(), CaseTask.objects.count()) == before
    assert balances() == {1100: -15_00, 5100: 15_00}
    assert_books_are_right()


def test_what_was_paid_on_stays_with_the_creditors_and_the_citizen_owes_it_to_us() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00, 500_00)
    payment = pay_next(arrangement)
    remit()
    before = [(line.paid_cents, line.remitted_cents) for line in lines(arrangement)]
    storno = take_back(payment)
    assert storno is not None
    assert (storno.way, storno.claimed_cents, storno.open_cents) == ("on_citizen", 45_00, 45_00)
    assert [(line.paid_cents, line.remitted_cents) for line in lines(arrangement)] == before
    now = fresh(arrangement)
    assert (now.received_cents, now.version) == (45_00, 1)
    assert balances() == {1200: -45_00, 1300: 45_00}
    assert_books_are_right()
    repay(arrangement, storno)
    assert balances() == {1100: 45_00, 1200: -45_00}
    with as_worker("test"):
        assert Storno.objects.get(pk=storno.pk).open_cents == 0
        assert Receipt.objects.order_by("-pk")[0].repaid_cents == 45_00
    with pytest.raises(AlreadyPaid):
        repay(arrangement, storno)
    assert_books_are_right()


def test_with_set_off_agreed_the_creditors_owe_it_to_us_and_the_debt_revives() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00, 500_00)
    agree_set_off()
    payment = pay_next(arrangement)
    remit()
    storno = take_back(payment)
    assert storno is not None
    assert (storno.way, storno.set_off_cents, storno.open_cents) == ("set_off", 45_00, 0)
    assert [(line.paid_cents, line.remitted_cents) for line in lines(arrangement)] == [(0, 0)] * 3
    assert balances() == {1200: -45_00, 1310: 45_00}
    with as_worker("test"):
        assert Message.objects.filter(kind="storno").exclude(creditor_id=None).count() == 3
        assert next_open(arrangement).number == 1
    assert_books_are_right()
    pay_next(arrangement)
    with as_worker("test"):
        for line in lines(arrangement):
            row = ArrangementLine.objects.select_for_update().get(pk=line.pk)
            assert set_off_for(row.creditor_id, [row], key=f"test:{row.creditor_id}") == {row.claim_id: row.paid_cents}
            assert row.paid_cents == row.remitted_cents
            assert set_off_balances([row.creditor_id]) == {}
            assert set_off_for(row.creditor_id, [row], key="again") == {}
        assert pay_out(kind=MoneyRun.Kind.ON_DEMAND, run_date=date(2026, 12, 8)).batch_count == 0
    assert balances() == {1100: 45_00, 1200: -45_00}
    assert_books_are_right()


def test_set_off_takes_no_more_than_is_owed_and_the_rest_is_paid() -> None:
    _case, arrangement = running_case(1_000_00)
    agree_set_off()
    payment = pay_next(arrangement)
    remit()
    take_back(payment)
    pay_next(arrangement)
    pay_next(arrangement)
    with as_worker("test"):
        row = ArrangementLine.objects.select_for_update().get(arrangement=arrangement)
        assert set_off_for(row.creditor_id, [row], key="run") == {row.claim_id: 45_00}
        assert row.paid_cents - row.remitted_cents == 45_00
        assert StornoPart.objects.get().open_cents == 0
    assert_books_are_right()


def test_one_creditor_without_set_off_is_enough_to_leave_everything_with_everybody() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    with as_worker("test"):
        Creditor.objects.filter(pk=lines(arrangement)[0].creditor_id).update(set_off_agreed=True)
    payment = pay_next(arrangement)
    remit()
    storno = take_back(payment)
    assert storno is not None
    assert storno.way == "on_citizen"
    assert_books_are_right()


def test_newer_money_that_waits_does_not_stand_in_for_older_money_that_was_paid_on() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    first = pay_next(arrangement)
    remit()
    second = pay_next(arrangement)
    old = take_back(first, dispute="dp_old")
    new = take_back(second, dispute="dp_new")
    assert old is not None
    assert new is not None
    assert (old.way, new.way) == ("on_citizen", "mirrored")
    assert balances() == {1200: -45_00, 1300: 45_00}
    assert_books_are_right()


def test_after_the_end_it_is_always_the_citizen_who_owes_and_the_waiver_stays() -> None:
    _case, arrangement = running_case(10_000_00, months=2)
    agree_set_off()
    pay_next(arrangement)
    last = pay_next(arrangement)
    jobs.run_all()
    assert fresh(arrangement).state == "waived"
    storno = take_back(last)
    assert storno is not None
    assert (storno.way, storno.open_cents) == ("on_citizen", 45_00)
    assert fresh(arrangement).state == "waived"
    assert_books_are_right()
    repay(arrangement, storno)
    assert_books_are_right()


def test_money_that_waits_to_be_divided_is_taken_back_and_never_divided() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    payment = open_link(arrangement.citizen, next_open(arrangement))
    with as_worker("test"):
        Payment.objects.filter(pk=payment.pk).update(state="succeeded")
        waiting = Receipt.objects.create(
            arrangement=arrangement,
            citizen_id=arrangement.citizen_id,
            payment=payment,
            key=f"{payment.provider}:{payment.provider_id}:receipt",
            amount_cents=45_00,
            divided_cents=0,
            received_on=date(2026, 12, 1),
        )
        post_entries([receipt_provider(waiting.key, arrangement=arrangement.pk, amount=45_00)])
    assert balances() == {1100: 45_00, 2000: -45_00}
    assert_books_are_right()
    storno = take_back(payment)
    assert storno is not None
    assert (storno.way, storno.mirrored_cents) == ("mirrored", 45_00)
    with as_worker("test"):
        waiting.refresh_from_db()
    assert (waiting.divided_cents, waiting.reversed_cents) == (0, 45_00)
    assert waiting.divided_on is not None
    assert balances() == {}
    assert fresh(arrangement).version == 1
    assert_books_are_right()
    win(payment)
    assert fresh(arrangement).received_cents == 45_00
    assert_books_are_right()


def test_what_was_kept_for_the_citizen_is_taken_from_there() -> None:
    _case, arrangement = running_case(10_000_00, months=1)
    payment = pay_next(arrangement, amount_cents=60_00)
    jobs.run_all()
    assert balances() == {1100: 60_00, 2100: -45_00, 2200: -15_00}
    storno = take_back(payment)
    assert storno is not None
    assert (storno.extra_cents, storno.claimed_cents, storno.way) == (15_00, 45_00, "on_citizen")
    assert balances() == {1300: 45_00, 2100: -45_00}
    assert_books_are_right()


def test_a_refund_that_was_not_handed_in_is_withdrawn_and_one_that_was_is_the_citizens_to_repay() -> None:
    case, arrangement = running_case(10_000_00, months=1)
    payment = pay_next(arrangement, amount_cents=60_00)
    jobs.run_all()
    with as_worker("test"):
        refund = Refund.objects.create(
            reason="overpaid",
            arrangement=arrangement,
            citizen=case.citizen,
            amount_cents=15_00,
            end_to_end_id="EPR1",
            asked_by=login_of(case.citizen),
            asked_on=date(2026, 12, 1),
        )
    storno = take_back(payment)
    assert storno is not None
    with as_worker("test"):
        refund.refresh_from_db()
    assert (refund.state, storno.extra_cents) == ("withdrawn", 15_00)
    assert_books_are_right()


def test_money_that_repaid_a_storno_and_is_taken_back_too_is_owed_again() -> None:
    _case, arrangement = running_case(1_000_00)
    payment = pay_next(arrangement)
    remit()
    first = take_back(payment)
    assert first is not None
    back = repay(arrangement, first)
    second = take_back(back, dispute="dp_2")
    assert second is not None
    assert (second.way, second.open_cents) == ("on_citizen", 45_00)
    assert balances()[1300] == 45_00
    assert_books_are_right()


def test_more_than_the_plan_asks_repays_a_storno_before_it_is_kept() -> None:
    _case, arrangement = running_case(10_000_00, months=2)
    payment = pay_next(arrangement)
    remit()
    storno = take_back(payment)
    pay_next(arrangement, amount_cents=100_00)
    with as_worker("test"):
        receipt = Receipt.objects.order_by("-pk")[0]
    assert (receipt.divided_cents, receipt.repaid_cents, receipt.extra_cents) == (45_00, 45_00, 10_00)
    assert storno is not None
    assert_books_are_right()


def test_a_transfer_after_the_end_repays_first_and_the_rest_is_the_citizens() -> None:
    _case, arrangement = running_case(10_000_00, months=1)
    payment = pay_next(arrangement)
    jobs.run_all()
    take_back(payment)
    with as_worker("test"):
        receipt = receive_transfer(
            lock_arrangement(arrangement.pk), key="line:1", amount_cents=50_00, received_on=date(2026, 12, 9)
        )
    assert (receipt.repaid_cents, receipt.extra_cents) == (45_00, 5_00)
    with as_worker("test"):
        body = Message.objects.get(key=f"receipt:{receipt.pk}").body
    assert "45 euro voor het geld dat uw bank had teruggehaald" in body.replace("\u00a0", " ")
    assert_books_are_right()


def test_the_instalment_that_was_paid_is_open_again_the_others_stay() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    pay_next(arrangement, amount_cents=100_00)
    second = pay_next(arrangement)
    take_back(second)
    with as_worker("test"):
        rows = list(
            Installment.objects.filter(arrangement=arrangement).order_by("number").values_list("state", "paid_cents")
        )
    assert rows[:4] == [("paid", 45_00), ("paid", 45_00), ("partly_paid", 10_00), ("open", 0)]
    assert_books_are_right()


def test_extra_money_taken_back_opens_the_last_instalments() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    pay_next(arrangement)
    with act_as(citizen_scope(arrangement.citizen)):
        payment = start_extra_payment(arrangement=arrangement, amount_cents=50_00, return_url=RETURN_URL)
    demobank.pay(payment.provider_id, notify=False)
    with as_worker("test"):
        refresh_payment(payment_id=payment.pk)
    take_back(payment)
    with as_worker("test"):
        rows = list(
            Installment.objects.filter(arrangement=arrangement).order_by("number").values_list("state", "paid_cents")
        )
    assert rows == [("paid", 45_00), *[("open", 0)] * 35]
    assert_books_are_right()


def test_an_instalment_whose_day_has_passed_gets_a_new_day_and_nobody_is_late() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    pay_next(arrangement)
    at(date(2027, 1, 4))
    second = pay_next(arrangement, amount_cents=30_00)
    at(date(2027, 2, 10))
    take_back(second)
    with as_worker("test"):
        old, new = Installment.objects.filter(arrangement=arrangement, number=2).order_by("pk")
        assert (old.state, old.moved_ground, old.paid_cents) == ("moved", "storno", 0)
        assert (new.state, new.due_date, new.amount_cents) == ("open", date(2027, 2, 24), 45_00)
        assert new.replaces == old
        assert ladder_done(late_ones(arrangement.pk, date(2027, 2, 10))) is False
    assert_books_are_right()


def test_money_paid_on_an_instalment_that_was_moved_can_be_taken_back_like_any_other() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    first = pay_next(arrangement, amount_cents=7)
    second = pay_next(arrangement, amount_cents=33_33)
    at(date(2026, 12, 20))
    # Its day has passed: the seven cents stay on the instalment that is moved, and can still be taken back.
    take_back(second, dispute="dp_2")
    storno = take_back(first)
    assert storno is not None
    assert (storno.way, storno.mirrored_cents, storno.claimed_cents) == (Storno.Way.MIRRORED, 7, 0)
    with as_worker("test"):
        rows = Installment.objects.filter(arrangement=arrangement)
        assert rows.aggregate(sum=Sum("paid_cents"))["sum"] == 0
        assert sum(row.amount_cents for row in rows.exclude(state=InstallmentState.MOVED)) == 36 * 45_00
    assert_books_are_right()


def test_a_claim_that_left_the_plan_does_not_revive_in_it() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    payment = pay_next(arrangement)
    with act_as(owner(case)):
        withdraw_claim(claim=case.claims[0], user=case.members[0].user)
    jobs.run_all()
    storno = take_back(payment)
    assert storno is not None
    assert storno.way == "on_citizen"
    assert_books_are_right()


def test_what_was_set_aside_for_a_dispute_is_taken_from_there_or_from_where_it_went() -> None:
    for settled in (False, True):
        case, arrangement = running_case(1_000_00, 2_000_00)
        dispute(case, 1)
        payment = pay_next(arrangement)
        if settled:
            with act_as(owner(case, 1)):
                say_it_stands(claim=case.claims[1], user=case.members[1].user)
            jobs.run_all()
        storno = take_back(payment, dispute=f"dp_{settled}")
        assert storno is not None
        assert storno.way == "mirrored"
        assert [(line.paid_cents, line.parked_cents) for line in lines(arrangement)] == [(0, 0), (0, 0)]
        assert_books_are_right()


def test_a_part_taken_back_is_not_booked_but_shown_to_a_person() -> None:
    _case, arrangement = running_case(1_000_00)
    payment = pay_next(arrangement)
    assert take_back(payment, amount=20_00) is None
    assert take_back(payment, amount=20_00) is None
    with as_worker("test"):
        assert Storno.objects.count() == 0
        assert CaseTask.objects.filter(kind="storno").count() == 1
    assert balances() == {1100: 45_00, 2100: -45_00}
    assert_books_are_right()


# --- the bank gives it back -------------------------------------------------------------------------------------------


def test_a_won_dispute_closes_what_the_citizen_owed() -> None:
    _case, arrangement = running_case(1_000_00)
    payment = pay_next(arrangement)
    remit()
    take_back(payment)
    won = win(payment)
    assert win(payment) == won
    assert won is not None
    with as_worker("test"):
        assert Storno.objects.get().open_cents == 0
    assert balances() == {1100: 45_00, 1200: -45_00}
    assert_books_are_right()


def test_what_was_repaid_meanwhile_is_the_citizens_when_the_dispute_is_won() -> None:
    _case, arrangement = running_case(1_000_00)
    payment = pay_next(arrangement)
    remit()
    storno = take_back(payment)
    assert storno is not None
    repay(arrangement, storno, amount=20_00)
    win(payment)
    assert balances() == {1100: 65_00, 1200: -45_00, 2200: -20_00}
    with as_worker("test"):
        assert CaseTask.objects.filter(kind="call_back").count() == 1
    assert_books_are_right()


@pytest.mark.parametrize("agreed", [True, False])
def test_money_that_was_undone_in_the_plan_is_divided_again_when_the_dispute_is_won(agreed: bool) -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    payment = pay_next(arrangement)
    before = [line.paid_cents for line in lines(arrangement)]
    if agreed:
        agree_set_off()
        remit()
    take_back(payment)
    win(payment)
    assert [line.paid_cents for line in lines(arrangement)] == before
    assert fresh(arrangement).received_cents == 45_00
    with as_worker("test"):
        first = Installment.objects.exclude(state="moved").get(arrangement=arrangement, number=1)
        assert first.state == InstallmentState.PAID
    assert balances().get(1310, 0) == (45_00 if agreed else 0)
    assert_books_are_right()
    again = take_back(payment, dispute="dp_2", amount=45_00)
    assert again is not None
    assert_books_are_right()


def test_a_dispute_that_was_won_before_we_heard_of_it_leaves_the_money_where_it_was() -> None:
    _case, arrangement = running_case(1_000_00)
    payment = pay_next(arrangement)
    win(payment)
    assert balances() == {1100: 45_00, 2100: -45_00}
    assert_books_are_right()


# --- cost and our own money -------------------------------------------------------------------------------------------


def test_the_fee_is_booked_once_and_never_out_of_the_citizens_money() -> None:
    _case, arrangement = running_case(1_000_00)
    payment = pay_next(arrangement)
    with as_worker("test"):
        book_fee(payment_id=payment.pk, fee_cents=29)
        book_fee(payment_id=payment.pk, fee_cents=29)
        book_fee(payment_id=payment.pk, fee_cents=35)
    assert balances() == {1100: 44_71, 2100: -45_00, 5000: 29}
    with as_worker("test"):
        assert book_top_up(key="line:1", amount_cents=29)
        assert not book_top_up(key="line:1", amount_cents=29)
        assert book_revenue(key="invoice:1", amount_cents=100)
    assert balances() == {1000: 29, 1010: 71, 1100: 44_71, 2100: -45_00, 4000: -100, 5000: 29}
    assert_books_are_right()


def test_no_fee_is_known_too() -> None:
    _case, arrangement = running_case(1_000_00)
    payment = pay_next(arrangement)
    with as_worker("test"):
        book_fee(payment_id=payment.pk, fee_cents=0)
        assert Payment.objects.get(pk=payment.pk).fee_cents == 0
        with pytest.raises(ValueError, match="below zero"):
            book_fee(payment_id=payment.pk, fee_cents=-1)


# --- our loss ---------------------------------------------------------------------------------------------------------


def owed_to_us() -> tuple[Arrangement, Storno]:
    _case, arrangement = running_case(1_000_00)
    payment = pay_next(arrangement)
    remit()
    storno = take_back(payment)
    assert storno is not None
    return arrangement, storno


def test_two_people_write_a_storno_off_and_the_worker_books_it_once() -> None:
    arrangement, storno = owed_to_us()
    first, second = make_desk(), make_desk()
    with act_as(desk_scope(first)):
        with pytest.raises(CannotWriteOff, match="Leg uit"):
            propose_write_off(storno=storno, user=first, note=" ")
        decision = propose_write_off(storno=storno, user=first, note="Geen inkomen meer.")
        with pytest.raises(CannotWriteOff, match="collega heeft dit al"):
            propose_write_off(storno=storno, user=first, note="nog eens")
        with pytest.raises(CannotWriteOff, match="zelf voor"):
            approve_write_off(decision=decision, user=first)
    with as_worker("test"), pytest.raises(ValueError, match="nobody approved"):
        write_off_storno(decision_id=decision.pk)
    with act_as(desk_scope(second)):
        approve_write_off(decision=decision, user=second)
        with pytest.raises(CannotWriteOff, match="al goedgekeurd"):
            withdraw_write_off(decision=decision)
    jobs.run_all()
    with as_worker("test"):
        write_off_storno(decision_id=decision.pk)
        storno.refresh_from_db()
        assert (storno.open_cents, storno.written_off_cents) == (0, 45_00)
        assert Message.objects.filter(kind="storno_written_off", citizen_id=arrangement.citizen_id).count() == 1
    assert balances() == {1200: -45_00, 5900: 45_00}
    assert_books_are_right()


def test_a_proposal_to_write_off_is_withdrawn_and_can_be_made_again() -> None:
    _arrangement, storno = owed_to_us()
    desk = make_desk()
    with act_as(desk_scope(desk)):
        decision = propose_write_off(storno=storno, user=desk, note="Toch niet.")
        withdraw_write_off(decision=decision)
        propose_write_off(storno=storno, user=desk, note="Toch wel.")


def test_what_was_repaid_meanwhile_is_no_loss() -> None:
    arrangement, storno = owed_to_us()
    first, second = make_desk(), make_desk()
    with act_as(desk_scope(first)):
        decision = propose_write_off(storno=storno, user=first, note="Geen inkomen meer.")
    with act_as(desk_scope(second)):
        approve_write_off(decision=decision, user=second)
    repay(arrangement, storno)
    with as_worker("test"):
        write_off_storno(decision_id=decision.pk)
    assert balances() == {1100: 45_00, 1200: -45_00}
    assert_books_are_right()


def test_coverage_says_how_much_is_missing_and_why() -> None:
    _case, arrangement = running_case(1_000_00)
    payment = pay_next(arrangement)
    with as_worker("test"):
        book_fee(payment_id=payment.pk, fee_cents=29)
    remit()
    take_back(payment, fee=15_00)
    with as_worker("test"):
        found = coverage()
    assert found.top_up_cents == 45_00 + 29 + 15_00
    assert {cause.label: cause.amount_cents for cause in found.causes} == {
        "Kosten van de aanbieder": 29,
        "Kosten van storno's": 15_00,
        "Storno's die burgers nog terugbetalen": 45_00,
    }
    assert found.top_up_cents == sum(cause.amount_cents for cause in found.causes) - found.own_cents
    with as_worker("test"):
        book_top_up(key="line:1", amount_cents=found.top_up_cents)
        assert coverage().is_covered


def test_every_cent_a_citizen_pays_reaches_creditors_or_goes_back_and_our_costs_are_ours() -> None:
    """100 %: what came in (receipts, less what banks took back) is at creditors, ready for them, set aside or the citizen's."""
    _case, arrangement = running_case(1_000_00, 2_000_00, months=3)
    first = pay_next(arrangement)
    remit()
    second = pay_next(arrangement)
    storno = take_back(first, fee=15_00)
    take_back(second, dispute="dp_2", fee=15_00)
    for payment in (first, second):
        with as_worker("test"):
            book_fee(payment_id=payment.pk, fee_cents=29)
    assert storno is not None
    repay(arrangement, storno)
    pay_next(arrangement, amount_cents=120_00)
    jobs.run_all()
    found = balances()
    with as_worker("test"):
        came = Receipt.objects.aggregate(sum=Sum("amount_cents"))["sum"]
        back = Storno.objects.filter(won_on=None).aggregate(sum=Sum("amount_cents"))["sum"]
        remitted = ArrangementLine.objects.aggregate(sum=Sum("remitted_cents"))["sum"]
    ready = -sum(found.get(account, 0) for account in (2000, 2100, 2200, 2300))
    assert came - back + found.get(1300, 0) == remitted + ready
    assert {account: cents for account, cents in found.items() if account >= 4000} == {5000: 58, 5100: 30_00}
    assert_books_are_right()
