"""The gate: one assessment with its trace, how random households come out, and the gate once more for all running plans."""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from affordability.gate import Verdict, assess
from affordability.household import Household, Situation, UncertainReason
from affordability.norms import NormRecord, official_records, record_for
from tests.bench.measure import Timing, interleaved, report

ON = date(2026, 11, 23)
HOUSEHOLDS = 100_000
PLANS = (10_000, 100_000)

# The distribution is made up, and meant to look like people with debts: most of them near the bijstandsnorm, few far above.
SITUATIONS = {
    Situation.ALLEENSTAAND: 50,
    Situation.ALLEENSTAANDE_OUDER: 15,
    Situation.GEHUWD: 15,
    Situation.GEHUWD_MET_KINDEREN: 20,
}
NEAR_THE_NORM = 0.45
"""Part with a net income of 0.95 to 1.10 times the bijstandsnorm; the others have up to 2.2 times, the lower the likelier."""
GROSS_UP = (1.00, 1.45)
"""Taxable income of a year over twelve times the net income, uniform."""
ABSENT_PARTNER = 0.30
"""Part of the couples whose partner does not take part, with a net income of 0 to 1,800 euro, uniform."""
SPECIAL = 0.12
"""Part with one of the reasons why only an official figure can decide."""
WISH = (0.02, 0.15)
"""What people want to pay, as a part of the net income, uniform; at least ten euro."""


@dataclass(frozen=True)
class Wish:
    """A household that knows its taxable income, and what it wants to pay per month, in cents."""

    household: Household
    declared: int

    @property
    def without_payslip(self) -> "Wish":
        """The same people, who do not know their taxable income."""
        return replace(self, household=replace(self.household, taxable_income=None))


def wishes(count: int, seed: int = 36) -> Iterable[Wish]:
    """Random households by the distribution above; the same for the same seed."""
    draw = random.Random(seed)
    record = record_for(ON, official_records())
    reasons = sorted(UncertainReason)
    for _ in range(count):
        situation = draw.choices(list(SITUATIONS), list(SITUATIONS.values()))[0]
        if draw.random() < NEAR_THE_NORM:
            factor = draw.uniform(0.95, 1.10)
        else:
            factor = draw.triangular(1.0, 2.2, 1.0)
        net = int(record.bijstandsnorm(situation) * factor)
        absent = situation.is_couple and draw.random() < ABSENT_PARTNER
        yield Wish(
            Household(
                situation=situation,
                net_income=net,
                taxable_income=int(net * 12 * draw.uniform(*GROSS_UP)),
                partner_income=draw.randrange(1_800_00) if absent else 0,
                uncertain=frozenset({draw.choice(reasons)} if draw.random() < SPECIAL else ()),
            ),
            declared=max(10_00, int(net * draw.uniform(*WISH))),
        )


def naive(household: Household, declared: int, record: NormRecord) -> float:
    """The formula as a float, without bounds, rounding, trace or refusal: the least this language can do."""
    couple, alone = household.situation.is_couple, household.situation.is_one_person
    norm = (record.bijstandsnorm_couple if couple else record.bijstandsnorm_single).cents
    taxable = household.taxable_income or 0
    above = max(0.0, (taxable - record.threshold_income.cents) / 12)
    persons, kept = (2, record.care_share_couple.cents) if couple else (1, record.care_share_single.cents)
    care = min(above * float(record.care_rate.part), persons * record.care_premium.cents / 12 - kept)
    base, income, rate = (
        (record.rent_base_one, record.rent_income_one, record.rent_rate_one)
        if alone
        else (record.rent_base_more, record.rent_income_more, record.rent_rate_more)
    )
    rent = min(max(0.0, (taxable - income.cents) / 12) * float(rate.part), record.rent_maximum.cents - base.cents)
    voet = min(0.95 * norm + care + rent, float(record.maximum[household.situation]))
    voet -= min(household.partner_income, voet / 2)
    return declared - (household.net_income - min(voet, 0.95 * household.net_income))


def _gate_each(sample: Iterable[Wish], records: tuple[NormRecord, ...]) -> None:
    for wish in sample:
        _ = assess(wish.household, wish.declared, ON, records=records).trace_as_json


def _naive_each(sample: Iterable[Wish], record: NormRecord) -> None:
    for wish in sample:
        naive(wish.household, wish.declared, record)


def one_assessment() -> None:
    """What one assessment with its trace costs in pure Python."""
    record = record_for(ON, official_records())
    with_payslip = list(wishes(200))
    for name, sample in (
        ("with a payslip", with_payslip),
        ("without a payslip", [wish.without_payslip for wish in with_payslip]),
    ):
        timed = interleaved(
            {
                "gate": partial(_gate_each, sample, official_records()),
                "naive": partial(_naive_each, sample, record),
            },
            calls=3,
        )
        report(
            f"assessment with trace, {name}, x200",
            product=timed["gate"],
            reference=timed["naive"],
            goal="exact, bounded and explained; one <= 1000 us",
            per_assessment_us=round(timed["gate"].best / 200 * 1e6, 1),
        )


def shares_of_verdicts(count: int = HOUSEHOLDS) -> None:
    """How many of the random households end green, amber and red, with and without a payslip."""
    outcomes: dict[str, Counter[Verdict]] = {"with a payslip": Counter(), "without a payslip": Counter()}
    for wish in wishes(count):
        for name, one in (("with a payslip", wish), ("without a payslip", wish.without_payslip)):
            outcomes[name][assess(one.household, one.declared, ON).verdict] += 1
    for name, counted in outcomes.items():
        shares = {verdict.value: round(100 * counted[verdict] / count, 1) for verdict in Verdict}
        print(
            json.dumps({"case": f"verdicts of {count} random households, {name}", "percent": shares, "on": str(ON)}),
            flush=True,
        )


def rerun_of_plans() -> None:
    """The gate once more for all running plans, on the real database, in a process of its own per size."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.demo"}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        check=True,
        env={**environment, "EENPLAN_DB_ROLE": "owner"},
    )
    found = []
    for round_number, size in enumerate(PLANS):
        _child(environment, "make", size, round_number)
        # Autovacuum does this in production; throw-away servers have none. Only the owner may.
        _child(environment, "analyze", size, round_number, role="owner")
        found.append(json.loads(_child(environment, "rerun", size, round_number).splitlines()[-1]))
    for one in found:
        report(
            f"rerun of the gate for {one['plans']} running plans",
            product=Timing(one["seconds"], one["seconds"]),
            reference=Timing(one["gate_seconds"], one["gate_seconds"]),
            goal="memory flat; <= 12 statements a chunk; reference: the gate alone for as many plans",
            **one,
        )
    small, large = found
    times = round(large["plans"] / small["plans"])
    growth = large["seconds"] / small["seconds"]
    # A shared machine is not equally fast for both; the gate alone, timed in the same process, says how fast it was.
    against_gate = (large["seconds"] / large["gate_seconds"]) / (small["seconds"] / small["gate_seconds"])
    per_chunk = large["median_chunk_seconds"] / small["median_chunk_seconds"]
    print(
        json.dumps(
            {
                "case": f"rerun, {large['plans']} plans against {small['plans']}",
                "ratio": round(growth, 2),
                "median_chunk_ratio": round(per_chunk, 2),
                "ratio_per_plan_against_the_gate": round(against_gate, 2),
                "goal": f"linear: at most {times} x 1.2, per chunk and against the gate at most 1.2; memory within 10 %",
                "peak_memory_ratio": round(large["peak_mb"] / small["peak_mb"], 3),
            }
        ),
        flush=True,
    )


def _child(environment: dict[str, str], word: str, size: int, round_number: int, *, role: str = "worker") -> str:
    return subprocess.run(
        [sys.executable, "-m", "tests.bench.rerun", word, str(size), str(round_number)],
        check=True,
        env={**environment, "EENPLAN_DB_ROLE": role},
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def run() -> None:
    one_assessment()
    shares_of_verdicts()
    rerun_of_plans()
