"""A hundred thousand made-up households against a floor that is computed here by hand, from the text of the law.

The oracle below shares no line with the product: decimals instead of fractions, one function from top to bottom.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from affordability.gate import OFFICIAL_FIGURE, TAXABLE_INCOME, Verdict, assess
from affordability.household import Household, Situation, UncertainReason

ON = date(2026, 11, 23)
COUNT = 100_000
# domain.md 1.2, column 2026-07-01, in euro.
A, B = Decimal("1419.46"), Decimal("2027.79")
MAX = {
    "alleenstaand": "2208.48",
    "alleenstaande_ouder": "2543.75",
    "gehuwd": "2905.79",
    "gehuwd_met_kinderen": "3179.68",
}


def law(situation: str, net: int, taxable: int, partner: int) -> int:
    """The beslagvrije voet in cents: domain.md 1.1 written out."""
    c = Decimal(taxable) / 100
    couple, one = situation.startswith("gehuwd"), situation == "alleenstaand"
    base = Decimal("0.95") * (B if couple else A)
    premium = Decimal(2119) / 12
    care_most = 2 * premium - 106 if couple else premium - 47
    care = min(max(Decimal(0), (c - Decimal("29735.42")) / 12 * Decimal("0.13730")), care_most)
    income = max(Decimal(0), c - (23425 if one else 31500))
    rent = min(
        income / 12 * (Decimal("0.27") if one else Decimal("0.22")),
        Decimal("932.93") - (Decimal("202.52") if one else Decimal("200.71")),
    )
    children = Decimal(0)
    if situation == "alleenstaande_ouder":
        children = max(Decimal(0), (c - Decimal("29735.42")) / 12 * Decimal("0.076"))
    elif situation == "gehuwd_met_kinderen":
        children = max(Decimal(0), (c - Decimal("29735.42") - 9405) / 12 * Decimal("0.076"))
    voet = min(base + care + rent + children, Decimal(MAX[situation]))
    if couple:
        voet -= min(Decimal(partner) / 100, voet / 2)
    voet = min(voet, Decimal("0.95") * net / 100)
    return int((voet * 100).quantize(Decimal(1), ROUND_HALF_UP))


def households(count: int = COUNT, seed: int = 475) -> Iterator[tuple[Household, int, int]]:
    """(what we know, what they want to pay, the true taxable income), in cents. A third does not know the payslip."""
    draw = random.Random(seed)
    for _ in range(count):
        situation = draw.choice(list(Situation))
        net = draw.randrange(50_000, 450_000)
        taxable = int(net * 12 * draw.uniform(0.9, 2.2))
        partner = draw.choice([0, draw.randrange(0, 250_000)]) if situation.is_couple else 0
        doubts = draw.choice([frozenset()] * 9 + [frozenset({draw.choice(list(UncertainReason)).value})])
        known = Household(
            situation,
            net,
            taxable if draw.random() < 0.67 else None,
            partner,
            uncertain=doubts,
            committed=draw.choice([0, 0, 0, draw.randrange(0, 30_000)]),
        )
        yield known, draw.randrange(0, 120_000), taxable


def test_no_accepted_proposal_of_a_hundred_thousand_households_leaves_less_than_the_floor() -> None:
    accepted = exact = 0
    for known, declared, taxable in households():
        found = assess(known, declared, ON)
        floor = law(known.situation.value, known.net_income, taxable, known.partner_income)
        if found.verdict is Verdict.GREEN and declared:
            accepted += 1
            assert known.net_income - declared - known.committed >= floor, known
            assert not known.uncertain, known
        if known.taxable_income is not None and not known.uncertain:
            exact += 1
            assert found.floor_low == found.floor_high == min(floor, known.net_income), known
    # The property says nothing when hardly anybody is accepted.
    assert accepted > COUNT // 10
    assert exact > COUNT // 2


def test_what_is_not_known_is_never_taken_as_nothing() -> None:
    for known, _declared, taxable in households(20_000, seed=476):
        if known.uncertain:
            continue
        unknown = assess(replace(known, taxable_income=None), 0, ON)
        true = assess(replace(known, taxable_income=taxable), 0, ON)
        nothing = assess(replace(known, taxable_income=0), 0, ON)
        assert unknown.missing == (TAXABLE_INCOME,)
        assert unknown.capacity_low <= true.capacity_low <= unknown.capacity_high
        # Taken as zero it would be the highest capacity there is; what may be proposed is the lowest.
        assert unknown.sure_capacity == unknown.capacity_low <= nothing.capacity_low


def test_every_reason_for_doubt_is_amber_above_nothing_until_an_official_figure_is_there() -> None:
    for reason in UncertainReason:
        for situation in Situation:
            doubtful = Household(situation, 250_000, 3_000_000, uncertain=frozenset({reason}))
            found = assess(doubtful, 1, ON)
            assert found.verdict is Verdict.AMBER, (reason, situation)
            assert found.sure_capacity == 0
            assert found.missing == ((reason,) if reason.is_answerable else (OFFICIAL_FIGURE,))
            assert assess(replace(doubtful, official_beslagvrije_voet=200_000), 50_000, ON).verdict is Verdict.GREEN
