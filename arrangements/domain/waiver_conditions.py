"""The conditions of the waiver: the one source of the words in the agreement and of the data kept with what was signed.

Exhaustive (architecture.md, "Decided rules"): nothing else can hold the waiver back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

VERSION: Final = "kwijtschelding-1"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: the name the rules know it by, and the words that are signed."""

    code: str
    text: str


CONDITIONS: Final[tuple[Condition, ...]] = (
    Condition(
        "all_paid",
        "Alle termijnen zijn betaald. Te laat betaald is ook betaald, zolang de regeling niet is gestopt.",
    ),
    Condition(
        "no_falsehood",
        (
            "Niemand heeft met opzet iets gezegd dat niet waar is. "
            "Dat moet zijn vastgesteld door iemand die onafhankelijk is, en vóór de laatste betaling."
        ),
    ),
)


def as_data() -> dict[str, object]:
    """What is kept with a signed arrangement: {"version": ..., "conditions": [{"code": ..., "text": ...}, ...]}."""
    return {"version": VERSION, "conditions": [{"code": one.code, "text": one.text} for one in CONDITIONS]}
