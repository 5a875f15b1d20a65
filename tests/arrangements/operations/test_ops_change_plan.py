"""Changing a running plan: shares, instalments, books and the version, together or not at all."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from arrangements.domain.deciders import ChangeGround, Decider, NotYours
from arrangements.domain.lifecycle import ClaimState
from arrangements.domain.plan_change import add_claim, correct_claim, pot_of, transfer_claim, withdraw_claim
from arrangements.models import (
    Arrangement,
    ArrangementLine,
    Claim,
    Installment,
    LedgerPosting,
    Payment,
    PlanVersion,
    PlanVersionLine,
    Receipt,
)
from arrangements.operations.activate_arrangement import activate_arrangement
from arrangements.operations.change_plan import PlanNotRunning, apply_plan, lock_plan, new_line, release_parked
from arrangements.operations.check_books import check_books
from arrangements.operations.grant_kwijtschelding import grant_kwijtschelding
from arrangements.operations.receive_payment import receive_payment
from infra import clock
from infra.scope import act_as, as_worker
from tests.factories.money import pay_all, pay_next, running_case
from tests.factories.people import citizen_scope, make_creditor
from tests.factories.plans import Case

pytestmark = pytest.mark.django_db


def late_claim(case: Case, cents: int) -> Claim:
    """A claim nobody knew of when the plan was made."""
    with act_as(citizen_scope(case.citizen)):
        return Claim.objects.create(
            citizen=case.citizen,
            creditor=make_creditor(),
            state=ClaimState.CONFIRMED,
            confirmed_cents=cents,
            confirmed_on=clock.today(),
            reported_on=clock.today(),
        )


def shares(arrangement: Arrangement) -> list[int]:
    return list(
        ArrangementLine.objects.filter(arrangement=arrangement)
        .order_by("position")
        .values_list("share_cents", flat=True)
    )


def dispute(claim: Claim) -> None:
    Claim.objects.filter(pk=claim.pk).update(state=ClaimState.DISPUTED)


def extra(arrangement: Arrangement, cents: int) -> Receipt:
    payment = Payment.objects.create(
        arrangement=arrangement,
        citizen_id=arrangement.citizen_id,
        amount_cents=cents,
        is_extra=True,
        provider="demobank",
        provider_id=f"extra-{cents}",
    )
    return receive_payment(payment_id=payment.pk, amount_cents=cents)


def test_what_was_signed_is_version_one() -> None:
    _case, arrangement = running_case(1_000_00, 3_000_00)
    with as_worker("test"):
        version = PlanVersion.objects.get(arrangement=arrangement)
        assert (version.number, version.ground, version.received_cents) == (1, "signed", 0)
        assert version.pot_cents == 36 * 45_00
        assert sum(line.share_cents for line in version.lines.all()) == 36 * 45_00
        activate_arrangement(arrangement_id=arrangement.pk)
        assert PlanVersion.objects.count() == 1


def test_a_late_claim_shares_in_the_same_pot_and_the_books_stay_right() -> None:
    case, arrangement = running_case(1_000_00, 3_000_00)
    pay_next(arrangement)
    claim = late_claim(case, 4_000_00)
    with as_worker("test"), transaction.atomic():
        plan = lock_plan(arrangement.pk)
        lines = add_claim(plan.lines, new_line(claim, 4_000_00), plan.arrangement.pot_cents)
        version = apply_plan(plan, lines=lines, ground=ChangeGround.LATE_CREDITOR, decided_by=Decider.COACH)
    with as_worker("test"):
        assert (version.number, version.received_cents) == (2, 45_00)
        assert shares(arrangement) == [202_50, 607_50, 810_00]
        assert Arrangement.objects.get().monthly_cents == 45_00
        assert check_books() == []
    pay_all(arrangement)
    with as_worker("test"):
        lines_now = ArrangementLine.objects.order_by("position")
        assert [line.paid_cents for line in lines_now] == [202_50, 607_50, 810_00]
        grant_kwijtschelding(arrangement_id=arrangement.pk)
        assert check_books() == []


def test_a_withdrawn_claim_leaves_its_share_to_the_others_and_a_plan_with_less_to_pay_is_over_sooner() -> None:
    case, arrangement = running_case(60_00, 60_00, 200_00)
    pay_next(arrangement)
    with as_worker("test"), transaction.atomic():
        plan = lock_plan(arrangement.pk)
        lines = withdraw_claim(plan.lines, str(case.claims[2].pk))
        apply_plan(plan, lines=lines, ground=ChangeGround.CLAIM_WITHDRAWN, decided_by=Decider.CREDITOR)
    with as_worker("test"):
        got = ArrangementLine.objects.get(claim=case.claims[2])
        assert got.closed_on == clock.today()
        assert shares(arrangement) == [60_00, 60_00, got.paid_cents]
        row = Arrangement.objects.get()
        assert row.pot_cents == 120_00 + got.paid_cents
        gone = Installment.objects.filter(state="moved")
        assert gone.count() > 0
        assert all(one.moved_ground == "claim_withdrawn" for one in gone)
        assert check_books() == []
    pay_all(arrangement)
    with as_worker("test"):
        assert Arrangement.objects.get().state == "fulfilled"
        assert check_books() == []


def test_the_part_of_a_disputed_claim_is_set_aside_and_paid_on_when_it_stands() -> None:
    case, arrangement = running_case(1_000_00, 1_000_00)
    with as_worker("test"):
        dispute(case.claims[1])
    pay_next(arrangement)
    with as_worker("test"):
        first, second = ArrangementLine.objects.order_by("position")
        assert (first.paid_cents, first.parked_cents) == (22_50, 0)
        assert (second.paid_cents, second.parked_cents) == (0, 22_50)
        assert not LedgerPosting.objects.filter(account=2100, claim_id=second.claim_id).exists()
        assert check_books() == []
        with transaction.atomic():
            assert release_parked(lock_plan(arrangement.pk), claim_id=second.claim_id) == 22_50
        Claim.objects.filter(pk=second.claim_id).update(state=ClaimState.CONFIRMED)
        assert ArrangementLine.objects.get(pk=second.pk).paid_cents == 22_50
        assert check_books() == []
    pay_next(arrangement)
    with as_worker("test"):
        assert [line.paid_cents for line in ArrangementLine.objects.order_by("position")] == [45_00, 45_00]
        assert check_books() == []


def test_what_was_set_aside_for_a_withdrawn_claim_is_divided_over_the_others_at_once() -> None:
    case, arrangement = running_case(1_000_00, 1_000_00)
    with as_worker("test"):
        dispute(case.claims[1])
    pay_next(arrangement)
    with as_worker("test"), transaction.atomic():
        plan = lock_plan(arrangement.pk)
        apply_plan(
            plan,
            lines=withdraw_claim(plan.lines, str(case.claims[1].pk)),
            ground=ChangeGround.CLAIM_WITHDRAWN,
            decided_by=Decider.CREDITOR,
        )
    with as_worker("test"):
        assert [line.paid_cents for line in ArrangementLine.objects.order_by("position")] == [45_00, 0]
        assert Arrangement.objects.get().received_cents == 45_00
        assert check_books() == []
    pay_all(arrangement)
    with as_worker("test"):
        grant_kwijtschelding(arrangement_id=arrangement.pk)
        assert check_books() == []


def test_a_dispute_that_is_still_open_at_the_end_holds_no_waiver_back() -> None:
    case, arrangement = running_case(1_000_00, 1_000_00)
    with as_worker("test"):
        dispute(case.claims[1])
    pay_all(arrangement)
    with as_worker("test"):
        assert grant_kwijtschelding(arrangement_id=arrangement.pk).state == "waived"
        assert check_books() == []


def test_a_sold_claim_is_paid_to_the_new_owner_and_the_waiver_goes_along() -> None:
    case, arrangement = running_case(1_000_00, 3_000_00)
    pay_next(arrangement)
    bought = late_claim(case, 0)
    with as_worker("test"), transaction.atomic():
        plan = lock_plan(arrangement.pk)
        lines = transfer_claim(plan.lines, str(case.claims[1].pk), str(bought.pk))
        apply_plan(plan, lines=lines, ground=ChangeGround.TRANSFER, decided_by=Decider.CREDITOR)
        assert check_books() == []
    pay_all(arrangement)
    with as_worker("test"):
        old, new = ArrangementLine.objects.get(claim=case.claims[1]), ArrangementLine.objects.get(claim=bought)
        assert old.paid_cents == 33_75
        assert old.paid_cents + new.paid_cents == 3 * 36 * 45_00 // 4
        grant_kwijtschelding(arrangement_id=arrangement.pk)
        assert check_books() == []
        assert new.waived_cents == 3_000_00 - 3 * 36 * 45_00 // 4


def test_a_correction_moves_the_shares_and_what_is_asked() -> None:
    case, arrangement = running_case(1_000_00, 1_000_00)
    with as_worker("test"), transaction.atomic():
        plan = lock_plan(arrangement.pk)
        lines = correct_claim(plan.lines, str(case.claims[0].pk), 3_000_00)
        apply_plan(plan, lines=lines, ground=ChangeGround.CORRECTION, decided_by=Decider.CREDITOR)
    with as_worker("test"):
        assert shares(arrangement) == [1_215_00, 405_00]
        assert Arrangement.objects.get().total_cents == 4_000_00
        assert check_books() == []


def test_extra_money_pays_the_last_instalments() -> None:
    _case, arrangement = running_case(1_000_00, 3_000_00)
    with as_worker("test"):
        receipt = extra(arrangement, 100_00)
        assert (receipt.kind, receipt.divided_cents) == ("extra", 100_00)
        paid = Installment.objects.filter(paid_cents__gt=0).order_by("number")
        assert [(one.number, one.paid_cents, one.state) for one in paid] == [
            (34, 10_00, "partly_paid"),
            (35, 45_00, "paid"),
            (36, 45_00, "paid"),
        ]
        assert check_books() == []


def test_paying_everything_early_keeps_the_promised_waiver() -> None:
    _case, arrangement = running_case(1_000_00, 3_000_00)
    with as_worker("test"):
        extra(arrangement, 36 * 45_00)
        assert Arrangement.objects.get().state == "fulfilled"
        grant_kwijtschelding(arrangement_id=arrangement.pk)
        assert check_books() == []


def test_nobody_changes_a_plan_who_may_not_and_nothing_of_it_stays() -> None:
    case, arrangement = running_case(1_000_00, 1_000_00)
    with as_worker("test"):
        with transaction.atomic():
            plan = lock_plan(arrangement.pk)
            lines = correct_claim(plan.lines, str(case.claims[0].pk), 3_000_00)
            with pytest.raises(NotYours):
                apply_plan(plan, lines=lines, ground=ChangeGround.CORRECTION, decided_by=Decider.COACH)
        assert PlanVersion.objects.count() == 1
        assert shares(arrangement) == [810_00, 810_00]


def test_lines_that_take_something_back_are_refused() -> None:
    _case, arrangement = running_case(1_000_00, 1_000_00)
    pay_next(arrangement)
    with as_worker("test"), transaction.atomic():
        plan = lock_plan(arrangement.pk)
        first, second = plan.lines
        with pytest.raises(ValueError, match="fell out"):
            apply_plan(plan, lines=[first], ground=ChangeGround.PROVEN_FALL, decided_by=Decider.COACH)
        assert pot_of(plan.lines) == 36 * 45_00
        assert second.paid == 22_50


def test_a_plan_that_is_over_does_not_change() -> None:
    _case, arrangement = running_case(10_00, 20_00)
    pay_all(arrangement)
    with as_worker("test"):
        grant_kwijtschelding(arrangement_id=arrangement.pk)
        with pytest.raises(PlanNotRunning):
            lock_plan(arrangement.pk)
        with pytest.raises(DatabaseError, match="is over"), transaction.atomic():
            Arrangement.objects.filter(pk=arrangement.pk).update(waived_on=date(2026, 1, 1))


def test_a_version_that_stands_is_never_changed() -> None:
    _case, arrangement = running_case(1_000_00)
    with as_worker("test"), pytest.raises(DatabaseError), transaction.atomic():
        PlanVersionLine.objects.filter(version__arrangement=arrangement).update(share_cents=1)
