"""Leaving bijstand, moving house, a new job: the plan keeps its state, the way of paying switches."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db import transaction

from arrangements.documents.content import long_date
from arrangements.domain.deciders import ChangeGround, Decider, check_decider
from arrangements.domain.lifecycle import InstallmentState
from arrangements.domain.policy_values import policy_on
from arrangements.domain.shift import Shift, ShiftRefused
from arrangements.models import Arrangement, CaseTask, Installment
from arrangements.models.arrangement import PayWay
from arrangements.operations.shift_plan import foresee_skip, lock_for_shift, write_shift
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen
from arrangements.operations.tell_shift import promise_to_tell, what_changes
from infra import audit, clock
from kernel.periods import add_months


class BridgeGround(StrEnum):
    """What happened. It stays with us: creditors read only that the way of paying changes."""

    LEAVING_BIJSTAND = "leaving_bijstand"
    MOVING = "moving"
    NEW_JOB = "new_job"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The same in Dutch, as people say it."""
        return {
            BridgeGround.LEAVING_BIJSTAND: "Mijn uitkering stopt",
            BridgeGround.MOVING: "Ik ga verhuizen",
            BridgeGround.NEW_JOB: "Ik heb nieuw werk",
            BridgeGround.OTHER: "Iets anders",
        }[self]


_PAY_WAYS = {
    PayWay.LINK: "U betaalt straks met een betaallink.",
    PayWay.TRANSFER: "U maakt het bedrag straks zelf over.",
    PayWay.WITHHELD: "De gemeente houdt het bedrag straks in op uw uitkering.",
}


class BridgeTooSoon(ShiftRefused):
    """It was done less than a year ago; `possible_from` says when it can be done again."""

    def __init__(self, possible_from: date) -> None:
        super().__init__(f"Dit kan weer vanaf {long_date(possible_from)}. Bel ons als het eerder nodig is.")
        self.possible_from = possible_from


@dataclass(frozen=True, slots=True)
class Bridge:
    """The new way of paying, and the free month; no `shift` when no instalment is left to skip."""

    pay_way: PayWay
    shift: Shift | None


def foresee_bridge(arrangement: Arrangement, pay_way: PayWay) -> Bridge:
    """What the switch does, for the preview. Nothing is written. Raises BridgeTooSoon."""
    today = clock.today()
    last = (
        Installment.objects.filter(
            arrangement=arrangement, state=InstallmentState.MOVED, moved_ground=ChangeGround.BRIDGE
        )
        .order_by("-moved_on")
        .values_list("moved_on", flat=True)
        .first()
    )
    if last is not None:
        possible = add_months(last, policy_on(today).bridge_window_months)
        if possible > today:
            raise BridgeTooSoon(possible)
    try:
        shift = foresee_skip(arrangement, 1)
    except ShiftRefused:
        shift = None
    return Bridge(pay_way, shift)


@transaction.atomic
def bridge_payment(*, arrangement: Arrangement, ground: BridgeGround, pay_way: PayWay, decider: Decider) -> Bridge:
    """Switch the way of paying, with one free month; the state of the plan stays what it is.

    The director gets a task with a list: who takes the arrangement over, and from when. Raises NotYours, BridgeTooSoon,
    ShiftRefused (NotNow). The citizen is told here, every creditor by the worker. Scope: the citizen's.
    """
    check_decider(ChangeGround.BRIDGE, decider)
    row = lock_for_shift(arrangement.pk)
    bridge = foresee_bridge(row, pay_way)
    before, row.pay_way = row.pay_way, pay_way
    row.save(update_fields=["pay_way"])
    if bridge.shift is not None:
        key = write_shift(arrangement=row, shift=bridge.shift, ground=ChangeGround.BRIDGE, decider=decider)
    else:
        key = f"bridge:{row.pk}:{clock.today().isoformat()}"
        promise_to_tell(arrangement=row, key=key, ground=ChangeGround.BRIDGE, decider=decider, shift=None)
    audit.record(
        "payment_bridged",
        object_type="arrangement",
        object_id=row.pk,
        from_state=before,
        to_state=pay_way.value,
        citizen_id=row.citizen_id,
        details={"ground": ground.value, "decided_by": decider.value},
    )
    make_task(
        citizen_id=row.citizen_id,
        key=f"bridge:{key}",
        kind=CaseTask.Kind.BRIDGE,
        text=checklist(ground, pay_way),
    )
    tell_citizen(
        row.citizen,
        key=key,
        kind="plan_shifted",
        subject="Bericht over uw afspraak",
        body="\n".join(what_happens(bridge)),
    )
    return bridge


def way_sentence(pay_way: PayWay) -> str:
    """How the citizen pays, in one sentence to them."""
    return _PAY_WAYS[pay_way]


def what_happens(bridge: Bridge) -> list[str]:
    """What the switch does, in sentences for the citizen; the preview says the same."""
    lines = [way_sentence(bridge.pay_way), "Uw regeling gaat gewoon door."]
    if bridge.shift is not None:
        [free] = bridge.shift.skipped
        lines += [f"Op {long_date(free.due_date)} betaalt u niets.", *what_changes(bridge.shift)]
    return lines


def checklist(ground: BridgeGround, pay_way: PayWay) -> str:
    """What the director does, at most 300 characters: somebody takes the withholding over, or it stops."""
    who = {
        BridgeGround.LEAVING_BIJSTAND: "De uitkering van de cliënt stopt.",
        BridgeGround.MOVING: "De cliënt verhuist.",
        BridgeGround.NEW_JOB: "De cliënt heeft nieuw werk.",
        BridgeGround.OTHER: "De cliënt gaat anders betalen.",
    }[ground]
    return (
        f"{who} Nieuw: {pay_way.label.lower()}. 1. Vraag de nieuwe gemeente of de verzekeraar de inhouding over te nemen. "
        "2. Laat de oude inhouding stoppen. 3. Spreek de eerste betaaldag af. 4. Bel de cliënt met de datum."
    )
