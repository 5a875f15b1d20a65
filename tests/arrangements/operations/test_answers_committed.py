"""Four people decide at once, with connections of their own: one decision, and the others see whose."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from arrangements.domain.lifecycle import AnswerState, IllegalMove, ProposalState, RefusalCode
from arrangements.models import Answer, Proposal
from arrangements.operations.answer_proposal import AlreadyDecided, Changed, accept, refuse, say_balance_differs
from arrangements.operations.answer_question import QuestionClosed, answer_question
from arrangements.operations.ask_question import AlreadyAsked, ask_question
from arrangements.operations.ask_reconsideration import ask_reconsideration
from arrangements.operations.lapse_proposal import lapse_proposal
from arrangements.operations.start_again import start_again
from arrangements.operations.withdraw_proposal import withdraw_proposal
from infra.models import AuditLine, Message
from infra.scope import Scope, act_as, as_worker
from tests.factories.answers import questioned, refused
from tests.factories.money import START, at
from tests.factories.people import citizen_scope, creditor_scope, make_member
from tests.factories.plans import Case, make_case, submitted

pytestmark = pytest.mark.django_db(transaction=True)
WORKER = Scope(worker=True, reason="test")


def at_once(*works: tuple[Scope, Callable[[], object]]) -> list[object]:
    """What each came to, or the error it met; all start together, each on its own connection."""
    start = threading.Barrier(len(works))
    found: list[object] = [None] * len(works)

    def one(number: int, scope: Scope, work: Callable[[], object]) -> None:
        try:
            start.wait(10)
            with act_as(scope), transaction.atomic():
                found[number] = work()
        except Exception as error:  # noqa: BLE001  looked at by the test
            found[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(number, *work)) for number, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def sent(*amounts: int) -> Case:
    with transaction.atomic():
        at(START)
        case = make_case(*amounts)
        submitted(case)
    return case


def _answer(case: Case, number: int = 0) -> Answer:
    with transaction.atomic():
        return case.answer_of(number)


def test_four_deciders_at_once_make_one_decision_and_the_others_see_who_was_first() -> None:
    case = sent(1_000_00, 2_000_00)
    answer, creditor, claim = _answer(case), case.creditors[0], case.claims[0]
    assert case.proposal is not None
    seen = case.proposal.content_hash
    with transaction.atomic():
        members = [make_member(creditor, name=f"Collega {number}") for number in range(4)]
    users = [member.user for member in members]
    found = at_once(
        (creditor_scope(creditor, members[0]), lambda: accept(answer=answer, seen_hash=seen, user=users[0])),
        (
            creditor_scope(creditor, members[1]),
            lambda: refuse(answer=answer, seen_hash=seen, user=users[1], code=RefusalCode.NO_COOPERATION),
        ),
        (
            creditor_scope(creditor, members[2]),
            lambda: say_balance_differs(
                answer=answer, seen_hash=seen, user=users[2], claim=claim, balance_cents=900_00
            ),
        ),
        (creditor_scope(creditor, members[3]), lambda: accept(answer=answer, seen_hash=seen, user=users[3])),
    )
    winners = [one for one in found if isinstance(one, Answer)]
    assert len(winners) == 1, found
    losers = [one for one in found if isinstance(one, AlreadyDecided)]
    assert len(losers) == 3, found
    stands = _answer(case)
    assert {one.answer.decided_by_id for one in losers} == {stands.decided_by_id}
    assert {one.answer.decided_at for one in losers} == {stands.decided_at}
    with as_worker("test"), transaction.atomic():
        assert AuditLine.objects.filter(object_type="answer", object_id=str(answer.pk)).count() == 1


def test_a_question_that_four_ask_at_once_is_asked_once() -> None:
    case = sent(1_000_00, 2_000_00)
    answer, creditor, member = _answer(case), case.creditors[0], case.members[0]
    assert case.proposal is not None
    seen = case.proposal.content_hash
    found = at_once(
        *[
            (
                creditor_scope(creditor, member),
                lambda: ask_question(answer=answer, seen_hash=seen, user=member.user, question="Waarom?"),
            )
        ]
        * 4
    )
    assert sum(isinstance(one, Answer) for one in found) == 1, found
    assert sum(isinstance(one, AlreadyAsked) for one in found) == 3, found


def test_a_reply_and_a_request_to_look_again_from_two_windows_count_once() -> None:
    with transaction.atomic():
        at(START)
        asked, no = questioned(), refused()
    question, refusal = _answer(asked), _answer(no)
    found = at_once(*[(citizen_scope(asked.citizen), lambda: answer_question(answer=question, reply="Ja."))] * 2)
    assert sum(isinstance(one, QuestionClosed) for one in found) == 1, found
    found = at_once(*[(citizen_scope(no.citizen), lambda: ask_reconsideration(answer=refusal))] * 2)
    assert all(isinstance(one, Answer) for one in found), found
    with as_worker("test"), transaction.atomic():
        assert Message.objects.filter(kind="reconsideration_asked").count() == 1


def test_a_yes_and_the_end_of_a_proposal_at_the_same_moment_are_never_both_lost() -> None:
    case = sent(1_000_00)
    answer, creditor, member = _answer(case), case.creditors[0], case.members[0]
    proposal = case.proposal
    assert proposal is not None
    found = at_once(
        (
            creditor_scope(creditor, member),
            lambda: accept(answer=answer, seen_hash=proposal.content_hash, user=member.user),
        ),
        (citizen_scope(case.citizen), lambda: withdraw_proposal(proposal=proposal)),
    )
    assert found[1] is None, found
    stands = _answer(case)
    if isinstance(found[0], Changed):
        assert stands.state == AnswerState.OPEN
    else:
        assert stands.state == AnswerState.ACCEPTED
    with as_worker("test"), transaction.atomic():
        assert Proposal.objects.get(pk=proposal.pk).state == ProposalState.WITHDRAWN


def test_a_proposal_that_two_days_end_at_once_ends_once_and_starts_again_once() -> None:
    case = sent(1_000_00)
    proposal = case.proposal
    assert proposal is not None

    def lapse() -> None:
        rows = Proposal.objects.select_for_update(of=("self",)).select_related("citizen__director", "citizen__user")
        lapse_proposal(proposal=rows.get(pk=proposal.pk))

    found = at_once((WORKER, lapse), (WORKER, lapse))
    assert [type(one) for one in found if one is not None] == [IllegalMove], found
    made = at_once(*[(citizen_scope(case.citizen), lambda: start_again(citizen=case.citizen).pk)] * 3)
    assert len(set(made)) == 1, made
