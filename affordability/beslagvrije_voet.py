"""The beslagvrije voet by the formula of art. 475d-475dc Rv (domain.md 1.1), in exact fractions of a cent."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from kernel.cents import half_up, whole_number

if TYPE_CHECKING:  # the records check themselves with this formula, so they import us
    from affordability.household import Situation
    from affordability.norms import NormRecord

PART_KEPT = Fraction(95, 100)
"""95 %: of the bijstandsnorm (475da(2)) and, at most, of the net income (475dc(1))."""

_MONTHS = 12


@dataclass(frozen=True)
class Parts:
    """The four parts of 475da(2), each exact, in cents per month."""

    base: Fraction
    care: Fraction
    rent: Fraction
    children: Fraction

    @property
    def total(self) -> Fraction:
        """The sum, before the maximum of the situation."""
        return self.base + self.care + self.rent + self.children


@dataclass(frozen=True)
class BeslagvrijeVoet:
    """The outcome with every step in it; all exact, in cents per month, except `cents`."""

    parts: Parts
    maximum: int
    before_partner: Fraction
    partner: Fraction
    ceiling: Fraction
    exact: Fraction

    @property
    def cents(self) -> int:
        """The beslagvrije voet in cents, half-up."""
        return half_up(self.exact)


def base_part(situation: Situation, record: NormRecord) -> Fraction:
    """95 % of the bijstandsnorm of the situation (475da(2))."""
    return PART_KEPT * record.bijstandsnorm(situation)


def high_rent_from(record: NormRecord) -> int:
    """The housing costs (cents per month) from which 475da(5) can raise the floor: 10 % above the maximum rent."""
    return -(-11 * record.rent_maximum.cents // 10)


def income_ceiling(net_income: int) -> Fraction:
    """The most the beslagvrije voet can be: 95 % of the net income including holiday allowance (475dc(1))."""
    return PART_KEPT * net_income


def partner_part(voet: Fraction, partner_income: int) -> Fraction:
    """What the income of a spouse who does not take part takes off: at most half of `voet` (475db(1)(a))."""
    return min(Fraction(partner_income), voet / 2)


def unlimited_beslagvrije_voet(situation: Situation, taxable_income: Fraction | int, record: NormRecord) -> Parts:
    """The parts of 475da(2) for a yearly taxable income in cents, before maximum, partner and the 95 % of net."""
    above_threshold = Fraction(taxable_income) - record.threshold_income.cents
    care = max(Fraction(0), above_threshold / _MONTHS * record.care_rate.part)
    above_rent_income = max(Fraction(0), Fraction(taxable_income) - record.rent_income(situation))
    rent = above_rent_income / _MONTHS * record.rent_rate(situation)
    children = Fraction(0)
    if situation.has_children:
        addition = record.child_couple_addition.cents if situation.is_couple else 0
        children = max(Fraction(0), (above_threshold - addition) / _MONTHS * record.child_rate.part)
    return Parts(
        base=base_part(situation, record),
        care=min(care, record.care_limit(situation)),
        rent=min(rent, Fraction(record.rent_limit(situation))),
        children=children,
    )


def calculate_beslagvrije_voet(
    situation: Situation,
    net_income: int,
    taxable_income: int,
    partner_income: int,
    record: NormRecord,
) -> BeslagvrijeVoet:
    """The beslagvrije voet of a household whose taxable income is known.

    `net_income` and `partner_income` (of a spouse who does not take part) are cents per month including holiday
    allowance, `taxable_income` is cents per year. ValueError on negative amounts and on anything but ints.
    """
    whole_number(net_income, "net_income")
    whole_number(taxable_income, "taxable_income")
    whole_number(partner_income, "partner_income")
    parts = unlimited_beslagvrije_voet(situation, taxable_income, record)
    maximum = record.maximum[situation]
    before_partner = min(parts.total, Fraction(maximum))
    partner = partner_part(before_partner, partner_income)
    ceiling = income_ceiling(net_income)
    return BeslagvrijeVoet(
        parts=parts,
        maximum=maximum,
        before_partner=before_partner,
        partner=partner,
        ceiling=ceiling,
        exact=min(before_partner - partner, ceiling),
    )
