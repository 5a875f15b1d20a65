"""The split: what one proposal and one receipt cost in pure Python (performance.md 2.3 and 4)."""

import random
from collections.abc import Callable
from functools import partial

from arrangements.domain.claim import ClaimLine
from arrangements.domain.split import distribute, shares
from tests.bench.measure import interleaved, report


def cases(count: int, claims: int, seed: int = 36) -> list[tuple[int, list[ClaimLine]]]:
    """Random proposals with realistic skew: 10 euro to 8,000 euro a claim, 15 % preferent."""
    draw = random.Random(seed)
    return [
        (
            draw.randrange(20_00, 200_00) * 36,
            [ClaimLine(int(10_00 * 800 ** draw.random()), draw.random() < 0.15) for _ in range(claims)],
        )
        for _ in range(count)
    ]


def naive(pot: int, lines: list[ClaimLine]) -> list[float]:
    """The least anybody could do: a pro-rata share as a float, wrong by cents. The lower bound in this language."""
    weights = [line.outstanding * (2 if line.preferent else 1) for line in lines]
    total = sum(weights)
    return [min(line.outstanding, pot * weight / total) for line, weight in zip(lines, weights, strict=True)]


def schedule(pot: int, lines: list[ClaimLine], months: int = 36) -> list[list[int]]:
    """All receipts of a whole arrangement, one after the other."""
    parts = shares(pot, lines)
    paid = [0] * len(parts)
    whole = sum(parts)
    rows = []
    for month in range(1, months + 1):
        paid = distribute(whole * month // months, parts, paid)
        rows.append(paid)
    return rows


def naive_schedule(pot: int, lines: list[ClaimLine], months: int = 36) -> list[list[float]]:
    parts = naive(pot, lines)
    return [[part * month / months for part in parts] for month in range(1, months + 1)]


def _each(what: Callable[[int, list[ClaimLine]], object], sample: list[tuple[int, list[ClaimLine]]]) -> None:
    for pot, lines in sample:
        what(pot, lines)


def run() -> None:
    for claims in (14, 100):
        sample = cases(50, claims)
        timed = interleaved(
            {
                "shares": partial(_each, shares, sample),
                "naive": partial(_each, naive, sample),
            },
            calls=4,
        )
        report(
            f"split of a proposal over {claims} claims, x50",
            product=timed["shares"],
            reference=timed["naive"],
            goal="exact to the cent; one proposal of 14 claims <= 50 us on a quiet machine",
            per_proposal_us=round(timed["shares"].best / 50 * 1e6, 1),
        )
    sample = cases(10, 14)
    timed = interleaved(
        {
            "schedule": lambda: [schedule(pot, lines) for pot, lines in sample],
            "naive": lambda: [naive_schedule(pot, lines) for pot, lines in sample],
        },
        calls=2,
    )
    report(
        "36 receipts divided over 14 claims, x10",
        product=timed["schedule"],
        reference=timed["naive"],
        goal="one schedule <= 400 us without the checks that distribute makes at every receipt",
        per_schedule_us=round(timed["schedule"].best / 10 * 1e6, 1),
    )
    few, many = cases(5, 20), cases(5, 200)
    growth = interleaved(
        {
            "20": partial(_each, shares, few),
            "200": partial(_each, shares, many),
        },
        calls=5,
    )
    report(
        "split, 200 claims against 20",
        product=growth["200"],
        reference=growth["20"],
        goal="linear: at most 10 x 1.2",
    )
