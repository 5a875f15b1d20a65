"""What we know of a household when we ask what it can miss."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kernel.cents import whole_number


class Situation(StrEnum):
    """The four living situations of art. 475da(1) Rv. A child is younger than 18; samenwonend counts as gehuwd."""

    ALLEENSTAAND = "alleenstaand"
    ALLEENSTAANDE_OUDER = "alleenstaande_ouder"
    GEHUWD = "gehuwd"
    GEHUWD_MET_KINDEREN = "gehuwd_met_kinderen"

    @property
    def is_couple(self) -> bool:
        """Whether two adults count: norm B, two care premiums, and a spouse whose income may count."""
        return self in {Situation.GEHUWD, Situation.GEHUWD_MET_KINDEREN}

    @property
    def is_one_person(self) -> bool:
        """Whether the rent allowance treats the household as one person (F, ijkpunt and basishuur for one)."""
        return self is Situation.ALLEENSTAAND

    @property
    def has_children(self) -> bool:
        """Whether the kindgebonden budget plays a part (K)."""
        return self in {Situation.ALLEENSTAANDE_OUDER, Situation.GEHUWD_MET_KINDEREN}

    @property
    def without_children(self) -> Situation:
        """The same adults, without a child."""
        return Situation.GEHUWD if self.is_couple else Situation.ALLEENSTAAND


class UncertainReason(StrEnum):
    """Known reasons why only an official figure can decide (domain.md 1.1, under the formula)."""

    HIGH_RENT = "high_rent"  # 475da(5)
    NO_RENT_ALLOWANCE = "no_rent_allowance"  # homeowner or tenant outside huurtoeslag, 475da(7)
    NO_HOME_ADDRESS = "no_home_address"
    INSTITUTION = "institution"  # 475e
    COMPANY_CAR = "company_car"  # 475db(1)(b)
    OTHER_INCOME = "other_income"  # 475db(1)(c)
    FLUCTUATING_INCOME = "fluctuating_income"
    # "Weet ik niet" to a question of ours. The answer itself, or an official figure, ends the doubt.
    PARTNER_INCOME_UNKNOWN = "partner_income_unknown"
    HOLIDAY_ALLOWANCE_UNKNOWN = "holiday_allowance_unknown"
    CHILD_AGE_UNKNOWN = "child_age_unknown"
    CIRCUMSTANCES_UNKNOWN = "circumstances_unknown"
    # A partner who "takes part" on one's word alone could promise the same money in a plan of their own.
    PARTNER_NOT_JOINED = "partner_not_joined"

    @property
    def is_answerable(self) -> bool:
        """Whether the household can end the doubt by answering our own question."""
        return self in _ANSWERABLE


_ANSWERABLE = frozenset(
    {
        UncertainReason.PARTNER_INCOME_UNKNOWN,
        UncertainReason.HOLIDAY_ALLOWANCE_UNKNOWN,
        UncertainReason.CHILD_AGE_UNKNOWN,
        UncertainReason.CIRCUMSTANCES_UNKNOWN,
        UncertainReason.PARTNER_NOT_JOINED,
    }
)


def _reasons(given: object) -> frozenset[str]:
    """`given` as a frozen set of texts. One text is refused: it would become a set of letters."""
    if not isinstance(given, (frozenset, set, list, tuple)):
        raise ValueError("uncertain must be a set of reasons")
    if not all(isinstance(reason, str) and reason for reason in given):
        raise ValueError("every reason in uncertain must be a text that is not empty")
    return frozenset(given)


@dataclass(frozen=True)
class Household:
    """The facts the gate needs. All amounts are int cents, from 0; ValueError on anything else.

    `net_income` and `partner_income` are per month including holiday allowance; `partner_income` is that of a spouse
    who does not take part (475db(1)(a)) and counts only in the two gehuwd situations. `taxable_income` is per YEAR,
    of the person and the spouse together, None when unknown. `official_beslagvrije_voet` is a figure per month from a
    letter, uwbeslagvrijevoet.nl or a vtlb sheet. `uncertain` holds reasons (see `UncertainReason`) why only such a
    figure can decide. `vtlb` is a vrij te laten bedrag per month from a sheet of municipality or bewindvoerder; the
    stricter of the two counts (domain.md 2.1). `committed` is what this household already promised per month in another
    plan (of a partner): it cannot be promised twice.
    """

    situation: Situation
    net_income: int
    taxable_income: int | None = None
    partner_income: int = 0
    official_beslagvrije_voet: int | None = None
    uncertain: frozenset[str] = frozenset()
    vtlb: int | None = None
    committed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be a household, and fix the types."""
        object.__setattr__(self, "situation", Situation(self.situation))
        whole_number(self.net_income, "net_income")
        whole_number(self.partner_income, "partner_income")
        if self.taxable_income is not None:
            whole_number(self.taxable_income, "taxable_income")
        if self.official_beslagvrije_voet is not None:
            whole_number(self.official_beslagvrije_voet, "official_beslagvrije_voet")
        if self.vtlb is not None:
            whole_number(self.vtlb, "vtlb")
        whole_number(self.committed, "committed")
        object.__setattr__(self, "uncertain", _reasons(self.uncertain))

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons of `uncertain` in a fixed order."""
        return tuple(sorted(self.uncertain))

    @property
    def counted_partner_income(self) -> int:
        """The partner's income that the law lets count: none for a person alone, whatever was filled in before."""
        return self.partner_income if self.situation.is_couple else 0
