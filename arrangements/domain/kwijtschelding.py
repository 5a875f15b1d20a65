"""When the rest is waived, and how much. Promised at the signature, granted by the system (architecture.md, "States").

The conditions below are exhaustive: there is no argument through which a person could withhold the waiver.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from kernel.cents import whole_number


class Ground(StrEnum):
    """Why a waiver is not due."""

    NOT_ALL_PAID = "not_all_paid"
    TERMINATED = "terminated"
    FALSEHOOD = "falsehood"
    NO_INSTALLMENTS = "no_installments"

    @property
    def sentence(self) -> str:
        """The reason in Dutch at level B1."""
        return {
            Ground.NOT_ALL_PAID: "Nog niet alle termijnen zijn betaald.",
            Ground.TERMINATED: "De regeling is eerder gestopt.",
            Ground.FALSEHOOD: "Er is met opzet iets gezegd dat niet waar is.",
            Ground.NO_INSTALLMENTS: "Deze regeling heeft geen termijnen.",
        }[self]


class NotFulfilled(ValueError):
    """The waiver is not due (yet). `grounds` says why, in a fixed order."""

    def __init__(self, grounds: tuple[Ground, ...]) -> None:
        """Keep the grounds for the page that explains it."""
        super().__init__(" ".join(ground.sentence for ground in grounds))
        self.grounds = grounds


@dataclass(frozen=True)
class InstallmentFact:
    """What was asked in one month and what came in for it, in cents. `moved`: another instalment took its place."""

    amount: int
    paid: int
    moved: bool = False

    def __post_init__(self) -> None:
        """Refuse what are not cents."""
        whole_number(self.amount, "amount")
        whole_number(self.paid, "paid")


@dataclass(frozen=True)
class Falsehood:
    """A deliberate falsehood that somebody says there was: when it was established, and whether independently of the
    parties.
    """

    established_on: date
    established_independently: bool


@dataclass(frozen=True)
class ClaimFact:
    """A claim at the end: what was outstanding at the signature and what it received, in cents."""

    key: str
    outstanding: int
    paid: int
    dischargeable: bool = True

    def __post_init__(self) -> None:
        """Refuse what cannot be: more paid than was owed."""
        whole_number(self.paid, "paid")
        if self.paid > whole_number(self.outstanding, "outstanding"):
            raise ValueError(f"claim {self.key} received more than was outstanding")


@dataclass(frozen=True)
class Facts:
    """Everything the waiver depends on. `fulfilled_on` is the day the last instalment was paid."""

    installments: Sequence[InstallmentFact]
    claims: Sequence[ClaimFact]
    fulfilled_on: date | None
    terminated: bool = False
    """Whether a person has ended the arrangement on a ground in the agreement. Being late alone never does."""
    falsehoods: Sequence[Falsehood] = ()


class Outcome(NamedTuple):
    """What happens to one claim, in cents. `remains` is what law does not let go: it is shown, never promised away."""

    key: str
    waived: int
    remains: int


def kwijtschelding_due(facts: Facts) -> list[Outcome]:
    """What is waived and what remains, per claim in the order given; NotFulfilled when the waiver is not due.

    Due when every instalment is paid (late is paid), nobody has terminated the arrangement, and no deliberate
    falsehood was established independently before fulfilment. Moved instalments are paid through those that took
    their place.
    """
    counted = [installment for installment in facts.installments if not installment.moved]
    grounds = []
    if facts.terminated:
        grounds.append(Ground.TERMINATED)
    if not counted:
        grounds.append(Ground.NO_INSTALLMENTS)
    elif facts.fulfilled_on is None or any(installment.paid < installment.amount for installment in counted):
        grounds.append(Ground.NOT_ALL_PAID)
    if any(_counts(falsehood, facts.fulfilled_on) for falsehood in facts.falsehoods):
        grounds.append(Ground.FALSEHOOD)
    if grounds:
        raise NotFulfilled(tuple(grounds))
    return [
        Outcome(claim.key, rest, 0) if claim.dischargeable else Outcome(claim.key, 0, rest)
        for claim in facts.claims
        for rest in (claim.outstanding - claim.paid,)
    ]


def _counts(falsehood: Falsehood, fulfilled_on: date | None) -> bool:
    """Whether a falsehood can stop the waiver: established by somebody independent, and in time."""
    in_time = fulfilled_on is None or falsehood.established_on < fulfilled_on
    return falsehood.established_independently and in_time
