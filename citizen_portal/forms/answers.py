"""What a citizen writes to one organisation: a reply to its question, or a note when it is asked to look again."""

from django import forms

from arrangements.operations.ask_question import LONGEST_REPLY
from infra.forms import PageForm

_TOO_LONG = {"max_length": f"Gebruik niet meer dan {LONGEST_REPLY} tekens. Maak uw tekst korter."}


def _own_words(*, label: str, help_text: str, required: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=LONGEST_REPLY,
        required=bool(required),
        widget=forms.Textarea(attrs={"rows": "5"}),
        error_messages={"required": required, **_TOO_LONG},
    )


class ReplyForm(PageForm):
    """The reply to the one question."""

    reply = _own_words(
        label="Uw antwoord",
        help_text="Schrijf het in uw eigen woorden. Kort is goed.",
        required="Schrijf een antwoord. Weet u het niet? Schrijf dat dan op.",
    )


class LookAgainForm(PageForm):
    """A note beside the request to look again; it may stay empty."""

    note = _own_words(label="Wilt u er iets bij schrijven?", help_text="Dat mag, maar het hoeft niet.")
