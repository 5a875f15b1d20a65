"""A creditor asks the citizen one question before it answers."""

from django.db import transaction

from accounts.models import User
from arrangements.domain.lifecycle import AnswerState, Thing
from arrangements.models import Answer
from arrangements.operations.answer_proposal import locked_answer, promise_settling
from arrangements.operations.moves import move
from infra import clock

LONGEST_QUESTION = 300
LONGEST_REPLY = 600


class AlreadyAsked(Exception):
    """This organisation has asked its one question; in this version or an earlier one."""


@transaction.atomic
def ask_question(*, answer: Answer, seen_hash: str, user: User, question: str) -> Answer:
    """Ask one question, of at most 300 characters; while it waits for the citizen the creditor's days do not run out.

    One per creditor, whatever the number of versions, so that asking is no way to put off an answer. It can still say
    yes or no meanwhile. Raises AlreadyAsked, AlreadyDecided, Changed; ValueError for no words or too many, and
    lifecycle.IllegalMove when its turn is over.
    """
    words = question.strip()
    if not words or len(words) > LONGEST_QUESTION:
        raise ValueError("a question has between 1 and 300 characters")
    row = locked_answer(answer, seen_hash)
    if row.question:
        raise AlreadyAsked
    move(
        Thing.ANSWER,
        row,
        AnswerState.QUESTION,
        reason="vraag gesteld",
        creditor_id=row.creditor_id,
        question=words,
        question_on=clock.today(),
        decided_by=user,
        decided_at=clock.now(),
        decided_on=clock.today(),
        seen_hash=seen_hash,
    )
    promise_settling(row)
    return row
