from django.db import transaction

from arrangements.domain.deciders import ChangeGround, Decider, NotYours
from arrangements.domain.lifecycle import Thing, VariationState
from arrangements.models import CaseTask, Consent, Variation
from arrangements.operations.ask_variation import joins_task_key
from arrangements.operations.finish_task import finish_task
from arrangements.operations.moves import move
from arrangements.operations.settle_variation import tell_stopped
from infra import clock, jobs


@transaction.atomic
def withdraw_variation(*, variation: Variation, reason: str = "teruggenomen") -> Variation:
    """The citizen, or who works for them, takes the question back; the plan stays as it is. Scope: the citizen's.

    Nothing happens when it is decided already. Who was asked hears it from the worker. Raises NotYours for the correction of
    a creditor: that question is not theirs to take back.
    """
    if variation.ground == ChangeGround.CORRECTION:
        raise NotYours(ChangeGround.CORRECTION, Decider.CITIZEN)
    return give_way(variation=variation, reason=reason)


@transaction.atomic
def give_way(*, variation: Variation, reason: str) -> Variation:
    """The question makes room for another change. A correction that was asked is asked again later (`keep_promises`)."""
    row = Variation.objects.select_for_update(of=("self",)).get(pk=variation.pk)
    if row.state != VariationState.PROPOSED:
        return row
    move(Thing.VARIATION, row, VariationState.WITHDRAWN, reason=reason, decided_on=clock.today())
    for task in CaseTask.objects.filter(key=joins_task_key(row), done_on=None):
        finish_task(task=task)
    jobs.enqueue(
        "tell_variation_stopped",
        key=f"tell_variation_stopped:{row.pk}",
        arguments={"variation": row.pk},
        citizen_id=row.citizen_id,
    )
    return row


@jobs.job("tell_variation_stopped")
def tell_variation_stopped(work: jobs.Work) -> None:
    """Who was asked hears that an answer has no use any more."""
    variation = Variation.objects.get(pk=work.arguments["variation"])
    tell_stopped(list(Consent.objects.filter(variation=variation).select_related("creditor")))
