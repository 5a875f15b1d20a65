"""What an equality certificate says, in words. No queries here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from arrangements.domain.certificate import Basis, FullList, Line, Statement, totals_as_json
from arrangements.domain.proposal import FULL_BASIS_POINTS, basis_points
from creditors.console.presenters import percentage
from kernel.cents import half_up


@dataclass(frozen=True, slots=True)
class TotalsRow:
    """The totals of some creditors, in cents."""

    label: str
    creditors: int
    claims: int
    outstanding_preferent: int
    outstanding_concurrent: int
    share: int
    percent: str


@dataclass(frozen=True, slots=True)
class Told:
    """One statement, ready to be read."""

    subject: str
    made_on: date
    lines: tuple[tuple[Line, str], ...]
    rows: tuple[TotalsRow, ...]
    others: int
    rate: str
    rate_exact: str
    rate_preferent: str
    rate_preferent_exact: str
    has_preferent: bool
    from_earlier_split: bool
    root: str


def told(paper: Statement | FullList) -> Told:
    """The figures of the creditor's own statement. TypeError for a list: that is not shown to a creditor."""
    if not isinstance(paper, Statement):
        raise TypeError("a creditor has a statement")
    rates = paper.heading.rates
    others = _totals("De anderen samen", paper.others)
    whole = _totals("Allemaal samen", paper.totals)
    return Told(
        subject=paper.heading.label,
        made_on=date.fromisoformat(paper.heading.made_on),
        lines=tuple((line, percentage(basis_points(line.share, line.outstanding))) for line in paper.party.lines),
        rows=(_totals("U", paper.party.sums), *((others,) if others.creditors else ()), whole),
        others=others.creditors,
        rate=_percent(rates.concurrent),
        rate_exact=_exact(rates.concurrent),
        rate_preferent=_percent(rates.preferent),
        rate_preferent_exact=_exact(rates.preferent),
        has_preferent=bool(whole.outstanding_preferent),
        from_earlier_split=paper.heading.basis is Basis.PART_OF_SPLIT,
        root=paper.root,
    )


def _totals(label: str, sums: Sequence[int]) -> TotalsRow:
    amounts = totals_as_json(sums)
    outstanding = amounts["open_preferent"] + amounts["open_concurrent"]
    share = amounts["deel_preferent"] + amounts["deel_concurrent"]
    return TotalsRow(
        label=label,
        creditors=amounts["organisaties"],
        claims=amounts["vorderingen"],
        outstanding_preferent=amounts["open_preferent"],
        outstanding_concurrent=amounts["open_concurrent"],
        share=share,
        percent=percentage(basis_points(share, outstanding)),
    )


def _percent(rate: Fraction) -> str:
    return percentage(half_up(rate * FULL_BASIS_POINTS))


def _exact(rate: Fraction) -> str:
    return f"{rate.numerator}/{rate.denominator}"
