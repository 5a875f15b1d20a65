"""The questions of the application, one form per page. A form knows what was typed, never what follows from it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from affordability.budget import MOST_PER_MONTH, SHORT_LIST, line_per_month
from arrangements.models import Application, Claim, ClaimDispute
from arrangements.operations.dispute_claim import open_dispute
from infra.forms import DateField, EuroField, PageForm
from kernel.cents import format_euro
from kernel.periods import Period

_POSTCODE = re.compile(r"[1-9][0-9]{3}[A-Z]{2}")
_HOUSE_NUMBER = re.compile(r"[0-9]{1,5}[0-9A-Za-z \-/]{0,4}")

YES_NO = (("ja", "Ja"), ("nee", "Nee"))


def text_field(label: str, *, missing: str, longest: int = 100, **kwargs: Any) -> forms.CharField:
    attributes = {name: str(value) for name, value in kwargs.pop("attrs", {}).items()}
    return forms.CharField(
        label=label,
        max_length=longest,
        error_messages={"required": missing, "max_length": f"Dit is te lang. Gebruik hoogstens {longest} tekens."},
        widget=forms.TextInput(attrs={"spellcheck": "false", **attributes}),
        **kwargs,
    )


def choice_field(
    label: str, choices: Sequence[tuple[str, str]], *, missing: str = "Kies een antwoord.", **kwargs: Any
) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=choices,
        widget=forms.RadioSelect,
        error_messages={"required": missing, "invalid_choice": missing},
        **kwargs,
    )


class CodeField(forms.CharField):
    """A code from paper: capitals, spaces and dashes do not matter."""

    def __init__(self, *, missing: str = "Vul de code in.", **kwargs: Any) -> None:
        attributes = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "size": "14"}
        super().__init__(
            max_length=20,
            widget=forms.TextInput(attrs=attributes),
            error_messages={"required": missing, "max_length": "Deze code is te lang. Een code heeft 8 tekens."},
            **kwargs,
        )


class WhoForm(PageForm):
    """Who the citizen says to be."""

    first_name = text_field("Voornaam", missing="Vul uw voornaam in.", longest=60, attrs={"autocomplete": "given-name"})
    family_name = text_field("Achternaam", missing="Vul uw achternaam in.", attrs={"autocomplete": "family-name"})
    postcode = text_field(
        "Postcode",
        missing="Vul uw postcode in. Bijvoorbeeld 1234 AB.",
        longest=10,
        attrs={"autocomplete": "postal-code", "size": 8},
    )
    house_number = text_field(
        "Huisnummer",
        missing="Vul uw huisnummer in. Bijvoorbeeld 5 of 5 A.",
        longest=10,
        attrs={"autocomplete": "off", "size": 8},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        born = DateField(
            label="Geboortedatum",
            earliest=today.replace(year=today.year - 120, day=1),
            latest=today,
            birthday=True,
            help_text="Bijvoorbeeld 3 12 1985.",
            error_messages={"required": "Vul uw geboortedatum in. Bijvoorbeeld 3 12 1985."},
        )
        fields = list(self.fields.items())
        self.fields = type(self.fields)([*fields[:2], ("birth_date", born), *fields[2:]])

    def clean_postcode(self) -> str:
        postcode = re.sub(r"\s", "", self.cleaned_data["postcode"]).upper()
        if not _POSTCODE.fullmatch(postcode):
            raise ValidationError("Deze postcode klopt niet. Bijvoorbeeld 1234 AB.", code="postcode")
        return postcode

    def clean_house_number(self) -> str:
        number = " ".join(str(self.cleaned_data["house_number"]).split())
        if not _HOUSE_NUMBER.fullmatch(number):
            raise ValidationError("Dit huisnummer klopt niet. Bijvoorbeeld 5 of 5 A.", code="house_number")
        return number


class InvitationForm(PageForm):
    """The code from a letter of an organisation; empty means there is none."""

    code = CodeField(
        label="Welke code staat in de brief?",
        required=False,
        help_text="De code heeft 8 tekens. Bijvoorbeeld ACDE-FGHJ.",
    )


class CoachCodeForm(PageForm):
    """The code of a coach."""

    code = CodeField(
        label="Welke code kreeg u van uw coach?", help_text="De code heeft 8 tekens. Bijvoorbeeld ACDE-FGHJ."
    )


def why_field(initial: str = "") -> forms.CharField:
    """One sentence for the organisation, if wanted."""
    return forms.CharField(
        label="Wilt u het uitleggen?",
        help_text="Dat hoeft niet. De organisatie leest dit.",
        required=False,
        max_length=300,
        initial=initial,
        widget=forms.Textarea(attrs={"rows": "2"}),
        error_messages={"max_length": "Dit is te lang. Gebruik hoogstens 300 tekens."},
    )


@dataclass(frozen=True, slots=True)
class ClaimAnswer:
    """What was said about one claim."""

    claim: Claim
    says: Claim.CitizenSays
    reason: ClaimDispute.Reason
    note: str


class ClaimsForm(PageForm):
    """Yes, no or don't know for each claim that was found; after a no why. Fields are named after the claim's public id."""

    def __init__(
        self, claims: Sequence[Claim], *args: Any, invited: Mapping[int, str] | None = None, **kwargs: Any
    ) -> None:
        """`invited`: by creditor, what is said about an organisation that does not take part yet."""
        super().__init__(*args, **kwargs)
        self.claims = {f"klopt-{claim.public_id}": claim for claim in claims}
        for name, claim in self.claims.items():
            amount = "bedrag nog niet bekend" if claim.known_cents is None else format_euro(claim.known_cents)
            self.fields[name] = choice_field(
                f"{claim.creditor.name}: {amount}",
                Claim.CitizenSays.choices,
                missing=f"Klopt het bedrag van {claim.creditor.name}? Kies een antwoord.",
                initial=claim.citizen_says or None,
            )
            note = (invited or {}).get(claim.creditor_id, "")
            self.fields[name].help_text = f"{note[:1].upper()}{note[1:]}." if note else ""
            dispute = open_dispute(claim)
            self.fields[f"reden-{claim.public_id}"] = choice_field(
                "Wat klopt er niet?",
                ClaimDispute.Reason.choices,
                required=False,
                initial=dispute.reason if dispute else None,
            )
            self.fields[f"zin-{claim.public_id}"] = why_field(initial=dispute.note if dispute else "")

    @property
    def cards(self) -> list[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        """Per claim: does it agree, why not, and in one sentence."""
        return [
            (self[name], self[f"reden-{claim.public_id}"], self[f"zin-{claim.public_id}"])
            for name, claim in self.claims.items()
        ]

    def clean(self) -> dict[str, Any]:
        """A no says why."""
        values = super().clean() or {}
        for name, claim in self.claims.items():
            reason = f"reden-{claim.public_id}"
            if values.get(name) == Claim.CitizenSays.NO and not values.get(reason) and reason not in self.errors:
                self.add_error(reason, f"Kies wat er niet klopt bij {claim.creditor.name}.")
        return values

    def answers(self) -> list[ClaimAnswer]:
        """What was said about which claim; only what changed."""
        given = []
        for name, claim in self.claims.items():
            says = Claim.CitizenSays(self.cleaned_data[name])
            reason, note = self.cleaned_data[f"reden-{claim.public_id}"], self.cleaned_data[f"zin-{claim.public_id}"]
            if claim.citizen_says != says or says == Claim.CitizenSays.NO:
                given.append(ClaimAnswer(claim, says, ClaimDispute.Reason(reason or ClaimDispute.Reason.OTHER), note))
        return given


class DisputeForm(PageForm):
    """Why a debt in a running plan is not right."""

    reason = choice_field("Wat klopt er niet?", ClaimDispute.Reason.choices)
    note = why_field()


class AddOrganisationForm(PageForm):
    """ "Nog een organisatie"."""

    creditor_name = text_field(
        "Welke organisatie is het?",
        missing="Vul de naam van de organisatie in.",
        attrs={"autocomplete": "off", "list": "organisaties"},
    )
    told_cents = EuroField(
        label="Hoeveel moet u nog betalen, in euro?",
        required=False,
        help_text="Weet u dat niet? Laat dit dan leeg. De organisatie vult het bedrag in.",
    )

    def clean_creditor_name(self) -> str:
        return " ".join(str(self.cleaned_data["creditor_name"]).split())


class FixedCostsForm(PageForm):
    """Three costs; what somebody does not know stays empty. The same lines as in the budget."""

    rent_cents = EuroField(label="Huur of hypotheek, in euro per maand", required=False, maximum=MOST_PER_MONTH)
    energy_cents = EuroField(label="Gas, licht en warmte, in euro per maand", required=False, maximum=MOST_PER_MONTH)
    health_insurance_cents = EuroField(
        label="Zorgverzekering, in euro per maand", required=False, maximum=MOST_PER_MONTH
    )

    def lines(self, application: Application) -> dict[str, dict[str, Any] | None]:
        """What was filled in, as lines of the budget.

        An empty field is "weet ik niet", as the page says, unless somebody went through the budget and does not have this
        cost. An amount that was left as it stood keeps the period in which it was typed there.
        """
        found: dict[str, dict[str, Any] | None] = {}
        for code in SHORT_LIST:
            cents, stored = self.cleaned_data[f"{code}_cents"], application.budget.get(code)
            if cents is None:
                went_through = stored is None and f"budget.{code}" in application.entered_by
                found[code] = None if went_through else {"unknown": True}
            elif cents == line_per_month(stored):
                found[code] = stored
            else:
                kept = {"overlap": stored["overlap"]} if stored and "overlap" in stored else {}
                found[code] = {"cents": cents, "period": Period.MONTH.value, **kept}
        return found


class CanMissForm(PageForm):
    """The question it is all about. `months`: the terms to choose from."""

    declared_cents = EuroField(
        label="Hoeveel geld kunt u elke maand missen, in euro?",
        help_text="Kies een bedrag dat u kunt volhouden. Kunt u niets missen? Vul dan 0 in.",
        maximum=5_000_00,
    )

    def __init__(self, months: Sequence[int], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["months"] = choice_field(
            "Hoe lang kunt u dit betalen?",
            [(str(count), f"{count} maanden") for count in months],
            missing="Kies hoe lang u kunt betalen.",
            help_text="Meestal is dit het langste. Duurt het korter? Dan zegt een organisatie eerder nee.",
        )


class StoryForm(PageForm):
    """Optional: how it came about, and who may read it."""

    story_cause = forms.ChoiceField(
        label="Wat is er gebeurd?",
        required=False,
        choices=Application.Story.choices,
        widget=forms.RadioSelect,
    )
    story = forms.CharField(
        label="Wilt u er iets over vertellen?",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": "5"}),
        help_text="Schrijf niets over uw gezondheid. Dat hoeft niemand te weten.",
        error_messages={"max_length": "Uw verhaal is te lang. Gebruik hoogstens 1000 letters."},
    )
    story_readers = forms.ChoiceField(
        label="Wie mag dit lezen?",
        required=False,
        choices=Application.StoryReaders.choices,
        widget=forms.RadioSelect,
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        told = given.get("story") or given.get("story_cause")
        if told and not given.get("story_readers"):
            self.add_error("story_readers", "Kies wie uw verhaal mag lezen.")
        return given


class OwnDataForm(PageForm):
    """What a citizen can change without help."""

    phone = forms.CharField(
        label="Uw telefoonnummer",
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel", "size": "16"}),
        error_messages={"max_length": "Dit nummer is te lang."},
    )

    def clean_phone(self) -> str:
        number = str(self.cleaned_data["phone"]).strip()
        digits = re.sub(r"[\s\-()+]", "", number)
        if number and not (digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 15):
            raise ValidationError("Dit nummer klopt niet. Bijvoorbeeld 06 12 34 56 78.", code="phone")
        return number
