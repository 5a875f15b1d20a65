"""After a no or silence: going on without, joining later, stopping, and the end when everybody said no."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from arrangements.domain.lifecycle import AnswerState, IllegalMove, ProposalState
from arrangements.models import Answer, CaseTask, Claim, Proposal, ProposalLine, Variation
from arrangements.operations.go_on_without import NotPossible, go_on_without
from arrangements.operations.join_later import NotLeftOut, join_later
from arrangements.operations.keep_promises import keep_promises
from arrangements.operations.withdraw_proposal import AlreadySigned, withdraw_proposal
from infra import clock, jobs
from infra.models import AuditLine, Job, Message
from infra.scope import act_as, as_worker
from tests.factories.people import citizen_scope, creditor_scope
from tests.factories.plans import Case, agreed, make_case, submitted
from tests.factories.refusals import joins, left_out, looks_again, newest, refused_by, say_no, without

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday() -> None:
    clock.set_today(date(2026, 11, 23))


def _shares(case: Case, proposal: Proposal) -> dict[int, int]:
    with act_as(citizen_scope(case.citizen)):
        return dict(ProposalLine.objects.filter(proposal=proposal).values_list("claim_id", "share_cents"))


def _messages(kind: str, **to: object) -> list[Message]:
    with as_worker("test"):
        return list(Message.objects.filter(kind=kind, **to).order_by("created_at"))


def _tasks(kind: str) -> list[CaseTask]:
    with as_worker("test"):
        return list(CaseTask.objects.filter(kind=kind).order_by("pk"))


# --- going on without ----------------------------------------------------------------------------------------------


def test_everybody_hears_that_it_goes_on_without_one_and_what_that_means() -> None:
    case = refused_by(1_000_00, 1_000_00, 2_000_00)
    without(case, 2)
    (told,) = _messages("goes_on_without", citizen_id=case.citizen.pk)
    assert "€\u00a020" in told.body or "20 euro" in told.body
    assert "deurwaarder" in told.body
    assert case.creditors[2].name not in told.subject
    (out,) = _messages("left_out")
    assert out.creditor_id == case.creditors[2].pk
    assert "Zonder u verder" in out.body
    changed = _messages("proposal_changed")
    assert {one.creditor_id for one in changed} == {case.creditors[0].pk, case.creditors[1].pk}
    assert all("verder zonder één organisatie" in one.body for one in changed)
    assert not any(case.creditors[2].name in one.body for one in changed)


def test_the_choice_stands_from_the_moment_it_is_made_and_cannot_be_made_twice() -> None:
    case = refused_by(1_000_00, 1_000_00, 2_000_00)
    for _ in range(2):
        with act_as(citizen_scope(case.citizen)):
            go_on_without(answer=case.answer_of(2))
    answer = case.answer_of(2)
    assert answer.without_chosen_on == date(2026, 11, 23)
    with as_worker("test"):
        assert Job.objects.filter(kind="go_on_without").count() == 1
        assert AuditLine.objects.filter(action="goes_on_without").count() == 1


def test_what_the_director_was_to_discuss_is_done_when_the_citizen_chose() -> None:
    case = refused_by(1_000_00, 1_000_00, 2_000_00)
    assert [task.done_on for task in _tasks("refusal")] == [None]
    without(case, 2)
    assert [task.done_on for task in _tasks("refusal")] == [date(2026, 11, 23)]


def test_the_only_organisation_cannot_be_left_out() -> None:
    case = refused_by(1_000_00)
    with act_as(citizen_scope(case.citizen)), pytest.raises(NotPossible):
        go_on_without(answer=case.answer_of(0))


def test_a_choice_whose_job_was_lost_is_promised_again_the_next_day() -> None:
    case = refused_by(1_000_00, 1_000_00, 2_000_00)
    with act_as(citizen_scope(case.citizen)):
        go_on_without(answer=case.answer_of(2))
    with as_worker("test"):
        Job.objects.filter(kind="go_on_without").update(state=Job.State.FAILED)
    clock.set_today(date(2026, 11, 24))
    with as_worker("test"):
        assert keep_promises(today=date(2026, 11, 24)) == 1
    jobs.run_all()
    assert newest(case).version == 2


# --- joining later -------------------------------------------------------------------------------------------------


def test_who_was_left_out_joins_at_exactly_its_share_and_every_yes_is_kept() -> None:
    case = make_case(1_000_00, 1_000_00, 2_000_00)
    first = submitted(case, declared=40_01)
    before = _shares(case, first)
    case.say_yes(0)
    say_no(case, 2)
    jobs.run_all()
    second = without(case, 2)
    case.say_yes(1)
    jobs.run_all()
    assert newest(case).state == ProposalState.AGREED
    third = joins(case, 2)
    assert third.version == second.version + 1
    assert third.state == ProposalState.AGREED
    assert _shares(case, third) == before
    assert third.monthly_cents == first.monthly_cents == 40_01
    assert third.pot_cents == first.pot_cents
    assert [case.answer_of(number).state for number in range(3)] == [AnswerState.ACCEPTED] * 3
    assert case.answer_of(2).decided_by_id == case.members[2].user_id
    with as_worker("test"):
        second.refresh_from_db()
    assert (second.state, second.replaced_by_id) == (ProposalState.LAPSED, third.pk)
    (told,) = _messages("joins_later", citizen_id=case.citizen.pk)
    assert case.creditors[2].name in told.body
    case.sign()


def test_who_joins_while_others_still_think_leaves_their_answers_as_they_are() -> None:
    case = refused_by(1_000_00, 1_000_00, 2_000_00)
    case.say_yes(0)
    without(case, 2)
    third = joins(case, 2)
    assert third.state == ProposalState.SUBMITTED
    assert [case.answer_of(number).state for number in range(3)] == ["accepted", "open", "accepted"]


def test_two_that_were_left_out_come_back_in_any_order_and_give_the_first_plan_again() -> None:
    case = make_case(1_000_00, 1_500_00, 2_000_00)
    first = submitted(case, declared=33_33)
    before = _shares(case, first)
    say_no(case, 1)
    say_no(case, 2)
    jobs.run_all()
    without(case, 1)
    without(case, 2)
    joins(case, 1)
    last = joins(case, 2)
    assert _shares(case, last) == before
    assert last.monthly_cents == first.monthly_cents
    assert last.pot_cents == first.pot_cents


def test_joining_twice_is_joining_once() -> None:
    case = refused_by(1_000_00, 1_000_00, 2_000_00)
    without(case, 2)
    third = joins(case, 2)
    with act_as(creditor_scope(case.creditors[2], case.members[2])):
        join_later(answer=Answer.objects.get(left_out_on__isnull=False), user=case.members[2].user)
    jobs.run_all()
    assert newest(case).pk == third.pk


def test_who_was_not_left_out_cannot_join() -> None:
    case = refused_by(1_000_00, 1_000_00, 2_000_00)
    with act_as(creditor_scope(case.creditors[2], case.members[2])), pytest.raises(NotLeftOut):
        join_later(answer=case.answer_of(2), user=case.members[2].user)


def test_after_the_signature_the_citizen_is_asked_and_the_organisation_hears_it() -> None:
    case = refused_by(1_000_00, 1_000_00, 2_000_00)
    signed = without(case, 2)
    case.say_yes(0)
    case.say_yes(1)
    jobs.run_all()
    newest(case)
    case.sign()
    assert joins(case, 2).pk == signed.pk
    with as_worker("test"):
        asked = Variation.objects.get(citizen=case.citizen)
    assert (asked.ground, asked.state) == ("joins_later", "proposed")
    (task,) = _tasks("joins_later")
    assert case.creditors[2].name in task.text
    told = [one for one in _messages("joins_later") if one.creditor_id]
    assert [one.creditor_id for one in told] == [case.creditors[2].pk]
    assert "leggen uw vraag aan de burger voor" in told[0].body


def test_a_claim_that_changed_meanwhile_does_not_come_back_at_the_old_share() -> None:
    case = refused_by(1_000_00, 1_000_00, 2_000_00)
    second = without(case, 2)
    with as_worker("test"):
        Claim.objects.filter(pk=case.claims[2].pk).update(confirmed_cents=2_500_00)
    assert joins(case, 2).pk == second.pk
    assert len(_tasks("joins_later")) == 1
    assert "veranderd" in _messages("joins_later")[0].body


def test_an_amount_the_norms_of_another_half_year_no_longer_leave_is_not_taken_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from arrangements.operations import join_later as module

    case = refused_by(1_000_00, 1_000_00, 2_000_00)
    second = without(case, 2)
    monkeypatch.setattr(module, "fits_the_norms", lambda **_facts: False)
    assert joins(case, 2).pk == second.pk
    (task,) = _tasks("joins_later")
    assert "toets" in task.text


def test_to_a_proposal_that_was_stopped_nobody_joins() -> None:
    case = refused_by(1_000_00, 1_000_00, 2_000_00)
    second = without(case, 2)
    with act_as(citizen_scope(case.citizen)):
        withdraw_proposal(proposal=second)
    assert joins(case, 2).pk == second.pk
    assert "loopt niet meer" in _messages("joins_later")[0].body


def test_only_the_creditor_sees_and_sets_its_wish_to_join() -> None:
    case = refused_by(1_000_00, 1_000_00, 2_000_00)
    without(case, 2)
    answer = left_out(case, 2)
    with act_as(creditor_scope(case.creditors[0], case.members[0])), pytest.raises(Answer.DoesNotExist):
        join_later(answer=answer, user=case.members[0].user)


# --- everybody said no ---------------------------------------------------------------------------------------------


def test_a_first_no_of_everybody_leaves_the_citizen_the_choice() -> None:
    case = make_case(1_000_00, 1_000_00)
    submitted(case)
    say_no(case, 0)
    say_no(case, 1)
    jobs.run_all()
    assert newest(case).state == ProposalState.SUBMITTED


def test_when_everybody_said_no_twice_it_ends_and_everybody_hears_what_now() -> None:
    case = make_case(1_000_00, 1_000_00)
    submitted(case)
    for number in (0, 1):
        say_no(case, number)
        looks_again(case, number)
        say_no(case, number)
    jobs.run_all()
    assert newest(case).state == ProposalState.REFUSED
    (told,) = _messages("all_refused")
    assert "gemeente" in told.body
    assert any("Alle organisaties" in task.text for task in _tasks("refusal"))
    assert {one.creditor_id for one in _messages("proposal_ended")} == {one.pk for one in case.creditors}
    with as_worker("test"):
        assert keep_promises(today=clock.today()) == 0


def test_silence_never_ends_a_proposal() -> None:
    case = make_case(1_000_00, 1_000_00)
    submitted(case)
    say_no(case, 0)
    looks_again(case, 0)
    say_no(case, 0)
    clock.set_today(clock.today() + timedelta(days=30))
    jobs.run_all()
    with as_worker("test"):
        Answer.objects.filter(creditor=case.creditors[1]).update(state=AnswerState.UNANSWERED)
        keep_promises(today=clock.today())
    jobs.run_all()
    assert newest(case).state == ProposalState.SUBMITTED


def test_a_lost_job_after_the_last_no_is_promised_again() -> None:
    case = make_case(1_000_00)
    submitted(case)
    say_no(case, 0)
    looks_again(case, 0)
    say_no(case, 0)
    with as_worker("test"):
        Job.objects.filter(kind="settle_proposal").update(state=Job.State.FAILED)
        assert keep_promises(today=clock.today()) == 1
    jobs.run_all()
    assert newest(case).state == ProposalState.REFUSED


# --- stopping ------------------------------------------------------------------------------------------------------


def test_who_stops_is_called_and_the_organisations_hear_it() -> None:
    case = make_case(1_000_00, 1_000_00)
    proposal = submitted(case)
    with act_as(citizen_scope(case.citizen)):
        withdraw_proposal(proposal=proposal)
        with pytest.raises(IllegalMove):
            withdraw_proposal(proposal=proposal)
    assert {one.creditor_id for one in _messages("proposal_withdrawn")} == {one.pk for one in case.creditors}
    assert len(_messages("withdrawn", citizen_id=case.citizen.pk)) == 1
    (task,) = _tasks("call_back")
    assert task.due_on == date(2026, 11, 25)


def test_what_was_agreed_can_be_stopped_until_it_is_signed() -> None:
    case = make_case(1_000_00, 1_000_00)
    with act_as(citizen_scope(case.citizen)):
        withdraw_proposal(proposal=agreed(case))
    assert newest(case).state == ProposalState.WITHDRAWN
    other = make_case(1_000_00)
    agreed(other)
    other.sign()
    assert other.proposal is not None
    with act_as(citizen_scope(other.citizen)), pytest.raises(AlreadySigned):
        withdraw_proposal(proposal=other.proposal)


def test_a_citizen_cannot_say_that_a_creditor_wants_to_join() -> None:
    case = refused_by(1_000_00, 1_000_00)
    with act_as(citizen_scope(case.citizen)), pytest.raises(DatabaseError), transaction.atomic():
        Answer.objects.filter(creditor=case.creditors[1]).update(join_asked_on=clock.today())
