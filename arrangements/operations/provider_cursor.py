"""How far we have read what a provider keeps for us. Reading twice does no harm; skipping would."""

from django.db import transaction

from arrangements.models import ProviderCursor
from infra import clock


@transaction.atomic
def cursor_of(*, provider: str, what: ProviderCursor.What) -> str:
    """From where to read on; "" at the first time. Worker only."""
    row = ProviderCursor.objects.filter(provider=provider, what=what).first()
    return "" if row is None else row.cursor


@transaction.atomic
def move_cursor(*, provider: str, what: ProviderCursor.What, cursor: str) -> None:
    """All before `cursor` is stored. Part of the caller's transaction when it stores; worker only."""
    ProviderCursor.objects.update_or_create(
        provider=provider, what=what, defaults={"cursor": cursor, "moved_at": clock.now()}
    )
