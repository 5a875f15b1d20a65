from dataclasses import dataclass
from datetime import date

from django.db import transaction

from arrangements.documents.content import long_date
from arrangements.domain.deciders import ChangeGround, Decider, check_decider
from arrangements.domain.lifecycle import InstallmentState
from arrangements.domain.policy_values import policy_on
from arrangements.domain.shift import Shift, Term, check_movable, latest_day, move_one
from arrangements.models import Arrangement, Installment
from arrangements.operations.shift_plan import lock_for_shift, terms_of, write_shift
from arrangements.operations.tell_shift import tell_citizen_of_shift
from infra import clock
from kernel.cents import spoken_euro


@dataclass(frozen=True, slots=True)
class Movable:
    """The instalment that can be moved now, and the last day to which it can."""

    term: Term
    latest: date


def movable(arrangement: Arrangement, decider: Decider) -> Movable:
    """The next unpaid instalment, if it can get another day. ShiftRefused with the reason otherwise."""
    terms = terms_of(arrangement)
    unpaid = sorted((term for term in terms if term.open), key=lambda term: (term.due_date, term.number))
    term = unpaid[0] if unpaid else max(terms, key=lambda one: one.number)
    days, today = policy_on(clock.today()).move_days, clock.today()
    check_movable(terms, term, on=today, move_days=days, by_citizen=decider is Decider.CITIZEN)
    return Movable(term, latest_day(terms, term, days))


def foresee_move(arrangement: Arrangement, number: int, new_day: date, decider: Decider) -> Shift:
    """What moving this instalment does, for the preview. Nothing is written. Raises ShiftRefused."""
    return move_one(
        terms_of(arrangement),
        number,
        new_day,
        on=clock.today(),
        move_days=policy_on(clock.today()).move_days,
        by_citizen=decider is Decider.CITIZEN,
    )


@transaction.atomic
def move_installment(*, arrangement: Arrangement, number: int, new_day: date, decider: Decider) -> Installment:
    """One instalment gets a later day, within the days policy gives; the citizen does that once per instalment.

    The second of two clicks gives the first one's answer. Raises NotYours, ShiftRefused (NotNow). The citizen is told here,
    every creditor by the worker. Scope: the citizen's.
    """
    check_decider(ChangeGround.MOVE, decider)
    row = lock_for_shift(arrangement.pk)
    done = Installment.objects.filter(
        arrangement=row,
        number=number,
        due_date=new_day,
        replaces__moved_ground=ChangeGround.MOVE,
        replaces__moved_on=clock.today(),
    ).exclude(state=InstallmentState.MOVED)
    if (found := done.first()) is not None:
        return found
    shift = foresee_move(row, number, new_day, decider)
    key = write_shift(arrangement=row, shift=shift, ground=ChangeGround.MOVE, decider=decider)
    [new] = shift.replacing
    tell_citizen_of_shift(
        citizen=row.citizen,
        key=key,
        shift=shift,
        first=[
            f"U betaalt {spoken_euro(new.amount)} later.",
            f"Eerst was dat op {long_date(shift.skipped[0].due_date)}. Nu is het op {long_date(new.due_date)}.",
        ],
    )
    return Installment.objects.get(replaces_id=shift.skipped[0].key)
