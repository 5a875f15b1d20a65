import uuid

from django.db import transaction

from arrangements.models import ProviderEvent
from arrangements.payments.provider import Verified
from infra import clock, jobs


@transaction.atomic
def store_event(*, provider: str, event: Verified, raw: bytes) -> None:
    """Keep a verified event as it came and promise to look at the provider. The same event twice is one row, one promise.

    One that is about nothing we collect is kept as handled: there is nothing to look at.
    """
    about_us = bool(event.provider_id)
    row = ProviderEvent(
        id=uuid.uuid4(),
        provider=provider,
        event_id=event.event_id,
        kind=event.kind,
        provider_payment_id=event.provider_id,
        raw=raw,
        handled_at=None if about_us else clock.now(),
        outcome="" if about_us else "not_ours",
    )
    # Whoever sends it may not read: so no look beforehand and nothing read back; the unique key decides.
    ProviderEvent.objects.bulk_create([row], ignore_conflicts=True)
    if about_us:
        jobs.enqueue(
            "handle_provider_event",
            key=f"provider_event:{provider}:{event.event_id}",
            arguments={"provider": provider, "event": event.event_id},
        )
