"""Random histories of money: the product's own operations on PostgreSQL, beside an independent account.

One example is one history: it begins from a plan that runs, and is rolled back at the end. After every step both ledgers,
the citizen's page and the pages of the creditors are compared with `tests.support.money_model`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from accounts.models import User
from arrangements.domain import postings
from arrangements.domain.deciders import Decider
from arrangements.domain.termination import TerminationGround
from arrangements.models import (
    Arrangement,
    ArrangementLine,
    ClaimCorrection,
    MoneyRun,
    Payment,
    PayoutLine,
    ProviderMove,
    ProviderSettlement,
    Receipt,
    Refund,
    Storno,
)
from arrangements.operations import correct_claim as correct
from arrangements.operations.ask_refund import approve_refund, ask_refund, withdraw_refund
from arrangements.operations.book_settlement import book_settlement
from arrangements.operations.book_storno import book_fee, book_storno
from arrangements.operations.divide_waiting import divide_waiting
from arrangements.operations.own_money import book_top_up
from arrangements.operations.post_entries import post_entries
from arrangements.operations.receive_payment import lock_arrangement, receive_payment, receive_transfer
from arrangements.operations.reconcile import reconcile
from arrangements.operations.reject_payout import reject_payouts
from arrangements.operations.return_payout import return_payout_line
from arrangements.operations.settle_refund import refund_failed, refund_paid
from arrangements.operations.submit_refunds import submit_refunds
from arrangements.operations.terminate_arrangement import terminate_arrangement
from arrangements.operations.withdraw_run import withdraw_run
from arrangements.operations.write_off_storno import approve_write_off, propose_write_off, write_off_storno
from arrangements.payments.provider import Reversal
from arrangements.queries.balances import Balance, claim_balances
from arrangements.queries.overview import citizen_overview
from creditors.models import Creditor
from infra import clock, jobs
from infra.scope import Scope, act_as, as_worker
from tests.factories.norms import desk_scope
from tests.factories.payouts import book_all, build, desk_people, hand_in
from tests.factories.people import citizen_scope, creditor_scope, login_of
from tests.factories.plans import Case
from tests.support.money_model import (
    BANK,
    CITIZEN_OWES,
    CITIZENS,
    FEES,
    LOST,
    ON_ITS_WAY,
    OWN,
    PROVIDER,
    STORNO_FEES,
    UNKNOWN,
    WITH_US,
    Came,
    Debt,
    Money,
    Place,
    TakenBack,
)

RUNNING = {"active", "paused", "suspended"}
#: The accounts of the cash ledger, by the word of the account beside it.
ACCOUNTS = {
    1000: BANK[0],
    1010: OWN[0],
    1100: PROVIDER[0],
    1200: ON_ITS_WAY[0],
    1300: CITIZEN_OWES[0],
    1310: "to set off",
    2000: WITH_US[0],
    2100: "payable",
    2200: CITIZENS[0],
    2900: UNKNOWN[0],
    5000: FEES[0],
    5100: STORNO_FEES[0],
    5900: LOST[0],
}
AMOUNTS = st.sampled_from([1, 2, 7, 45_00, 33_33, 100_00, 250_00])


@dataclass
class World:
    """A plan that runs, made once. `agreed`: positions of creditors with whom stornos are set off."""

    case: Case
    arrangement: Arrangement
    agreed: frozenset[int] = frozenset()


class Killed(Exception):
    """The worker dies here."""


class History(RuleBasedStateMachine):
    """One history. `worlds` is set by the test."""

    worlds: list[World]

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self._stack.enter_context(_rolled_back())
        self.model = Money()
        self.number = 0
        self.steps = 0
        self.runs: list[tuple[MoneyRun, dict[int, int]]] = []
        self.unknown: list[tuple[str, int]] = []
        self.world: World | None = None

    def teardown(self) -> None:
        try:
            if self.world is not None:
                self._every_line_is_green()
        finally:
            self._stack.close()

    # --- set-up --------------------------------------------------------------------------------------------------------

    @initialize(
        which=st.sampled_from([1, 2, 0]),
        first=st.lists(AMOUNTS, min_size=1, max_size=2),
        paid_on=st.sampled_from([True, False]),
    )
    def begin(self, which: int, first: list[int], paid_on: bool) -> None:
        """Something came in, and was perhaps paid on: what can go wrong goes wrong after that."""
        self.world = self.worlds[which % len(self.worlds)]
        with as_worker("test"):
            clock.set_today(date(2026, 12, 1))
            for position, creditor in enumerate(self.world.case.creditors):
                Creditor.objects.filter(pk=creditor.pk).update(set_off_agreed=position in self.world.agreed)
        for position, line in enumerate(self._lines()):
            self.model.debts[line.claim_id] = Debt(
                line.claim_id,
                line.creditor_id,
                line.outstanding_cents,
                line.share_cents,
                line.dischargeable,
                position in self.world.agreed,
            )
        self.model.pot = self._plan().pot_cents
        for cents in first:
            self._pays(cents)
        if paid_on:
            for _step in range(3):
                self.a_run_goes_on()

    # --- helpers -------------------------------------------------------------------------------------------------------

    @property
    def plan_id(self) -> int:
        assert self.world is not None
        return self.world.arrangement.pk

    def _plan(self) -> Arrangement:
        with as_worker("test"):
            return Arrangement.objects.get(pk=self.plan_id)

    def _lines(self) -> list[ArrangementLine]:
        with as_worker("test"):
            return list(ArrangementLine.objects.filter(arrangement_id=self.plan_id).order_by("position"))

    def _paid(self) -> dict[int, int]:
        return {line.claim_id: line.paid_cents for line in self._lines()}

    def _new_key(self) -> str:
        self.number += 1
        return f"history-{self.number}"

    def _day(self) -> int:
        with as_worker("test"):
            return clock.today().toordinal()

    def _after(self, came: Came, before: dict[int, int]) -> None:
        """Money was received: what the claims got goes into the account beside it, and the end when it was the last."""
        after = self._paid()
        self.model.divided(came, {claim: after[claim] - before[claim] for claim in after})
        self._maybe_over()

    def _maybe_over(self) -> None:
        if self.model.running and self.model.received == self.model.pot:
            jobs.run_all()
            assert self._plan().state == "waived"
            self.model.running = False
            self.model.waived()

    # --- money in ------------------------------------------------------------------------------------------------------

    def _payment(self, cents: int, *, is_extra: bool = False, storno: Storno | None = None) -> Payment:
        plan = self._plan()
        with as_worker("test"):
            return Payment.objects.create(
                arrangement=plan,
                citizen_id=plan.citizen_id,
                amount_cents=cents,
                is_extra=is_extra,
                storno=storno,
                provider="demobank",
                provider_id=self._new_key(),
            )

    @rule(cents=AMOUNTS, way=st.sampled_from(["pays", "pays", "pays extra", "transfers", "in bulk", "unknown"]))
    def money_comes(self, cents: int, way: str) -> None:
        if way == "transfers":
            self._transfers(cents)
        elif way == "in bulk":
            self._comes_in_bulk(cents)
        elif way == "unknown":
            self._somebody_unknown_transfers(cents)
        else:
            self._pays(cents, is_extra=way == "pays extra")

    def _pays(self, cents: int, *, is_extra: bool = False) -> None:
        self._receive(self._payment(cents, is_extra=is_extra), cents)

    def _receive(self, payment: Payment, cents: int, *, repays: TakenBack | None = None) -> None:
        before = self._paid()
        came = Came(payment.provider_id, cents, self._day(), self.model.tick(), through_provider=True)
        with as_worker("test"):
            receipt = receive_payment(payment_id=payment.pk, amount_cents=cents)
        self.model.comes(came, place=PROVIDER, repays=repays)
        assert (receipt.divided_cents, receipt.extra_cents) == (came.divided, came.extra)
        self._after(came, before)

    def _transfers(self, cents: int) -> None:
        key, before = self._new_key(), self._paid()
        came = Came(key, cents, self._day(), self.model.tick(), through_provider=False)
        self._transfer(key, cents)
        self.model.comes(came, place=BANK)
        self._after(came, before)

    def _comes_in_bulk(self, cents: int) -> None:
        """Booked with many others, and divided in sets afterwards: the same as one by one."""
        key, plan, before = self._new_key(), self._plan(), self._paid()
        came = Came(key, cents, self._day(), self.model.tick(), through_provider=False)
        with as_worker("test"):
            Receipt.objects.create(
                kind=Receipt.Kind.INSTALLMENT if plan.state in RUNNING else Receipt.Kind.AFTER_END,
                source=Receipt.Source.TRANSFER,
                arrangement=plan,
                citizen_id=plan.citizen_id,
                key=key,
                amount_cents=cents,
                divided_cents=0,
                received_on=clock.today(),
            )
            post_entries([postings.receipt_transfer(key, arrangement=plan.pk, amount=cents)])
            for receipts in (1, 0):
                assert divide_waiting(arrangement_ids=range(plan.pk, plan.pk + 1)).receipts == receipts
        self.model.comes(came, place=BANK)
        self._after(came, before)

    def _transfer(self, key: str, cents: int, *, was_unidentified: bool = False) -> Receipt:
        with as_worker("test"), transaction.atomic():
            return receive_transfer(
                lock_arrangement(self.plan_id),
                key=key,
                amount_cents=cents,
                received_on=clock.today(),
                was_unidentified=was_unidentified,
            )

    @precondition(lambda self: self.model.came)
    @rule(which=st.integers(0, 30))
    def the_same_is_told_again(self, which: int) -> None:
        """A second message, a second statement: nothing happens."""
        came = self.model.came[which % len(self.model.came)]
        if came.key.endswith(":won"):
            return
        if not came.through_provider:
            self._transfer(came.key, came.amount)
            return
        with as_worker("test"):
            payment = Payment.objects.get(provider_id=came.key)
            receive_payment(payment_id=payment.pk, amount_cents=came.amount)
            receive_payment(payment_id=payment.pk, amount_cents=came.amount + 1)

    @rule(cents=AMOUNTS, statement=st.integers(1, 60), writes_only=st.booleans())
    def a_worker_dies_while_it_receives(self, cents: int, statement: int, writes_only: bool) -> None:
        """Killed after so many statements: nothing happened. Whoever comes after does it, once."""
        payment = self._payment(cents)
        with as_worker("test"):
            try:
                with transaction.atomic(), _dies_after(statement, writes_only=writes_only):
                    receive_payment(payment_id=payment.pk, amount_cents=cents)
            except Killed:
                self.books_are_the_same_on_both_sides()
            done = Receipt.objects.filter(payment=payment).first()
        if done is None:
            self._receive(payment, cents)
            return
        made = Came(payment.provider_id, cents, self._day(), self.model.tick(), through_provider=True)
        self.model.comes(made, place=PROVIDER)
        before = {debt.claim: debt.paid for debt in self.model.debts.values()}
        self._after(made, before)

    def _somebody_unknown_transfers(self, cents: int) -> None:
        key = self._new_key()
        with as_worker("test"):
            post_entries([postings.receipt_transfer(f"{key}:unknown", arrangement=None, amount=cents)])
        self.unknown.append((key, cents))
        self.model.move(cents, to=BANK, off=UNKNOWN)

    @precondition(lambda self: self.unknown)
    @rule()
    def the_unknown_is_known(self) -> None:
        key, cents = self.unknown.pop(0)
        before = self._paid()
        came = Came(key, cents, self._day(), self.model.tick(), through_provider=False)
        receipt = self._transfer(key, cents, was_unidentified=True)
        self.model.comes(came, place=UNKNOWN)
        assert (receipt.divided_cents, receipt.extra_cents) == (came.divided, came.extra)
        self._after(came, before)

    # --- the provider --------------------------------------------------------------------------------------------------

    @rule(what=st.sampled_from(["settles", "settles", "fee", "top up"]), which=st.integers(0, 30))
    def the_provider(self, what: str, which: int) -> None:
        if what == "settles":
            self._settles()
        elif what == "fee":
            self._fee(which)
        else:
            self._top_up()

    def _settles(self) -> None:
        """What came in before today, and was not taken back before that, goes to the bank."""
        today = self._day()
        ready = [
            came
            for came in self.model.came
            if came.through_provider
            and not came.settled
            and not came.gone
            and came.day < today
            and not came.key.endswith(":won")
        ]
        if not ready:
            return
        total = sum(came.amount for came in ready)
        with as_worker("test"):
            payout = ProviderSettlement.objects.create(
                provider="demobank",
                provider_id=self._new_key(),
                gross_cents=total,
                fee_cents=0,
                net_cents=total,
                paid_out_on=clock.today(),
            )
            for came in ready:
                payment = Payment.objects.get(provider_id=came.key)
                ProviderMove.objects.create(
                    settlement=payout,
                    provider="demobank",
                    provider_id=f"move-{came.key}",
                    kind=ProviderMove.Kind.PAYMENT,
                    payment=payment,
                    amount_cents=came.amount,
                )
                payment.state, payment.settlement = "settled", payout
                payment.save(update_fields=["state", "settlement"])
                came.settled = True
            assert book_settlement(settlement_id=payout.pk, booked_on=clock.today())
            assert not book_settlement(settlement_id=payout.pk, booked_on=clock.today())
        self.model.move(total, to=BANK, off=PROVIDER)

    def _fee(self, which: int) -> None:
        """What it keeps, told once or again."""
        cents = (0, 29, 35)[which % 3]
        ours = [one for one in self.model.came if one.through_provider and not one.key.endswith(":won")]
        if not ours:
            return
        came = ours[which % len(ours)]
        with as_worker("test"):
            payment = Payment.objects.get(provider_id=came.key)
            known = payment.fee_cents is not None
            book_fee(payment_id=payment.pk, fee_cents=cents)
        if not known:
            self.model.move(cents, to=FEES, off=PROVIDER)

    def _top_up(self) -> None:
        at = self.model.at
        here = at[BANK] + at[PROVIDER] + at[ON_ITS_WAY]
        theirs = -(at[UNKNOWN] + at[CITIZENS] + sum(cents for place, cents in at.items() if place[0] == "payable"))
        if theirs > here:
            key = self._new_key()
            with as_worker("test"):
                assert book_top_up(key=key, amount_cents=theirs - here)
                assert not book_top_up(key=key, amount_cents=theirs - here)
            self.model.move(theirs - here, to=BANK, off=OWN)

    # --- taken back ----------------------------------------------------------------------------------------------------

    @rule()
    def the_last_payment_is_taken_back(self) -> None:
        self._taken_back(-1, 0)

    @rule(which=st.integers(0, 30), fee=st.sampled_from([0, 7_50]))
    def a_payment_is_taken_back(self, which: int, fee: int) -> None:
        self._taken_back(which, fee)

    def _taken_back(self, which: int, fee: int) -> None:
        living = [
            one for one in self.model.came if one.through_provider and not one.gone and not one.key.endswith(":won")
        ]
        if not living:
            return
        came = living[which % len(living)]
        with as_worker("test"):
            payment = Payment.objects.get(provider_id=came.key)
            told = Reversal(f"d-{came.key}", came.amount, fee)
            storno = book_storno(payment_id=payment.pk, reversal=told)
            assert storno is not None
            assert book_storno(payment_id=payment.pk, reversal=told) == storno
        mine = self.model.taken_back(came)
        self.model.move(fee, to=STORNO_FEES, off=PROVIDER)
        assert (storno.claimed_cents, storno.extra_cents) == (mine.claimed, mine.extra)
        assert storno.mirrored_cents + storno.set_off_cents == mine.undone

    def _row(self, mine: TakenBack) -> Storno:
        with as_worker("test"):
            return Storno.objects.get(key=f"demobank:d-{mine.came.key}")

    @precondition(lambda self: any(not one.won for one in self.model.stornos))
    @rule(which=st.integers(0, 9))
    def the_dispute_is_won(self, which: int) -> None:
        waiting = [one for one in self.model.stornos if not one.won]
        mine = waiting[which % len(waiting)]
        before = self._paid()
        with as_worker("test"):
            payment = Payment.objects.get(provider_id=mine.came.key)
            told = Reversal(f"d-{mine.came.key}", mine.amount, won=True)
            book_storno(payment_id=payment.pk, reversal=told)
            book_storno(payment_id=payment.pk, reversal=told)
        came = Came(f"{mine.came.key}:won", mine.amount, self._day(), self.model.tick(), through_provider=True)
        self.model.won(mine, came)
        self._after(came, before)

    @precondition(lambda self: any(one.open for one in self.model.stornos))
    @rule(percent=st.sampled_from([0, 50, 100, 130]))
    def the_citizen_repays_or_it_is_written_off(self, percent: int) -> None:
        mine = next(one for one in self.model.stornos if one.open)
        if percent:
            cents = max(1, mine.open * percent // 100)
            self._receive(self._payment(cents, storno=self._row(mine)), cents, repays=mine)
            return
        first, second = desk_people()
        with act_as(desk_scope(first)):
            decision = propose_write_off(storno=self._row(mine), user=first, note="lukt niet")
        with act_as(desk_scope(second)):
            approve_write_off(decision=decision, user=second)
        with as_worker("test"):
            write_off_storno(decision_id=decision.pk)
            write_off_storno(decision_id=decision.pk)
        self.model.written_off(mine)

    # --- money out -----------------------------------------------------------------------------------------------------

    @rule()
    def a_run_goes_on(self) -> None:
        """One step further: built, handed in, booked."""
        built, submitted = self._some_run("built"), self._some_run("submitted")
        if built is not None:
            hand_in(built[0])
        elif submitted is not None:
            self._is_booked(*submitted)
        else:
            self._is_built()

    @rule()
    def a_run_goes_on_once_more(self) -> None:
        self.a_run_goes_on()

    @precondition(lambda self: self.model.at[CITIZENS] < 0)
    @rule(
        percent=st.sampled_from([1, 60, 100, 100]),
        ends=st.sampled_from(["paid", "paid", "comes back", "refused", "withdrawn"]),
    )
    def money_goes_back_to_the_citizen(self, percent: int, ends: str) -> None:
        """Asked by one, approved by another, handed in; and then what the bank says, told twice."""
        cents = max(1, -self.model.at[CITIZENS] * percent // 100)
        first, second = desk_people()
        with act_as(self._at_the_desk(first)):
            refund = ask_refund(
                reason=Refund.Reason.OVERPAID,
                user=first,
                arrangement=self._plan(),
                amount_cents=cents,
                iban="NL91ABNA0417164300",
                account_name="A. de Vries",
            )
        with act_as(self._at_the_desk(second)):
            approve_refund(refund=refund, user=second)
            if ends == "withdrawn":
                withdraw_refund(refund=refund, user=second)
                return
        name = refund.end_to_end_id
        with as_worker("test"):
            submit_refunds(run_date=clock.today())
            for _again in range(2):
                if ends == "refused":
                    refund_failed(end_to_end_id=name, reason_code="AC01")
                    continue
                refund_paid(end_to_end_id=name, booked_on=clock.today())
                if ends == "comes back":
                    refund_failed(end_to_end_id=name, reason_code="AC04", booked_on=clock.today())
        if ends == "paid":
            self.model.move(cents, to=CITIZENS, off=BANK)

    def _at_the_desk(self, user: User) -> Scope:
        return replace(desk_scope(user), citizen_id=self._plan().citizen_id)

    def _is_built(self) -> None:
        with as_worker("test"):
            today = clock.today()
            if MoneyRun.objects.filter(period=f"{today:%Y%m%d} alle").exists():
                # On one day one run is built; asking again gives the same one.
                assert build(MoneyRun.Kind.ON_DEMAND, on=today).pk == self.runs[-1][0].pk
                today += timedelta(days=1)
        run = build(MoneyRun.Kind.ON_DEMAND, on=today)
        expected = self.model.pays_on()
        with as_worker("test"):
            lines = PayoutLine.objects.filter(batch__run=run).values_list("claim_id", "amount_cents", "set_off_cents")
            assert {claim: (pay, off) for claim, pay, off in lines} == expected
        self.runs.append((run, {claim: pay for claim, (pay, _off) in expected.items() if pay}))

    def _is_booked(self, run: MoneyRun, parts: dict[int, int]) -> None:
        with as_worker("test"):
            today = clock.today()
        book_all(run, today)
        self.model.move(sum(parts.values()), to=ON_ITS_WAY, off=BANK)
        with as_worker("test"):
            run.refresh_from_db()
        assert run.state == "done"

    def _some_run(self, *states: str) -> tuple[MoneyRun, dict[int, int]] | None:
        for run, parts in self.runs:
            with as_worker("test"):
                run.refresh_from_db()
            if run.state in states:
                return run, parts
        return None

    @precondition(lambda self: self.runs)
    @rule(which=st.integers(0, 5))
    def money_bounces(self, which: int) -> None:
        """The run is withdrawn, the bank refuses a transfer, or one comes back after it was booked: whatever can happen."""
        if (found := self._some_run("built")) is not None:
            self._withdrawn(*found)
        elif (found := self._some_run("submitted")) is not None and found[1]:
            self._refused(*found, which)
        elif (
            found := next((one for one in reversed(self.runs) if one[0].state == "done" and one[1]), None)
        ) is not None:
            self._returned(*found, which)

    def _withdrawn(self, run: MoneyRun, parts: dict[int, int]) -> None:
        with as_worker("test"):
            withdraw_run(run_id=run.pk)
            withdraw_run(run_id=run.pk)
        for claim, cents in parts.items():
            self.model.comes_back(claim, cents, booked=False)
        parts.clear()

    def _refused(self, run: MoneyRun, parts: dict[int, int], which: int) -> None:
        claim = sorted(parts)[which % len(parts)]
        with as_worker("test"):
            line = PayoutLine.objects.select_related("batch__file").get(batch__run=run, claim_id=claim)
            assert line.batch.file is not None
            for _again in range(2):
                reject_payouts(message_id=line.batch.file.message_id, refused={line.end_to_end_id: "MS03"})
        self.model.comes_back(claim, parts.pop(claim), booked=False)

    def _returned(self, run: MoneyRun, parts: dict[int, int], which: int) -> None:
        claim = sorted(parts)[which % len(parts)]
        with as_worker("test"):
            line = PayoutLine.objects.get(batch__run=run, claim_id=claim)
            for _again in range(2):
                return_payout_line(end_to_end_id=line.end_to_end_id, reason="MS03", booked_on=clock.today())
        self.model.comes_back(claim, parts.pop(claim), booked=True)

    # --- the plan ------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.model.running)
    @rule(position=st.integers(0, 4), percent=st.integers(20, 99))
    def a_creditor_corrects(self, position: int, percent: int) -> None:
        assert self.world is not None
        claim = self.world.case.claims[position % len(self.world.case.claims)]
        debt = self.model.debts[claim.pk]
        wanted = debt.owed * percent // 100
        with act_as(creditor_scope(claim.creditor, self.world.case.members[position % len(self.world.case.claims)])):
            try:
                correct.correct_claim(
                    claim=claim,
                    user=self.world.case.members[position % len(self.world.case.claims)].user,
                    after_cents=wanted,
                    reason=ClaimCorrection.Reason.MISTAKE,
                    note="Het was anders.",
                )
            except (correct.CorrectionTooLate, correct.BelowPaid, correct.StillWaiting, ValueError):
                return
        jobs.run_all()
        plan, lines = self._plan(), {line.claim_id: line for line in self._lines()}
        if lines[claim.pk].outstanding_cents != wanted:
            return
        debt.owed = wanted
        self.model.pot = plan.pot_cents
        for line in lines.values():
            self.model.debts[line.claim_id].share = line.share_cents
        assert sum(debt.share for debt in self.model.debts.values()) == self.model.pot
        self.model.new_form()
        self._maybe_over()

    @precondition(lambda self: self.model.running and self.steps > 4)
    @rule()
    def the_citizen_stops(self) -> None:
        assert self.world is not None
        citizen = self.world.case.citizen
        with act_as(citizen_scope(citizen)):
            terminate_arrangement(
                arrangement=self._plan(),
                decider=Decider.CITIZEN,
                user=login_of(citizen),
                ground=TerminationGround.OWN_WISH,
            )
        self.model.running = False

    @rule(days=st.sampled_from([1, 2, 31]))
    def time_passes(self, days: int) -> None:
        with as_worker("test"):
            clock.set_today(clock.today() + timedelta(days=days))

    @rule()
    def a_new_process_starts(self) -> None:
        """Nothing is remembered outside the database: jobs that wait are found, and done once."""
        with connection.cursor() as cursor:
            cursor.execute("DISCARD PLANS")
        jobs.run_all()
        jobs.run_all()

    # --- after every step ----------------------------------------------------------------------------------------------

    @invariant()
    def books_are_the_same_on_both_sides(self) -> None:
        if self.world is None:
            return
        self.steps += 1
        self.model.check()
        cash, owed = _ledgers()
        assert cash == {place: cents for place, cents in self.model.at.items() if cents}
        balances = {}
        for debt in self.model.debts.values():
            open_now = debt.owed - debt.paid - debt.waived
            balances[debt.claim] = Balance(open_now, debt.paid, debt.waived)
        assert {claim: owed[claim] for claim in balances} == balances
        self._pages_show(balances)

    def _pages_show(self, balances: dict[int, Balance]) -> None:
        """`/mijn/` and the creditors' pages show the same cents as the account beside."""
        assert self.world is not None
        citizen = self.world.case.citizen
        with act_as(citizen_scope(citizen)), transaction.atomic():
            assert claim_balances() == balances
            if self.steps % 5 == 0:
                overview = citizen_overview(citizen.pk)
                assert overview is not None
                assert overview.totals.paid_cents == sum(one.paid_cents for one in balances.values())
                assert overview.received_cents == self.model.received
        for creditor in self.world.case.creditors[self.steps % len(self.world.case.creditors) :][:1]:
            with act_as(creditor_scope(creditor)), transaction.atomic():
                mine = {debt.claim for debt in self.model.debts.values() if debt.creditor == creditor.pk}
                assert claim_balances() == {claim: balances[claim] for claim in mine}

    def _every_line_is_green(self) -> None:
        """At the end of one history in four: the daily check, all books with it, is green but for what nobody topped up."""
        connection.check_constraints()
        if (self.number + self.steps) % 4:
            return
        with as_worker("test"):
            row = reconcile(day=clock.today())
        red = {check["number"]: check["faults"] for check in row.checks if not check["is_green"]}
        assert red.keys() <= {4}, red


def _ledgers() -> tuple[dict[Place, int], dict[int, Balance]]:
    """Both ledgers as they stand: cash by place, owed by claim. Places at zero are left out."""
    cash: dict[Place, int] = defaultdict(int)
    owed: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    with as_worker("test"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT account, claim_id, sum(debit_cents - credit_cents)::bigint "
            "FROM arrangements_ledgerposting GROUP BY 1, 2"
        )
        for account, claim, cents in cursor.fetchall():
            if account < 1000:
                owed[claim][account] += cents
            elif account in (1310, 2100):
                cash[ACCOUNTS[account], claim] += cents
            else:
                cash[ACCOUNTS[account], 0] += cents
    balances = {claim: Balance(sums[100], sums[200], sums[300]) for claim, sums in owed.items()}
    for sums in owed.values():
        assert sum(sums.values()) == 0
    return {place: cents for place, cents in cash.items() if cents}, balances


@contextmanager
def _dies_after(count: int, *, writes_only: bool) -> Iterator[None]:
    """Raises after so many statements (or writes) were sent."""
    left = count

    def dies(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal left
        answer = execute(sql, params, many, context)
        if not writes_only or sql.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE"):
            left -= 1
        if left == 0:
            raise Killed
        return answer

    with connection.execute_wrapper(dies):
        yield


class _Back(Exception):
    """Thrown at the end of a history to undo it."""


@contextmanager
def _rolled_back() -> Iterator[None]:
    """A savepoint that is always rolled back."""
    try:
        with transaction.atomic():
            yield
            raise _Back
    except _Back:
        pass
