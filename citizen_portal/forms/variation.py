"""Asking for a change of a running plan."""

from django import forms

from affordability.budget import MOST_PER_MONTH
from arrangements.domain.policy_values import policy_on
from infra import clock
from infra.forms import EuroField, PageForm


class LowerAskedForm(PageForm):
    """How much somebody would rather pay; the creditors have to say yes."""

    monthly_cents = EuroField(
        label="Welk bedrag wilt u betalen, in euro per maand?",
        maximum=MOST_PER_MONTH,
        allow_zero=False,
        error_messages={"required": "Vul een bedrag in. Bijvoorbeeld 30 of 30,50."},
    )


class LongPauseForm(PageForm):
    """For how many months; the creditors have to say yes."""

    months = forms.TypedChoiceField(
        label="Hoeveel maanden wilt u pauze?",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Kies hoeveel maanden u pauze wilt.",
            "invalid_choice": "Kies hoeveel maanden u pauze wilt.",
        },
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["months"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101  for the type checker
        most = policy_on(clock.today()).long_pause_months
        field.choices = [(str(count), f"{count} maanden") for count in range(2, most + 1)]
