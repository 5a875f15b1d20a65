"""A message of a provider that nobody could place: a person looked at it."""

from django.db import transaction

from accounts.models import User
from arrangements.models import MoneyDecision, ProviderEvent
from infra import audit, clock, jobs
from infra.scope import ScopeMissing, current


class CannotClose(Exception):
    """The message says why, in Dutch."""


@transaction.atomic
def close_event(*, event: ProviderEvent, user: User, note: str) -> MoneyDecision:
    """Decide that this message needs nothing more, and why; the worker marks it. Scope: the desk. Raises CannotClose."""
    if not current().desk:
        raise ScopeMissing("only the desk decides about messages")
    if not note.strip():
        raise CannotClose("Schrijf op wat u heeft gezien. Bijvoorbeeld: dit is een testbetaling van de bank.")
    if event.handled_at is not None:
        raise CannotClose("Dit bericht is al verwerkt.")
    if event.shown_on is None:
        raise CannotClose("Dit bericht wordt nog een dag lang vanzelf geprobeerd. Kijk er daarna naar.")
    if MoneyDecision.objects.filter(event=event, kind=MoneyDecision.Kind.CLOSE_EVENT).exists():
        raise CannotClose("Een collega heeft dit bericht al bekeken.")
    decision = MoneyDecision.objects.create(
        kind=MoneyDecision.Kind.CLOSE_EVENT,
        event=event,
        note=note.strip()[:200],
        decided_by=user,
        decided_on=clock.today(),
    )
    audit.record("event_decided", object_type="provider_event", object_id=str(event.pk))
    jobs.enqueue("close_event", key=f"close_event:{decision.pk}", arguments={"decision": decision.pk})
    return decision


@jobs.job("close_event")
def carry_out(work: jobs.Work) -> None:
    """What the desk decided, written by the worker: handled meanwhile by itself, then that stays."""
    decision = MoneyDecision.objects.select_for_update(of=("self",)).get(pk=work.arguments["decision"])
    if decision.done_on is not None:
        return
    event = ProviderEvent.objects.select_for_update().get(decisions=decision)
    if event.handled_at is None:
        event.handled_at = clock.now()
        event.outcome = "seen by a person"
        event.save(update_fields=["handled_at", "outcome"])
    decision.done_on = clock.today()
    decision.outcome = event.outcome
    decision.save(update_fields=["done_on", "outcome"])
    audit.record("event_closed", object_type="provider_event", object_id=str(event.pk))
