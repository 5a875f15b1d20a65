"""Why a crisis break was granted, in words that every creditor may read: never what happened to whom."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class BreakReason(StrEnum):
    """The reason the helper chooses. There is no free text: it would hold what is nobody's business."""

    INCOME = "income"
    COST = "cost"
    CRISIS = "crisis"

    @property
    def sentence(self) -> str:
        """The sentence that is kept and that all creditors read."""
        return _SENTENCES[self]


_SENTENCES: Mapping[BreakReason, str] = MappingProxyType(
    {
        BreakReason.INCOME: "Er komt tijdelijk minder geld binnen.",
        BreakReason.COST: "Er is een hoge uitgave die niet kan wachten.",
        BreakReason.CRISIS: "Er is iets ernstigs gebeurd. Betalen lukt tijdelijk niet.",
    }
)
