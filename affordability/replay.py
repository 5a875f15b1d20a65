"""Doing a stored assessment over, years later, from what was stored with it: the same inputs, norms and rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from affordability.gate import RULES, Assessment, assess_with
from affordability.household import Household, Situation
from affordability.norms import from_json

INCOME_UNKNOWN = "net_income"


class RulesUnknown(LookupError):
    """The assessment was made by a version of the calculation that is not here."""


def household_as_json(household: Household) -> dict[str, Any]:
    """The facts as plain values, as they are kept with an assessment. Amounts in cents."""
    return {
        "situation": household.situation.value,
        "net_income": household.net_income,
        "taxable_income": household.taxable_income,
        "partner_income": household.partner_income,
        "official_beslagvrije_voet": household.official_beslagvrije_voet,
        "vtlb": household.vtlb,
        "committed": household.committed,
        "uncertain": list(household.reasons),
    }


def household_from_json(inputs: Mapping[str, Any]) -> Household:
    """The other way round. Facts that were not asked then are absent from an old row; other keys are left alone.

    ValueError on what cannot be a household.
    """
    return Household(
        situation=Situation(inputs["situation"]),
        net_income=inputs["net_income"],
        taxable_income=inputs["taxable_income"],
        partner_income=inputs.get("partner_income", 0),
        official_beslagvrije_voet=inputs.get("official_beslagvrije_voet"),
        uncertain=frozenset(inputs.get("uncertain", ())),
        vtlb=inputs.get("vtlb"),
        committed=inputs.get("committed", 0),
    )


def replay(*, inputs: Mapping[str, Any], norms: Mapping[str, Any], declared: int, rules: str) -> Assessment:
    """The assessment once more, from its own row. `declared` in cents per month. RulesUnknown for another version."""
    if rules != RULES:
        raise RulesUnknown(rules or "made before versions were kept")
    return assess_with(household_from_json(inputs), declared, from_json(norms))
