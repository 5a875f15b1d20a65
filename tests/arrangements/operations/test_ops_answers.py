"""Questions, a second look, the days creditors have, and the time in which an arrangement is made."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from arrangements.domain.lifecycle import AnswerState, IllegalMove, ProposalState
from arrangements.models import Answer, Application, Arrangement, CaseTask, Claim, Proposal
from arrangements.operations.advance import next_day_with_work
from arrangements.operations.answer_proposal import AlreadyDecided, Changed, accept
from arrangements.operations.answer_question import QuestionClosed, answer_question
from arrangements.operations.application import give_consent
from arrangements.operations.ask_question import AlreadyAsked
from arrangements.operations.ask_reconsideration import NotRefused, ask_reconsideration, may_be_reconsidered
from arrangements.operations.collect_claims import confirm_balance
from arrangements.operations.lapse_proposal import last_day, watch_making
from arrangements.operations.recalculate_proposals import recalculate_chunk
from arrangements.operations.run_day import run_day
from arrangements.operations.settle_proposal import apply_policies_to, without_creditor
from arrangements.operations.start_again import start_again
from arrangements.operations.watch_answers import watch_answers
from arrangements.operations.withdraw_proposal import AlreadySigned, withdraw_proposal
from infra import jobs
from infra.models import Message
from infra.scope import act_as, as_worker
from kernel.working_days import add_working_days
from tests.factories.answers import (
    asks,
    asks_again,
    looking_again,
    now_at,
    questioned,
    refused,
    replies,
    says_no,
    says_other_balance,
)
from tests.factories.money import START, at
from tests.factories.people import citizen_scope, creditor_scope, make_policy
from tests.factories.plans import Case, agreed, make_case, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday() -> None:
    at(START)


def after(days: int) -> date:
    """It is that many working days later, and the answers were looked at."""
    day = add_working_days(START, days)
    at(day)
    with as_worker("test"):
        watch_answers(today=day)
    return day


def told(kind: str) -> list[Message]:
    with as_worker("test"):
        return list(Message.objects.filter(kind=kind).order_by("created_at"))


def tasks(case: Case, kind: CaseTask.Kind) -> list[CaseTask]:
    with as_worker("test"):
        return list(CaseTask.objects.filter(citizen=case.citizen, kind=kind))


# --- a question -----------------------------------------------------------------------------------------------------


def test_a_question_is_told_to_the_citizen_without_its_words_and_is_a_task_for_the_director() -> None:
    case = questioned()
    [mail] = told("question")
    assert "werkgever" not in mail.body + mail.subject
    assert [task.due_on for task in tasks(case, CaseTask.Kind.QUESTION)] == [date(2026, 11, 25)]
    answer = case.answer_of(0)
    assert (answer.state, answer.decided_by_id, answer.decided_on) == (
        AnswerState.QUESTION,
        case.members[0].user_id,
        START,
    )
    assert case.proposal is not None
    assert answer.seen_hash == case.proposal.content_hash


def test_after_a_late_reply_the_creditor_has_five_working_days_more_and_everything_counts_from_there() -> None:
    case = questioned()
    day = after(9)
    answer = replies(case, 0)
    assert (answer.state, answer.reply, answer.replied_on) == (AnswerState.OPEN, "Bij een bakker.", day)
    assert answer.answer_by == add_working_days(START, 14)
    assert answer.asked_on == add_working_days(START, 4)
    assert len(told("question_answered")) == 1
    after(18)
    assert case.answer_of(0).state == AnswerState.OPEN
    assert not told("answer_reminder")
    after(19)
    assert case.answer_of(0).state == AnswerState.UNANSWERED


def test_after_a_quick_reply_the_creditor_keeps_its_own_days() -> None:
    case = questioned()
    after(2)
    answer = replies(case, 0)
    assert (answer.asked_on, answer.answer_by) == (START, add_working_days(START, 10))


def test_a_question_the_citizen_leaves_is_a_reminder_and_a_task_and_never_counts_against_anybody() -> None:
    case = questioned()
    after(4)
    assert not told("question_reminder")
    after(5)
    after(6)
    assert len(told("question_reminder")) == 1
    assert len(tasks(case, CaseTask.Kind.QUESTION)) == 2
    after(60)
    assert case.answer_of(0).state == AnswerState.QUESTION


def test_a_creditor_asks_one_question_whatever_the_number_of_versions() -> None:
    case = questioned()
    with pytest.raises(AlreadyAsked):
        asks(case, 0)
    replies(case, 0)
    with pytest.raises(AlreadyAsked):
        asks(case, 0)
    says_other_balance(case, 0, 1_500_00)
    case.settle()
    with pytest.raises(AlreadyAsked):
        asks(case, 0)


def test_question_and_reply_go_along_with_a_new_version() -> None:
    case = make_case(1_000_00, 2_000_00, 3_000_00)
    submitted(case)
    asks(case, 0)
    asks(case, 1, "Wat is uw huur?")
    case.settle()
    replies(case, 1, "650 euro.")
    says_other_balance(case, 2, 3_500_00)
    case.settle()
    now_at(case)
    waits, answered = case.answer_of(0), case.answer_of(1)
    assert (waits.state, waits.question) == (AnswerState.QUESTION, "Bij welke werkgever werkt u nu?")
    assert (answered.state, answered.question, answered.reply) == (AnswerState.OPEN, "Wat is uw huur?", "650 euro.")
    case.settle()
    assert len(told("question")) == 2


def test_a_question_is_answered_once() -> None:
    case = questioned()
    replies(case, 0)
    with pytest.raises(QuestionClosed):
        replies(case, 0, "Iets anders.")


@pytest.mark.parametrize("words", ["", "   ", "a" * 601])
def test_a_reply_has_words_and_not_too_many(words: str) -> None:
    case = questioned()
    with act_as(citizen_scope(case.citizen)), pytest.raises(ValueError, match="characters"):
        answer_question(answer=case.answer_of(0), reply=words)


def test_while_the_question_waits_the_creditor_may_still_say_yes() -> None:
    case = questioned()
    case.say_yes(0)
    assert case.settle().state == ProposalState.AGREED


# --- a second look --------------------------------------------------------------------------------------------------


def test_a_second_look_that_succeeds_makes_the_agreement() -> None:
    case = looking_again()
    answer = case.answer_of(0)
    assert (answer.state, answer.reconsideration_on) == (AnswerState.RECONSIDERATION, START)
    assert len(told("reconsideration_asked")) == 1
    case.say_yes(0)
    assert case.settle().state == ProposalState.AGREED


def test_a_second_no_is_the_last_word_and_is_told_again() -> None:
    case = looking_again()
    says_no(case, 0)
    case.settle()
    assert len(told("refused")) == 2
    answer = case.answer_of(0)
    with act_as(citizen_scope(case.citizen)):
        assert not may_be_reconsidered(answer)
    with pytest.raises(IllegalMove):
        asks_again(case, 0)


def test_the_round_is_one_for_all_versions() -> None:
    case = looking_again()
    says_no(case, 0)
    case.settle()
    says_other = case.answer_of(0)
    assert says_other.state == AnswerState.REFUSED
    # A new version with another part asks this creditor anew; refusing that gives no second round.

    with as_worker("test"):
        confirm_balance(claim=Claim.objects.get(pk=case.claims[1].pk), confirmed_cents=5_000_00)
        assert case.proposal is not None
        recalculate_chunk(proposal_ids=[case.proposal.pk])
    now_at(case)
    assert case.answer_of(0).state == AnswerState.OPEN
    says_no(case, 0)
    with pytest.raises(IllegalMove):
        asks_again(case, 0)


def test_a_second_look_has_its_own_days_reminder_task_and_end() -> None:
    case = refused()
    day = after(7)
    asks_again(case, 0)
    assert case.answer_of(0).answer_by == add_working_days(day, 10)
    after(11)
    assert not told("answer_reminder")
    after(12)
    assert len(told("answer_reminder")) == 1
    after(17)
    assert len(tasks(case, CaseTask.Kind.RECONSIDERATION)) == 1
    after(21)
    assert case.answer_of(0).state == AnswerState.RECONSIDERATION
    after(22)
    assert case.answer_of(0).state == AnswerState.UNANSWERED
    assert len(told("unanswered")) == 1


def test_asking_to_look_again_twice_asks_once_and_only_after_a_no() -> None:
    case = looking_again()
    asks_again(case, 0, "nog een keer")
    assert case.answer_of(0).reconsideration_note == "Dit is echt alles wat ik kan missen."
    assert len(told("reconsideration_asked")) == 1
    with pytest.raises(NotRefused):
        asks_again(case, 1)


def test_a_second_look_goes_along_with_a_new_version_that_changes_nothing_for_this_creditor() -> None:
    case = make_case(1_000_00, 2_000_00, 3_000_00)
    submitted(case)
    says_no(case, 0)
    says_no(case, 2)
    case.settle()
    asks_again(case, 0)

    before = case.answer_of(0)
    with as_worker("test"):
        assert case.proposal is not None
        without_creditor(proposal_id=case.proposal.pk, creditor_id=case.creditors[2].pk)
    now_at(case)
    answer = case.answer_of(0)
    assert answer.pk != before.pk
    assert (answer.state, answer.asked_on, answer.reconsideration_note) == (
        AnswerState.RECONSIDERATION,
        before.asked_on,
        before.reconsideration_note,
    )


def test_a_policy_does_not_overrule_a_person_who_looks_again() -> None:
    case = looking_again()
    make_policy(case.creditors[0], minimum=1_00, member=case.members[0])
    assert case.proposal is not None

    with as_worker("test"):
        apply_policies_to(proposal_id=case.proposal.pk)
    assert case.answer_of(0).state == AnswerState.RECONSIDERATION


# --- what the database refuses ---------------------------------------------------------------------------------------


def test_the_citizen_cannot_say_yes_or_change_what_the_creditor_said() -> None:
    case = refused()
    for change in (
        {"state": AnswerState.ACCEPTED},
        {"refusal_code": "other"},
        {"share_cents": 1},
        {"state": AnswerState.RECONSIDERATION},
        {"decided_by": case.citizen.user},
    ):
        with act_as(citizen_scope(case.citizen)), pytest.raises(DatabaseError), transaction.atomic():
            Answer.objects.filter(creditor=case.creditors[0]).update(**change)


def test_the_database_gives_one_round_and_the_creditor_cannot_ask_for_it() -> None:
    case = looking_again()
    says_no(case, 0)
    with act_as(citizen_scope(case.citizen)), pytest.raises(DatabaseError), transaction.atomic():
        Answer.objects.filter(creditor=case.creditors[0]).update(
            state=AnswerState.RECONSIDERATION, reconsideration_on=START
        )
    for change in ({"reply": "ja"}, {"reconsideration_note": "toe"}):
        with act_as(creditor_scope(case.creditors[0])), pytest.raises(DatabaseError), transaction.atomic():
            Answer.objects.filter(creditor=case.creditors[0]).update(**change)


# --- silence ---------------------------------------------------------------------------------------------------------


def _sent() -> Case:
    case = make_case(1_000_00, 2_000_00)
    submitted(case)
    case.say_yes(1)
    return case


def _asked_and_answered() -> Case:
    case = questioned("Beantwoord")
    replies(case, 0)
    return case


def _other_balance() -> Case:
    case = _sent()
    says_other_balance(case, 0, 1_500_00)
    case.settle()
    return case


def _policy_too_high() -> Case:
    case = make_case(1_000_00, 2_000_00)
    make_policy(case.creditors[0], minimum=99_00, member=case.members[0])
    submitted(case)
    return case


def _without_one() -> Case:
    case = make_case(1_000_00, 2_000_00, 3_000_00)
    submitted(case)
    says_no(case, 2)
    case.settle()

    with as_worker("test"):
        assert case.proposal is not None
        without_creditor(proposal_id=case.proposal.pk, creditor_id=case.creditors[2].pk)
    return case


def _agreed_and_not_signed() -> Case:
    case = make_case(1_000_00)
    agreed(case)
    return case


SILENCES: list[Callable[[], Case]] = [
    _sent,
    questioned,
    _asked_and_answered,
    refused,
    looking_again,
    _other_balance,
    _policy_too_high,
    _without_one,
]


@pytest.mark.parametrize("path", [*SILENCES, _agreed_and_not_signed])
def test_months_of_silence_are_never_a_yes_a_signature_or_the_end_of_the_way(path: Callable[[], Case]) -> None:
    case = path()
    jobs.run_all()
    with as_worker("test"):
        yes_before = set(
            Answer.objects.filter(citizen=case.citizen, state=AnswerState.ACCEPTED).values_list(
                "creditor_id", flat=True
            )
        )
    day = START
    while day < START + timedelta(days=150):
        with as_worker("test"):
            day = next_day_with_work(day)
        at(day)
        with as_worker("test"):
            run_day(today=day)
        jobs.run_all()
    with as_worker("test"):
        accepted = Answer.objects.filter(citizen=case.citizen, state=AnswerState.ACCEPTED)
        assert set(accepted.values_list("creditor_id", flat=True)) <= yes_before
        assert not Arrangement.objects.filter(citizen=case.citizen).exists()
        newest = Proposal.objects.filter(citizen=case.citizen).order_by("-version")[0]
        assert newest.state == ProposalState.LAPSED
        assert newest.agreed_on is None or path is _agreed_and_not_signed


def test_from_day_fifteen_silence_no_longer_holds_the_citizen_up() -> None:
    case = _sent()
    after(5)
    assert len(told("answer_reminder")) == 1
    after(10)
    assert len(tasks(case, CaseTask.Kind.NO_ANSWER)) == 1
    after(14)
    assert case.answer_of(0).state == AnswerState.OPEN
    after(15)
    assert case.answer_of(0).state == AnswerState.UNANSWERED
    # A later yes still joins, at its original share.
    case.say_yes(0)
    assert case.settle().state == ProposalState.AGREED


def test_a_new_version_that_changes_nothing_for_a_silent_creditor_gives_it_no_new_days() -> None:
    case = make_case(1_000_00, 2_000_00, 3_000_00)
    submitted(case)
    says_no(case, 2)
    case.settle()

    after(9)
    with as_worker("test"):
        assert case.proposal is not None
        without_creditor(proposal_id=case.proposal.pk, creditor_id=case.creditors[2].pk)
    now_at(case)
    answer = case.answer_of(0)
    assert (answer.asked_on, answer.answer_by) == (START, add_working_days(START, 10))
    after(15)
    assert case.answer_of(0).state == AnswerState.UNANSWERED


# --- 120 days --------------------------------------------------------------------------------------------------------


def making(day: date) -> int:
    at(day)
    with as_worker("test"):
        return watch_making(today=day)


@pytest.mark.parametrize("make", [_sent, _agreed_and_not_signed])
def test_after_120_days_a_proposal_lapses_with_a_task_before_and_everybody_told(make: Callable[[], Case]) -> None:
    case = make()
    assert case.proposal is not None
    until = last_day(case.proposal)
    assert until == START + timedelta(days=120)
    assert making(until - timedelta(days=15)) == 0
    assert not tasks(case, CaseTask.Kind.RUNNING_OUT)
    assert making(until - timedelta(days=14)) == 0
    assert len(tasks(case, CaseTask.Kind.RUNNING_OUT)) == 1
    assert making(until) == 0
    assert making(until + timedelta(days=1)) == 1
    assert making(until + timedelta(days=2)) == 0
    assert now_at(case).state == ProposalState.LAPSED
    assert len([one for one in told("proposal_lapsed") if one.creditor_id]) == len(case.creditors)
    assert len([one for one in told("proposal_lapsed") if one.citizen_id]) == 1
    with act_as(creditor_scope(case.creditors[0], case.members[0])), pytest.raises((Changed, AlreadyDecided)):
        accept(
            answer=Answer.objects.get(proposal=case.proposal),
            seen_hash=case.proposal.content_hash,
            user=case.members[0].user,
        )


def test_the_120_days_count_from_the_first_version() -> None:
    case = make_case(1_000_00, 2_000_00)
    submitted(case)
    at(START + timedelta(days=30))
    says_other_balance(case, 0, 1_500_00)
    case.settle()
    assert now_at(case).first_submitted_on == START
    assert last_day(now_at(case)) == START + timedelta(days=120)


def test_starting_again_finds_the_old_answers_and_asks_permission_anew() -> None:
    case = _sent()
    making(START + timedelta(days=121))
    with act_as(citizen_scope(case.citizen)):
        made = start_again(citizen=case.citizen)
        assert start_again(citizen=case.citizen).pk == made.pk
        assert Application.objects.filter(closed_at=None).count() == 1
    assert (made.net_income_cents, made.declared_cents, made.situation) == (1_900_00, 45_00, "alleenstaand")
    assert made.entered_by["net_income_cents"] == "citizen"
    assert made.consent_at is None
    case.application = made
    with act_as(citizen_scope(case.citizen)):
        give_consent(application=made)
    assert submitted(case).first_submitted_on == START + timedelta(days=121)


# --- withdrawing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [_sent, _agreed_and_not_signed])
def test_the_citizen_can_stop_until_the_signature_and_the_creditors_hear_it(make: Callable[[], Case]) -> None:
    case = make()
    with act_as(citizen_scope(case.citizen)):
        assert case.proposal is not None
        withdraw_proposal(proposal=case.proposal)
    assert now_at(case).state == ProposalState.WITHDRAWN
    assert len(told("proposal_withdrawn")) == len(case.creditors)


def test_after_the_signature_there_is_no_proposal_to_withdraw() -> None:
    case = _agreed_and_not_signed()
    case.sign()
    assert case.proposal is not None
    with act_as(citizen_scope(case.citizen)), pytest.raises(AlreadySigned):
        withdraw_proposal(proposal=case.proposal)


def test_a_note_to_look_again_has_a_limit() -> None:
    case = refused()
    with act_as(citizen_scope(case.citizen)), pytest.raises(ValueError, match="characters"):
        ask_reconsideration(answer=case.answer_of(0), note="a" * 601)
