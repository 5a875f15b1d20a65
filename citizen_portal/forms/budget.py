"""One part of the budget on one page: per line an amount, how often it comes, and "weet ik niet"."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from affordability.budget import BUFFER, STANDARD_LIST, Group, Line, Overlap, is_absurd
from affordability.reference_amounts import EIGEN_RISICO, FOOD, Reference, is_above, needs_sentence
from infra.forms import EuroField, PageForm
from kernel.cents import spoken_euro
from kernel.periods import Period

PERIODS = (
    (Period.WEEK.value, "per week"),
    (Period.FOUR_WEEKS.value, "per 4 weken"),
    (Period.MONTH.value, "per maand"),
    (Period.QUARTER.value, "per kwartaal"),
    (Period.YEAR.value, "per jaar"),
    (Period.TEN_INSTALLMENTS.value, "in 10 termijnen per jaar"),
)
PERIOD_WORDS = dict(PERIODS)

OVERLAP_QUESTIONS = {
    "rent": "Is de huurtoeslag al van uw huur af?",
    "health_insurance": "Is de zorgtoeslag al van uw premie af?",
    "childcare": "Is de kinderopvangtoeslag hier al van af?",
    "other_income": "Is dit geld uw vakantiegeld?",
    "other_arrangements": "Is dit voor een organisatie in dit plan?",
}
OVERLAP_ANSWERS = ((Overlap.YES.value, "Ja"), (Overlap.NO.value, "Nee"), (Overlap.UNKNOWN.value, "Dat weet ik niet"))

_ALLOWANCE = "Kijk in de brief van Dienst Toeslagen. Of op uw bankrekening."
_BILL_IN_TEN = "Kijk op uw aanslag. Betaalt u in 10 keer? Vul dan 1 termijn in."
_YEAR = "Schat wat u in een heel jaar uitgeeft. Kies dan: per jaar."
# Where the amount can be found (features.md B18).
WHERE = {
    "huurtoeslag": _ALLOWANCE,
    "zorgtoeslag": _ALLOWANCE,
    "kindgebonden_budget": _ALLOWANCE,
    "kinderopvangtoeslag": _ALLOWANCE,
    "kinderbijslag": "Dit komt elk kwartaal op uw bankrekening.",
    "alimentatie_received": "Vul alleen in wat u echt krijgt.",
    "tax_credit": "Dit is geld dat u elke maand van de belasting krijgt.",
    "rent": "Kijk in de brief van uw verhuurder. Of op uw bankrekening.",
    "energy": "Vul het bedrag in dat u elke maand vooruit betaalt.",
    "water": "Kijk op de rekening van uw waterbedrijf.",
    "health_insurance": "Kijk op uw polis. Of op uw bankrekening.",
    "municipal_tax": _BILL_IN_TEN,
    "water_board_tax": _BILL_IN_TEN,
    "childcare": "Kijk op de rekening van de opvang.",
    "other_arrangements": "Bijvoorbeeld een afspraak met een winkel of een deurwaarder.",
    "subscriptions": "Bijvoorbeeld sport, een krant of films.",
    "clothing": _YEAR,
    "furniture": _YEAR,
    "transport": "Denk aan benzine, de bus, de trein of uw fiets.",
}

LONGEST_NOTE = 200
ASK_WHY = "Leg in 1 zin uit waarom dit meer is dan het richtbedrag."
TOO_HIGH = "Dit is heel veel per maand. Kijk nog eens naar het bedrag en naar hoe vaak."


def reference_words(reference: Reference) -> str:
    """The reference amount as people read it, with its year."""
    amount = f"{spoken_euro(reference.cents)} {PERIOD_WORDS[reference.period]}"
    if reference.code == FOOD:
        return f"Richtbedrag van het Nibud uit {reference.since.year}: {amount}."
    if reference.code == EIGEN_RISICO:
        return f"Het eigen risico is in {reference.since.year} hoogstens {amount}."
    return f"Richtbedrag uit {reference.since.year}: {amount}."


@dataclass(frozen=True, slots=True)
class LineFields:
    """The fields of one line, as the page shows them. None: not asked for this line, or not now."""

    line: Line
    amount: BoundField
    period: BoundField
    unknown: BoundField | None
    overlap: BoundField | None
    note: BoundField | None

    @property
    def has_errors(self) -> bool:
        """Whether anything in this line has to be looked at again."""
        fields = (self.amount, self.period, self.unknown, self.overlap, self.note)
        return any(field is not None and field.errors for field in fields)


class BudgetGroupForm(PageForm):
    """The lines of one part. `stored`: the lines as they are kept; `asks`: the lines whose question about double counting
    is asked; `references`: amounts beside a line; `buffer`: what our small buffer is, in cents per month, while nobody
    changed it.
    """

    def __init__(
        self,
        group: Group,
        *args: Any,
        stored: Mapping[str, Mapping[str, Any]],
        notes: Mapping[str, str],
        references: Mapping[str, Reference],
        asks: Collection[str],
        buffer: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.group = group
        self.stored = stored
        self.references = references
        self.asks = asks
        self._lines = [line for line in STANDARD_LIST if line.group is group]
        for line in self._lines:
            self._add_line(line, stored.get(line.code, {}), notes.get(line.code, ""))
            if line.code == BUFFER and buffer is not None:
                self.initial.setdefault(f"{BUFFER}-amount", buffer)
                self.fields[
                    f"{BUFFER}-amount"
                ].help_text = (
                    f"Wij rekenen {spoken_euro(buffer)} per maand. Dat is onze keuze. U mag dit bedrag veranderen."
                )

    def _add_line(self, line: Line, kept: Mapping[str, Any], note: str) -> None:
        code, reference = line.code, self.references.get(line.code)
        self.fields[f"{code}-amount"] = EuroField(
            label=f"{line.label}, in euro",
            required=False,
            help_text=" ".join(filter(None, (WHERE.get(code, ""), reference_words(reference) if reference else ""))),
        )
        self.fields[f"{code}-period"] = forms.ChoiceField(
            label="Hoe vaak?",
            required=False,
            choices=PERIODS,
            error_messages={"invalid_choice": "Kies hoe vaak dit bedrag komt."},
        )
        self.initial[f"{code}-period"] = kept.get("period", line.period.value)
        if kept.get("cents") is not None:
            self.initial[f"{code}-amount"] = kept["cents"]
        if code != BUFFER:
            self.fields[f"{code}-unknown"] = forms.BooleanField(label="Dat weet ik niet", required=False)
            self.initial[f"{code}-unknown"] = bool(kept.get("unknown"))
        if code in self.asks:
            self.fields[f"{code}-overlap"] = forms.ChoiceField(
                label=OVERLAP_QUESTIONS[code],
                required=False,
                choices=OVERLAP_ANSWERS,
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": "Kies ja, nee of dat weet ik niet."},
            )
            self.initial[f"{code}-overlap"] = kept.get("overlap")
        if reference is not None:
            self.fields[f"{code}-note"] = forms.CharField(
                label="Waarom is dit meer?",
                required=False,
                max_length=LONGEST_NOTE,
                help_text="1 zin is genoeg. Alleen u en uw helper lezen dit.",
                error_messages={"max_length": f"Dit is te lang. Gebruik hoogstens {LONGEST_NOTE} tekens."},
            )
            self.initial[f"{code}-note"] = note

    def rows(self) -> Iterator[LineFields]:
        """The lines in the order of the list. The sentence is asked only above a reference amount."""
        for line in self._lines:
            yield LineFields(
                line=line,
                amount=self[f"{line.code}-amount"],
                period=self[f"{line.code}-period"],
                unknown=self._field(f"{line.code}-unknown"),
                overlap=self._field(f"{line.code}-overlap"),
                note=self._field(f"{line.code}-note") if self._shows_note(line.code) else None,
            )

    def _field(self, name: str) -> BoundField | None:
        return self[name] if name in self.fields else None

    def _shows_note(self, code: str) -> bool:
        """Above the reference; and a sentence that was typed stays on a page that comes back, whatever the amount became."""
        note = self._field(f"{code}-note")
        return note is not None and (self._is_above(code) or (self.is_bound and bool(note.value())))

    def _is_above(self, code: str) -> bool:
        line = self._typed(code) if self.is_bound else self.stored.get(code)
        return is_above(line, self.references.get(code))

    def _typed(self, code: str) -> dict[str, Any] | None:
        """The line as it was typed; None when it is empty, or cannot be read yet."""
        given = self.cleaned_data
        if given.get(f"{code}-unknown"):
            return {"unknown": True}
        cents, period = given.get(f"{code}-amount"), given.get(f"{code}-period")
        if cents is None or not period:
            return None
        overlap = given.get(f"{code}-overlap")
        return {"cents": cents, "period": period, **({"overlap": overlap} if overlap else {})}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for line in self._lines:
            self._clean_line(line.code, given)
        return given

    def _clean_line(self, code: str, given: Mapping[str, Any]) -> None:
        amount, period = f"{code}-amount", f"{code}-period"
        if amount in self.errors or period in self.errors:
            return
        if given.get(amount) is not None and given.get(f"{code}-unknown"):
            self.add_error(amount, "Kies één antwoord: een bedrag, of dat weet ik niet.")
            return
        if given.get(amount) is not None and not given.get(period):
            self.add_error(period, "Kies hoe vaak dit bedrag komt.")
            return
        typed = self._typed(code)
        if is_absurd(typed):
            self.add_error(amount, TOO_HIGH)
        elif f"{code}-note" not in self.errors and needs_sentence(
            typed, self.references.get(code), given.get(f"{code}-note", "")
        ):
            self.add_error(f"{code}-note", ASK_WHY)

    def lines(self) -> dict[str, dict[str, Any] | None]:
        """Every line of this part, as `save_budget` wants it; an empty line is a cost this household does not have."""
        return {line.code: self._typed(line.code) for line in self._lines}

    def notes(self) -> dict[str, str]:
        """The sentences; "" where the amount is inside its reference, so that an old one goes away."""
        return {
            code: " ".join(self.cleaned_data.get(f"{code}-note", "").split()) if self._is_above(code) else ""
            for code in (line.code for line in self._lines)
            if code in self.references
        }
