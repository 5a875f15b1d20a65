"""Forms of the coach pages."""

from typing import Any

from django import forms

from arrangements.domain.break_reason import BreakReason
from arrangements.models import MunicipalRoute
from arrangements.operations.lower_amount import Paper
from citizen_portal.forms.municipal import MunicipalForm
from infra.forms import EuroField, PageForm


class InviteForm(PageForm):
    """A code for a new client, or a new code for one whose mandate ends."""

    label = forms.CharField(
        label="Naam van uw cliënt, voor uzelf",
        help_text="Alleen u ziet deze naam. Bijvoorbeeld: mevrouw J.",
        max_length=60,
        error_messages={"required": "Vul een naam in, zodat u deze uitnodiging herkent."},
    )
    valid_months = forms.TypedChoiceField(
        label="Hoe lang mag u helpen?",
        choices=[("3", "3 maanden"), ("6", "6 maanden"), ("12", "12 maanden")],
        initial="6",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Kies hoe lang u mag helpen."},
    )
    papers_seen = forms.BooleanField(
        label="Ik heb het paspoort of de identiteitskaart van deze persoon gezien",
        help_text="Dan kan uw cliënt de gevonden vorderingen zien zonder brief van een organisatie.",
        required=False,
    )


class LowerAmountForm(PageForm):
    """The amount from now on, and what was seen that proves the fall."""

    monthly_cents = EuroField(label="Nieuw bedrag per maand, in euro", allow_zero=False)
    papers = forms.MultipleChoiceField(
        label="Welk bewijs heeft u zelf gezien?",
        choices=[(one.value, one.label) for one in Paper],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": "Kies uit de lijst welk bewijs u heeft gezien."},
    )


class BreakForm(PageForm):
    """How long a crisis break is, and the reason all organisations read."""

    def __init__(self, *args: Any, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["months"] = forms.TypedChoiceField(
            label="Hoe lang is de pauze?",
            choices=[(str(count), "1 maand" if count == 1 else f"{count} maanden") for count in range(1, most + 1)],
            coerce=int,
            widget=forms.RadioSelect,
            error_messages={"required": "Kies hoe lang.", "invalid_choice": "Kies hoe lang."},
        )
        self.fields["reason"] = forms.ChoiceField(
            label="Wat is de reden?",
            help_text="Alle organisaties krijgen deze zin te lezen. Verder niets.",
            choices=[(one.value, one.sentence) for one in BreakReason],
            widget=forms.RadioSelect,
            error_messages={"required": "Kies een reden.", "invalid_choice": "Kies een reden."},
        )


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


class LiftForm(PageForm):
    """Why a beslag is over."""

    reason = forms.CharField(
        label="Waarom is het beslag voorbij?",
        help_text="Bijvoorbeeld: brief van de deurwaarder gezien, van 3 december.",
        max_length=200,
        error_messages={
            "required": "Leg uit waarom het beslag voorbij is.",
            "max_length": "Maak het korter. Er passen 200 letters.",
        },
    )
