"""A crisis break: somebody who helps grants it, up to two months per rolling year (features.md B14)."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from arrangements.documents.content import long_date
from arrangements.domain.break_reason import BreakReason
from arrangements.domain.deciders import ChangeGround, Decider, check_decider
from arrangements.domain.lifecycle import ArrangementState, Thing
from arrangements.domain.shift import Shift, ShiftRefused
from arrangements.models import Arrangement, CaseTask
from arrangements.operations.finish_task import finish_task
from arrangements.operations.moves import move
from arrangements.operations.shift_plan import break_is_possible_from, foresee_skip, lock_for_shift, write_shift
from arrangements.operations.tell_shift import tell_citizen_of_shift
from infra import audit, clock


class AlreadyPaused(ShiftRefused):
    """There is a pause already; `until` is its last day."""

    def __init__(self, until: date) -> None:
        super().__init__(f"Er is al een pauze, tot en met {long_date(until)}.")
        self.until = until


class BreakNotYet(ShiftRefused):
    """So many months are not possible now; `possible_from` says when they are (None: never so many)."""

    def __init__(self, possible_from: date | None) -> None:
        super().__init__(
            f"Dit kan weer vanaf {long_date(possible_from)}."
            if possible_from
            else "Zo lang kan niet. Vraag dan een langere pauze aan de organisaties."
        )
        self.possible_from = possible_from


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause: its last day, and what it does to the plan."""

    until: date
    shift: Shift


def foresee_break(arrangement: Arrangement, months: int) -> Pause:
    """What a break of `months` instalments does now, for the preview. Nothing is written.

    Raises AlreadyPaused, BreakNotYet, ShiftRefused.
    """
    if arrangement.state == ArrangementState.PAUSED and arrangement.paused_until is not None:
        raise AlreadyPaused(arrangement.paused_until)
    today = clock.today()
    possible = break_is_possible_from(arrangement, months, today)
    if possible != today:
        raise BreakNotYet(possible)
    shift = foresee_skip(arrangement, months)
    return Pause(pause_end(shift), shift)


def pause_end(shift: Shift) -> date:
    """The last day of a pause: the day before the first instalment after the skipped ones."""
    if shift.next_due is None:
        raise ValueError("a pause ends before the next instalment")
    return shift.next_due - timedelta(days=1)


@transaction.atomic
def grant_break(*, arrangement: Arrangement, months: int, reason: BreakReason, decider: Decider) -> Pause:
    """Skip the next `months` instalments and let the plan rest until the one after them.

    Raises NotYours (the citizen asks, see `ask_break`), AlreadyPaused, BreakNotYet, ShiftRefused (NotNow). The citizen is
    told here, every creditor by the worker: the chosen sentence, and nothing about the person. Scope: the citizen's, with
    the helper working for them.
    """
    check_decider(ChangeGround.CRISIS_BREAK, decider)
    row = lock_for_shift(arrangement.pk)
    pause = foresee_break(row, months)
    pause_plan(
        arrangement=row, shift=pause.shift, ground=ChangeGround.CRISIS_BREAK, decider=decider, reason=reason.sentence
    )
    audit.record(
        "break_granted",
        object_type="arrangement",
        object_id=row.pk,
        citizen_id=row.citizen_id,
        reason=reason.sentence,
        details={"code": reason.value, "months": months, "until": pause.until.isoformat()},
    )
    return pause


@transaction.atomic
def pause_plan(
    *, arrangement: Arrangement, shift: Shift, ground: ChangeGround, decider: Decider, reason: str = ""
) -> None:
    """Write `shift` of a locked, active arrangement, pause it until the next instalment, and tell everybody.

    For a crisis break, and for a longer pause the creditors agreed to. The caller asked who may decide.
    """
    until = pause_end(shift)
    key = write_shift(arrangement=arrangement, shift=shift, ground=ground, decider=decider, reason=reason)
    move(Thing.ARRANGEMENT, arrangement, ArrangementState.PAUSED, reason=ground.label, paused_until=until)
    for task in CaseTask.objects.filter(citizen_id=arrangement.citizen_id, kind=CaseTask.Kind.PAUSE, done_on=None):
        finish_task(task=task)
    months = "1 maand" if len(shift.skipped) == 1 else f"{len(shift.skipped)} maanden"
    assert shift.next_due is not None  # noqa: S101  pause_end said so; for the type checker
    tell_citizen_of_shift(
        citizen=arrangement.citizen,
        key=key,
        shift=shift,
        first=[
            f"U heeft {months} pauze. Tot en met {long_date(until)} betaalt u niets.",
            f"Daarna betaalt u weer op {long_date(shift.next_due)}.",
        ],
    )
