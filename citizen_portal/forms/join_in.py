"""What an organisation says that wants to take part."""

import re

from django import forms

from infra.forms import PageForm

_KVK = re.compile(r"[0-9]{8}")


class JoinInForm(PageForm):
    """Who it is and whom we call. The number of the register may stay empty."""

    organisation = forms.CharField(
        label="Hoe heet uw organisatie?",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={
            "required": "Vul de naam van uw organisatie in.",
            "max_length": "Deze naam is te lang. Vul een kortere naam in.",
        },
    )
    contact_name = forms.CharField(
        label="Met wie kunnen wij bellen?",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={
            "required": "Vul de naam in van een contactpersoon.",
            "max_length": "Deze naam is te lang. Vul een kortere naam in.",
        },
    )
    email = forms.EmailField(
        label="Op welk e-mailadres kunnen wij schrijven?",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": "Vul een e-mailadres in.",
            "invalid": "Dit e-mailadres klopt niet. Bijvoorbeeld: info@bedrijf.nl.",
            "max_length": "Dit e-mailadres is te lang. Vul een ander adres in.",
        },
    )
    kvk_number = forms.CharField(
        label="Wat is uw KvK-nummer?",
        required=False,
        max_length=20,
        help_text="Dit hoeft niet. Het nummer heeft 8 cijfers.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": "10"}),
        error_messages={"max_length": "Een KvK-nummer heeft 8 cijfers. Kijk het nog eens na."},
    )

    def clean_kvk_number(self) -> str:
        """Eight digits, however they were spaced."""
        text = re.sub(r"[\s.]", "", str(self.cleaned_data["kvk_number"]))
        if text and not _KVK.fullmatch(text):
            raise forms.ValidationError("Een KvK-nummer heeft 8 cijfers. Kijk het nog eens na.", code="kvk")
        return text
