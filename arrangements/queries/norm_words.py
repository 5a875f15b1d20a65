"""How it stands with the norms, in Dutch sentences for the desk: for the command, the mail and /beheer/."""

from collections.abc import Mapping
from datetime import date

from affordability.household import Situation
from affordability.norm_names import PART_LABELS, norm_label
from affordability.norms import AMOUNT_NAMES
from arrangements.documents.content import long_date
from arrangements.queries.norm_records import HalfYear, Origin
from kernel.cents import format_euro

_IN_MAXIMUM = {
    Situation.ALLEENSTAAND: "max_alleenstaand",
    Situation.ALLEENSTAANDE_OUDER: "max_alleenstaande_ouder",
    Situation.GEHUWD: "max_gehuwd",
    Situation.GEHUWD_MET_KINDEREN: "max_gehuwd_met_kinderen",
}


def half_year_name(starts: date) -> str:
    """ "het halfjaar vanaf 1 januari 2027"."""
    return f"het halfjaar vanaf {long_date(starts)}"


def missing_lines(lacks: Mapping[str, tuple[str, ...]]) -> list[str]:
    """What an unfinished record lacks, a line per norm: "Maximale huur, per maand (H): bedrag, bron"."""
    lines = []
    for name, parts in lacks.items():
        value = PART_LABELS["value"] if name in AMOUNT_NAMES else "percentage"
        named = ", ".join(value if part == "value" else PART_LABELS[part] for part in parts)
        lines.append(f"{norm_label(name)}: {named}")
    return lines


def maximum_lines(wrong: Mapping[Situation, tuple[int, int]]) -> list[str]:
    """The maxima that do not follow from the other amounts, with the difference. Amounts in cents in, euros out."""
    return [
        f"{norm_label(maximum_name(situation))}: ingevuld {format_euro(given, whole=False)}, volgens artikel 475da lid 8 "
        f"{format_euro(computed, whole=False)}; verschil {format_euro(given - computed, whole=False)}"
        for situation, (given, computed) in wrong.items()
    ]


def maximum_name(situation: Situation) -> str:
    """The name of the norm that holds the maximum of a situation."""
    return _IN_MAXIMUM[situation]


IMPOSSIBLE = (
    "Met deze bedragen is geen beslagvrije voet te berekenen. Kijk de percentages van de huurtoeslag, de huren en de "
    "zorgpremie na."
)


def state_lines(state: HalfYear) -> list[str]:
    """How it stands with one half-year: a sentence, and under it a line for everything that has to be done."""
    name = half_year_name(state.starts)
    if state.origin is Origin.FILE:
        lines = [f"Normen voor {name}: compleet, uit het bestand {state.starts.isoformat()}.toml."]
        if state.replaces_entry:
            lines.append("Let op: het loket had andere bedragen goedgekeurd. Het bestand telt.")
        return lines
    if state.origin is Origin.ENTRY:
        return [f"Normen voor {name}: compleet, ingevoerd en goedgekeurd door het loket."]
    if state.origin is Origin.EXAMPLE:
        return [f"Normen voor {name}: alleen een verzonnen voorbeeld. Hier mag dat, in productie niet."]
    if state.origin is Origin.NOTHING:
        return [f"Normen voor {name}: er is niets. Voeg een bestand toe, of voer ze in bij /beheer/."]
    if state.lacks:
        lines = [f"Normen voor {name}: nog niet compleet. Dit ontbreekt:", *missing_lines(state.lacks)]
    elif state.wrong:
        lines = [f"Normen voor {name}: ingevoerd, maar de maxima kloppen niet:", *maximum_lines(state.wrong)]
    elif state.impossible:
        lines = [f"Normen voor {name}: ingevoerd, maar onbruikbaar.", IMPOSSIBLE]
    else:
        lines = [f"Normen voor {name}: ingevoerd, maar een collega moet ze nog goedkeuren in /beheer/."]
    return lines
