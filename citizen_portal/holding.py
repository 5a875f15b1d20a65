"""Whether the plan holds, in words: what the stored shock test says to the citizen and the coach (ux.md C12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from affordability.shock import ThinReason
from arrangements.models import StressTest
from kernel.cents import spoken_euro

OUT_OF = 10
OWN_ASSUMPTION = "eigen aanname"


@dataclass(frozen=True, slots=True)
class FallRow:
    """One fall of the income: in percent, in whole euros of cents, and how long the amount is still paid."""

    percent: int
    cents: int
    at_start: str
    after_a_year: str


def holding(test: StressTest | None) -> dict[str, Any]:
    """What the page says about setbacks; nothing at all when no test was done. Amounts in cents per month."""
    if test is None:
        return {"holding": None}
    outcome, stated = test.outcome, _values(test)
    may_fall = whole_euros(outcome["income_may_fall"])
    return {
        "holding": test,
        "may_fall": may_fall,
        "may_fall_percent": outcome["income_may_fall_basis_points"] // 100,
        "falls": [_row(fall, test.months) for fall in outcome["falls"]],
        "has_later": any(fall["months_after_a_year"] is not None for fall in outcome["falls"]),
        "tenths": tenths(outcome["lasting"], outcome["draws"]),
        "tested_months": test.months,
        "assumed_on": date.fromisoformat(test.inputs["assumptions"]["starts"]),
        "assumed": assumed(test),
        "why_thin": [_REASONS[ThinReason(reason)].format(**stated) for reason in outcome["reasons"]],
        "suggested": test.suggested_cents,
        "suggested_euros": None if test.suggested_cents is None else test.suggested_cents // 100,
        "suggested_tenths": None
        if outcome["suggested_lasting"] is None
        else tenths(outcome["suggested_lasting"], outcome["draws"]),
    }


def whole_euros(cents: int) -> int:
    """An amount without its cents, rounded down: in running text nobody needs them."""
    return cents // 100 * 100


def tenths(lasting: int, draws: int) -> int:
    """ "Ongeveer 8 van de 10 keer": rounded down, and never all of them, because it is an estimate."""
    return min(OUT_OF - 1, OUT_OF * lasting // draws)


def _row(fall: Mapping[str, Any], months: int) -> FallRow:
    later = fall["months_after_a_year"]
    return FallRow(
        percent=fall["percent"],
        cents=whole_euros(fall["cents"]),
        at_start=_months(fall["months_at_start"], months),
        after_a_year="–" if later is None else _months(later, months - 12),
    )


def _months(count: int, to_come: int) -> str:
    if count >= to_come:
        return "het hele plan"
    if not count:
        return "lukt niet"
    return "1 maand" if count == 1 else f"{count} maanden"


_REASONS = {
    ThinReason.NO_ROOM: "Uw kosten en dit bedrag zijn samen te hoog.",
    ThinReason.FALL: "Wordt uw inkomen later {shock_months} maanden {shock_fall} procent lager? Dan lukt betalen niet.",
    ThinReason.CHANCE: "Dit bedrag is vaak te hoog als er iets tegenzit.",
}


def _values(test: StressTest) -> dict[str, int]:
    stored = test.inputs["assumptions"]
    return {name: entry["value"] for name, entry in stored.items() if isinstance(entry, dict)}


def assumed(test: StressTest) -> list[str]:
    """The assumptions of this test as sentences, from what was stored with it."""
    one = _values(test)
    said = [
        f"Elke maand krijgt {_one_in(one['income_fall_chance'])} mensen een lager inkomen.",
        f"Dat inkomen is {one['income_fall_least']} tot {one['income_fall_most']} procent lager.",
        f"Dat duurt {one['income_fall_shortest']} tot {one['income_fall_longest']} maanden.",
        f"Elke maand krijgt {_one_in(one['bill_chance'])} mensen een rekening extra.",
        f"Die rekening is {one['bill_least'] // 100} tot {spoken_euro(one['bill_most'])}.",
        f"Van wat u overhoudt, zet u {one['saved_part']} procent opzij.",
        "U begint zonder spaargeld." if not test.inputs["reserve"] else _reserve(test.inputs["reserve"]),
    ]
    stored = test.inputs["assumptions"]
    sources = [entry["source"] for entry in stored.values() if isinstance(entry, dict)]
    if all(source.startswith(OWN_ASSUMPTION) for source in sources):
        said.append("Deze getallen hebben wij zelf gekozen.")
    return said


def _reserve(cents: int) -> str:
    return f"U begint met {spoken_euro(whole_euros(cents))} spaargeld."


def _one_in(chance: int) -> str:
    """A chance in hundredths of a percent as "1 op de 200"; "0 van de" when there is none."""
    return f"1 op de {(20_000 + chance) // (2 * chance)}" if chance else "0 van de"
