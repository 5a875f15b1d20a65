"""Who the bewindvoerder is."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from arrangements.operations.record_bewind import Bewindvoerder
from citizen_portal.forms.citizen import text_field
from infra import clock
from infra.forms import DateField, PageForm

FIRST_YEAR = 1990
"""Older than any bewind of somebody who uses this, and a guard against a mistyped year."""


def past_date(label: str, *, missing: str, help_text: str, required: bool) -> DateField:
    return DateField(
        label=label,
        help_text=help_text,
        required=required,
        earliest=date(FIRST_YEAR, 1, 1),
        latest=clock.today(),
        error_messages={"required": missing},
    )


class BewindForm(PageForm):
    """Everything may stay empty for the citizen; a helper (`helper`) knows at least the name."""

    name = text_field("Hoe heet uw bewindvoerder?", missing="Vul de naam van de bewindvoerder in.", required=False)
    organisation = text_field("Hoe heet het kantoor?", missing="Vul het kantoor in.", required=False)
    phone = text_field(
        "Wat is het telefoonnummer?",
        missing="Vul het telefoonnummer in.",
        longest=20,
        required=False,
        attrs={"inputmode": "tel", "size": 16},
    )
    email = forms.EmailField(
        label="Wat is het e-mailadres?",
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"spellcheck": "false"}),
        error_messages={
            "invalid": "Dit e-mailadres klopt niet. Bijvoorbeeld naam@kantoor.nl.",
            "max_length": "Dit e-mailadres is te lang.",
        },
    )

    def __init__(self, *args: Any, helper: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if helper:
            self.fields["name"].required = True
            for field, label in (("name", "Naam van de bewindvoerder"), ("organisation", "Kantoor")):
                self.fields[field].label = label
            self.fields["phone"].label, self.fields["email"].label = "Telefoonnummer", "E-mailadres"
            self.fields["since"] = past_date(
                "Onder bewind sinds",
                missing="",
                help_text="Staat op de beschikking van de rechter. Weet u het niet? Laat het leeg.",
                required=False,
            )

    def clean_phone(self) -> str:
        number = str(self.cleaned_data["phone"])
        digits = re.sub(r"[\s\-()+]", "", number)
        if number and not (digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 15):
            raise ValidationError("Dit nummer klopt niet. Bijvoorbeeld 06 12 34 56 78.", code="phone")
        return number

    @property
    def who(self) -> Bewindvoerder:
        """What a valid form says."""
        return Bewindvoerder(**self.cleaned_data)
