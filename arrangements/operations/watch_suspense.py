"""Money nobody placed does not lie around: after five working days the desk is asked to send it back (payments.md 4)."""

from datetime import date

from django.db import transaction

from arrangements.models import BankLine
from arrangements.operations.tell_desk import tell_desk
from arrangements.queries.bank_queue import unplaced, waiting_lines


@transaction.atomic
def watch_suspense(*, today: date) -> int:
    """Mail the desk, once per day on which a transfer reaches its five working days. Worker only, daily.

    Returns how many transfers are put forward. Sending back is never automatic: two people decide.
    """
    rows: list[BankLine] = list(unplaced().filter(amount_cents__gt=0, booked_on__lt=today))
    old = [one for one in waiting_lines(rows, today) if one.should_go_back]
    if old:
        newest = max(one.line.pk for one in old)
        tell_desk(
            key=f"suspense:{newest}",
            kind="suspense",
            subject="Er staat geld dat niemand heeft geplaatst",
            body=(
                f"{len(old)} overboekingen staan er nu 5 werkdagen of langer.\n"
                "Plaats ze bij een regeling, of stuur ze terug naar de afzender. Terugsturen doen twee collega's."
            ),
            where="/beheer/arrangements/bankline/te-doen/",
        )
    return len(old)
