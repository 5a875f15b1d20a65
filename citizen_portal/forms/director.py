"""Handing a case over, and being away."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import CaseWorker
from infra import clock
from infra.forms import DateField, PageForm

LONGEST_DAYS = 366
"""Who is away longer hands the cases over."""

_PEOPLE = "Kies een collega."


def _people(workers: Iterable[CaseWorker]) -> list[tuple[str, str]]:
    return [(str(one.public_id), f"{one.name}, {one.organisation}") for one in workers]


def _colleague(label: str, workers: Iterable[CaseWorker], **kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=_people(workers),
        widget=forms.RadioSelect,
        error_messages={"required": _PEOPLE, "invalid_choice": _PEOPLE},
        **kwargs,
    )


class HandOverForm(PageForm):
    """To whom, and what the new director has to know."""

    note = forms.CharField(
        label="Notitie voor de nieuwe contactpersoon",
        help_text="Alleen de nieuwe contactpersoon leest dit. Schrijf op wat loopt en wat is afgesproken.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": "6"}),
        error_messages={
            "required": "Schrijf op wat uw collega moet weten.",
            "max_length": "Uw notitie is te lang. Gebruik hoogstens 2000 letters.",
        },
    )

    def __init__(self, *args: Any, workers: list[CaseWorker], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workers = {str(one.public_id): one for one in workers}
        fields = self.fields
        self.fields = type(fields)([("to", _colleague("Aan wie draagt u over?", workers)), *fields.items()])

    @property
    def to(self) -> CaseWorker:
        """Who was chosen, in a valid form."""
        return self.workers[self.cleaned_data["to"]]


class AbsenceForm(PageForm):
    """From when to when, and who takes the phone."""

    def __init__(self, *args: Any, workers: list[CaseWorker], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workers = {str(one.public_id): one for one in workers}
        self.fields["from_date"] = _day(
            "Vanaf welke dag bent u er niet?", "Vul de eerste dag in. Bijvoorbeeld 3 9 2026."
        )
        self.fields["until_date"] = _day("Tot en met welke dag?", "Vul de laatste dag in. Bijvoorbeeld 17 9 2026.")
        self.fields["stand_in"] = _colleague(
            "Wie neemt waar?", workers, help_text="Uw cliënten zien deze naam en dit nummer zolang u er niet bent."
        )

    def clean_until_date(self) -> date:
        until: date = self.cleaned_data["until_date"]
        starts: date | None = self.cleaned_data.get("from_date")
        if until < clock.today():
            raise ValidationError("Deze dag is al voorbij. Vul een latere dag in.", code="over")
        if starts and until < starts:
            raise ValidationError("Deze dag ligt voor de eerste dag. Vul een latere dag in.", code="before")
        if starts and (until - starts).days > LONGEST_DAYS:
            raise ValidationError("Dit is langer dan een jaar. Draag uw zaken dan over.", code="long")
        return until

    @property
    def stand_in(self) -> CaseWorker:
        """Who was chosen, in a valid form."""
        return self.workers[self.cleaned_data["stand_in"]]


def _day(label: str, missing: str) -> DateField:
    return DateField(
        label=label,
        help_text="Bijvoorbeeld 3 9 2026.",
        # A mistyped year, nothing more: what is wrong with these days is said in `clean_until_date`.
        earliest=date(2000, 1, 1),
        latest=date(2099, 12, 31),
        error_messages={"required": missing},
    )
