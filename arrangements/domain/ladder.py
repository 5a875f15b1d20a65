"""Help with a payment that did not come, step by step. Nobody is threatened, and nothing stops by itself (features.md P15)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from arrangements.domain.lifecycle import InstallmentState
from arrangements.domain.policy_values import PolicyValues
from kernel.cents import whole_number


class LadderStep(StrEnum):
    """In this order. The reminder before the due date comes before it, and is not a step of being late."""

    MESSAGE = "message"
    CALL = "call"
    COACH = "coach"
    VARY = "vary"

    @property
    def label(self) -> str:
        """What was done, in Dutch, for who helps."""
        return {
            LadderStep.MESSAGE: "bericht gestuurd",
            LadderStep.CALL: "bellen",
            LadderStep.COACH: "gesprek met de contactpersoon",
            LadderStep.VARY: "wijziging besproken: later, pauze of lager",
        }[self]


ORDER: tuple[LadderStep, ...] = tuple(LadderStep)


def steps(policy: PolicyValues) -> tuple[tuple[int, LadderStep], ...]:
    """Calendar days after the due date, and the step that is taken then; the earliest first."""
    days = (policy.missed_after_days, policy.call_after_days, policy.coach_after_days, policy.vary_after_days)
    return tuple(zip(days, ORDER, strict=True))


@dataclass(frozen=True, slots=True)
class LateOne:
    """An instalment whose day has passed. `done`: the last step that was taken for it, '' for none."""

    key: int
    days_late: int
    state: InstallmentState
    done: str = ""

    def __post_init__(self) -> None:
        """Refuse what is not late."""
        whole_number(self.days_late, "days_late", minimum=1)


def step_of(late: LateOne, policy: PolicyValues) -> LadderStep | None:
    """The step this instalment asks for by now and has not had; None when it had it already.

    A step is taken once, also when days were skipped: only the highest one that is due. Somebody who paid a part is told
    what is still open, and gets no further step: a payment stops the ladder.
    """
    due = [step for days, step in steps(policy) if days <= late.days_late]
    if late.state is InstallmentState.PARTLY_PAID:
        due = due[:1]
    if not due or (late.done and _rank(late.done) >= _rank(due[-1])):
        return None
    return due[-1]


@dataclass(frozen=True, slots=True)
class Climb:
    """What happens today for one arrangement. `step`: the one thing that is done; None when others stand higher already.

    `taken`: per instalment the step to note with it.
    """

    step: LadderStep | None
    about: tuple[int, ...]
    taken: tuple[tuple[int, LadderStep], ...]


def climb(late: Sequence[LateOne], policy: PolicyValues) -> Climb:
    """One step for all late instalments of one arrangement together: one message, not three.

    While an older instalment that is still late stands higher, a newer one joins it there without a message or task of its
    own; only the first message is sent for each of them.
    """
    taken = tuple((one.key, step) for one in late if (step := step_of(one, policy)) is not None)
    if not taken:
        return Climb(None, (), ())
    highest = max((step for _, step in taken), key=_rank)
    moving = {key for key, _ in taken}
    reached = [one.done for one in late if one.done and one.key not in moving]
    if highest is not LadderStep.MESSAGE and any(_rank(done) >= _rank(highest) for done in reached):
        return Climb(None, (), taken)
    return Climb(highest, tuple(key for key, _ in taken), taken)


def ladder_done(installments: Iterable[LateOne]) -> bool:
    """Whether all help was offered for an instalment that is late and of which nothing was paid."""
    return any(one.state is InstallmentState.MISSED and one.done == LadderStep.VARY for one in installments)


def _rank(step: str) -> int:
    return ORDER.index(LadderStep(step))
