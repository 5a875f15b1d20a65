"""The yes of a bewindvoerder on paper, for whoever saw the paper."""

from typing import Any

from django import forms

from citizen_portal.forms.bewind import past_date
from citizen_portal.forms.paper_photo import PaperPhotoField
from infra.forms import PageForm


class BewindConsentForm(PageForm):
    """The paper with the yes: its date, that the helper saw it, and a photo if there is one."""

    seen = forms.BooleanField(
        label="Ik heb het papier met de handtekening van de bewindvoerder gezien",
        error_messages={"required": "Zet een vinkje als u het papier zag. Zonder papier kan het niet."},
    )
    photo = PaperPhotoField(label="Een foto van het papier. Dit hoeft niet.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dated = past_date(
            "Welke datum staat op het papier?",
            missing="Vul de datum van het papier in. Bijvoorbeeld 3 9 2026.",
            help_text="Bijvoorbeeld 3 9 2026.",
            required=True,
        )
        fields = self.fields
        self.fields = type(fields)([("consent_on", dated), *fields.items()])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("photo") and self.errors:
            # A browser never fills in a file by itself.
            self.add_error("photo", "Kies de foto nog een keer. Wij konden hem nog niet bewaren.")
        return given
