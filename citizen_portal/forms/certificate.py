"""A certificate to check: as a file, or as its text."""

from typing import Any

from django import forms

from arrangements.domain.certificate_file import MAX_BYTES, TOO_LARGE, Unreadable
from arrangements.queries.certificates import Checked, check_file
from infra.forms import PageForm

NOTHING_GIVEN = "Kies een bestand. Of plak de tekst uit het bestand."


class CertificateForm(PageForm):
    """One of two ways to hand it over; a file that was chosen goes first. What comes in is kept nowhere."""

    file = forms.FileField(
        label="Kies het bestand",
        help_text="Dit is het bestand dat u van ons kreeg.",
        required=False,
        allow_empty_file=True,  # what is in it is said by the check itself
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        error_messages={"max_length": "De naam is te lang. Geef het bestand een kortere naam."},
    )
    text = forms.CharField(
        label="Of plak hier de tekst",
        help_text="Neem alle tekst uit het bestand.",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": "6", "autocomplete": "off", "spellcheck": "false"}),
    )
    checked: Checked

    def clean(self) -> dict[str, Any]:
        """Check it: what is no certificate is told at the field it came in by."""
        values = super().clean() or {}
        if self.errors:
            return values
        file, text = values.get("file"), values.get("text") or ""
        name = "text" if file is None and text.strip() else "file"
        if file is None and not text.strip():
            self.add_error("file", NOTHING_GIVEN)
            return values
        try:
            if file is not None and file.size > MAX_BYTES:
                raise Unreadable(TOO_LARGE)
            # Half a pair of signs can be typed into a form by a program and is in no file.
            self.checked = check_file(file.read() if file is not None else text.encode(errors="replace"))
        except Unreadable as reason:
            self.add_error(name, str(reason))
        return values
