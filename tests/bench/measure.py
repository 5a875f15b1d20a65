"""Interleaved timing, best of some rounds, and the noise probe that says how much a figure is worth today.

A wall-clock number means little on a shared machine (the same loop was seen to take 4 to 6 times as long within a
minute). So product and reference take turns in one process, and what counts is the ratio of their best times.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Run = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Timing:
    """Best and worst of the rounds, in seconds per call."""

    best: float
    worst: float


def interleaved(runs: Mapping[str, Run], *, calls: int, rounds: int = 5) -> dict[str, Timing]:
    """Time each of `runs`, taking turns: A B A B …; `calls` per turn, `rounds` turns."""
    seen: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():  # once outside the count: caches, imports, connections
        run()
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            for _ in range(calls):
                run()
            seen[name].append((time.perf_counter() - start) / calls)
    return {name: Timing(min(times), max(times)) for name, times in seen.items()}


def noise() -> float:
    """How unsteady the machine is: the longest time of a fixed loop over the shortest, of twenty."""
    times = []
    for _ in range(20):
        start = time.perf_counter()
        total = 0
        for number in range(200_000):
            total += number * number % 7
        times.append(time.perf_counter() - start)
    return max(times) / min(times)


def report(case: str, *, product: Timing, reference: Timing, goal: str, **facts: object) -> float:
    """Print one JSON line for a case and give the ratio product : reference (above 1 is slower than the reference)."""
    ratio = product.best / reference.best
    print(
        json.dumps(
            {
                "case": case,
                "ratio": round(ratio, 2),
                "goal": goal,
                "product_us": round(product.best * 1e6, 1),
                "product_worst_us": round(product.worst * 1e6, 1),
                "reference_us": round(reference.best * 1e6, 1),
                **facts,
            },
            ensure_ascii=False,
        ),
        flush=True,
    )
    return ratio
