"""What the desk calls the norms: one Dutch name per amount, in the groups of the form. The letters are those of domain.md 1.1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class NormGroup:
    """Norms that come from one law and are entered together: `labels` by name of the norm, in order."""

    title: str
    labels: Mapping[str, str]


NORM_GROUPS: tuple[NormGroup, ...] = (
    NormGroup(
        "Bijstand (Participatiewet, artikel 21)",
        MappingProxyType(
            {
                "bijstandsnorm_single": "Norm alleenstaande, met vakantietoeslag, per maand (A)",
                "bijstandsnorm_couple": "Norm gehuwd, met vakantietoeslag, per maand (B)",
            }
        ),
    ),
    NormGroup(
        "Maximale beslagvrije voet (Rv, artikel 475da)",
        MappingProxyType(
            {
                "max_alleenstaand": "Maximum alleenstaande, per maand",
                "max_alleenstaande_ouder": "Maximum alleenstaande ouder, per maand",
                "max_gehuwd": "Maximum gehuwd, per maand",
                "max_gehuwd_met_kinderen": "Maximum gehuwd met kinderen, per maand",
            }
        ),
    ),
    NormGroup(
        "Zorgtoeslag",
        MappingProxyType(
            {
                "threshold_income": "Drempelinkomen, per jaar (D)",
                "care_rate": "Percentage boven het drempelinkomen (E)",
                "care_premium": "Standaardpremie, per persoon per jaar",
                "care_share_single": "Deel van de premie in de norm, alleenstaande, per maand (X)",
                "care_share_couple": "Deel van de premie in de norm, gehuwd, per maand (X)",
            }
        ),
    ),
    NormGroup(
        "Huurtoeslag",
        MappingProxyType(
            {
                "rent_maximum": "Maximale huur, per maand (H)",
                "rent_base_one": "Basishuur één persoon, per maand (J)",
                "rent_base_more": "Basishuur meer personen, per maand (J)",
                "rent_income_one": "Inkomensijkpunt één persoon, per jaar",
                "rent_income_more": "Inkomensijkpunt meer personen, per jaar",
                "rent_rate_one": "Percentage boven het ijkpunt, één persoon (F)",
                "rent_rate_more": "Percentage boven het ijkpunt, meer personen (G)",
            }
        ),
    ),
    NormGroup(
        "Kindgebonden budget",
        MappingProxyType(
            {
                "child_rate": "Percentage boven het drempelinkomen (K)",
                "child_couple_addition": "Verhoging van het drempelinkomen voor paren, per jaar (L)",
            }
        ),
    ),
)

_LABELS = {name: label for group in NORM_GROUPS for name, label in group.labels.items()}

PART_LABELS: Mapping[str, str] = MappingProxyType({"value": "bedrag", "source": "bron", "certainty": "zekerheid"})
"""What can lack of a norm (`affordability.norms.missing_norms`), in Dutch; a rate has a percentage as its value."""

CERTAINTY_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "C": "wet of Staatscourant",
        "S": "andere bron",
        "I": "zelf berekend",
        "E": "verzonnen voorbeeld",
    }
)


def norm_label(name: str) -> str:
    """The Dutch name of a norm. KeyError for a name that is no norm."""
    return _LABELS[name]
