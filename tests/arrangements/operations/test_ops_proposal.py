"""From answers to an agreed proposal, on the real database, each party in its own scope."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from arrangements.domain.lifecycle import AnswerState, IllegalMove, ProposalState, RefusalCode
from arrangements.models import Answer, Application, Assessment, CaseTask, Claim, Proposal, ProposalLine
from arrangements.operations.answer_proposal import AlreadyDecided, Changed, accept, refuse, say_balance_differs
from arrangements.operations.application import save_answers
from arrangements.operations.assess_application import FactsMissing, assess_application
from arrangements.operations.go_on_without import NotPossible, go_on_without
from arrangements.operations.make_proposal import AmountTooHigh, make_draft
from arrangements.operations.settle_proposal import apply_policies, settle_proposal, without_creditor
from arrangements.operations.submit_proposal import submit_proposal
from arrangements.operations.withdraw_proposal import withdraw_proposal
from infra import clock
from infra.jobs import Work
from infra.models import AuditLine, Message
from infra.scope import NOBODY, ScopeMissing, act_as, as_worker
from tests.factories.people import citizen_scope, creditor_scope, make_citizen, make_member, make_policy
from tests.factories.plans import agreed, fill_in, make_case, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday() -> None:
    clock.set_today(date(2026, 11, 23))


def test_three_equal_claims_get_equal_parts_and_the_rest_is_waived() -> None:
    case = make_case(1_000_00, 1_000_00, 1_000_00)
    proposal = submitted(case, declared=25_00)
    with act_as(citizen_scope(case.citizen)):
        lines = list(ProposalLine.objects.filter(proposal=proposal))
    assert [line.share_cents for line in lines] == [300_00, 300_00, 300_00]
    assert [line.waived_cents for line in lines] == [700_00, 700_00, 700_00]
    assert proposal.pot_cents == 900_00
    assert proposal.creditor_count == 3
    assert proposal.answer_by == date(2026, 12, 7)


def test_a_fine_takes_its_share_and_keeps_its_rest() -> None:
    case = make_case(1_000_00, 1_000_00, not_dischargeable={1})
    submitted(case, declared=25_00)
    with act_as(citizen_scope(case.citizen)):
        fine = ProposalLine.objects.get(claim=case.claims[1])
    assert (fine.share_cents, fine.waived_cents, fine.remains_cents) == (450_00, 0, 550_00)


def test_an_amount_over_the_capacity_never_becomes_a_draft() -> None:
    case = make_case(10_000_00)
    fill_in(case, declared=493_59)
    with act_as(citizen_scope(case.citizen)):
        assessment = assess_application(application=case.application)
        assert assessment.verdict == Assessment.Verdict.RED
        with pytest.raises(AmountTooHigh):
            make_draft(application=case.application, assessment=assessment)


def test_the_database_refuses_a_submitted_proposal_under_the_floor() -> None:
    case = make_case(50_000_00)
    proposal = submitted(case, declared=493_58)
    with act_as(citizen_scope(case.citizen)), pytest.raises(DatabaseError), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(monthly_cents=493_59)


def test_an_unknown_taxable_income_is_amber_and_makes_a_task_for_the_director() -> None:
    case = make_case(1_000_00)
    fill_in(case, declared=400_00, taxable_income_cents=None, taxable_income_unknown=True)
    with act_as(citizen_scope(case.citizen)):
        assessment = assess_application(application=case.application)
        assert assessment.verdict == Assessment.Verdict.AMBER
        task = CaseTask.objects.get(kind=CaseTask.Kind.MISSING_FACT)
    assert task.assigned_to_id == case.citizen.director_id
    assert task.due_on == date(2026, 11, 25)


def test_amber_becomes_green_when_the_missing_fact_is_in() -> None:
    case = make_case(1_000_00)
    fill_in(case, declared=400_00, taxable_income_cents=None, taxable_income_unknown=True)
    with act_as(citizen_scope(case.citizen)):
        assess_application(application=case.application)
        application = save_answers(
            application=case.application,
            answers={
                "official_beslagvrije_voet_cents": 1_450_00,
                "official_beslagvrije_voet_source": "brief deurwaarder",
                "official_paper_date": clock.today(),
            },
        )
        assert assess_application(application=application).verdict == Assessment.Verdict.GREEN


def test_what_was_not_answered_is_named() -> None:
    case = make_case(1_000_00)
    with act_as(citizen_scope(case.citizen)), pytest.raises(FactsMissing) as missing:
        assess_application(application=case.application)
    assert missing.value.fields == ["situation", "net_income_cents", "declared_cents", "taxable_income_cents"]


def test_nothing_but_answers_can_be_saved() -> None:
    case = make_case(1_000_00)
    with act_as(citizen_scope(case.citizen)), pytest.raises(ValueError, match="not an answer"):
        save_answers(application=case.application, answers={"closed_at": None})


def test_sending_twice_sends_once() -> None:
    case = make_case(1_000_00, 500_00)
    proposal = submitted(case)
    with act_as(citizen_scope(case.citizen)):
        again = submit_proposal(proposal=proposal)
        assert again.pk == proposal.pk
        assert Answer.objects.filter(proposal=proposal).count() == 2


def test_all_yes_is_an_agreement_and_the_citizen_hears_it_without_a_debt_word_in_the_subject() -> None:
    case = make_case(1_000_00, 500_00)
    agreed(case)
    assert case.proposal is not None
    assert case.proposal.state == ProposalState.AGREED
    with act_as(citizen_scope(case.citizen)):
        mail = Message.objects.get(kind="all_agreed")
    assert "schuld" not in mail.subject.lower()
    assert "Noor Bakker" in mail.body


def test_one_yes_of_two_is_no_agreement() -> None:
    case = make_case(1_000_00, 500_00)
    submitted(case)
    case.say_yes(0)
    assert case.settle().state == ProposalState.SUBMITTED


def test_the_second_decider_hears_who_was_first() -> None:
    case = make_case(1_000_00, 500_00)
    submitted(case)
    case.say_yes(0)
    colleague = make_member(case.creditors[0], name="Tweede Collega")
    answer = case.answer_of(0)
    with act_as(creditor_scope(case.creditors[0], colleague)), pytest.raises(AlreadyDecided) as first:
        refuse(
            answer=answer,
            seen_hash=case.proposal.content_hash,  # type: ignore[union-attr]  # submitted above
            user=colleague.user,
            code=RefusalCode.BELOW_OUR_NORM,
        )
    assert first.value.answer.decided_by_id == case.members[0].user_id


def test_a_decision_on_another_version_than_the_one_on_screen_is_not_taken() -> None:
    case = make_case(1_000_00)
    submitted(case)
    answer = case.answer_of(0)
    with act_as(creditor_scope(case.creditors[0], case.members[0])), pytest.raises(Changed):
        accept(answer=answer, seen_hash="0" * 64, user=case.members[0].user)


def test_a_policy_says_yes_by_itself_and_names_its_conditions() -> None:
    case = make_case(1_000_00, 1_000_00)
    make_policy(case.creditors[0], minimum=50_00, member=case.members[0])
    make_policy(case.creditors[1], minimum=90_00, member=case.members[1])
    proposal = submitted(case, declared=35_00)  # 63 % of both
    with as_worker("test"):
        apply_policies(Work(proposal.content_hash, {"proposal": proposal.pk}))  # type: ignore[arg-type]  # id not used
    yes, person = case.answer_of(0), case.answer_of(1)
    assert yes.state == AnswerState.ACCEPTED
    assert yes.decided_by_policy_id is not None
    assert yes.why == "aangeboden 63,00 %, beleid vraagt ten minste 50,00 %: ja"
    assert person.state == AnswerState.OPEN


def test_after_a_refusal_the_citizen_goes_on_without_and_all_other_shares_stay() -> None:
    case = make_case(1_000_00, 1_000_00, 2_000_00)
    first = submitted(case, declared=40_00)
    case.say_yes(0)
    with act_as(creditor_scope(case.creditors[2], case.members[2])):
        refuse(
            answer=case.answer_of(2),
            seen_hash=first.content_hash,
            user=case.members[2].user,
            code=RefusalCode.NO_COOPERATION,
        )
    case.settle()
    before = {line.creditor_id: line.share_cents for line in _lines(case, first)}
    with act_as(citizen_scope(case.citizen)):
        go_on_without(answer=case.answer_of(2, first))
    with as_worker("test"):
        second = without_creditor(proposal_id=first.pk, creditor_id=case.creditors[2].pk)
    after = {line.creditor_id: line.share_cents for line in _lines(case, second)}
    assert after == {key: value for key, value in before.items() if key != case.creditors[2].pk}
    assert second.monthly_cents == 20_00
    assert second.pot_cents == sum(after.values())
    assert case.answer_of(0, second).state == AnswerState.ACCEPTED  # a yes to at least this share
    assert case.answer_of(1, second).state == AnswerState.OPEN
    case.proposal = second
    case.say_yes(1)
    assert case.settle().state == ProposalState.AGREED


def test_going_on_without_somebody_who_is_still_thinking_is_not_possible() -> None:
    case = make_case(1_000_00, 1_000_00)
    submitted(case)
    with act_as(citizen_scope(case.citizen)), pytest.raises(NotPossible):
        go_on_without(answer=case.answer_of(0))


def test_another_balance_makes_a_new_version_that_asks_again_only_where_the_share_falls() -> None:
    case = make_case(1_000_00, 1_000_00)
    first = submitted(case, declared=25_00)
    case.say_yes(0)
    with act_as(creditor_scope(case.creditors[1], case.members[1])):
        say_balance_differs(
            answer=case.answer_of(1),
            seen_hash=first.content_hash,
            user=case.members[1].user,
            claim=case.claims[1],
            balance_cents=2_000_00,
        )
    second = case.settle()
    second = case.proposal = _newest(case)
    assert second.version == 2
    assert [line.share_cents for line in _lines(case, second)] == [300_00, 600_00]
    assert case.answer_of(0, second).state == AnswerState.OPEN  # 450 became 300
    with act_as(citizen_scope(case.citizen)):
        first.refresh_from_db()
        assert first.state == ProposalState.LAPSED
        claim = Claim.objects.get(pk=case.claims[1].pk)
    assert claim.confirmed_cents == 2_000_00


def test_a_withdrawn_proposal_takes_no_answer() -> None:
    case = make_case(1_000_00)
    proposal = submitted(case)
    answer = case.answer_of(0)
    with act_as(citizen_scope(case.citizen)):
        withdraw_proposal(proposal=proposal)
        with pytest.raises(IllegalMove):
            withdraw_proposal(proposal=proposal)
    with act_as(creditor_scope(case.creditors[0], case.members[0])), pytest.raises(Changed):
        accept(answer=answer, seen_hash=proposal.content_hash, user=case.members[0].user)


def test_the_story_reaches_creditors_only_when_the_citizen_opens_it_to_them() -> None:
    closed = make_case(1_000_00)
    assert submitted(closed, story="mijn verhaal", story_readers="helper").story_shared == ""
    opened = make_case(1_000_00, citizen=make_citizen(family_name="De Boer"))
    assert submitted(opened, story="mijn verhaal", story_readers="everybody").story_shared == "mijn verhaal"


# --- walls ----------------------------------------------------------------------------------------------------------


def test_a_creditor_sees_its_own_line_and_not_the_others() -> None:
    case = make_case(1_000_00, 500_00)
    proposal = submitted(case)
    with act_as(creditor_scope(case.creditors[0])):
        assert [claim.pk for claim in Claim.objects.all()] == [case.claims[0].pk]
        assert [line.claim_id for line in ProposalLine.objects.all()] == [case.claims[0].pk]
        assert Proposal.objects.get(pk=proposal.pk).total_cents == 1_500_00
        assert not Application.objects.exists()
        assert not Assessment.objects.exists()


def test_without_the_manager_the_database_still_hides_the_others() -> None:
    case = make_case(1_000_00, 500_00)
    submitted(case)
    with act_as(creditor_scope(case.creditors[0])), connection.cursor() as cursor:
        for table, expected in (
            ("arrangements_claim", 1),
            ("arrangements_proposalline", 1),
            ("arrangements_answer", 1),
            ("arrangements_application", 0),
            ("arrangements_assessment", 0),
            ("accounts_citizen", 0),
        ):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone()[0] == expected, table


def test_a_creditor_cannot_write_a_row_of_another() -> None:
    case = make_case(1_000_00, 500_00)
    submitted(case)
    with act_as(creditor_scope(case.creditors[0])), pytest.raises(DatabaseError), transaction.atomic():
        Answer.objects.filter(creditor=case.creditors[0]).update(creditor=case.creditors[1])


def test_a_citizen_sees_nothing_of_another_citizen() -> None:
    case = make_case(1_000_00)
    submitted(case)
    other = make_citizen(family_name="Pietersen")
    with act_as(citizen_scope(other)):
        assert not Claim.objects.exists()
        assert not Proposal.objects.exists()
        assert not Answer.objects.exists()


def test_reading_on_behalf_of_nobody_is_refused() -> None:
    with act_as(NOBODY), pytest.raises(ScopeMissing):
        Claim.objects.count()


def test_the_web_role_cannot_read_change_or_remove_the_audit_line() -> None:
    case = make_case(1_000_00)
    submitted(case)
    with act_as(citizen_scope(case.citizen)):
        assert AuditLine.objects.count() == 0
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM infra_auditline")
    with as_worker("test"):
        assert AuditLine.objects.filter(action="proposal_submitted", citizen_id=case.citizen.pk).count() == 1


def test_an_assessment_is_never_changed() -> None:
    case = make_case(1_000_00)
    submitted(case)
    with as_worker("test"), pytest.raises(DatabaseError), transaction.atomic():
        Assessment.objects.update(verdict="red")


def test_a_second_open_application_is_refused_by_the_database() -> None:
    case = make_case(1_000_00)
    with act_as(citizen_scope(case.citizen)), pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.create(citizen=case.citizen)


def _lines(case: object, proposal: Proposal) -> list[ProposalLine]:
    with act_as(citizen_scope(case.citizen)):  # type: ignore[attr-defined]  # a Case
        return list(ProposalLine.objects.filter(proposal=proposal).order_by("position"))


def _newest(case: object) -> Proposal:
    with act_as(citizen_scope(case.citizen)):  # type: ignore[attr-defined]  # a Case
        return Proposal.objects.filter(citizen=case.citizen).order_by("-version")[0]  # type: ignore[attr-defined]  # a Case


def test_settling_twice_changes_nothing() -> None:
    case = make_case(1_000_00)
    proposal = agreed(case)
    with as_worker("test"):
        assert settle_proposal(proposal_id=proposal.pk).state == ProposalState.AGREED
