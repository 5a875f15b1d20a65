"""What the facts behind an assessment are called, for whoever has to check them. Keys as in `affordability.replay`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from affordability.household import Situation

AMOUNT_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "net_income": "Netto inkomen per maand, met vakantiegeld",
        "taxable_income": "Belastbaar inkomen per jaar, samen met partner",
        "partner_income": "Inkomen van een partner die niet meedoet",
        "official_beslagvrije_voet": "Officiële beslagvrije voet",
        "vtlb": "Vrij te laten bedrag (vtlb)",
        "committed": "Al beloofd in een ander plan",
    }
)

SITUATION_LABELS: Mapping[Situation, str] = MappingProxyType(
    {
        Situation.ALLEENSTAAND: "Alleenstaand",
        Situation.ALLEENSTAANDE_OUDER: "Alleenstaande ouder",
        Situation.GEHUWD: "Gehuwd of samenwonend",
        Situation.GEHUWD_MET_KINDEREN: "Gehuwd of samenwonend, met kinderen",
    }
)
