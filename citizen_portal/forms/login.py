"""Ways to log in."""

from django import forms

from citizen_portal.forms.citizen import CodeField
from infra.forms import PageForm


class EmailForm(PageForm):
    """The address the code goes to."""

    email = forms.EmailField(
        label="Wat is uw e-mailadres?",
        help_text="U krijgt een mail met een code. Een wachtwoord is niet nodig.",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": "Vul uw e-mailadres in. Bijvoorbeeld naam@voorbeeld.nl.",
            "invalid": "Dit e-mailadres klopt niet. Bijvoorbeeld naam@voorbeeld.nl.",
        },
    )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class EmailCodeForm(PageForm):
    """Six digits from the mail; spaces do not matter."""

    code = forms.CharField(
        label="Welke code staat in de mail?",
        max_length=20,
        help_text="De code heeft 6 cijfers.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "size": "10"}),
        error_messages={
            "required": "Vul de code in. De code heeft 6 cijfers.",
            "max_length": "Deze code klopt niet. De code heeft 6 cijfers.",
        },
    )


class PaperCodeForm(PageForm):
    """A code from coach or desk."""

    code = CodeField(
        label="Welke code staat op het papier?", help_text="De code heeft 8 tekens. Bijvoorbeeld ACDE-FGHJ."
    )
