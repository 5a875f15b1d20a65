"""Where a cent, a yes or a promise could get lost between two people, two windows or two workers."""

import threading
from datetime import date

import pytest
from django.db import connection, transaction

from arrangements.domain.lifecycle import AnswerState, ArrangementState, ClaimState, ProposalState, RefusalCode
from arrangements.models import (
    Answer,
    Arrangement,
    CaseTask,
    Claim,
    Installment,
    Payment,
    Proposal,
    ProposalLine,
    Receipt,
)
from arrangements.operations.answer_proposal import refuse, say_balance_differs
from arrangements.operations.application import save_answers, start_application
from arrangements.operations.assess_application import assess_application
from arrangements.operations.check_books import check_books
from arrangements.operations.go_on_without import NotPossible, go_on_without
from arrangements.operations.grant_kwijtschelding import grant_kwijtschelding
from arrangements.operations.keep_promises import keep_promises
from arrangements.operations.make_proposal import AmountTooHigh, NothingToPropose, make_draft
from arrangements.operations.refresh_payment import NotAllRefreshed, refresh_payment, refresh_pending_payments
from arrangements.operations.settle_proposal import apply_policies, settle_proposal, without_creditor
from arrangements.operations.sign_arrangement import AnotherIsRunning, agreement_hash, sign_arrangement
from arrangements.operations.submit_proposal import submit_proposal
from arrangements.operations.withdraw_proposal import withdraw_proposal
from arrangements.payments import demobank
from infra import clock
from infra.jobs import Work
from infra.models import Job, Message
from infra.scope import act_as, as_worker
from tests.factories.money import activate, next_open, open_link, pay_all, running_case
from tests.factories.people import citizen_scope, creditor_scope, login_of, make_creditor, make_member, make_policy
from tests.factories.plans import Case, agreed, fill_in, make_case, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday() -> None:
    clock.set_today(date(2026, 11, 23))


def work(**arguments: object) -> Work:
    return Work(None, arguments)  # type: ignore[arg-type]  # the id is not used


def say_no(case: Case, number: int, proposal: Proposal) -> None:
    with act_as(creditor_scope(case.creditors[number], case.members[number])):
        refuse(
            answer=case.answer_of(number, proposal),
            seen_hash=proposal.content_hash,
            user=case.members[number].user,
            code=RefusalCode.NO_COOPERATION,
        )


def say_other_balance(case: Case, number: int, proposal: Proposal, cents: int) -> None:
    with act_as(creditor_scope(case.creditors[number], case.members[number])):
        say_balance_differs(
            answer=case.answer_of(number, proposal),
            seen_hash=proposal.content_hash,
            user=case.members[number].user,
            claim=case.claims[number],
            balance_cents=cents,
        )


def leave_out(case: Case, number: int, proposal: Proposal) -> Proposal:
    with as_worker("test"):
        return without_creditor(proposal_id=proposal.pk, creditor_id=case.creditors[number].pk)


def newest(case: Case) -> Proposal:
    with act_as(citizen_scope(case.citizen)):
        return Proposal.objects.order_by("-version")[0]


def lines_of(case: Case, proposal: Proposal) -> dict[int, ProposalLine]:
    with act_as(citizen_scope(case.citizen)):
        return {line.creditor_id: line for line in ProposalLine.objects.filter(proposal=proposal)}


def second_claim(case: Case, number: int, cents: int) -> Claim:
    with act_as(citizen_scope(case.citizen)):
        return Claim.objects.create(
            citizen=case.citizen,
            creditor=case.creditors[number],
            state=ClaimState.CONFIRMED,
            reference=f"tweede-{number}",
            confirmed_cents=cents,
            confirmed_on=clock.today(),
            reported_on=clock.today(),
        )


# --- what was waived stays waived -----------------------------------------------------------------------------------


def test_what_was_waived_is_never_proposed_again() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00, months=2)
    pay_all(arrangement)
    with as_worker("test"):
        assert grant_kwijtschelding(arrangement_id=arrangement.pk).state == ArrangementState.WAIVED
    with act_as(citizen_scope(case.citizen)):
        case.application = start_application(citizen=case.citizen)
    fill_in(case)
    with act_as(citizen_scope(case.citizen)), pytest.raises(NothingToPropose):
        make_draft(application=case.application, assessment=assess_application(application=case.application))


def test_a_claim_in_a_running_arrangement_takes_no_part_in_another_and_two_are_never_signed() -> None:
    case, _arrangement = running_case(1_000_00, 2_000_00)
    case.creditors.append(make_creditor())
    case.members.append(make_member(case.creditors[2]))
    new = second_claim(case, 2, 500_00)
    with act_as(citizen_scope(case.citizen)):
        case.application = start_application(citizen=case.citizen)
    again = submitted(case)
    assert [line.claim_id for line in lines_of(case, again).values()] == [new.pk]
    case.say_yes(2)
    assert case.settle().state == ProposalState.AGREED
    with act_as(citizen_scope(case.citizen)), pytest.raises(AnotherIsRunning):
        sign_arrangement(proposal=again, user=login_of(case.citizen), seen_hash=agreement_hash(again, clock.today()))


# --- facts that changed after the draft -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change", [{"net_income_cents": 1_200_00}, {"declared_cents": 10_00}, {"situation": "alleenstaande_ouder"}]
)
def test_a_draft_is_not_sent_on_facts_that_changed_since(change: dict[str, object]) -> None:
    case = make_case(10_000_00)
    fill_in(case, declared=490_00)
    with act_as(citizen_scope(case.citizen)):
        draft = make_draft(application=case.application, assessment=assess_application(application=case.application))
        save_answers(application=case.application, answers=change)
        with pytest.raises(AmountTooHigh):
            submit_proposal(proposal=draft)


def test_a_withdrawn_proposal_makes_room_for_a_new_one() -> None:
    case = make_case(1_000_00, 2_000_00)
    first = submitted(case)
    with act_as(citizen_scope(case.citizen)):
        withdraw_proposal(proposal=first)
        case.application = start_application(citizen=case.citizen)
    second = agreed(case, declared=30_00)
    assert (second.version, second.state) == (2, ProposalState.AGREED)
    assert activate(case.sign()).state == ArrangementState.ACTIVE


# --- balances -------------------------------------------------------------------------------------------------------


def test_when_nothing_is_open_any_more_the_proposal_ends_instead_of_waiting_for_nobody() -> None:
    case = make_case(1_000_00)
    first = submitted(case)
    say_other_balance(case, 0, first, 0)
    assert case.settle().state == ProposalState.LAPSED
    with act_as(citizen_scope(case.citizen)):
        assert Proposal.objects.count() == 1
        assert Message.objects.filter(kind="nothing_left").count() == 1
        assert CaseTask.objects.filter(key=f"nothing_left:{first.pk}").exists()


def test_a_creditor_corrects_its_two_claims_one_after_the_other() -> None:
    case = make_case(1_000_00, 1_000_00)
    other = second_claim(case, 0, 500_00)
    first = submitted(case, declared=25_00)
    say_other_balance(case, 0, first, 900_00)
    case.settle()
    second = case.proposal = newest(case)
    case.claims[0] = other
    say_other_balance(case, 0, second, 400_00)
    case.settle()
    third = case.proposal = newest(case)
    answer = case.answer_of(0, third)
    assert (third.version, answer.outstanding_cents) == (3, 1_300_00)
    case.say_yes(0)
    case.say_yes(1)
    assert case.settle().state == ProposalState.AGREED
    arrangement = activate(case.sign())
    pay_all(arrangement)
    with as_worker("test"):
        grant_kwijtschelding(arrangement_id=arrangement.pk)
        assert check_books() == []


def test_a_balance_that_was_corrected_elsewhere_can_still_be_put_right_in_the_version() -> None:
    case = make_case(1_000_00, 1_000_00)
    first = submitted(case)
    with act_as(creditor_scope(case.creditors[0])):
        Claim.objects.filter(pk=case.claims[0].pk).update(confirmed_cents=800_00)
        case.claims[0].refresh_from_db()
    say_other_balance(case, 0, first, 800_00)
    case.settle()
    assert lines_of(case, newest(case))[case.creditors[0].pk].outstanding_cents == 800_00


def test_a_balance_is_corrected_in_the_version_it_is_part_of_only() -> None:
    case = make_case(1_000_00)
    first = submitted(case)
    stray = second_claim(case, 0, 300_00)
    case.claims[0] = stray
    with pytest.raises(ValueError, match="not in this creditor's part"):
        say_other_balance(case, 0, first, 200_00)


@pytest.mark.django_db(transaction=True)
def test_two_balances_corrected_at_the_same_moment_are_both_in_the_new_version() -> None:
    clock.set_today(date(2026, 11, 23))
    with transaction.atomic():
        case = make_case(1_000_00, 1_000_00)
        first = submitted(case, declared=25_00)
        say_other_balance(case, 0, first, 1_100_00)
        answer = case.answer_of(1, first)
    said, may_commit = threading.Event(), threading.Event()

    def slow_colleague() -> None:
        try:
            with act_as(creditor_scope(case.creditors[1], case.members[1])), transaction.atomic():
                say_balance_differs(
                    answer=answer,
                    seen_hash=first.content_hash,
                    user=case.members[1].user,
                    claim=case.claims[1],
                    balance_cents=1_300_00,
                )
                said.set()
                may_commit.wait(10)
        finally:
            connection.close()

    colleague = threading.Thread(target=slow_colleague)
    colleague.start()
    assert said.wait(10)
    threading.Timer(1, may_commit.set).start()
    with as_worker("test"):
        settle_proposal(proposal_id=first.pk)
    colleague.join(10)
    with as_worker("test"):
        settle_proposal(proposal_id=first.pk)  # the promise of the second correction
    with transaction.atomic():
        now = newest(case)
        found = {line.outstanding_cents for line in lines_of(case, now).values()}
    assert found == {1_100_00, 1_300_00}


# --- going on without -----------------------------------------------------------------------------------------------


def test_two_refusers_are_left_out_in_two_windows_at_once() -> None:
    case = make_case(1_000_00, 1_000_00, 2_000_00)
    first = submitted(case, declared=40_00)
    case.say_yes(0)
    say_no(case, 1, first)
    say_no(case, 2, first)
    with act_as(citizen_scope(case.citizen)):
        go_on_without(answer=case.answer_of(1, first))
        go_on_without(answer=case.answer_of(2, first))
    leave_out(case, 1, first)
    leave_out(case, 2, first)
    case.proposal = newest(case)
    assert set(lines_of(case, case.proposal)) == {case.creditors[0].pk}
    assert case.proposal.monthly_cents == 10_00
    assert case.settle().state == ProposalState.AGREED


def test_the_silence_and_the_no_of_others_stand_so_nobody_is_held_up_twice() -> None:
    case = make_case(1_000_00, 1_000_00, 2_000_00, 500_00)
    first = submitted(case, declared=40_00)
    case.say_yes(0)
    say_no(case, 1, first)
    say_no(case, 2, first)
    with as_worker("test"):
        Answer.objects.filter(proposal=first, creditor=case.creditors[3]).update(state=AnswerState.UNANSWERED)
    case.settle()
    second = case.proposal = leave_out(case, 1, first)
    assert case.answer_of(2, second).state == AnswerState.REFUSED
    assert case.answer_of(3, second).state == AnswerState.UNANSWERED
    case.settle()
    with act_as(citizen_scope(case.citizen)):
        assert Message.objects.filter(kind="refused").count() == 2  # once for each no, not again
    case.say_yes(3)  # a late yes joins
    case.proposal = leave_out(case, 2, second)
    assert case.settle().state == ProposalState.AGREED


def test_a_late_yes_that_came_before_the_new_version_is_not_thrown_away() -> None:
    case = make_case(1_000_00, 1_000_00)
    first = submitted(case)
    with as_worker("test"):
        Answer.objects.filter(proposal=first, creditor=case.creditors[1]).update(state=AnswerState.UNANSWERED)
    case.say_yes(0)
    with act_as(citizen_scope(case.citizen)):
        go_on_without(answer=case.answer_of(1, first))
    case.say_yes(1)
    assert leave_out(case, 1, first).state == ProposalState.AGREED
    assert newest(case).pk == first.pk


def test_a_corrected_balance_is_not_lost_when_the_citizen_goes_on_without_somebody_else() -> None:
    case = make_case(1_000_00, 1_000_00, 1_000_00)
    first = submitted(case, declared=25_00)
    say_no(case, 2, first)
    case.settle()
    with act_as(citizen_scope(case.citizen)):
        go_on_without(answer=case.answer_of(2, first))
    say_other_balance(case, 1, first, 1_600_00)  # its share falls, and so does the refuser's
    leave_out(case, 2, first)
    now = newest(case)
    assert lines_of(case, now)[case.creditors[1].pk].outstanding_cents == 1_600_00
    assert now.monthly_cents <= first.monthly_cents


def test_leaving_out_the_last_two_at_once_leaves_one_in() -> None:
    case = make_case(1_000_00, 1_000_00)
    first = submitted(case)
    say_no(case, 0, first)
    say_no(case, 1, first)
    with act_as(citizen_scope(case.citizen)):
        go_on_without(answer=case.answer_of(0, first))
        go_on_without(answer=case.answer_of(1, first))
    leave_out(case, 0, first)
    last = leave_out(case, 1, first)
    assert set(lines_of(case, last)) == {case.creditors[1].pk}
    with act_as(citizen_scope(case.citizen)), pytest.raises(NotPossible):
        go_on_without(answer=case.answer_of(1, last))


def test_nobody_goes_on_with_claims_that_get_nothing() -> None:
    case = make_case(1_00, 1_000_000_00)
    first = submitted(case, declared=1_00, months=12)
    assert lines_of(case, first)[case.creditors[0].pk].share_cents == 0
    say_no(case, 1, first)
    with act_as(citizen_scope(case.citizen)), pytest.raises(NotPossible):
        go_on_without(answer=case.answer_of(1, first))


# --- policies -------------------------------------------------------------------------------------------------------


def test_a_policy_does_not_confirm_an_amount_only_the_citizen_told() -> None:
    case = make_case(10_00)
    with act_as(citizen_scope(case.citizen)):
        Claim.objects.filter(pk=case.claims[0].pk).update(
            state=ClaimState.REPORTED, told_cents=10_00, confirmed_cents=None, confirmed_on=None
        )
    make_policy(case.creditors[0], minimum=1_00, member=case.members[0])
    proposal = submitted(case)
    with as_worker("test"):
        apply_policies(work(proposal=proposal.pk))
    assert case.answer_of(0).state == AnswerState.OPEN
    case.say_yes(0)  # a person may
    assert case.settle().state == ProposalState.AGREED


def test_a_policy_does_not_overrule_the_no_of_a_person_in_a_later_version() -> None:
    case = make_case(1_000_00, 1_000_00)
    make_policy(case.creditors[0], minimum=1_00, member=case.members[0])
    first = submitted(case, declared=25_00)
    say_no(case, 0, first)
    say_other_balance(case, 1, first, 500_00)
    case.settle()
    second = newest(case)
    with as_worker("test"):
        apply_policies(work(proposal=second.pk))
    assert case.answer_of(0, second).state == AnswerState.OPEN  # a better share: a person looks again


def test_a_policy_judges_the_corrected_balance_in_the_new_version() -> None:
    case = make_case(1_000_00, 1_000_00)
    first = submitted(case, declared=25_00)
    say_other_balance(case, 0, first, 1_200_00)
    make_policy(case.creditors[0], minimum=40_00, member=case.members[0])
    case.settle()
    second = newest(case)
    with as_worker("test"):
        apply_policies(work(proposal=second.pk))
        apply_policies(work(proposal=second.pk))
    assert case.answer_of(0, second).state == AnswerState.ACCEPTED


# --- money ----------------------------------------------------------------------------------------------------------


def test_a_plan_that_pays_everything_stops_early_and_waives_nothing() -> None:
    _case, arrangement = running_case(100_01, 33_33, declared=100_00)
    assert (arrangement.months, arrangement.pot_cents) == (2, 133_34)
    pay_all(arrangement)
    with as_worker("test"):
        done = grant_kwijtschelding(arrangement_id=arrangement.pk)
        assert (done.state, done.received_cents) == (ArrangementState.WAIVED, 133_34)
        assert check_books() == []


def test_a_monthly_amount_above_the_total_is_one_instalment() -> None:
    _case, arrangement = running_case(1, 2, declared=400_00)
    assert next_open(arrangement).amount_cents == 3
    pay_all(arrangement)
    with as_worker("test"):
        grant_kwijtschelding(arrangement_id=arrangement.pk)
        assert check_books() == []


def test_a_claim_whose_share_is_nothing_is_waived_with_the_others() -> None:
    _case, arrangement = running_case(1_00, 1_000_000_00, declared=1_00, months=12)
    pay_all(arrangement)
    with as_worker("test"):
        grant_kwijtschelding(arrangement_id=arrangement.pk)
        assert check_books() == []


def test_money_after_the_end_is_set_aside_for_the_citizen() -> None:
    case, arrangement = running_case(1_000_00, months=2)
    first = next_open(arrangement)
    demobank.pay(open_link(case.citizen, first).provider_id, amount_cents=90_00, notify=False)
    with as_worker("test"):
        payment = Payment.objects.get(installment=first)
        later = Installment.objects.get(arrangement=arrangement, number=2)
    other = open_link(case.citizen, later)
    demobank.pay(other.provider_id, notify=False)
    with as_worker("test"):
        refresh_payment(payment_id=payment.pk)
        assert Arrangement.objects.get(pk=arrangement.pk).state == ArrangementState.FULFILLED
        grant_kwijtschelding(arrangement_id=arrangement.pk)
        refresh_payment(payment_id=other.pk)
        receipt = Receipt.objects.get(payment=other)
        assert (receipt.divided_cents, receipt.extra_cents) == (0, 45_00)
        assert receipt.kind == Receipt.Kind.AFTER_END
        assert CaseTask.objects.filter(key=f"after_end:{receipt.pk}").exists()
        assert check_books() == []


def test_one_payment_the_bank_does_not_know_does_not_keep_the_others_waiting() -> None:
    case, arrangement = running_case(1_000_00)
    lost = open_link(case.citizen, next_open(arrangement))
    with act_as(citizen_scope(case.citizen)):
        Payment.objects.filter(pk=lost.pk).update(provider_id="demo_nobody")
    other_case, other = running_case(1_000_00)
    paid = open_link(other_case.citizen, next_open(other))
    demobank.pay(paid.provider_id, notify=False)
    with as_worker("test"), pytest.raises(NotAllRefreshed):
        refresh_pending_payments(_quiet(minutes=0))
    with as_worker("test"):
        assert Payment.objects.get(pk=paid.pk).state == "succeeded"


def _quiet(**arguments: object) -> Work:
    with as_worker("test"):
        row = Job.objects.create(key="test", kind="test", arguments={}, not_before=clock.now())
    return Work(row.id, arguments)


# --- promises -------------------------------------------------------------------------------------------------------


def test_a_waiver_whose_job_failed_for_good_is_promised_again_the_next_day() -> None:
    _case, arrangement = running_case(1_000_00, months=1)
    pay_all(arrangement)
    with as_worker("test"):
        Job.objects.filter(kind="grant_kwijtschelding").update(state=Job.State.FAILED)
        before = clock.today()
        assert keep_promises(today=before) == 1
        keep_promises(today=before)
        again = Job.objects.get(kind="grant_kwijtschelding", state=Job.State.WAITING)
        grant_kwijtschelding(arrangement_id=again.arguments["arrangement"])
        assert Arrangement.objects.get(pk=arrangement.pk).state == ArrangementState.WAIVED
        assert keep_promises(today=before) == 0


def test_a_signature_and_a_last_yes_whose_job_failed_are_promised_again() -> None:
    case = make_case(1_000_00, 500_00)
    submitted(case)
    case.say_yes(0)
    with as_worker("test"):
        assert keep_promises(today=clock.today()) == 0
    case.say_yes(1)
    with as_worker("test"):
        assert keep_promises(today=clock.today()) == 1
    case.settle()
    case.sign()
    with as_worker("test"):
        assert keep_promises(today=clock.today()) == 1
        assert Job.objects.filter(kind="activate_arrangement").count() == 2
