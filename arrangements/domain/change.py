"""Living with change: what was known and what is known now, side by side, and what a lower amount would do to the plan.

Nothing of an arrangement changes here. What is foreseen is a prognosis (architecture.md, "A yes is a yes to at least
this share": after a proven fall of the capacity shares fall pro rata), an indication until the change is agreed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from affordability.gate import Verdict
from arrangements.domain.split import distribute
from kernel.cents import whole_number


class Outcome(StrEnum):
    """Whether the present monthly amount still fits."""

    FITS = "fits"
    TOO_MUCH = "too_much"
    """More than the law leaves, whatever is still unknown."""
    UNSURE = "unsure"
    """Possible, but a fact is missing or out of date."""
    UNKNOWN = "unknown"
    """Nothing could be computed: norms or an answer are missing."""

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody has to do something. A raise of the capacity is no reason: it never raises the amount."""
        return self is not Outcome.FITS


@dataclass(frozen=True)
class Figures:
    """One side of the comparison, in cents per month; None where it is not known.

    `verdict` is that of the gate for the present monthly amount, None when nothing could be computed.
    """

    income: int | None = None
    verdict: Verdict | None = None
    floor_low: int | None = None
    floor_high: int | None = None
    capacity_low: int | None = None
    capacity_high: int | None = None
    sure: int = 0
    """The most that is surely possible."""

    @property
    def computed(self) -> bool:
        """Whether there are amounts to show beside the income."""
        return self.capacity_low is not None


@dataclass(frozen=True)
class Comparison:
    """Old and new side by side for `monthly`, the amount of the running arrangement in cents."""

    old: Figures
    new: Figures
    monthly: int
    outcome: Outcome

    @property
    def capacity_rose(self) -> bool:
        """More is possible than before. The amount stays what it was."""
        return self.outcome is Outcome.FITS and self.old.computed and self.new.sure > self.old.sure

    @property
    def lower_amount(self) -> int | None:
        """To how much the amount would have to fall, in cents: what is sure now. None when nothing has to, or is known.

        0: nothing can be missed at all.
        """
        if self.outcome not in (Outcome.TOO_MUCH, Outcome.UNSURE) or not self.new.computed:
            return None
        return self.new.sure if self.new.sure < self.monthly else None


def compare(old: Figures, new: Figures, monthly: int, *, out_of_date: bool = False) -> Comparison:
    """What the new figures mean for `monthly` cents.

    `out_of_date`: an official figure in the new figures is of before the change, so that a green of it is not sure
    (domain.md 1.4 trusts it for the facts it was made for). ValueError when `monthly` is not a number of cents.
    """
    whole_number(monthly, "monthly")
    if new.verdict is None:
        outcome = Outcome.UNKNOWN
    elif new.verdict is Verdict.RED:
        outcome = Outcome.TOO_MUCH
    elif new.verdict is Verdict.AMBER or new.sure < monthly or out_of_date:
        outcome = Outcome.UNSURE
    else:
        outcome = Outcome.FITS
    return Comparison(old, new, monthly, outcome)


@dataclass(frozen=True)
class RunningLine:
    """One claim in a running arrangement, in cents: share + waived + remains is what was outstanding at the start."""

    key: str
    share: int
    paid: int
    waived: int
    remains: int
    dischargeable: bool = True


@dataclass(frozen=True)
class ToCome:
    """An instalment whose day has not come, in cents: the amount, and what was paid of it already."""

    amount: int
    paid: int = 0


@dataclass(frozen=True)
class ForeseenLine:
    """One claim if the amount fell, in cents. `share_then` + `waived_then` + `remains_then` is what was outstanding."""

    key: str
    to_pay_now: int
    to_pay_then: int
    share_then: int
    waived_then: int
    remains_then: int


@dataclass(frozen=True)
class Prognosis:
    """The plan if the amount fell to `monthly` cents for the `months` that are to come. An indication, no promise."""

    monthly: int
    months: int
    lines: tuple[ForeseenLine, ...]

    @property
    def to_pay_now(self) -> int:
        """What is still to be paid as agreed."""
        return sum(line.to_pay_now for line in self.lines)

    @property
    def to_pay_then(self) -> int:
        """What would still be paid."""
        return sum(line.to_pay_then for line in self.lines)

    @property
    def waived_then(self) -> int:
        """What would be waived at the end."""
        return sum(line.waived_then for line in self.lines)

    @property
    def remains_then(self) -> int:
        """What would remain because law does not let it go."""
        return sum(line.remains_then for line in self.lines)


def foresee(monthly: int, lines: Sequence[RunningLine], to_come: Sequence[ToCome]) -> Prognosis:
    """What every claim would get if the instalments `to_come` were at most `monthly` cents from now on.

    What fell due before stays as it was. The shares fall pro rata, by the same cumulative split as every receipt: no
    claim gets more than its share, none less than it has, and together they get what comes in, to the cent. What a claim
    no longer gets is waived at the end, or remains where law does not let it go. ValueError when `monthly` is not a
    number of cents, or when the amounts paid are not a result of the split.
    """
    whole_number(monthly, "monthly")
    given_up = sum(one.amount - max(one.paid, min(one.amount, monthly)) for one in to_come)
    shares = [line.share for line in lines]
    then = distribute(sum(shares) - given_up, shares, [line.paid for line in lines])
    foreseen = tuple(
        ForeseenLine(
            key=line.key,
            to_pay_now=line.share - line.paid,
            to_pay_then=share - line.paid,
            share_then=share,
            waived_then=line.waived + (line.share - share if line.dischargeable else 0),
            remains_then=line.remains + (0 if line.dischargeable else line.share - share),
        )
        for line, share in zip(lines, then, strict=True)
    )
    return Prognosis(monthly, len(to_come), foreseen)
