from django.db import transaction

from arrangements.domain.lifecycle import ProposalState, Thing
from arrangements.models import Answer, Arrangement, CaseTask, Proposal
from arrangements.operations.moves import move
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen, tell_creditor


class AlreadySigned(Exception):
    """It became an arrangement; that stops in another way."""


@transaction.atomic
def withdraw_proposal(*, proposal: Proposal) -> None:
    """The citizen stops before signing. Nothing is held against anybody; starting again is possible at any time.

    The organisations are told that it stopped, and the director asks how to help: who stops still has the debts. Raises
    AlreadySigned, and lifecycle.IllegalMove when it has ended already.
    """
    row = Proposal.objects.select_for_update(of=("self",)).select_related("citizen__director").get(pk=proposal.pk)
    if Arrangement.objects.filter(proposal=row).exists():
        raise AlreadySigned
    was_sent = row.state != ProposalState.DRAFT
    # What somebody is saying at this moment is waited for.
    answers = list(
        Answer.objects.select_for_update(of=("self",))
        .filter(proposal=row, left_out_on=None)
        .select_related("creditor")
        .order_by("pk")
    )
    move(Thing.PROPOSAL, row, ProposalState.WITHDRAWN, reason="de burger stopt")
    if not was_sent:
        return
    for answer in answers:
        tell_creditor(
            answer.creditor,
            key=f"withdrawn:{row.pk}:{answer.creditor_id}",
            kind="proposal_withdrawn",
            subject="Een voorstel is ingetrokken",
            body=(
                "De burger stopt met een voorstel dat bij u lag.\n"
                "U hoeft er niet meer op te antwoorden. Uw vordering blijft staan."
            ),
        )
    make_task(
        citizen_id=row.citizen_id,
        key=f"withdrawn:{row.pk}",
        kind=CaseTask.Kind.CALL_BACK,
        text="De cliënt stopt met het voorstel. Bel en vraag hoe wij kunnen helpen.",
    )
    tell_citizen(
        row.citizen,
        key=f"withdrawn:{row.pk}",
        kind="withdrawn",
        subject="Uw voorstel is gestopt",
        body=(
            "Uw voorstel is gestopt. De organisaties weten dat.\n"
            f"{row.citizen.director.name} belt u binnen 2 werkdagen. Dan zoeken we samen andere hulp.\n"
            "Wilt u toch verder? Log in en begin opnieuw. Uw antwoorden zijn bewaard."
        ),
    )
