"""After a refusal the citizen asks the creditor, once, to look again."""

from django.db import transaction

from arrangements.domain.answer_clock import clock_from
from arrangements.domain.lifecycle import AnswerState, ProposalState, Thing, check_reconsideration
from arrangements.domain.policy_values import policy_on
from arrangements.models import Answer
from arrangements.operations.ask_question import LONGEST_REPLY
from arrangements.operations.moves import move
from arrangements.operations.tell import tell_creditor
from infra import clock


class NotRefused(Exception):
    """There is nothing to look at again: no refusal of the version that counts."""


def may_be_reconsidered(answer: Answer) -> bool:
    """Whether the round is still there: it refused, and no version was looked at again before."""
    return answer.state == AnswerState.REFUSED and not _rounds_done(answer)


def _rounds_done(answer: Answer) -> int:
    """Over all versions of this proposal; a version that took the place of another carries the round along."""
    return Answer.objects.filter(
        proposal__application_id=answer.proposal.application_id,
        creditor_id=answer.creditor_id,
        reconsideration_on__isnull=False,
    ).count()


@transaction.atomic
def ask_reconsideration(*, answer: Answer, note: str = "") -> Answer:
    """Ask to look again, with a note of at most 600 characters if wanted; the creditor has its days once more.

    One round per creditor over all versions. Asking twice asks once. Scope: the citizen's (also when a coach works for
    them). Raises NotRefused, lifecycle.IllegalMove after the round there is, ValueError for too many words.
    """
    words = note.strip()
    if len(words) > LONGEST_REPLY:
        raise ValueError("a note has at most 600 characters")
    row = Answer.objects.select_for_update(of=("self",)).select_related("proposal", "creditor").get(pk=answer.pk)
    if row.proposal.state != ProposalState.SUBMITTED or row.left_out_on is not None:
        raise NotRefused
    if row.state == AnswerState.RECONSIDERATION:
        return row
    if row.state != AnswerState.REFUSED:
        raise NotRefused
    check_reconsideration(_rounds_done(row))
    today = clock.today()
    asked = clock_from(today, policy_on(today).answer_working_days)
    move(
        Thing.ANSWER,
        row,
        AnswerState.RECONSIDERATION,
        reason="de burger vraagt om nog eens te kijken",
        creditor_id=row.creditor_id,
        reconsideration_on=today,
        reconsideration_note=words,
        asked_on=asked.asked_on,
        answer_by=asked.answer_by,
        reminded_on=None,
    )
    tell_creditor(
        row.creditor,
        key=f"reconsider:{row.pk}",
        kind="reconsideration_asked",
        subject="Wilt u nog eens kijken naar een voorstel?",
        body=(
            "U zei nee tegen een voorstel. De burger vraagt u om nog één keer te kijken.\n"
            f"Antwoord uiterlijk op {asked.answer_by:%d-%m-%Y}. In de werkvoorraad ziet u hoeveel organisaties al ja zeiden."
        ),
    )
    return row
