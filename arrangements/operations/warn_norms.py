"""The desk hears in time that norms are missing: thirty, fourteen and three days ahead, and every week from then on."""

from datetime import date
from typing import Final

from django.conf import settings
from django.db import transaction

from accounts.models import CaseWorker
from affordability.norms import half_year, next_half_year
from arrangements.documents.content import long_date
from arrangements.queries.norm_records import HalfYear, half_year_state
from arrangements.queries.norm_words import half_year_name, state_lines
from infra import outbox

WARN_DAYS: Final = (30, 14, 3)
"""Days before a half-year begins on which the desk is warned that its norms are not there."""


def warning_stage(starts: date, today: date) -> str:
    """Which warning is due for a half-year without norms: "30", "14", "3", then "week-0", "week-1", …; "" is none yet."""
    days = (starts - today).days
    if days <= 0:
        return f"week-{-days // 7}"
    return next((str(limit) for limit in reversed(WARN_DAYS) if days <= limit), "")


@transaction.atomic
def warn_norms(*, today: date) -> int:
    """Mail every active worker of the desk, once per stage, about norms that are missing. Worker only, daily.

    Returns how many half-years without norms were reported. A day that was skipped is made up for.
    """
    count = 0
    for starts in (half_year(today), next_half_year(today)):
        stage = warning_stage(starts, today)
        if not stage:
            continue
        state = half_year_state(starts)
        if state.usable:
            continue
        _tell_desk(state, stage, today)
        count += 1
    return count


def _tell_desk(state: HalfYear, stage: str, today: date) -> None:
    when = "Nu" if state.starts <= today else f"Vanaf {long_date(state.starts)}"
    lines = [
        *state_lines(state),
        "",
        f"{when} kan zonder deze normen niemand een nieuwe toets krijgen. Lopende regelingen gaan gewoon door.",
        f"Invoeren en goedkeuren: {settings.SITE_BASE_URL}/beheer/arrangements/normsentry/",
    ]
    body = "\n".join(lines)
    for worker in CaseWorker.objects.select_related("user").filter(kind=CaseWorker.Kind.DESK, active=True):
        outbox.post_message(
            key=f"norms_warning:{state.starts.isoformat()}:{stage}:{worker.pk}",
            kind="norms_warning",
            subject=f"De normen voor {half_year_name(state.starts)} ontbreken",
            body=f"Beste {worker.name},\n\n{body}\n\nEén Plan",
            to_address=worker.user.email,
            to_name=worker.name,
        )
