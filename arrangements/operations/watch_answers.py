"""The days creditors have to answer. Silence is never a yes, and never a hostage."""

from collections.abc import Iterator
from datetime import date

from django.db import transaction

from arrangements.documents.content import long_date
from arrangements.domain.lifecycle import AnswerState, ProposalState, Thing
from arrangements.domain.policy_values import PolicyValues, policy_on
from arrangements.models import Answer, CaseTask
from arrangements.operations.moves import move
from arrangements.operations.settle_proposal import question_key
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen, tell_creditor
from kernel.working_days import add_working_days, working_days_between

#: Somebody has to say something, and days run: the creditor, or for a question the citizen.
RUNNING = (AnswerState.OPEN, AnswerState.QUESTION, AnswerState.RECONSIDERATION)


@transaction.atomic
def watch_answers(*, today: date) -> int:
    """Reminder, task for the director, and from working day fifteen `unanswered`; the same for a second look. Worker only.

    A question waits for the citizen: that is a reminder and a task, and never counts against anybody. Safe to repeat;
    returns how much it did. The days count from when this creditor was asked.
    """
    policy = policy_on(today)
    waiting = (
        Answer.objects.select_for_update(of=("self",))
        .select_related("proposal", "creditor", "citizen__director", "citizen__user")
        .filter(state__in=RUNNING, proposal__state=ProposalState.SUBMITTED, left_out_on=None)
        .order_by("pk")
    )
    return sum(
        _watch_question(answer, today, policy)
        if answer.state == AnswerState.QUESTION
        else _watch_creditor(answer, today, policy)
        for answer in waiting
    )


def answer_days(today: date) -> Iterator[date]:
    """The days on which `watch_answers` has something to do for the answers that are awaited now."""
    policy = policy_on(today)
    waiting = Answer.objects.filter(
        state__in=RUNNING, proposal__state=ProposalState.SUBMITTED, left_out_on=None
    ).values_list("state", "asked_on", "question_on")
    for state, asked_on, question_on in waiting.distinct():
        if state == AnswerState.QUESTION:
            if question_on is not None:
                yield add_working_days(question_on, policy.question_working_days)
        elif asked_on is not None:
            for days in (
                policy.remind_after_working_days,
                policy.task_after_working_days,
                policy.unanswered_after_working_days,
            ):
                yield add_working_days(asked_on, days)


def _watch_creditor(answer: Answer, today: date, policy: PolicyValues) -> int:
    started = answer.asked_on or answer.proposal.submitted_on
    if started is None:
        return 0
    days = working_days_between(started, today)
    count = 0
    # A second look is another round, with messages and tasks of its own.
    again = ":again" if answer.state == AnswerState.RECONSIDERATION else ""
    if days >= policy.remind_after_working_days and answer.reminded_on is None:
        _remind(answer, today, again)
        count += 1
    if days >= policy.task_after_working_days:
        make_task(
            citizen_id=answer.citizen_id,
            key=f"no_answer:{answer.pk}{again}",
            kind=CaseTask.Kind.RECONSIDERATION if again else CaseTask.Kind.NO_ANSWER,
            text=f"{answer.creditor.name} heeft nog niet {'opnieuw ' if again else ''}geantwoord. Bel de organisatie.",
        )
    if days >= policy.unanswered_after_working_days:
        _unanswered(answer, again)
        count += 1
    return count


def _watch_question(answer: Answer, today: date, policy: PolicyValues) -> int:
    if answer.question_on is None or working_days_between(answer.question_on, today) < policy.question_working_days:
        return 0
    key = f"{question_key(answer.proposal, answer)}:waits"
    tell_citizen(
        answer.citizen,
        key=key,
        kind="question_reminder",
        subject="Bericht over uw voorstel",
        body=(
            "Eén organisatie wacht op uw antwoord.\n"
            "Log in. Daar leest u de vraag.\n"
            "Vindt u het lastig? Bel ons. Wij helpen u."
        ),
    )
    make_task(
        citizen_id=answer.citizen_id,
        key=key,
        kind=CaseTask.Kind.QUESTION,
        text=f"De vraag van {answer.creditor.name} is nog niet beantwoord. Bel de cliënt.",
    )
    return 0


def _remind(answer: Answer, today: date, again: str) -> None:
    Answer.objects.filter(pk=answer.pk).update(reminded_on=today)
    last = (
        f" Dat kan tot en met {long_date(answer.answer_by)}." if answer.answer_by and answer.answer_by >= today else ""
    )
    tell_creditor(
        answer.creditor,
        key=f"answer_reminder:{answer.pk}{again}",
        kind="answer_reminder",
        subject="Een voorstel wacht op uw antwoord",
        body=f"Een voorstel wacht op uw antwoord.{last}\nLog in op de website en open uw werkvoorraad.",
    )


def _unanswered(answer: Answer, again: str) -> None:
    move(
        Thing.ANSWER,
        answer,
        AnswerState.UNANSWERED,
        reason="geen antwoord binnen de tijd",
        creditor_id=answer.creditor_id,
    )
    tell_citizen(
        answer.citizen,
        key=f"unanswered:{answer.pk}{again}",
        kind="unanswered",
        subject="Bericht over uw voorstel",
        body=(
            f"Eén organisatie heeft niet {'opnieuw ' if again else ''}geantwoord.\n"
            "U hoeft niet te wachten. U mag nu zelf kiezen: wachten, of verder zonder deze organisatie.\n"
            "Log in. U leest daar wat u kunt doen."
        ),
    )
