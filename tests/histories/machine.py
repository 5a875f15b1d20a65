"""Random lives of a running plan, played with the product's own operations on PostgreSQL, beside an independent account.

One example is one life: it begins from a plan that runs, and is rolled back at the end. After every step the rows are
compared with `tests.support.plan_model`, which shares no code with the product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.db import IntegrityError, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from arrangements.domain.break_reason import BreakReason
from arrangements.domain.deciders import ChangeGround, Decider
from arrangements.domain.lifecycle import ClaimState, IllegalMove, RefusalCode, Thing
from arrangements.domain.plan_change import PlanImpossible
from arrangements.domain.shift import ShiftRefused
from arrangements.models import (
    Arrangement,
    ArrangementLine,
    Beslag,
    Claim,
    ClaimCorrection,
    Consent,
    Installment,
    Payment,
    PlanVersion,
    Variation,
)
from arrangements.operations import correct_claim as correct
from arrangements.operations import settle_dispute, transfer_claim, withdraw_claim
from arrangements.operations.answer_proposal import Changed
from arrangements.operations.answer_variation import accept_variation, refuse_variation
from arrangements.operations.change_plan import PlanNotRunning
from arrangements.operations.dispute_claim import NotToDispute, dispute_claim, drop_dispute
from arrangements.operations.grant_break import AlreadyPaused, BreakNotYet, grant_break
from arrangements.operations.lift_beslag import lift_beslag
from arrangements.operations.move_installment import movable, move_installment
from arrangements.operations.moves import move
from arrangements.operations.propose_variation import AnotherIsOpen, propose_variation
from arrangements.operations.receive_payment import receive_payment
from arrangements.operations.report_beslag import report_beslag
from arrangements.operations.run_day import run_day
from infra import clock, jobs
from infra.scope import act_as, as_worker
from tests.factories.people import citizen_scope, creditor_scope, login_of, make_creditor, make_member
from tests.factories.plans import Case
from tests.support.plan_model import ModelClaim, ModelPlan, fair_parts, within_a_cent

#: The moves that architecture.md allows, written out by hand; every other pair has to be refused.
ALLOWED = {
    Thing.ARRANGEMENT: {
        ("signed", "active"),
        ("active", "paused"),
        ("active", "suspended"),
        ("active", "fulfilled"),
        ("active", "terminated"),
        ("paused", "active"),
        ("paused", "suspended"),
        ("suspended", "active"),
        ("fulfilled", "waived"),
    },
    Thing.INSTALLMENT: {
        ("open", "partly_paid"),
        ("open", "paid"),
        ("open", "moved"),
        ("open", "missed"),
        ("partly_paid", "paid"),
        ("partly_paid", "moved"),
        # Taken back by the bank of the payer.
        ("partly_paid", "open"),
        ("paid", "open"),
        ("paid", "partly_paid"),
        ("missed", "partly_paid"),
        ("missed", "paid"),
        ("missed", "moved"),
    },
}
STATES = {
    Thing.ARRANGEMENT: ("signed", "active", "paused", "suspended", "fulfilled", "waived", "terminated"),
    Thing.INSTALLMENT: ("open", "partly_paid", "paid", "moved", "missed"),
}
RUNNING = {"active", "paused", "suspended"}


@dataclass
class Base:
    """A plan that runs, made once; every life starts from it. `capacity`: what the household can surely miss (cents)."""

    case: Case
    arrangement: Arrangement
    capacity: int


class Life(RuleBasedStateMachine):
    """One life. `bases` is set by the test."""

    bases: list[Base]

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self._stack.enter_context(_rolled_back())
        self.model = ModelPlan()
        self.number = 0

    def teardown(self) -> None:
        self._stack.close()

    # --- set-up --------------------------------------------------------------------------------------------------------

    @initialize(which=st.integers(0, 3))
    def begin(self, which: int) -> None:
        self.base = self.bases[which % len(self.bases)]
        self.case = self.base.case
        self.model = ModelPlan(capacity=self.base.capacity)
        for line in self._lines():
            self.model.claims[str(line.claim_id)] = ModelClaim(
                str(line.claim_id), line.outstanding_cents, line.is_preferent, line.dischargeable, line.share_cents
            )
        self.pot = sum(claim.promised for claim in self.model.claims.values())

    # --- helpers -------------------------------------------------------------------------------------------------------

    def _lines(self) -> list[ArrangementLine]:
        with as_worker("test"):
            rows = ArrangementLine.objects.filter(arrangement=self.base.arrangement).select_related("claim__creditor")
            return list(rows.order_by("position"))

    def _plan(self) -> Arrangement:
        with as_worker("test"):
            return Arrangement.objects.get(pk=self.base.arrangement.pk)

    def _as_creditor(self, claim: Claim, act: Callable[[Any], object]) -> object:
        with as_worker("test"):
            member = claim.creditor.members.first() or make_member(claim.creditor)
        with act_as(creditor_scope(claim.creditor, member)):
            return act(member.user)

    def _as_citizen(self, act: Callable[[], object]) -> object:
        with act_as(citizen_scope(self.case.citizen)):
            return act()

    def _some_claim(self, position: int) -> Claim | None:
        found = [line.claim for line in self._lines() if line.closed_on is None]
        return found[position % len(found)] if found else None

    def _settle(self) -> None:
        jobs.run_all()

    def _is_running(self) -> bool:
        return self._plan().state in RUNNING

    # --- money and time ------------------------------------------------------------------------------------------------

    @precondition(lambda self: self._is_running())
    @rule(cents=st.sampled_from([1, 7, 45_00, 99_99, 200_00, 1_000_00]), is_extra=st.booleans())
    def pays(self, cents: int, is_extra: bool) -> None:
        plan = self._plan()
        self.number += 1
        with as_worker("test"):
            payment = Payment.objects.create(
                arrangement=plan,
                citizen_id=plan.citizen_id,
                amount_cents=cents,
                is_extra=is_extra,
                provider="demobank",
                provider_id=f"life-{self.number}",
            )
            receipt = receive_payment(payment_id=payment.pk, amount_cents=cents)
        assert receipt.divided_cents == min(cents, plan.pot_cents - plan.received_cents)
        before = self.model.received
        self.model.received += receipt.divided_cents
        assert self.model.received <= self.pot
        assert self.model.received - before + receipt.extra_cents == cents
        self._settle()

    @rule(days=st.integers(1, 45))
    def time_passes(self, days: int) -> None:
        with as_worker("test"):
            today = clock.today() + timedelta(days=days)
            if today > date(2030, 12, 31):
                return
            clock.set_today(today)
            run_day(today=today)
        self._settle()

    # --- the claims ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self._is_running())
    @rule(position=st.integers(0, 6))
    def citizen_disputes(self, position: int) -> None:
        claim = self._some_claim(position)
        if claim is None or claim.state != ClaimState.CONFIRMED:
            return
        line = next(row for row in self._lines() if row.claim_id == claim.pk)
        try:
            self._as_citizen(lambda: dispute_claim(claim=claim, user=login_of(self.case.citizen)))
        except NotToDispute:
            assert line.settled_cents == line.share_cents, "a claim that still gets money can be disputed"
            return
        assert line.settled_cents < line.share_cents
        self.model.claims[str(claim.pk)].disputed = True
        self._settle()

    @precondition(lambda self: any(claim.disputed for claim in self.model.claims.values()))
    @rule(by_creditor=st.booleans())
    def dispute_ends(self, by_creditor: bool) -> None:
        claim = next((line.claim for line in self._lines() if line.claim.state == ClaimState.DISPUTED), None)
        if claim is None:
            return
        if by_creditor:
            self._as_creditor(claim, lambda user: settle_dispute.say_it_stands(claim=claim, user=user))
        else:
            self._as_citizen(lambda: drop_dispute(claim=claim, user=login_of(self.case.citizen)))
        self.model.claims[str(claim.pk)].disputed = False
        self._settle()

    @precondition(lambda self: self._is_running())
    @rule(position=st.integers(0, 6))
    def creditor_withdraws(self, position: int) -> None:
        claim = self._some_claim(position)
        if claim is None or claim.state not in (ClaimState.CONFIRMED, ClaimState.DISPUTED):
            return
        if len(self.model.open_claims) < 2:
            return
        self._as_creditor(claim, lambda user: withdraw_claim.withdraw_claim(claim=claim, user=user))
        self._settle()
        line = next(row for row in self._lines() if row.claim_id == claim.pk)
        assert line.closed_on is not None
        mine = self.model.claims[str(claim.pk)]
        mine.disputed, mine.closed = False, True
        mine.promised = mine.owed = line.share_cents
        self._others_kept_theirs(but={str(claim.pk)})

    @precondition(lambda self: self._is_running())
    @rule(position=st.integers(0, 6), percent=st.integers(1, 250))
    def creditor_corrects(self, position: int, percent: int) -> None:
        claim = self._some_claim(position)
        if claim is None:
            return
        mine = self.model.claims[str(claim.pk)]
        wanted = mine.owed * percent // 100
        try:
            self._as_creditor(
                claim,
                lambda user: correct.correct_claim(
                    claim=claim,
                    user=user,
                    after_cents=wanted,
                    reason=ClaimCorrection.Reason.MISTAKE,
                    note="Het was anders.",
                ),
            )
        except (
            correct.NotInPlan,
            correct.CorrectionTooLate,
            correct.StillWaiting,
            correct.BelowPaid,
            correct.HigherWhileDisputed,
            ValueError,
        ):
            return
        mine.disputed = False if claim.state == ClaimState.DISPUTED else mine.disputed
        self._settle()
        line = next(row for row in self._lines() if row.claim_id == claim.pk)
        if line.outstanding_cents - line.returned_cents == wanted:
            mine.owed, mine.promised = line.outstanding_cents, line.share_cents
            self._others_kept_theirs(but={str(claim.pk)})

    @precondition(lambda self: self._is_running() and len(self.model.claims) < 10)
    @rule(position=st.integers(0, 6), part=st.none() | st.integers(1, 99))
    def claim_is_sold(self, position: int, part: int | None) -> None:
        claim = self._some_claim(position)
        if claim is None:
            return
        with as_worker("test"):
            buyer = make_creditor()
            make_member(buyer)
        open_cents = transfer_claim_open(claim)
        amount = None if part is None else max(1, open_cents * part // 100)
        try:
            self._as_creditor(
                claim,
                lambda user: transfer_claim.transfer_claim(
                    claim=claim, user=user, to_name=buyer.name, from_date=clock.today(), amount_cents=amount
                ),
            )
        except (
            transfer_claim.NotToTransfer,
            transfer_claim.TransferWaiting,
            transfer_claim.MoreThanOpen,
            transfer_claim.PartOfDisputed,
        ):
            return
        self._settle()
        rows = {row.claim_id: row for row in self._lines()}
        new = [row for pk, row in rows.items() if str(pk) not in self.model.claims]
        if not new:
            return
        (bought,) = new
        old, mine = rows[claim.pk], self.model.claims[str(claim.pk)]
        assert old.share_cents + bought.share_cents == mine.promised
        assert old.outstanding_cents + bought.outstanding_cents == mine.owed
        self.model.claims[str(bought.claim_id)] = ModelClaim(
            str(bought.claim_id),
            bought.outstanding_cents,
            mine.preferent,
            mine.dischargeable,
            bought.share_cents,
            disputed=mine.disputed and old.closed_on is not None,
        )
        mine.owed, mine.promised, mine.closed = old.outstanding_cents, old.share_cents, old.closed_on is not None
        if mine.closed:
            mine.disputed = False
        self._others_kept_theirs(but={str(claim.pk), str(bought.claim_id)})

    # --- variations ----------------------------------------------------------------------------------------------------

    def _propose(self, ground: ChangeGround, **wanted: Any) -> bool:
        try:
            self._as_citizen(
                lambda: propose_variation(
                    arrangement=self._plan(),
                    ground=ground,
                    wanted=wanted,
                    decided_by=Decider.CITIZEN,
                    user=login_of(self.case.citizen),
                )
            )
        except (AnotherIsOpen, PlanNotRunning, PlanImpossible):
            return False
        self._settle()
        return True

    @precondition(lambda self: self._is_running() and len(self.model.claims) < 10)
    @rule(cents=st.sampled_from([1_00, 250_00, 4_000_00]))
    def a_claim_is_found_late(self, cents: int) -> None:
        with as_worker("test"):
            creditor = make_creditor()
            make_member(creditor)
            claim = Claim.objects.create(
                citizen=self.case.citizen,
                creditor=creditor,
                state=ClaimState.CONFIRMED,
                confirmed_cents=cents,
                confirmed_on=clock.today(),
                reported_on=clock.today(),
            )
        if self._propose(ChangeGround.LATE_CREDITOR, claims=[claim.pk]):
            self._take_over_what_was_agreed()

    @precondition(lambda self: self._is_running())
    @rule(percent=st.integers(20, 99))
    def citizen_asks_less(self, percent: int) -> None:
        if self._propose(ChangeGround.LOWERING, monthly_cents=self._plan().monthly_cents * percent // 100):
            self._take_over_what_was_agreed()

    @rule(says=st.lists(st.booleans(), min_size=1, max_size=6))
    def creditors_answer(self, says: list[bool]) -> None:
        for yes in says:
            with as_worker("test"):
                consent = Consent.objects.filter(
                    citizen=self.case.citizen, state="open", variation__state="proposed"
                ).first()
                if consent is None:
                    return
                variation = Variation.objects.get(pk=consent.variation_id)
                creditor = consent.creditor
                member = creditor.members.first()
            assert member is not None
            with act_as(creditor_scope(creditor, member)), suppress(Changed):  # the plan moved on: asked again
                if yes:
                    accept_variation(consent=consent, seen_hash=variation.content_hash, user=member.user)
                else:
                    refuse_variation(
                        consent=consent,
                        seen_hash=variation.content_hash,
                        user=member.user,
                        code=RefusalCode.BELOW_OUR_NORM,
                        note="Te laag.",
                    )
            self._settle()
            self._take_over_what_was_agreed()

    def _take_over_what_was_agreed(self) -> None:
        """A variation that took effect: whoever fell said yes to exactly that, and nobody else fell."""
        with as_worker("test"):
            version = PlanVersion.objects.filter(arrangement=self.base.arrangement).latest("number")
            newest = Variation.objects.filter(citizen=self.case.citizen, state="applied").order_by("-pk").first()
            # Only what was said to the change that took effect last counts here.
            agreed = {
                row.creditor_id: row.share_after_cents
                for row in Consent.objects.filter(variation=newest, state="accepted")
            }
        totals: dict[int, int] = {}
        fell: set[int] = set()
        newcomers = False
        for line in self._lines():
            totals[line.creditor_id] = totals.get(line.creditor_id, 0) + line.share_cents
            known = self.model.claims.get(str(line.claim_id))
            if known is None:
                # A newcomer that came in said yes to its share as well.
                assert line.creditor_id in agreed, "a claim came in without a yes"
                newcomers = True
                self.model.claims[str(line.claim_id)] = ModelClaim(
                    str(line.claim_id), line.outstanding_cents, line.is_preferent, line.dischargeable, line.share_cents
                )
            elif line.share_cents < known.promised:
                fell.add(line.creditor_id)
        for creditor in fell:
            # A yes is a yes to at least this share: what came in since may have made it more.
            assert agreed.get(creditor, totals[creditor] + 1) <= totals[creditor], (
                f"version {version.number}: creditor {creditor} fell to {totals[creditor]} without a yes to that"
            )
        for line in self._lines():
            known = self.model.claims[str(line.claim_id)]
            known.promised, known.owed = line.share_cents, line.outstanding_cents
        if newcomers:
            exact = fair_now(self, self._plan().pot_cents)
            for claim in self.model.open_claims:
                assert within_a_cent(claim.promised, exact[claim.key]), (
                    f"claim {claim.key} has another part than the rule"
                )

    def _others_kept_theirs(self, *, but: set[str]) -> None:
        """Everybody else has at least what it said yes to."""
        for line in self._lines():
            if str(line.claim_id) in but:
                continue
            mine = self.model.claims[str(line.claim_id)]
            assert line.share_cents >= mine.promised, (
                f"claim {mine.key} fell from {mine.promised} to {line.share_cents}"
            )
            mine.promised, mine.owed = line.share_cents, line.outstanding_cents

    # --- standing still ------------------------------------------------------------------------------------------------

    @precondition(lambda self: self._plan().state == "active")
    @rule(days=st.integers(1, 14))
    def an_instalment_is_moved(self, days: int) -> None:
        plan = self._plan()
        try:
            self._as_citizen(
                lambda: move_installment(
                    arrangement=plan,
                    number=(term := movable(plan, Decider.CITIZEN).term).number,
                    new_day=term.due_date + timedelta(days=days),
                    decider=Decider.CITIZEN,
                )
            )
        except ShiftRefused:
            return
        self._settle()

    @precondition(lambda self: self._plan().state == "active")
    @rule(months=st.integers(1, 3))
    def a_break_is_granted(self, months: int) -> None:
        try:
            self._as_citizen(
                lambda: grant_break(
                    arrangement=self._plan(), months=months, reason=BreakReason.CRISIS, decider=Decider.COACH
                )
            )
        except (AlreadyPaused, BreakNotYet, ShiftRefused):
            return
        self._settle()
        assert self._plan().state == "paused"

    @precondition(lambda self: self._is_running())
    @rule()
    def beslag_is_reported(self) -> None:
        self._as_citizen(
            lambda: report_beslag(
                arrangement=self._plan(),
                decider=Decider.CITIZEN,
                user=login_of(self.case.citizen),
                party_name="Deurwaarder Jansen",
            )
        )
        self._settle()
        assert self._plan().state == "suspended"

    @precondition(lambda self: self._plan().state == "suspended")
    @rule()
    def beslag_is_lifted(self) -> None:
        with as_worker("test"):
            living = Beslag.objects.filter(arrangement=self.base.arrangement, lifted_on=None).first()
        if living is None:
            return
        self._as_citizen(
            lambda: lift_beslag(
                beslag=living, decider=Decider.COACH, user=login_of(self.case.citizen), reason="Er is een afspraak."
            )
        )
        self._settle()

    # --- what may never happen -----------------------------------------------------------------------------------------

    @rule(thing=st.sampled_from(sorted(ALLOWED)), data=st.data())
    def an_illegal_move_is_refused(self, thing: Thing, data: st.DataObject) -> None:
        with as_worker("test"), transaction.atomic():
            if thing is Thing.ARRANGEMENT:
                row: Any = Arrangement.objects.get(pk=self.base.arrangement.pk)
            else:
                rows = Installment.objects.filter(arrangement=self.base.arrangement).order_by("pk")
                row = rows[data.draw(st.integers(0, rows.count() - 1))]
            to = data.draw(st.sampled_from(STATES[thing]))
            if (row.state, to) in ALLOWED[thing]:
                return
            before = row.state
            try:
                with transaction.atomic():
                    move(thing, row, to, reason="test")
            except (IllegalMove, IntegrityError):
                assert type(row).objects.get(pk=row.pk).state == before
            else:
                raise AssertionError(f"{thing}: {before} to {to} was allowed")

    @invariant()
    def shares_add_up_and_nobody_gets_more_than_owed(self) -> None:
        if not hasattr(self, "base"):
            return
        plan, lines = self._plan(), self._lines()
        assert sum(line.share_cents for line in lines) == plan.pot_cents
        assert sum(line.settled_cents for line in lines) == plan.received_cents == self.model.received
        for line in lines:
            assert 0 <= line.paid_cents <= line.settled_cents <= line.share_cents <= line.outstanding_cents
            mine = self.model.claims.get(str(line.claim_id))
            if mine is None:
                continue
            assert line.paid_cents >= mine.paid, "money was taken back from a creditor"
            mine.paid, mine.had = line.paid_cents, line.settled_cents
            if line.claim.state != ClaimState.DISPUTED:
                assert line.parked_cents == 0
        self.pot = plan.pot_cents

    @invariant()
    def every_yes_is_to_at_least_its_share(self) -> None:
        if not hasattr(self, "base"):
            return
        for line in self._lines():
            mine = self.model.claims.get(str(line.claim_id))
            assert mine is None or line.share_cents >= mine.promised

    @invariant()
    def what_came_in_is_divided_in_proportion(self) -> None:
        if not hasattr(self, "base"):
            return
        plan = self._plan()
        to_divide = plan.pot_cents - plan.base_received_cents
        came = plan.received_cents - plan.base_received_cents
        for line in self._lines():
            part = line.share_cents - line.base_settled_cents
            exact = Fraction(came * part, to_divide) if to_divide else Fraction(0)
            assert within_a_cent(line.settled_cents - line.base_settled_cents, exact)

    @invariant()
    def the_instalments_ask_what_the_plan_promises_and_never_more_than_can_be_missed(self) -> None:
        if not hasattr(self, "base"):
            return
        plan = self._plan()
        with as_worker("test"):
            rows = list(Installment.objects.filter(arrangement=plan))
        asked = sum(row.paid_cents if row.state == "moved" else row.amount_cents for row in rows)
        assert asked == plan.pot_cents
        assert sum(row.paid_cents for row in rows) == plan.received_cents
        assert all(row.amount_cents <= self.model.capacity for row in rows if row.state != "moved")
        assert plan.monthly_cents <= self.model.capacity

    @invariant()
    def a_plan_that_stands_still_books_no_default(self) -> None:
        if not hasattr(self, "base"):
            return
        plan = self._plan()
        if plan.state in ("fulfilled", "waived"):
            assert plan.received_cents == plan.pot_cents


def transfer_claim_open(claim: Claim) -> int:
    """What is open of a claim in a plan now, in cents."""
    with as_worker("test"):
        line = ArrangementLine.objects.get(claim=claim)
    return line.outstanding_cents - line.paid_cents - line.returned_cents


class _Back(Exception):
    """Thrown at the end of a life to undo it."""


@contextmanager
def _rolled_back() -> Iterator[None]:
    """A savepoint that is always rolled back."""
    try:
        with transaction.atomic():
            yield
            raise _Back
    except _Back:
        pass


def fair_now(life: Life, pot: int) -> dict[str, Fraction]:
    """What the rule gives every open claim of a life, nobody under what it had."""
    claims = life.model.open_claims
    closed = sum(claim.promised for claim in life.model.claims.values() if claim.closed)
    return fair_parts(pot - closed, claims, {claim.key: claim.had for claim in claims})
