"""The fault menu of the made-up bank: what goes wrong, with what, and when."""

from typing import Any

from django import forms

from arrangements.models import DemoBankFault
from arrangements.payments import demobank
from infra.forms import PageForm


class FaultForm(PageForm):
    """One fault to choose. What it is about must exist at the bank, or be left to come."""

    kind = forms.ChoiceField(
        label="Wat gaat er mis?",
        choices=DemoBankFault.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Kies wat er misgaat."},
    )
    target = forms.CharField(
        label="Met welke betaling of opdracht?",
        help_text="Laat dit leeg voor de eerstvolgende. Of vul het nummer bij de bank in.",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"max_length": "Een nummer heeft ten hoogste 60 tekens."},
    )
    after_days = forms.IntegerField(
        label="Na hoeveel dagen?",
        help_text="Alleen bij storingen die later komen. Bijvoorbeeld 20 voor een storno na 20 dagen.",
        required=False,
        min_value=0,
        max_value=400,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": "4"}),
        error_messages={
            "invalid": "Vul een aantal dagen in. Bijvoorbeeld 20.",
            "min_value": "Vul 0 of meer dagen in.",
            "max_value": "Vul ten hoogste 400 dagen in.",
        },
    )

    def choose(self) -> bool:
        """Set the fault; what stands against it is told at the field. Only after validation."""
        chosen: dict[str, Any] = self.cleaned_data
        try:
            demobank.set_fault(chosen["kind"], target=chosen["target"], after_days=chosen["after_days"] or 0)
        except demobank.NothingToHit:
            self.add_error("target", "Dit nummer kent de bank niet, of deze betaling kwam al terug. Kijk het na.")
            return False
        return True
