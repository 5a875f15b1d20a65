"""What the pages about an assessment show: for the citizen the sums in plain words, for the coach every step."""

from dataclasses import dataclass
from typing import Any

from accounts.contact import contact_of
from accounts.models import Citizen
from affordability.explain import explain
from affordability.fact_names import AMOUNT_LABELS
from affordability.gate import OFFICIAL_FIGURE, TAXABLE_INCOME
from affordability.household import Situation, UncertainReason
from affordability.replay import INCOME_UNKNOWN, RulesUnknown, replay
from arrangements.models import Application, Assessment
from citizen_portal.forms.household import special_labels
from citizen_portal.steps import PAGE_OF_FACT
from kernel.cents import format_euro

OFFICIAL_PAGE = "officieel-bedrag"


@dataclass(frozen=True, slots=True)
class MissingFact:
    """One fact that would make it sure: in words, and the page where it can be filled in."""

    name: str
    title: str
    action: str
    page: str


FACTS = {
    INCOME_UNKNOWN: ("Uw inkomen", "Vul uw inkomen in"),
    UncertainReason.HOLIDAY_ALLOWANCE_UNKNOWN: ("Uw vakantiegeld", "Vul uw vakantiegeld in"),
    UncertainReason.PARTNER_INCOME_UNKNOWN: ("Het inkomen van uw partner", "Vul dat inkomen in"),
    UncertainReason.CHILD_AGE_UNKNOWN: ("Is uw kind al 18 jaar?", "Vul dat in"),
    UncertainReason.CIRCUMSTANCES_UNKNOWN: ("Geldt er iets bijzonders?", "Kies uw antwoord"),
    UncertainReason.PARTNER_NOT_JOINED: ("Uw partner doet nog niet mee", "Maak een code voor uw partner"),
    TAXABLE_INCOME: ("Het bedrag op uw loonstrook", "Vul het bedrag in"),
    OFFICIAL_FIGURE: ("Een officieel bedrag", "Vul het officiële bedrag in"),
}


def missing_facts(assessment: Assessment) -> list[MissingFact]:
    """What is missing, most simple first; each with the page that asks for it."""
    return [MissingFact(name, *FACTS[name], page=PAGE_OF_FACT.get(name, OFFICIAL_PAGE)) for name in assessment.missing]


def verdict(assessment: Assessment, citizen: Citizen) -> dict[str, Any]:
    """The outcome of the gate for the pages that tell it. Amounts in cents a month; None where nothing can be said."""
    facts = missing_facts(assessment)
    return {
        "assessment": assessment,
        "declared": assessment.declared_cents,
        "highest": assessment.capacity_high_cents,
        "sure": assessment.sure_cents,
        "is_exact": not assessment.missing,
        "facts": facts,
        "official_needed": OFFICIAL_FIGURE in assessment.missing,
        "explanation": explain(assessment.trace),
        "example_norms": assessment.uses_example_norms,
        "director": contact_of(citizen.director),
        "phone": citizen.phone,
    }


SITUATIONS = dict(Application.Situation.choices)


def all_steps(assessment: Assessment) -> dict[str, Any]:
    """Everything behind an assessment, for a coach: facts, steps with exact fractions, norms with sources, done over."""
    return {
        "assessment": assessment,
        "facts": _facts(assessment.inputs),
        "steps": assessment.trace,
        "norms": _norms(assessment.norms),
        "replayed": replays(assessment),
        "example_norms": assessment.uses_example_norms,
    }


def replays(assessment: Assessment) -> bool | None:
    """Whether doing it over gives the same cents and the same steps; None where there is nothing to compute."""
    if assessment.capacity_low_cents is None:
        return None
    try:
        again = replay(
            inputs=assessment.inputs,
            norms=assessment.norms,
            declared=assessment.declared_cents,
            rules=assessment.rules,
        )
    except RulesUnknown:
        return None
    return (
        again.verdict.value == assessment.verdict
        and (again.capacity_low, again.capacity_high) == (assessment.capacity_low_cents, assessment.capacity_high_cents)
        and (again.floor_low, again.floor_high) == (assessment.floor_low_cents, assessment.floor_high_cents)
        and again.trace_as_json == assessment.trace
    )


def _facts(inputs: dict[str, Any]) -> list[tuple[str, str]]:
    labels = special_labels(None)
    rows = []
    if inputs.get("situation"):
        rows.append(("Leefsituatie", SITUATIONS[Situation(inputs["situation"]).value]))
    rows += [
        (label, "niet bekend" if inputs[name] is None else format_euro(inputs[name], whole=False))
        for name, label in AMOUNT_LABELS.items()
        if name in inputs
    ]
    doubts = [*inputs.get("uncertain", ()), *inputs.get("unknown", ())]
    rows += [("Reden van twijfel", FACTS[doubt][0] if doubt in FACTS else labels[doubt]) for doubt in doubts]
    return rows


def _norms(norms: dict[str, Any]) -> list[dict[str, str]]:
    """The amounts of the record that was used, with their sources."""
    rows = []
    for name, entry in sorted(norms.items()):
        if not isinstance(entry, dict):
            continue
        value = f"{entry['percent']} %" if "percent" in entry else format_euro(entry["cents"], whole=False)
        rows.append({"name": name, "value": value, "source": entry["source"], "certainty": entry["certainty"]})
    return rows
