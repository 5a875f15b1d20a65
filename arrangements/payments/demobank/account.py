"""The segregated account at the made-up bank: everything that moves it, in the order in which the bank books it."""

from datetime import date, timedelta
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q

from arrangements.models import DemoBankMove, DemoBankStatement
from arrangements.payments.demobank.gate import ACCOUNT, one_at_a_time, require_demo
from infra import clock
from kernel.identifiers import normalize_iban
from kernel.working_days import is_working_day

BANK_NAME: Final = "DemoBank"
BANK_IBAN: Final = "NL52DEMO0000000001"
TOP_UP_TEXT: Final = "Eigen aanvulling"


def booking_day() -> date:
    """The day on which the bank books what comes now: a day that is closed takes nothing more."""
    day = clock.today()
    closed = DemoBankStatement.objects.aggregate(day=Max("day"))["day"]
    if closed is not None and closed >= day:
        day = closed + timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


@transaction.atomic
def transfer_in(
    *,
    iban: str,
    name: str,
    amount_cents: int,
    structured: str = "",
    text: str = "",
    end_to_end_id: str = "",
    key: str = "",
) -> DemoBankMove:
    """Somebody transfers money to the segregated account, in cents, with a reference or words. The same `key` once.

    Booked on the first day of the bank that is not closed yet. ValueError for an amount that is not positive.
    """
    require_demo()
    if amount_cents <= 0:
        raise ValueError("nobody transfers nothing")
    return book(
        f"transfer:{key or uuid4()}",
        amount_cents,
        counterparty_name=name[:70],
        counterparty_iban=normalize_iban(iban),
        structured_reference="".join(structured.split())[:35],
        text=text[:140],
        end_to_end_id=end_to_end_id[:35],
    )


@transaction.atomic
def top_up(*, amount_cents: int, key: str) -> DemoBankMove:
    """The holder of the account adds from its own account what the bank kept, in cents."""
    require_demo()
    return book(
        f"top_up:{key}",
        amount_cents,
        counterparty_name=settings.ACCOUNT_HOLDER_NAME[:70],
        counterparty_iban=settings.OWN_ACCOUNT_IBAN,
        text=f"{TOP_UP_TEXT} {key}"[:140],
    )


def book(key: str, amount_cents: int, **fields: Any) -> DemoBankMove:
    """One line on the account, in cents, + is in; once per `key`. Part of the caller's transaction."""
    one_at_a_time(ACCOUNT)
    row, _made = DemoBankMove.objects.get_or_create(
        key=key, defaults={"amount_cents": amount_cents, "booked_on": booking_day(), **fields}
    )
    return row


def move_of_transfer(end_to_end_id: str) -> DemoBankMove | None:
    """The debit in which this transfer went out."""
    return (
        DemoBankMove.objects.filter(amount_cents__lt=0)
        .filter(Q(end_to_end_id=end_to_end_id) | Q(details__contains=[{"end_to_end_id": end_to_end_id}]))
        .order_by("id")
        .first()
    )
