"""An entry as a second person looks at it: every norm in Dutch, beside that of the half-year before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from affordability.norm_names import CERTAINTY_LABELS, NORM_GROUPS
from affordability.norms import AMOUNT_NAMES, NormRecord, as_json
from arrangements.models import NormsEntry
from arrangements.queries.norm_records import real_records
from kernel.cents import format_euro


@dataclass(frozen=True)
class NormLine:
    """One norm. Empty texts where nothing is filled in, or where there is no half-year before."""

    label: str
    value: str
    before: str
    changed: bool
    source: str
    certainty: str


@dataclass(frozen=True)
class NormLines:
    """The norms of one law."""

    title: str
    lines: Sequence[NormLine]


@dataclass(frozen=True)
class Review:
    """All norms of an entry; `before` is the first day of the half-year they stand beside."""

    groups: Sequence[NormLines]
    before: date | None


def norm_text(name: str, parts: Mapping[str, Any]) -> str:
    """The bare norm as people write it: "1.401,50" in euros, "13,73" in percent; "" when it is not filled in."""
    if name in AMOUNT_NAMES:
        cents = parts.get("cents")
        return "" if cents is None else format_euro(cents, whole=False).split("\u00a0", 1)[1]
    return str(parts.get("percent") or "").replace(".", ",")


def review(entry: NormsEntry) -> Review:
    """The norms of `entry`, complete or not, with those before them. Scope: the desk's."""
    earlier = [record for record in real_records() if record.starts < entry.starts]
    before = as_json(earlier[-1]) if earlier else {}
    return Review(
        groups=[
            NormLines(
                group.title,
                [
                    _line(name, label, entry.norms.get(name, {}), before.get(name, {}))
                    for name, label in group.labels.items()
                ],
            )
            for group in NORM_GROUPS
        ],
        before=earlier[-1].starts if earlier else None,
    )


def _line(name: str, label: str, now: Mapping[str, Any], before: Mapping[str, Any]) -> NormLine:
    value, earlier = norm_text(name, now), norm_text(name, before)
    return NormLine(
        label=label,
        value=_with_unit(name, value),
        before=_with_unit(name, earlier),
        changed=bool(value and earlier and value != earlier),
        source=now.get("source", ""),
        certainty=CERTAINTY_LABELS.get(now.get("certainty", ""), ""),
    )


def _with_unit(name: str, text: str) -> str:
    if not text:
        return ""
    return f"€\u00a0{text}" if name in AMOUNT_NAMES else f"{text}\u00a0%"


def latest_norms(records: Sequence[NormRecord]) -> dict[str, Any]:
    """The newest of `records` as a table to begin from; empty when there are none."""
    return as_json(records[-1]) if records else {}
