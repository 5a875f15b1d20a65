"""Forms about one own claim: what it is made of, and what happens to it."""

from datetime import date, timedelta
from typing import Any

from django import forms

from arrangements.domain.charges import CostsCheck
from arrangements.models import Claim, ClaimCorrection
from arrangements.operations.edit_claim import Amounts, Details
from arrangements.queries.claims import costs_check
from creditors.console.forms import LARGEST
from creditors.console.presenters import euro
from infra.forms import DateField, EuroField, PageForm

TOO_LONG = {"max_length": "Dit is te lang."}
YES_NO = (("ja", "Ja"), ("nee", "Nee"))


def _text(label: str, *, longest: int, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=longest,
        error_messages={"max_length": f"Gebruik ten hoogste {longest} tekens."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class DetailsForm(PageForm):
    """Where the claim is from and who collects it: may be changed at any time."""

    kind = forms.ChoiceField(label="Waar is de vordering van?", required=False)
    collector_name = _text("Wie int de vordering?", longest=100, help_text="Leeg als u dat zelf doet.")
    collector_reference = _text("Kenmerk daar", longest=60)
    deurwaarder_name = _text("Deurwaarder", longest=100, help_text="Leeg als die er niet is.")
    deurwaarder_reference = _text("Kenmerk bij de deurwaarder", longest=60)

    def __init__(self, claim: Claim, *args: Any, **kwargs: Any) -> None:
        names = ("kind", "collector_name", "collector_reference", "deurwaarder_name", "deurwaarder_reference")
        kwargs["initial"] = {name: getattr(claim, name) for name in names} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  for the type checker
        field.choices = [("", "niet opgegeven"), *Claim.Kind.choices]

    def clean(self) -> dict[str, Any]:
        """A reference is somebody's."""
        values = super().clean() or {}
        for who in ("collector", "deurwaarder"):
            if values.get(f"{who}_reference", "").strip() and not values.get(f"{who}_name", "").strip():
                self.add_error(f"{who}_name", "Hieronder staat een kenmerk. Noem ook van wie het is.")
        return values

    @property
    def details(self) -> Details:
        """What was filled in, once the form is valid."""
        names = ("kind", "collector_name", "collector_reference", "deurwaarder_name", "deurwaarder_reference")
        return Details(**{name: self.cleaned_data[name].strip() for name in names})

    @property
    def amounts(self) -> Amounts | None:
        """No amount on this form."""
        return None

    @property
    def over(self) -> CostsCheck | None:
        """No costs on this form."""
        return None


class ClaimForm(DetailsForm):
    """All of it, for a claim that stands in no proposal and no arrangement."""

    principal = EuroField(label="Hoofdsom", required=False, maximum=LARGEST)
    interest = EuroField(label="Rente", required=False, maximum=LARGEST)
    costs = EuroField(label="Bijkomende kosten", required=False, maximum=LARGEST)
    outstanding = EuroField(
        label="Wat staat open?",
        help_text="Hoofdsom, rente en kosten samen, op dit moment. Nul als er niets meer open staat.",
        maximum=LARGEST,
    )
    preference_ground = _text(
        "Wettelijke voorrang: welk wetsartikel?", longest=100, help_text="Leeg is: geen voorrang."
    )
    not_dischargeable_ground = _text(
        "Mag de rest niet worden kwijtgescholden? Noem waarom.",
        longest=100,
        help_text="Wetsartikel of reden. Leeg is: de rest mag worden kwijtgescholden.",
    )
    costs_seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)

    def __init__(self, claim: Claim, *args: Any, **kwargs: Any) -> None:
        self._claim = claim
        kwargs["initial"] = {
            "principal": claim.principal_cents,
            "interest": claim.interest_cents,
            "costs": claim.costs_cents,
            "outstanding": claim.confirmed_cents,
            "preference_ground": claim.preference_ground,
            "not_dischargeable_ground": claim.not_dischargeable_ground,
        }
        super().__init__(claim, *args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """The parts are what is open, when all are given."""
        values = super().clean()
        parts = [values.get(name) for name in ("principal", "interest", "costs")]
        outstanding = values.get("outstanding")
        given = [int(part) for part in parts if part is not None]
        if outstanding is not None and len(given) == len(parts) and (together := sum(given)) != outstanding:
            self.add_error("outstanding", f"Hoofdsom, rente en kosten zijn samen {euro(together)}. Wat klopt?")
        return values

    @property
    def amounts(self) -> Amounts:
        """What was filled in, once the form is valid."""
        preference = self.cleaned_data["preference_ground"].strip()
        kept = self.cleaned_data["not_dischargeable_ground"].strip()
        return Amounts(
            outstanding=self.cleaned_data["outstanding"],
            principal=self.cleaned_data["principal"],
            interest=self.cleaned_data["interest"],
            costs=self.cleaned_data["costs"],
            is_preferent=bool(preference),
            preference_ground=preference,
            dischargeable=not kept,
            not_dischargeable_ground=kept,
        )

    @property
    def over(self) -> CostsCheck | None:
        """The costs, when more is asked than the table allows and nobody has looked at these costs yet."""
        typed = Claim(
            principal_cents=self.cleaned_data["principal"],
            costs_cents=self.cleaned_data["costs"],
            kind=self.cleaned_data["kind"],
            origin_date=self._claim.origin_date,
        )
        found = costs_check(typed)
        seen = self.cleaned_data["costs_seen"]
        return found if found is not None and found.over and seen != str(found.asked) else None


class CorrectForm(PageForm):
    """The explicit correction of a claim in an arrangement."""

    amount = EuroField(
        label="Wat stond open bij de start van de regeling?",
        help_text="Hoofdsom, rente en kosten samen, op de dag van het tekenen.",
        maximum=LARGEST,
    )
    reason = forms.ChoiceField(
        label="Waarom verandert het bedrag?",
        choices=ClaimCorrection.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Kies een reden."},
    )
    note = forms.CharField(
        label="Leg uit wat er verandert",
        help_text="Ten hoogste 300 tekens. Noem geen andere personen.",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": "3"}),
        error_messages={
            "required": "Leg in één zin uit wat er verandert.",
            "max_length": "Gebruik ten hoogste 300 tekens.",
        },
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)

    def __init__(self, *args: Any, now_cents: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now = now_cents

    def clean_amount(self) -> int:
        """The amount that stands there is no correction."""
        cents = int(self.cleaned_data["amount"])
        if cents == self._now:
            raise forms.ValidationError("Dit bedrag staat er al. Vul het juiste bedrag in.", code="same")
        return cents

    @property
    def was_seen(self) -> bool:
        """Whether the preview of this amount was on the screen."""
        return bool(self.cleaned_data["seen"] == str(self.cleaned_data["amount"]))


class TransferForm(PageForm):
    """To whom, how much, from when."""

    to_name = forms.CharField(
        label="Aan welke organisatie?",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "organisaties"}),
        error_messages={
            "required": "Vul de naam van de organisatie in.",
            "max_length": "Gebruik ten hoogste 100 tekens.",
        },
    )
    to_reference = forms.CharField(
        label="Wat is het kenmerk daar?",
        help_text="Weet u dat niet? Laat dit dan leeg.",
        required=False,
        max_length=60,
        error_messages={"max_length": "Gebruik ten hoogste 60 tekens."},
    )
    amount = EuroField(
        label="Welk deel?",
        help_text="Leeg is: alles wat op die dag nog openstaat.",
        required=False,
        allow_zero=False,
        maximum=LARGEST,
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from_date"] = DateField(
            label="Vanaf welke dag?",
            help_text="Vandaag of later. Wat tot die dag binnenkomt, is nog voor u.",
            earliest=today,
            latest=today + timedelta(days=5 * 365),
            error_messages={"required": "Vul een dag in. Bijvoorbeeld 3 12 2026."},
        )

    def clean_to_name(self) -> str:
        """One space between words."""
        return " ".join(str(self.cleaned_data["to_name"]).split())
