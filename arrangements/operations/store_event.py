import uuid

from django.db import transaction

from arrangements.models import ProviderEvent
from arrangements.payments.provider import Verified
from infra import jobs


@transaction.atomic
def store_event(*, provider: str, event: Verified, raw: bytes) -> None:
    """Keep a verified event as it came and promise to look at the provider. The same event twice is one row, one promise."""
    row = ProviderEvent(
        id=uuid.uuid4(),
        provider=provider,
        event_id=event.event_id,
        kind=event.kind,
        provider_payment_id=event.provider_id,
        raw=raw,
    )
    # Whoever sends it may not read: so no look beforehand and nothing read back; the unique key decides.
    ProviderEvent.objects.bulk_create([row], ignore_conflicts=True)
    jobs.enqueue(
        "handle_provider_event",
        key=f"provider_event:{provider}:{event.event_id}",
        arguments={"provider": provider, "event": event.event_id},
    )
