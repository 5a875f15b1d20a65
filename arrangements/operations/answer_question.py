"""The citizen, or somebody who helps, answers the question of a creditor."""

from django.db import transaction

from arrangements.domain.answer_clock import AnswerClock, clock_after_reply
from arrangements.domain.lifecycle import AnswerState, ProposalState, Thing
from arrangements.domain.policy_values import policy_on
from arrangements.models import Answer
from arrangements.operations.ask_question import LONGEST_REPLY
from arrangements.operations.moves import move
from arrangements.operations.tell import tell_creditor
from infra import clock


class QuestionClosed(Exception):
    """There is no question that waits for an answer: it was answered, or the organisation has decided."""


@transaction.atomic
def answer_question(*, answer: Answer, reply: str) -> Answer:
    """Answer in one's own words, at most 600 characters; then it is the creditor's turn, with enough days to read it.

    Scope: the citizen's (also when a coach works for them). Raises QuestionClosed; ValueError for no words or too many.
    """
    words = reply.strip()
    if not words or len(words) > LONGEST_REPLY:
        raise ValueError("a reply has between 1 and 600 characters")
    row = Answer.objects.select_for_update(of=("self",)).select_related("proposal", "creditor").get(pk=answer.pk)
    if row.state != AnswerState.QUESTION or row.reply or row.proposal.state != ProposalState.SUBMITTED:
        raise QuestionClosed
    assert row.asked_on is not None and row.answer_by is not None  # noqa: S101, PT018  set when it was asked
    today = clock.today()
    policy = policy_on(today)
    before = AnswerClock(row.asked_on, row.answer_by)
    now = clock_after_reply(
        before, today, answer_days=policy.answer_working_days, at_least=policy.question_working_days
    )
    move(
        Thing.ANSWER,
        row,
        AnswerState.OPEN,
        reason="de vraag is beantwoord",
        creditor_id=row.creditor_id,
        reply=words,
        replied_on=today,
        asked_on=now.asked_on,
        answer_by=now.answer_by,
        # Who gets new days hears it now; that is the reminder.
        reminded_on=row.reminded_on if now == before else today,
    )
    tell_creditor(
        row.creditor,
        key=f"replied:{row.pk}",
        kind="question_answered",
        subject="Uw vraag is beantwoord",
        body=f"Uw vraag over een voorstel is beantwoord.\nAntwoord uiterlijk op {now.answer_by:%d-%m-%Y}.",
    )
    return row
