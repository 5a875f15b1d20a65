"""The forms of two partners who take part together."""

from collections.abc import Sequence
from typing import Any

from django import forms

from arrangements.models import Claim
from arrangements.operations.share_claim import Ground
from citizen_portal.forms.citizen import CodeField
from infra.forms import PageForm
from kernel.cents import format_euro


class PartnerCodeForm(PageForm):
    """The code the partner gave."""

    code = CodeField(
        label="Welke code kreeg u van uw partner?", help_text="De code heeft 8 tekens. Bijvoorbeeld ACDE-FGHJ."
    )


class ShareForm(PageForm):
    """Which of the own claims, and why both have to pay. A claim is chosen by its public id."""

    claim = forms.ChoiceField(
        label="Welke rekening deelt u?",
        help_text="Kies alleen een rekening die u allebei moet betalen.",
        widget=forms.RadioSelect,
        error_messages={"required": "Kies een rekening.", "invalid_choice": "Kies een rekening uit de lijst."},
    )
    ground = forms.ChoiceField(
        label="Waarom moet uw partner ook betalen?",
        choices=[(ground.name, ground.value) for ground in Ground],
        widget=forms.RadioSelect,
        error_messages={"required": "Kies een reden.", "invalid_choice": "Kies een reden uit de lijst."},
    )

    def __init__(self, claims: Sequence[Claim], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._claims = {str(claim.public_id): claim for claim in claims}
        field = self.fields["claim"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above; for the type checker
        field.choices = [(key, _words(claim)) for key, claim in self._claims.items()]

    @property
    def chosen(self) -> tuple[Claim, Ground]:
        """The claim and the ground, once the form is valid."""
        return self._claims[self.cleaned_data["claim"]], Ground[self.cleaned_data["ground"]]


def _words(claim: Claim) -> str:
    amount = "bedrag nog niet bekend" if claim.known_cents is None else format_euro(claim.known_cents)
    reference = f", kenmerk {claim.reference}" if claim.reference else ""
    return f"{claim.creditor.name}{reference}: {amount}"
