"""Forms of the console. Business staff fill these in: short sentences, exact figures."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from arrangements.domain.lifecycle import RefusalCode
from arrangements.models import Beslag, ProposalLine
from arrangements.operations.ask_question import LONGEST_QUESTION
from creditors.console.presenters import REFUSAL_LABELS, euro
from creditors.policies.claims_file import MAX_BYTES
from infra.forms import DateField, EuroField, PageForm
from kernel.identifiers import is_iban, normalize_iban

LARGEST = 100_000_000  # one million euro in cents, as everywhere people type amounts
_PERCENT = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,2}))?\s*%?")


class SeenForm(PageForm):
    """Carries the hash of the version that was on the screen."""

    seen_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)


class RefuseForm(SeenForm):
    """A coded reason, and the detail some codes ask for."""

    code = forms.ChoiceField(
        label="Wat is de reden?",
        choices=[(code.value, label) for code, label in REFUSAL_LABELS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Kies een reden."},
    )
    note = forms.CharField(
        label="Toelichting",
        help_text="Verplicht als de reden om een gegeven vraagt. Ten hoogste 300 tekens. Noem geen andere personen.",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": "3"}),
        error_messages={"max_length": "Gebruik ten hoogste 300 tekens."},
    )

    def clean(self) -> dict[str, Any]:
        """Some codes say nothing without a detail."""
        values = super().clean() or {}
        code = values.get("code")
        if code and RefusalCode(code).needs_detail and not (values.get("note") or "").strip():
            self.add_error("note", "Bij deze reden hoort een toelichting. Noem het gegeven.")
        return values


class QuestionForm(SeenForm):
    """The one question to the citizen."""

    question = forms.CharField(
        label="Wat wilt u weten?",
        help_text="U kunt één vraag stellen, van ten hoogste 300 tekens. Gebruik gewone woorden.",
        max_length=LONGEST_QUESTION,
        widget=forms.Textarea(attrs={"rows": "3"}),
        error_messages={
            "required": "Schrijf uw vraag op.",
            "max_length": "Gebruik ten hoogste 300 tekens.",
        },
    )


class BalanceForm(SeenForm):
    """Another balance for one of the own claims in the proposal."""

    claim = forms.TypedChoiceField(
        label="Om welke vordering gaat het?", coerce=int, error_messages={"required": "Kies een vordering."}
    )
    amount = EuroField(
        label="Wat is het juiste saldo?",
        help_text="Hoofdsom, rente en kosten samen, op dit moment. Nul als er niets meer open staat.",
        maximum=LARGEST,
    )

    def __init__(self, *args: Any, lines: list[ProposalLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lines = {line.claim_id: line for line in lines}
        field = self.fields["claim"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101  for the type checker
        field.choices = [
            (line.claim_id, f"{line.claim.reference or 'zonder kenmerk'} – {euro(line.outstanding_cents)}")
            for line in lines
        ]
        if len(lines) == 1:
            # Nothing to choose.
            field.widget = forms.HiddenInput()
            field.initial = lines[0].claim_id

    def clean(self) -> dict[str, Any]:
        """The amount that stands there already is no correction."""
        values = super().clean() or {}
        line = self._lines.get(values.get("claim") or 0)
        if line is not None and values.get("amount") == line.claim.known_cents:
            self.add_error("amount", "Dit is het saldo dat er al staat. Klopt het? Kies dan Akkoord of Weiger.")
        return values


class ConfirmBalanceForm(PageForm):
    """The balance of a claim a citizen named."""

    amount = EuroField(
        label="Welk bedrag staat open?",
        help_text="Hoofdsom, rente en kosten samen, op dit moment. Nul als er niets open staat.",
        maximum=LARGEST,
    )


class PolicyForm(PageForm):
    """From which percentage on, and up to which waived amount."""

    minimum = forms.CharField(
        label="Accepteer vanaf welk deel van de vordering? (in %)",
        help_text="Bijvoorbeeld 20 of 17,5.",
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "size": "6"}),
        error_messages={"required": "Vul een percentage in. Bijvoorbeeld 20 of 17,5."},
    )
    maximum_waived = EuroField(
        label="Tot welk bedrag mag worden kwijtgescholden?",
        help_text="Leeg is: geen grens.",
        required=False,
        maximum=LARGEST,
    )

    def clean_minimum(self) -> int:
        """Hundredths of a percent."""
        text = str(self.cleaned_data["minimum"]).strip()
        match = _PERCENT.fullmatch(text) if text.isascii() else None
        if match is None:
            raise ValidationError("Vul een percentage in. Bijvoorbeeld 20 of 17,5.", code="percent")
        points = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
        if points > 10_000:
            raise ValidationError("Een percentage is ten hoogste 100.", code="percent")
        return points


class UploadForm(PageForm):
    """One claims file."""

    file = forms.FileField(
        label="Bestand met vorderingen",
        help_text=f"CSV in UTF-8, ten hoogste {MAX_BYTES // (1024 * 1024)} MB en 200.000 regels.",
        allow_empty_file=True,  # the operation says why an empty file is of no use
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={
            "required": "Kies een bestand.",
            "invalid": "Kies een bestand.",
            "missing": "Kies een bestand.",
            "max_length": "De naam van dit bestand is te lang. Geef het een kortere naam.",
        },
    )

    def clean_file(self) -> Any:
        """Too large is said before the file is read into memory."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(
                f"Dit bestand is groter dan {MAX_BYTES // (1024 * 1024)} MB. Verdeel de vorderingen over meer bestanden.",
                code="too_large",
            )
        return file


class TaskForm(PageForm):
    """Done, with the day from which it is so; or there was nothing to do."""

    outcome = forms.ChoiceField(
        label="Is dit gedaan?",
        choices=[("done", "Ja, dit is gedaan"), ("not_needed", "Dit is bij ons niet nodig")],
        widget=forms.RadioSelect,
        error_messages={"required": "Kies een van de antwoorden."},
    )

    def __init__(self, *args: Any, question: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["done_on"] = DateField(
            label=question,
            help_text="Bijvoorbeeld 3 12 2026. Alleen als het gedaan is.",
            required=False,
            earliest=date(2000, 1, 1),
            latest=date(2100, 1, 1),
        )


class OwnBeslagForm(PageForm):
    """What an organisation tells of the beslag it lays."""

    letter = forms.ChoiceField(
        label="Waarop legt u beslag?",
        choices=[
            (Beslag.Letter.INCOME.value, "Loon of uitkering"),
            (Beslag.Letter.BANK.value, "Een bankrekening"),
            (Beslag.Letter.GOODS.value, "Spullen"),
            (Beslag.Letter.WARNING.value, "Nog niet gelegd, wel aangekondigd"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Kies waarop u beslag legt."},
    )
    amount = EuroField(label="Voor welk bedrag, in euro?", required=False, maximum=LARGEST)
    compared = forms.BooleanField(
        label="Ik heb de vergelijking gelezen en leg toch beslag",
        error_messages={"required": "Lees eerst de vergelijking en kruis dit aan."},
    )


class IbanForm(PageForm):
    """Another account."""

    iban = forms.CharField(
        label="Het nieuwe rekeningnummer (IBAN)",
        help_text="Bijvoorbeeld NL91 ABNA 0417 1643 00.",
        max_length=42,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "size": "34"}),
        error_messages={"required": "Vul het rekeningnummer in."},
    )

    def clean_iban(self) -> str:
        """Without spaces; a number that cannot exist is refused here, beside the field."""
        text = str(self.cleaned_data["iban"])
        if not is_iban(text):
            raise ValidationError("Deze IBAN bestaat niet. Kijk de cijfers nog eens na.", code="iban")
        return normalize_iban(text)
