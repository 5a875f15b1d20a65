"""Making an arrangement takes a limited time; when that is over the proposal lapses, with a way back."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db import transaction

from arrangements.documents.content import long_date
from arrangements.domain.lifecycle import ProposalState, Thing
from arrangements.domain.policy_values import policy_on
from arrangements.models import Answer, CaseTask, Proposal
from arrangements.operations.moves import move
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen, tell_creditor

#: Versions for which the days run: sent, or agreed and not signed.
BEING_MADE = (ProposalState.SUBMITTED, ProposalState.AGREED)


def last_day(proposal: Proposal) -> date | None:
    """The last day on which this proposal can become an arrangement; None before the first sending."""
    first = proposal.first_submitted_on or proposal.submitted_on
    return None if first is None else first + timedelta(days=policy_on(first).making_days)


def making_days(today: date) -> Iterator[date]:
    """The days on which `watch_making` has something to do for the proposals that are being made now."""
    for proposal in Proposal.objects.filter(state__in=BEING_MADE, arrangement=None).only(
        "first_submitted_on", "submitted_on"
    ):
        until = last_day(proposal)
        if until is not None:
            yield until - timedelta(days=policy_on(today).running_out_days)
            yield until + timedelta(days=1)


@transaction.atomic
def watch_making(*, today: date) -> int:
    """A task for the director when the time is almost over; after the last day the proposal lapses. Worker only, daily.

    Returns how many lapsed. Safe to repeat.
    """
    count = 0
    rows = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("citizen__director", "citizen__user")
        .filter(state__in=BEING_MADE, arrangement=None)
        .order_by("pk")
    )
    for proposal in rows:
        until = last_day(proposal)
        if until is None:
            continue
        if today > until:
            lapse_proposal(proposal=proposal)
            count += 1
        elif today >= until - timedelta(days=policy_on(today).running_out_days):
            make_task(
                citizen_id=proposal.citizen_id,
                key=f"running_out:{proposal.application_id}",
                kind=CaseTask.Kind.RUNNING_OUT,
                text=f"Het voorstel verloopt na {long_date(until)}. Bel de cliënt en de organisaties.",
            )
    return count


def lapse_proposal(*, proposal: Proposal) -> None:
    """The time is over: nobody can say yes or sign any more, and everybody hears it. Silence did not become a yes.

    `proposal` is held by the caller, in whose transaction this runs. Raises lifecycle.IllegalMove.
    """
    answers = list(
        Answer.objects.select_for_update(of=("self",))
        .filter(proposal=proposal, left_out_on=None)
        .select_related("creditor")
        .order_by("pk")
    )
    move(Thing.PROPOSAL, proposal, ProposalState.LAPSED, reason="de tijd om een regeling te maken is voorbij")
    for answer in answers:
        tell_creditor(
            answer.creditor,
            key=f"lapsed:{proposal.pk}:{answer.creditor_id}",
            kind="proposal_lapsed",
            subject="Een voorstel is verlopen",
            body="Een voorstel is verlopen. De tijd was voorbij. U hoeft er niet meer op te antwoorden.",
        )
    tell_citizen(
        proposal.citizen,
        key=f"lapsed:{proposal.pk}",
        kind="proposal_lapsed",
        subject="Bericht over uw voorstel",
        body=(
            "De tijd voor uw voorstel is voorbij. Daarom stopt het nu.\n"
            "U kunt opnieuw beginnen. Uw antwoorden zijn bewaard.\n"
            "Log in en kies: Opnieuw beginnen."
        ),
    )
    make_task(
        citizen_id=proposal.citizen_id,
        key=f"lapsed:{proposal.pk}",
        kind=CaseTask.Kind.CALL_BACK,
        text="Het voorstel is verlopen. Bel de cliënt en help met opnieuw beginnen.",
    )
