"""A claim as the rules see it."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.cents import whole_number


def _true_bool(value: object, name: str) -> bool:
    if type(value) is not bool:
        raise ValueError(f"{name} must be true or false, not {value!r}")
    return value


@dataclass(frozen=True)
class ClaimLine:
    """What the split needs of a claim: `outstanding` in cents (0 or more), and whether it is preferent.

    ValueError for a negative amount and for anything that is not an int.
    """

    outstanding: int
    preferent: bool = False

    def __post_init__(self) -> None:
        """Refuse what is not a number of cents."""
        whole_number(self.outstanding, "outstanding")
        _true_bool(self.preferent, "preferent")


@dataclass(frozen=True)
class PlanClaim:
    """What a proposal needs of a claim.

    `key` names the claim for the caller. Preferent is a fact the creditor states with its ground, never something we
    infer (domain.md, box). `dischargeable` is no when law does not let the rest go: it is never promised away.
    """

    key: str
    outstanding: int
    preferent: bool = False
    dischargeable: bool = True

    def __post_init__(self) -> None:
        """Refuse what is not a claim."""
        if not self.key:
            raise ValueError("key must be a text that is not empty")
        whole_number(self.outstanding, "outstanding")
        _true_bool(self.preferent, "preferent")
        _true_bool(self.dischargeable, "dischargeable")

    @property
    def line(self) -> ClaimLine:
        """The claim as the split sees it."""
        return ClaimLine(self.outstanding, self.preferent)
