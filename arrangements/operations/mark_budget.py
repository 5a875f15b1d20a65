"""The coach's mark on the figures of an application: giving it, and letting it go (features.md B2)."""

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from django.db import connection, transaction

from accounts.models import CaseWorker, Mandate
from affordability.budget import lines_with_buffer
from affordability.reference_amounts import default_buffer
from arrangements.models import Application, BudgetMark
from infra import audit, clock, scope

FIGURES = (
    "situation",
    "members",
    "net_income_cents",
    "income_typed",
    "holiday_allowance",
    "taxable_income_cents",
    "taxable_income_unknown",
    "taxable_typed",
    "partner_takes_part",
    "partner_income_cents",
    "partner_typed",
    "uncertain",
    "unknown",
    "declared_cents",
)
"""The answers a coach looks at, besides the lines of the budget. Changing one of them drops the mark."""


class MarkRefused(ValueError):
    """Only a coach with a mandate that holds now marks a budget, and only while it is being filled in."""


class AlreadyMarked(MarkRefused):
    """There is a mark that holds."""


class FiguresChanged(MarkRefused):
    """Somebody changed a figure after the coach opened the page: the coach has to look again."""


def budget_lines(application: Application) -> dict[str, dict[str, Any]]:
    """The lines that count today: the stored ones, and our small buffer while nobody changed it."""
    return lines_with_buffer(
        application.budget, answered=answered_lines(application), buffer=default_buffer(clock.today())
    )


def answered_lines(application: Application) -> set[str]:
    """Codes of the lines of the budget that somebody filled in or left empty."""
    prefix = "budget."
    return {name.removeprefix(prefix) for name in application.entered_by if name.startswith(prefix)}


def figures_hash(application: Application) -> str:
    """sha256, in hex, of everything the mark is about: income, household, budget and the declared amount."""
    figures = {name: getattr(application, name) for name in FIGURES} | {"budget": budget_lines(application)}
    text = json.dumps(figures, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def living_mark(application: Application) -> BudgetMark | None:
    """The mark that holds, with its coach."""
    return BudgetMark.objects.select_related("coach").filter(application=application, dropped_on=None).first()


@transaction.atomic
def mark_budget(*, application: Application, seen_hash: str) -> BudgetMark:
    """A coach, acting for this client, looked at the figures and marks them: number, date, person.

    `seen_hash` is `figures_hash` as it was on the coach's screen. Raises MarkRefused (a ValueError) for anybody who is not
    a coach with a mandate that holds today, and for a closed application; AlreadyMarked while a mark holds; FiguresChanged
    when the figures are other ones by now.
    """
    row = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    coach = _coach_of(row)
    if row.closed_at is not None:
        raise MarkRefused("the application is closed")
    if living_mark(row) is not None:
        raise AlreadyMarked("a mark holds already")
    now = figures_hash(row)
    if now != seen_hash:
        raise FiguresChanged("the figures have changed")
    today = clock.today()
    key = _next_key()
    mark = BudgetMark.objects.create(
        pk=key,
        # The key of the row makes the number unique; the year is for people.
        number=f"B-{today.year}-{key:06d}",
        citizen_id=row.citizen_id,
        application=row,
        coach=coach,
        figures_hash=now,
        marked_on=today,
    )
    audit.record("budget_marked", object_type="budget_mark", object_id=mark.pk, citizen_id=row.citizen_id)
    return mark


def drop_mark(application: Application, changed: Iterable[str]) -> None:
    """Let the mark go because figures changed: the row stays, with the date and the names of the figures.

    Part of the caller's transaction, which holds the application's row. Nothing happens without changes or without a mark.
    """
    names = sorted(set(changed))
    if not names:
        return
    mark = BudgetMark.objects.select_for_update(of=("self",)).filter(application=application, dropped_on=None).first()
    if mark is None:
        return
    mark.dropped_on = clock.today()
    mark.dropped_because = names
    mark.save(update_fields=["dropped_on", "dropped_because"])
    audit.record(
        "budget_mark_dropped",
        object_type="budget_mark",
        object_id=mark.pk,
        citizen_id=application.citizen_id,
        details={"because": names},
    )


def _coach_of(application: Application) -> CaseWorker:
    """The coach in whose scope this runs. MarkRefused for the citizen, the worker, and a mandate that does not hold."""
    now, today = scope.current(), clock.today()
    mandate = (
        Mandate.objects.select_related("coach")
        .filter(citizen_id=application.citizen_id, coach_id=now.coach_id, ended_at=None)
        .filter(valid_from__lte=today, valid_until__gte=today)
        .first()
        if now.coach_id is not None and now.citizen_id == application.citizen_id
        else None
    )
    if mandate is None:
        raise MarkRefused("only a coach with a mandate marks a budget")
    return mandate.coach


def _next_key() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('arrangements_budgetmark', 'id'))")
        return int(cursor.fetchone()[0])
