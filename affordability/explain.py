"""A stored trace as a sum that can be read: the same steps for citizen and coach, in the words of the step itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Steps = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class SumLine:
    """One line of a sum. `sign`: "" for the first amount, "+", "−", "=" for an outcome. Cents, half-up."""

    sign: str
    label: str
    cents: int


@dataclass(frozen=True, slots=True)
class Sum:
    """One sum with what it is about, and sentences about limits that changed the outcome."""

    title: str
    lines: tuple[SumLine, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """A whole assessment in sums. `between`: two sums that give bounds, because a fact is missing."""

    sums: tuple[Sum, ...]
    is_sure: bool
    doubts: tuple[str, ...]
    rounded: bool
    """Whether parts were rounded for reading, so that adding them up by hand can differ by a cent."""


def explain(trace: Steps) -> Explanation:
    """The sums behind a stored trace (domain.md 1.1, 1.4). Nothing is computed anew but differences of shown amounts."""
    steps = {step["code"]: step for step in trace}
    sums: list[Sum] = []
    if "total" in steps:
        sums.append(_floor_by_formula(steps))
    elif "official" in steps:
        sums.append(Sum("Wat u moet overhouden", (_line("", steps["official"]),)))
    if "vtlb" in steps:
        sums.append(Sum("Een tweede bedrag", (_line("", steps["vtlb"]),), ("Het hoogste bedrag van de twee telt.",)))
    if "floor" in steps:
        sums.append(_room("Wat u kunt missen", steps, "floor", "capacity"))
    elif "floor_high" in steps:
        sums.append(_room("Wat u zeker kunt missen", steps, "floor_high", "capacity_low"))
        sums.append(_room("Wat u misschien kunt missen", steps, "floor_low", "capacity_high"))
    return Explanation(
        sums=tuple(sums),
        is_sure="floor" in steps,
        doubts=tuple(code.partition(":")[2] for code in steps if code.startswith(("uncertain:", "unknown:"))),
        rounded=any(step["exact"] for step in trace),
    )


def _floor_by_formula(steps: Mapping[str, Mapping[str, Any]]) -> Sum:
    parts = [_line("" if code == "base" else "+", steps[code]) for code in ("base", "care", "rent", "children")]
    # A part of nothing is no part of the sum that a person reads.
    lines = [parts[0], *(part for part in parts[1:] if part.cents)]
    remarks = []
    total, maximum = steps["total"]["amount"], steps["maximum"]["amount"]
    if len(lines) > 1:
        lines.append(_line("=", steps["total"]))
    if total > maximum:
        lines.append(SumLine("=", "Meer is het nooit", maximum))
        remarks.append("De wet heeft een hoogste bedrag. Dat telt hier.")
    if "partner" in steps:
        lines.append(_line("−", steps["partner"]))
    before_ceiling = min(total, maximum) - (steps["partner"]["amount"] if "partner" in steps else 0)
    if before_ceiling > steps["ceiling"]["amount"]:
        lines.append(_line("=", steps["ceiling"]))
        remarks.append("U houdt nooit meer dan 95 procent van uw inkomen. Dat telt hier.")
    elif "partner" in steps and "floor" in steps:
        lines.append(_line("=", steps["floor"]))
    return Sum("Wat u moet overhouden", tuple(lines), tuple(remarks))


def _room(title: str, steps: Mapping[str, Mapping[str, Any]], floor: str, capacity: str) -> Sum:
    lines = [_line("", steps["net_income"])]
    if capacity == "capacity_high" and "holiday_margin" in steps:
        lines.append(_line("+", steps["holiday_margin"]))
    lines.append(_line("−", steps[floor]))
    if "committed" in steps:
        lines.append(_line("−", steps["committed"]))
    lines.append(_line("=", steps[capacity]))
    return Sum(title, tuple(lines))


def _line(sign: str, step: Mapping[str, Any]) -> SumLine:
    return SumLine(sign, step["label"], step["amount"])
