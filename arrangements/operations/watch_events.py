"""Messages of providers that did not arrive, and messages nobody can place (payments.md 5.2, 5.7)."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.db import transaction

from arrangements.models import ProviderCursor, ProviderEvent
from arrangements.operations.provider_cursor import cursor_of, move_cursor
from arrangements.operations.store_event import store_event
from arrangements.payments.provider import Capability, CollectionProvider, OutcomeUnknown, Verified
from arrangements.payments.registry import usable_providers
from infra import audit, clock, jobs

log = logging.getLogger(__name__)

#: A message about something we do not know is tried again for so long; then it is a person's.
KEEP_TRYING: Final = timedelta(days=1)
#: The first tries follow each other within minutes (infra.jobs); after that every hour.
_FIRST_TRIES: Final = timedelta(minutes=30)


@jobs.job("fetch_missed_events", chunked=True)
def fetch_missed_events_job(_work: jobs.Work) -> dict[str, int]:
    """See `fetch_missed_events`. Chunked, because the provider is asked outside any transaction."""
    return {"events": fetch_missed_events()}


def fetch_missed_events() -> int:
    """Ask every provider for its messages since the last time, and keep those that did not arrive. How many. Worker only.

    A provider that does not answer holds nobody up: it is asked again the next time, from the same place.
    """
    count = 0
    for provider in usable_providers():
        if Capability.EVENTS not in provider.capabilities():
            continue
        try:
            count += _fetch(provider)
        except OutcomeUnknown:
            log.warning("%s does not answer about its messages", provider.name)
    return count


def _fetch(provider: CollectionProvider) -> int:
    before = cursor_of(provider=provider.name, what=ProviderCursor.What.EVENTS)
    events, after = provider.events_since(before)
    return _store(provider.name, events, before, after)


@transaction.atomic
def _store(name: str, found: Sequence[Verified], before: str, after: str) -> int:
    known = set(
        ProviderEvent.objects.filter(provider=name, event_id__in=[event.event_id for event in found]).values_list(
            "event_id", flat=True
        )
    )
    missed = [event for event in found if event.event_id not in known]
    for event in missed:
        store_event(provider=name, event=event, raw=b"")
    if after != before:
        move_cursor(provider=name, what=ProviderCursor.What.EVENTS, cursor=after)
    return len(missed)


@jobs.job("look_again_at_events")
def look_again_at_events(_work: jobs.Work) -> dict[str, int]:
    """Messages that are not handled: promised again, hour after hour; after a day they lie with a person. Once per hour."""
    now, today = clock.now(), clock.today()
    waiting = ProviderEvent.objects.filter(
        handled_at=None, shown_on=None, received_at__lte=now - _FIRST_TRIES
    ).select_for_update(skip_locked=True)
    again = shown = 0
    for event in waiting.order_by("received_at"):
        if now - event.received_at < KEEP_TRYING:
            jobs.enqueue(
                "handle_provider_event",
                key=f"provider_event:{event.provider}:{event.event_id}:{now:%Y-%m-%dT%H}",
                arguments={"provider": event.provider, "event": event.event_id},
            )
            again += 1
        else:
            event.shown_on = today
            event.save(update_fields=["shown_on"])
            audit.record("event_shown", object_type="provider_event", object_id=str(event.pk))
            shown += 1
    return {"again": again, "shown": shown}
