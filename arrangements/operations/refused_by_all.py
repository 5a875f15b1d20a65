"""When a proposal ends because every organisation said no, for good."""

from collections.abc import Sequence

from arrangements.domain.lifecycle import AnswerState, ProposalState, Thing
from arrangements.models import Answer, CaseTask, Proposal
from arrangements.operations.moves import move
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen, tell_creditor


def refused_by_all(answers: Sequence[Answer]) -> bool:
    """Whether nobody who would get a share can still say yes. `answers`: those of one version that were not left out.

    A no is final after its one round of reconsideration; until then the citizen may still ask. Silence is no answer: a late
    yes is possible, so it never ends a proposal.
    """
    counting = [answer for answer in answers if answer.share_cents] or list(answers)
    return bool(counting) and all(answer.state == AnswerState.REFUSED and _looked_again(answer) for answer in counting)


def _looked_again(answer: Answer) -> bool:
    """Whether this creditor had its round, in this version or in an earlier one of the same application."""
    rounds = Answer.objects.filter(
        proposal__application_id=answer.proposal.application_id,
        creditor_id=answer.creditor_id,
        reconsideration_on__isnull=False,
    )
    return rounds.exists()


def end_refused(proposal: Proposal, answers: Sequence[Answer]) -> None:
    """Submitted becomes refused, and everybody hears it; the citizen hears what can be done now. Caller's transaction."""
    move(Thing.PROPOSAL, proposal, ProposalState.REFUSED, reason="alle organisaties zeggen nee")
    tell_citizen(
        proposal.citizen,
        key=f"all_refused:{proposal.pk}",
        kind="all_refused",
        subject="Bericht over uw voorstel",
        body=(
            "Alle organisaties zeggen nee. Uw voorstel stopt.\n"
            "U staat er niet alleen voor. Wij bellen u binnen 2 werkdagen.\n"
            "Uw gemeente kan ook helpen. Log in. U leest daar hoe."
        ),
    )
    make_task(
        citizen_id=proposal.citizen_id,
        key=f"all_refused:{proposal.pk}",
        kind=CaseTask.Kind.REFUSAL,
        text="Alle organisaties zeggen nee, ook na opnieuw kijken. Bel de cliënt en bespreek de route via de gemeente.",
    )
    for answer in answers:
        tell_creditor(
            answer.creditor,
            key=f"all_refused:{answer.pk}",
            kind="proposal_ended",
            subject="Een voorstel is gestopt",
            body="Een voorstel is gestopt: alle organisaties zeiden nee. U hoeft niets te doen.",
        )
