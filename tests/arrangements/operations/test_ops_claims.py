"""A claim from the first word to the last cent: edited, frozen, disputed, corrected, handed over, withdrawn."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from arrangements.domain.deciders import Decider, NotYours
from arrangements.domain.lifecycle import AnswerState, ArrangementState, ClaimState, ProposalState, RefusalCode
from arrangements.models import (
    Answer,
    Arrangement,
    ArrangementLine,
    CaseTask,
    Claim,
    ClaimCorrection,
    ClaimDispute,
    ClaimTransfer,
    Consent,
    CreditorTask,
    Document,
    Kwijtschelding,
    PlanVersion,
    PlanVersionLine,
    Proposal,
    ProposalLine,
    Variation,
)
from arrangements.operations.answer_proposal import refuse
from arrangements.operations.answer_variation import accept_variation, refuse_variation
from arrangements.operations.apply_transfers import transfers_due
from arrangements.operations.check_books import check_books
from arrangements.operations.collect_claims import confirm_balance, open_by_invitation, say_about_claim
from arrangements.operations.correct_claim import (
    BelowPaid,
    CorrectionTooLate,
    HigherWhileDisputed,
    NotInPlan,
    StillWaiting,
    correct_claim,
    last_day,
)
from arrangements.operations.dispute_claim import NotToDispute, dispute_claim, drop_dispute
from arrangements.operations.edit_claim import Amounts, ClaimFrozen, Details, DoesNotAddUp, InProposal, edit_claim
from arrangements.operations.keep_promises import keep_promises
from arrangements.operations.settle_dispute import say_it_stands
from arrangements.operations.transfer_claim import (
    MoreThanOpen,
    NotToTransfer,
    PartOfDisputed,
    TransferWaiting,
    transfer_claim,
)
from arrangements.operations.withdraw_claim import withdraw_claim
from arrangements.operations.withdraw_variation import withdraw_variation
from creditors.models import Creditor
from creditors.operations.invitations import invitation_code
from infra import clock, jobs
from infra.models import Message
from infra.scope import Scope, act_as, as_worker
from tests.factories.creditors import claim_line, claims_file, imported
from tests.factories.money import START, at, next_open, pay_all, pay_next, running_case
from tests.factories.people import citizen_scope, creditor_scope, login_of, make_creditor, make_member
from tests.factories.plans import Case, agreed, make_case, submitted

pytestmark = pytest.mark.django_db

Reason = ClaimCorrection.Reason


def owner(case: Case, number: int = 0) -> Scope:
    return creditor_scope(case.creditors[number], case.members[number])


def claim_now(case: Case, number: int = 0) -> Claim:
    with as_worker("test"):
        return Claim.objects.get(pk=case.claims[number].pk)


def line_now(claim: Claim) -> ArrangementLine:
    with as_worker("test"):
        return ArrangementLine.objects.get(claim=claim)


def lines_now(arrangement: Arrangement) -> list[ArrangementLine]:
    with as_worker("test"):
        return list(ArrangementLine.objects.filter(arrangement=arrangement).order_by("position"))


def the_books_are_right() -> None:
    with as_worker("test"):
        assert check_books() == []


def told(case: Case, kind: str) -> str:
    with as_worker("test"):
        return "\n".join(Message.objects.filter(kind=kind, citizen_id=case.citizen.pk).values_list("body", flat=True))


def dispute(case: Case, number: int = 0) -> ClaimDispute:
    with act_as(citizen_scope(case.citizen)):
        return dispute_claim(
            claim=case.claims[number],
            reason=ClaimDispute.Reason.ALREADY_PAID,
            note="Ik heb een bewijs.",
            user=login_of(case.citizen),
        )


# --- what the creditor says about it ------------------------------------------------------------------------------


def test_the_owner_names_who_collects_and_what_the_amount_is_made_of() -> None:
    case = make_case(500_00)
    with act_as(owner(case)):
        edit_claim(
            claim=case.claims[0],
            details=Details("energy", "Incasso Noord", "IN-1", "Deurwaarders Zuid", "DZ-2"),
            amounts=Amounts(500_00, 400_00, 20_00, 80_00),
        )
    row = claim_now(case)
    assert (row.collector_name, row.deurwaarder_reference, row.kind) == ("Incasso Noord", "DZ-2", "energy")
    assert (row.principal_cents, row.interest_cents, row.costs_cents, row.confirmed_cents) == (
        400_00,
        20_00,
        80_00,
        500_00,
    )


def test_parts_that_do_not_add_up_are_refused_and_nothing_is_written() -> None:
    case = make_case(500_00)
    with act_as(owner(case)), pytest.raises(DoesNotAddUp) as wrong:
        edit_claim(claim=case.claims[0], details=Details("rent"), amounts=Amounts(500_00, 400_00, 20_00, 81_00))
    assert wrong.value.together == 501_00
    assert claim_now(case).kind == ""


def test_a_preference_needs_its_ground() -> None:
    case = make_case(500_00)
    with act_as(owner(case)), pytest.raises(ValueError, match="ground"):
        edit_claim(claim=case.claims[0], details=Details(), amounts=Amounts(500_00, is_preferent=True))


def test_an_amount_in_a_proposal_that_is_out_is_corrected_there() -> None:
    case = make_case(500_00, 700_00)
    submitted(case)
    with act_as(owner(case)), pytest.raises(InProposal):
        edit_claim(claim=case.claims[0], details=Details(), amounts=Amounts(400_00))
    with act_as(owner(case)):
        edit_claim(claim=case.claims[0], details=Details(collector_name="Incasso Noord"), amounts=Amounts(500_00))
    assert claim_now(case).collector_name == "Incasso Noord"


# --- frozen -------------------------------------------------------------------------------------------------------


def test_no_path_moves_a_frozen_claim() -> None:
    case, _ = running_case(1_000_00, 2_000_00)
    claim = case.claims[0]
    with act_as(owner(case)):
        with pytest.raises(ClaimFrozen):
            confirm_balance(claim=claim, confirmed_cents=1_200_00)
        with pytest.raises(ClaimFrozen):
            edit_claim(claim=claim, details=Details(), amounts=Amounts(1_200_00))
        with pytest.raises(ClaimFrozen):
            edit_claim(
                claim=claim, details=Details(), amounts=Amounts(1_000_00, is_preferent=True, preference_ground="x")
            )
    # A file with the same reference finds the same claim, and changes nothing.
    imported(
        case.creditors[0],
        case.members[0],
        claims_file(claim_line(FactuurnummerSE=claim.reference, OorspronkelijkeVordering="9.999,00", Kosten="")),
    )
    with act_as(citizen_scope(case.citizen)):
        code = invitation_code(creditor_id=claim.creditor_id, reference=claim.reference)
        assert open_by_invitation(citizen=case.citizen, code=code).pk == claim.pk
    row = claim_now(case)
    assert (row.confirmed_cents, row.is_preferent) == (1_000_00, False)


@pytest.mark.parametrize("role", ["owner", "worker"])
def test_the_database_itself_keeps_a_frozen_claim_where_it_is(role: str) -> None:
    case, _ = running_case(1_000_00, 2_000_00)
    scope = owner(case) if role == "owner" else Scope(worker=True, reason="test")
    with act_as(scope), pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(pk=case.claims[0].pk).update(confirmed_cents=1_000_01)
    with act_as(scope), pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(pk=case.claims[0].pk).update(costs_cents=1)


def test_who_collects_a_frozen_claim_may_change() -> None:
    case, _ = running_case(1_000_00)
    with act_as(owner(case)):
        edit_claim(claim=case.claims[0], details=Details(deurwaarder_name="Deurwaarders Zuid"))
    assert claim_now(case).deurwaarder_name == "Deurwaarders Zuid"


# --- disputed -----------------------------------------------------------------------------------------------------


def test_a_no_before_signing_is_a_dispute_with_a_reason_and_its_creditor_settles_it() -> None:
    case = make_case(500_00)
    with act_as(citizen_scope(case.citizen)):
        say_about_claim(
            claim=case.claims[0], says=Claim.CitizenSays.NO, reason=ClaimDispute.Reason.NOT_MINE, note="Van mijn ex."
        )
    with act_as(owner(case)):
        row = ClaimDispute.objects.get()
        assert (row.reason, row.note, row.closed_on) == ("not_mine", "Van mijn ex.", None)
        confirm_balance(claim=case.claims[0], confirmed_cents=450_00)
        row.refresh_from_db()
    assert (row.outcome, claim_now(case).state) == (ClaimDispute.Outcome.CORRECTED, ClaimState.CONFIRMED)


def test_taking_a_no_back_closes_the_dispute() -> None:
    case = make_case(500_00)
    with act_as(citizen_scope(case.citizen)):
        say_about_claim(claim=case.claims[0], says=Claim.CitizenSays.NO)
        say_about_claim(claim=case.claims[0], says=Claim.CitizenSays.YES)
        assert ClaimDispute.objects.get().outcome == ClaimDispute.Outcome.DROPPED
    assert claim_now(case).state == ClaimState.CONFIRMED


def test_in_a_running_plan_the_part_of_a_disputed_claim_is_set_aside_and_the_plan_goes_on() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    pay_next(arrangement)
    before = line_now(case.claims[0]).paid_cents
    dispute(case)
    at(next_open(arrangement).due_date)
    pay_next(arrangement)
    disputed, other = lines_now(arrangement)
    assert disputed.paid_cents == before
    assert disputed.parked_cents > 0
    assert other.parked_cents == 0
    assert disputed.settled_cents + other.settled_cents == 90_00
    with as_worker("test"):
        assert Arrangement.objects.get().state == ArrangementState.ACTIVE
        assert CaseTask.objects.filter(kind=CaseTask.Kind.DISPUTE).count() == 1
        assert Message.objects.filter(kind="claim_disputed", creditor_id=case.creditors[0].pk).count() == 1
    the_books_are_right()


def test_when_the_creditor_says_it_stands_what_was_set_aside_is_paid_on_and_the_citizen_hears_it() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    dispute(case)
    at(next_open(arrangement).due_date)
    pay_next(arrangement)
    aside = line_now(case.claims[0]).parked_cents
    with act_as(owner(case)):
        say_it_stands(claim=case.claims[0], user=case.members[0].user)
    jobs.run_all()
    line = line_now(case.claims[0])
    assert (line.parked_cents, line.paid_cents) == (0, aside)
    assert aside
    assert "de schuld klopt" in told(case, "dispute_stands")
    the_books_are_right()


def test_the_citizen_can_drop_a_dispute_and_a_helper_cannot_do_it_for_them() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    dispute(case)
    at(next_open(arrangement).due_date)
    pay_next(arrangement)
    with act_as(citizen_scope(case.citizen)):
        with pytest.raises(NotYours):
            drop_dispute(claim=case.claims[0], decider=Decider.COACH)
        drop_dispute(claim=case.claims[0], user=login_of(case.citizen))
        drop_dispute(claim=case.claims[0], user=login_of(case.citizen))
    jobs.run_all()
    assert line_now(case.claims[0]).parked_cents == 0
    the_books_are_right()


def test_a_dispute_that_outlives_the_plan_holds_no_waiver_back_and_is_paid_on_afterwards() -> None:
    case, arrangement = running_case(60_00, 120_00, declared=15_00, months=6)
    dispute(case)
    pay_all(arrangement)
    jobs.run_all()
    with as_worker("test"):
        assert Arrangement.objects.get().state == ArrangementState.WAIVED
    assert line_now(case.claims[0]).parked_cents == 30_00
    with act_as(owner(case)):
        say_it_stands(claim=case.claims[0], user=case.members[0].user)
    jobs.run_all()
    assert (line_now(case.claims[0]).parked_cents, line_now(case.claims[0]).paid_cents) == (0, 30_00)
    the_books_are_right()


def test_a_release_that_failed_is_promised_again() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    dispute(case)
    pay_next(arrangement)
    with as_worker("test"):
        Claim.objects.filter(pk=case.claims[0].pk).update(state=ClaimState.CONFIRMED)
        assert keep_promises(today=clock.today()) == 1
    jobs.run_all()
    assert line_now(case.claims[0]).parked_cents == 0


def test_what_is_over_is_not_disputed() -> None:
    case, arrangement = running_case(60_00, 30_00)
    pay_all(arrangement)
    jobs.run_all()
    with act_as(citizen_scope(case.citizen)), pytest.raises(NotToDispute):
        dispute_claim(claim=case.claims[0])


# --- corrected ----------------------------------------------------------------------------------------------------


def correct(case: Case, after: int, *, number: int = 0, reason: Reason = Reason.MISTAKE) -> ClaimCorrection:
    with act_as(owner(case, number)):
        return correct_claim(
            claim=case.claims[number],
            user=case.members[number].user,
            after_cents=after,
            reason=reason,
            note="Wij keken het na.",
        )


def test_a_lower_amount_makes_the_own_share_fall_and_asks_nobody() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00, 3_000_00)
    pay_next(arrangement)
    before = lines_now(arrangement)
    correct(case, 600_00)
    jobs.run_all()
    own, *others = lines_now(arrangement)
    assert own.outstanding_cents == 600_00
    assert own.share_cents < before[0].share_cents
    assert all(now.share_cents >= then.share_cents for now, then in zip(others, before[1:], strict=True))
    assert sum(line.share_cents for line in (own, *others)) == 45_00 * 36
    assert claim_now(case).confirmed_cents == 600_00
    with as_worker("test"):
        version = PlanVersion.objects.order_by("-number").first()
        assert version is not None
        assert (version.ground, version.decided_by) == ("correction", "creditor")
        assert ClaimCorrection.objects.get().applied_on == clock.today()
    assert "600" in told(case, "claim_corrected")
    the_books_are_right()


def test_a_claim_that_was_paid_elsewhere_frees_the_rest_of_its_share() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    pay_next(arrangement)
    had = line_now(case.claims[0]).paid_cents
    correct(case, had, reason=Reason.PAID_ELSEWHERE)
    jobs.run_all()
    own, other = lines_now(arrangement)
    assert (own.outstanding_cents, own.share_cents, own.waived_cents) == (had, had, 0)
    assert other.share_cents == 45_00 * 36 - had
    the_books_are_right()


def asked_about(case: Case, position: int) -> tuple[Consent, Variation]:
    with as_worker("test"):
        variation = Variation.objects.get(citizen=case.citizen, state="proposed")
        return Consent.objects.get(variation=variation, creditor=case.creditors[position]), variation


def test_a_higher_amount_by_which_others_fall_is_put_to_them_and_their_yes_lets_it_in() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    before = [line.share_cents for line in lines_now(arrangement)]
    correct(case, 1_500_00)
    jobs.run_all()
    assert [line.share_cents for line in lines_now(arrangement)] == before
    assert claim_now(case).confirmed_cents == 1_000_00
    with pytest.raises(StillWaiting):
        correct(case, 1_400_00)
    consent, variation = asked_about(case, 1)
    assert (variation.ground, variation.decided_by) == ("correction", "creditor")
    with act_as(citizen_scope(case.citizen)), pytest.raises(NotYours):
        withdraw_variation(variation=variation)
    with as_worker("test"):
        assert Consent.objects.filter(variation=variation).count() == 1
    with act_as(creditor_scope(case.creditors[1], case.members[1])):
        accept_variation(consent=consent, seen_hash=variation.content_hash, user=case.members[1].user)
    jobs.run_all()
    own, other = lines_now(arrangement)
    assert own.share_cents > before[0]
    assert other.share_cents == consent.share_after_cents
    assert own.share_cents + other.share_cents == sum(before)
    assert claim_now(case).confirmed_cents == 1_500_00
    with as_worker("test"):
        assert ClaimCorrection.objects.get().applied_on == clock.today()
    the_books_are_right()


def test_one_no_to_a_higher_amount_leaves_everything_as_it_was_and_its_creditor_hears_it() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    before = [line.share_cents for line in lines_now(arrangement)]
    correct(case, 1_500_00)
    jobs.run_all()
    consent, variation = asked_about(case, 1)
    with act_as(creditor_scope(case.creditors[1], case.members[1])):
        refuse_variation(
            consent=consent,
            seen_hash=variation.content_hash,
            user=case.members[1].user,
            code=RefusalCode.BELOW_OUR_NORM,
            note="Te laag.",
        )
    jobs.run_all()
    assert [line.share_cents for line in lines_now(arrangement)] == before
    assert claim_now(case).confirmed_cents == 1_000_00
    with as_worker("test"):
        assert ClaimCorrection.objects.get().refused_on == clock.today()
        (told_creditor,) = Message.objects.filter(kind="correction_impossible")
    assert told_creditor.creditor_id == case.creditors[0].pk
    the_books_are_right()


def test_a_correction_comes_within_the_days_that_policy_gives() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    assert last_day(arrangement) == START + timedelta(days=120)
    at(last_day(arrangement) + timedelta(days=1))
    with pytest.raises(CorrectionTooLate) as late:
        correct(case, 900_00)
    assert late.value.last == START + timedelta(days=120)
    at(last_day(arrangement))
    assert correct(case, 900_00).after_cents == 900_00


def test_a_correction_never_goes_below_what_was_paid_on_nor_without_a_plan() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    pay_next(arrangement)
    with pytest.raises(BelowPaid):
        correct(case, 1)
    with pytest.raises(ValueError, match="changes"):
        correct(case, 1_000_00)
    loose = make_case(500_00)
    with pytest.raises(NotInPlan):
        correct(loose, 400_00)


def test_correcting_a_disputed_claim_settles_the_dispute_and_pays_on_what_remains_of_its_part() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    dispute(case)
    pay_next(arrangement)
    with pytest.raises(HigherWhileDisputed):
        correct(case, 1_100_00)
    correct(case, 500_00)
    jobs.run_all()
    line = line_now(case.claims[0])
    assert line.parked_cents == 0
    assert line.paid_cents > 0
    with as_worker("test"):
        assert ClaimDispute.objects.get().outcome == ClaimDispute.Outcome.CORRECTED
    the_books_are_right()


# --- withdrawn ----------------------------------------------------------------------------------------------------


def withdraw(case: Case, number: int = 0) -> None:
    with act_as(owner(case, number)):
        withdraw_claim(claim=case.claims[number], user=case.members[number].user)
    jobs.run_all()


def test_a_withdrawn_claim_in_a_plan_keeps_what_it_got_and_the_rest_goes_to_the_others() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00, 3_000_00)
    pay_next(arrangement)
    had = line_now(case.claims[0]).paid_cents
    before = lines_now(arrangement)
    withdraw(case)
    gone, *others = lines_now(arrangement)
    assert (gone.share_cents, gone.outstanding_cents, gone.closed_on) == (had, had, clock.today())
    assert all(now.share_cents > then.share_cents for now, then in zip(others, before[1:], strict=True))
    assert "trekt de schuld in" in told(case, "claim_withdrawn")
    the_books_are_right()


def test_what_was_set_aside_for_a_claim_that_is_withdrawn_goes_to_the_others() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    dispute(case)
    pay_next(arrangement)
    withdraw(case)
    gone, other = lines_now(arrangement)
    assert (gone.settled_cents, other.paid_cents) == (0, 45_00)
    with as_worker("test"):
        assert ClaimDispute.objects.get().outcome == ClaimDispute.Outcome.WITHDRAWN
    the_books_are_right()


def test_a_claim_withdrawn_before_signing_leaves_the_proposal_and_the_others_keep_their_yes() -> None:
    case = make_case(1_000_00, 2_000_00)
    submitted(case)
    case.say_yes(1)
    withdraw(case)
    with as_worker("test"):
        new = Proposal.objects.exclude(state=ProposalState.LAPSED).get()
        assert [line.claim_id for line in ProposalLine.objects.filter(proposal=new)] == [case.claims[1].pk]
        assert new.state == ProposalState.AGREED


def test_the_last_claim_withdrawn_leaves_nothing_to_propose() -> None:
    case = make_case(1_000_00)
    submitted(case)
    withdraw(case)
    with as_worker("test"):
        assert {one.state for one in Proposal.objects.all()} == {ProposalState.LAPSED}
    assert "niets meer open" in told(case, "nothing_left")


# --- handed over --------------------------------------------------------------------------------------------------


def buyer(name: str = "Koper BV") -> Creditor:
    found = make_creditor(name)
    make_member(found, name="Karin Koper")
    return found


def hand_over(case: Case, to: str = "koper bv", *, amount: int | None = None, days: int = 0) -> ClaimTransfer:
    with act_as(owner(case)):
        found = transfer_claim(
            claim=case.claims[0],
            user=case.members[0].user,
            to_name=to,
            from_date=clock.today() + timedelta(days=days),
            amount_cents=amount,
            to_reference="KB-1",
        )
    jobs.run_all()
    return found


def test_from_its_day_on_the_new_owner_is_paid_and_the_old_one_keeps_its_history() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    pay_next(arrangement)
    to, before = buyer(), lines_now(arrangement)
    due = next_open(arrangement).due_date
    hand_over(case, days=(due - clock.today()).days)
    assert claim_now(case).state == ClaimState.CONFIRMED
    at(due)
    with as_worker("test"):
        assert transfers_due(today=due) == 1
    jobs.run_all()
    pay_next(arrangement)
    old, other, new = lines_now(arrangement)
    assert (old.creditor_id, old.paid_cents, old.share_cents) == (
        case.creditors[0].pk,
        before[0].paid_cents,
        before[0].paid_cents,
    )
    assert old.closed_on == due
    assert new.creditor_id == to.pk
    assert new.paid_cents > 0
    for name in ("outstanding_cents", "share_cents", "waived_cents", "remains_cents"):
        assert getattr(old, name) + getattr(new, name) == getattr(before[0], name)
    assert other.share_cents == before[1].share_cents
    assert claim_now(case).state == ClaimState.TRANSFERRED
    with as_worker("test"):
        fresh = Claim.objects.get(creditor=to)
        assert (fresh.transferred_from_id, fresh.reference) == (case.claims[0].pk, "KB-1")
        assert Document.objects.filter(kind="extract", creditor=to).count() == 1
        assert CreditorTask.objects.filter(creditor=to, kind="stop_collecting").count() == 1
        assert Message.objects.filter(creditor_id=to.pk, kind="stop_collecting").count() == 1
    assert "is nu van Koper BV" in told(case, "claim_transferred")
    the_books_are_right()


def test_a_part_that_is_sold_makes_two_lines_that_are_one_to_the_cent() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    pay_next(arrangement)
    before = line_now(case.claims[0])
    buyer()
    hand_over(case, amount=333_33)
    old, _, new = lines_now(arrangement)
    assert new.outstanding_cents == 333_33
    assert old.closed_on is None
    for name in ("outstanding_cents", "share_cents", "waived_cents"):
        assert getattr(old, name) + getattr(new, name) == getattr(before, name)
    assert claim_now(case).state == ClaimState.CONFIRMED
    the_books_are_right()


def test_the_promise_travels_with_the_claim_to_the_last_day() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    pay_next(arrangement)
    to = buyer()
    hand_over(case)
    pay_all(arrangement)
    jobs.run_all()
    with as_worker("test"):
        assert Arrangement.objects.get().state == ArrangementState.WAIVED
        new = ArrangementLine.objects.get(creditor=to)
        granted = Kwijtschelding.objects.get(claim=new.claim)
        assert granted.waived_cents == new.waived_cents > 0
        assert new.paid_cents + granted.waived_cents == new.outstanding_cents
    the_books_are_right()


def test_a_claim_handed_over_before_signing_is_asked_of_the_new_owner_alone() -> None:
    case = make_case(1_000_00, 2_000_00)
    to = buyer()
    submitted(case)
    case.say_yes(1)
    hand_over(case)
    with as_worker("test"):
        new = Proposal.objects.get(state=ProposalState.SUBMITTED)
        states = {one.creditor_id: one.state for one in Answer.objects.filter(proposal=new)}
    assert states == {to.pk: AnswerState.OPEN, case.creditors[1].pk: AnswerState.ACCEPTED}
    assert claim_now(case).state == ClaimState.TRANSFERRED


def test_a_draft_with_a_claim_that_went_away_is_made_again() -> None:
    from arrangements.operations.assess_application import assess_application
    from arrangements.operations.make_proposal import make_draft
    from tests.factories.plans import fill_in

    case = make_case(1_000_00, 2_000_00)
    buyer()
    fill_in(case)
    with act_as(citizen_scope(case.citizen)):
        make_draft(application=case.application, assessment=assess_application(application=case.application))
    hand_over(case, amount=400_00)
    with as_worker("test"):
        assert not Proposal.objects.exists()
        assert {one.confirmed_cents for one in Claim.objects.all()} == {400_00, 600_00, 2_000_00}


def test_a_new_owner_we_do_not_know_waits_until_it_takes_part() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    hand_over(case, "Onbekend Fonds")
    with as_worker("test"):
        task = CaseTask.objects.get(kind=CaseTask.Kind.UNKNOWN_CREDITOR)
        assert "Onbekend Fonds" in task.text
        assert transfers_due(today=clock.today()) == 0
    buyer("Onbekend Fonds")
    with as_worker("test"):
        assert transfers_due(today=clock.today()) == 1
    jobs.run_all()
    assert len(lines_now(arrangement)) == 3
    the_books_are_right()


def test_what_cannot_be_handed_over_is_refused() -> None:
    case, _ = running_case(1_000_00, 2_000_00)
    buyer()
    with act_as(owner(case)):
        with pytest.raises(ValueError, match="paid on already"):
            transfer_claim(
                claim=case.claims[0],
                user=case.members[0].user,
                to_name="Koper BV",
                from_date=clock.today() - timedelta(days=1),
            )
        with pytest.raises(ValueError, match="already"):
            transfer_claim(
                claim=case.claims[0],
                user=case.members[0].user,
                to_name=case.creditors[0].name,
                from_date=clock.today(),
            )
    with pytest.raises(MoreThanOpen):
        hand_over(case, amount=1_000_00)
    hand_over(case, days=5)
    with pytest.raises(TransferWaiting):
        hand_over(case)
    withdraw(case)
    with pytest.raises(NotToTransfer):
        hand_over(case)


def test_a_disputed_claim_goes_whole_with_its_dispute_and_what_was_set_aside() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    to = buyer()
    dispute(case)
    pay_next(arrangement)
    aside = line_now(case.claims[0]).parked_cents
    with pytest.raises(PartOfDisputed):
        hand_over(case, amount=100_00)
    hand_over(case)
    old, _, new = lines_now(arrangement)
    assert (old.parked_cents, new.parked_cents) == (0, aside)
    with as_worker("test"):
        assert ClaimDispute.objects.get().creditor_id == to.pk
        assert Claim.objects.get(creditor=to).state == ClaimState.DISPUTED
    the_books_are_right()


def test_a_no_because_the_claim_is_somebody_elses_is_a_task_with_the_name() -> None:
    case = make_case(1_000_00, 2_000_00)
    proposal = submitted(case)
    with act_as(owner(case)):
        refuse(
            answer=case.answer_of(0),
            seen_hash=proposal.content_hash,
            user=case.members[0].user,
            code=RefusalCode.NOT_OUR_CLAIM,
            note="Koper BV",
        )
    case.settle()
    with as_worker("test"):
        assert "Koper BV" in CaseTask.objects.get(kind=CaseTask.Kind.UNKNOWN_CREDITOR).text


# --- walls --------------------------------------------------------------------------------------------------------


def test_the_new_owner_sees_its_own_claim_only_and_the_old_one_its_history() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    pay_next(arrangement)
    to = buyer()
    hand_over(case)
    with act_as(creditor_scope(to)):
        mine = Claim.objects.get()
        assert mine.creditor_id == to.pk
        assert [line.claim_id for line in ArrangementLine.objects.all()] == [mine.pk]
        assert {line.claim_id for line in PlanVersionLine.objects.all()} == {mine.pk}
        assert not Claim.objects.filter(pk=case.claims[0].pk).exists()
    with act_as(owner(case)):
        assert [line.claim_id for line in ArrangementLine.objects.all()] == [case.claims[0].pk]
        assert ClaimTransfer.objects.get().claim_id == case.claims[0].pk
        assert not Claim.objects.filter(creditor=to).exists()


def test_one_creditor_touches_no_claim_of_another() -> None:
    case, _ = running_case(1_000_00, 2_000_00)
    with act_as(owner(case, 1)):
        with pytest.raises(Claim.DoesNotExist):
            withdraw_claim(claim=case.claims[0], user=case.members[1].user)
        with pytest.raises(Claim.DoesNotExist):
            say_it_stands(claim=case.claims[0], user=case.members[1].user)
        with pytest.raises(DatabaseError), transaction.atomic():
            ClaimTransfer.objects.create(
                claim=case.claims[0],
                citizen=case.citizen,
                creditor=case.creditors[0],
                to_creditor=case.creditors[1],
                from_date=clock.today(),
                reported_on=clock.today(),
            )


def test_an_agreed_proposal_that_was_not_signed_is_renewed_too() -> None:
    case = make_case(1_000_00, 2_000_00)
    agreed(case)
    withdraw(case)
    with as_worker("test"):
        assert Proposal.objects.order_by("-version")[0].state == ProposalState.AGREED
        assert Proposal.objects.order_by("-version")[0].creditor_count == 1
