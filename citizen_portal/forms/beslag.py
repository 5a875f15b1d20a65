"""Telling of a beslag, and lifting it: who seizes, which letter, and what is known of the amounts."""

from collections.abc import Iterable
from typing import Any

from django import forms

from arrangements.models import Beslag
from creditors.models import Creditor
from infra.forms import EuroField, PageForm

SOMEBODY_ELSE = "anders"
_WHO = "Kies wie beslag legt."
_LETTER = "Kies welke brief u kreeg."


class BeslagForm(PageForm):
    """`creditors`: those of the plan. `of_client`: on a page that speaks to the helper, not to the citizen."""

    who = forms.ChoiceField(
        label="Wie legt beslag?",
        widget=forms.RadioSelect,
        error_messages={"required": _WHO, "invalid_choice": _WHO},
    )
    name = forms.CharField(
        label="Naam van wie beslag legt",
        help_text="Alleen als die er niet bij staat. De naam staat boven de brief.",
        required=False,
        max_length=100,
        error_messages={"max_length": "Maak de naam korter. Er passen 100 letters."},
    )
    letter = forms.ChoiceField(
        label="Welke brief kreeg u?",
        choices=(
            (Beslag.Letter.INCOME.value, "Er gaat geld van mijn loon of uitkering"),
            (Beslag.Letter.BANK.value, "Ik kan niet bij mijn bankrekening"),
            (Beslag.Letter.GOODS.value, "Het gaat om mijn spullen"),
            (Beslag.Letter.WARNING.value, "Een brief dat er beslag komt"),
            (Beslag.Letter.UNKNOWN.value, "Dat weet ik niet"),
        ),
        widget=forms.RadioSelect,
        error_messages={"required": _LETTER, "invalid_choice": _LETTER},
    )
    amount = EuroField(
        label="Om welk bedrag gaat het, in euro?", help_text="Weet u dit niet? Laat het dan leeg.", required=False
    )
    taken = EuroField(
        label="Hoeveel gaat er per maand af, in euro?", help_text="Weet u dit niet? Laat het dan leeg.", required=False
    )

    def __init__(self, *args: Any, creditors: Iterable[Creditor], of_client: bool = False, **kwargs: Any) -> None:
        self.by_value = {str(one.public_id): one for one in creditors}
        super().__init__(*args, **kwargs)
        who = self.fields["who"]
        assert isinstance(who, forms.ChoiceField)  # noqa: S101  declared above; for the type checker
        who.choices = [*((value, one.name) for value, one in self.by_value.items()), (SOMEBODY_ELSE, "Iemand anders")]
        if of_client:
            self.fields["letter"].label = "Welke brief kreeg uw cliënt?"

    def clean(self) -> dict[str, Any]:
        """Somebody else has a name."""
        given = super().clean() or {}
        if given.get("who") == SOMEBODY_ELSE and "name" not in self.errors and not given.get("name"):
            self.add_error("name", "Vul de naam in van wie beslag legt.")
        return given

    @property
    def report(self) -> dict[str, Any]:
        """What `report_beslag` needs to know. Only for a form that is valid."""
        given = self.cleaned_data
        creditor = self.by_value.get(given["who"])
        return {
            "creditor": creditor,
            "party_name": "" if creditor else given["name"],
            "letter": Beslag.Letter(given["letter"]),
            "claim_cents": given["amount"],
            "taken_cents": given["taken"],
        }
