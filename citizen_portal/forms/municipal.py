"""Which municipality or other body helps further."""

from typing import Any

from django import forms

from arrangements.models import MunicipalRoute
from infra.forms import PageForm


class MunicipalForm(PageForm):
    """What the citizen knows of it; not knowing is an answer."""

    body_kind = forms.ChoiceField(
        label="Wie gaat u helpen?",
        choices=MunicipalRoute.BodyKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Kies een antwoord."},
    )
    body_name = forms.CharField(
        label="Hoe heet die gemeente of organisatie?",
        max_length=100,
        required=False,
        error_messages={"max_length": "Deze naam is te lang. Vul een kortere naam in."},
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        known = given.get("body_kind") not in (None, MunicipalRoute.BodyKind.UNKNOWN)
        if known and not given.get("body_name") and "body_name" not in self.errors:
            self.add_error("body_name", "Vul de naam in. Of kies: Dat weet ik nog niet.")
        return given
