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


class RecognitionForm(MunicipalForm):
    """What a coach or the desk found out: is this a body the law recognises (art. 48 Wck)?"""

    is_recognised = forms.ChoiceField(
        label="Is deze organisatie erkend?",
        choices=MunicipalRoute.Recognised.choices,
        widget=forms.RadioSelect,
        help_text="Erkend: een gemeente, een kredietbank of een andere organisatie uit artikel 48 Wck.",
        error_messages={"required": "Kies een antwoord."},
    )
    ground = forms.CharField(
        label="Waar blijkt dat uit?",
        max_length=200,
        required=False,
        help_text="Bijvoorbeeld: artikel 48 lid 1 onder b Wck, of het besluit van de gemeente met de datum.",
        error_messages={"max_length": "Dit is te lang. Schrijf het korter op."},
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        decided = given.get("is_recognised") not in (None, MunicipalRoute.Recognised.UNKNOWN)
        if decided and not given.get("ground") and "ground" not in self.errors:
            self.add_error("ground", "Schrijf op waar dat uit blijkt.")
        if decided and not given.get("body_name") and "body_name" not in self.errors:
            self.add_error("body_name", "Vul de naam in van de organisatie.")
        return given
