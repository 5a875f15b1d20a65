"""The official figure from a paper: one form for the citizen and for whoever helps."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from affordability.official_figure import HIGHEST, still_holds
from arrangements.models import OfficialFigure
from citizen_portal.forms.paper_photo import PaperPhotoField
from infra import clock
from infra.forms import DateField, EuroField, PageForm

PAPERS = {
    OfficialFigure.Paper.LETTER: "Een brief van de deurwaarder of een organisatie",
    OfficialFigure.Paper.WEBSITE: "Een berekening van uwbeslagvrijevoet.nl",
    OfficialFigure.Paper.VTLB_SHEET: "Een berekening van de gemeente of bewindvoerder",
}


class OfficialFigureForm(PageForm):
    """Paper, amount, date and photo. `helper`: somebody who may also say that they saw the paper; `of_client`: on a page
    that speaks to the helper, not to the citizen.

    After `ask_once_more` the page shows a box for the second yes; the yes counts only for the amount that was asked about.
    """

    paper = forms.ChoiceField(
        label="Op welk papier staat het bedrag?",
        choices=[(paper.value, label) for paper, label in PAPERS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Kies het papier.", "invalid_choice": "Kies het papier."},
    )
    amount = EuroField(
        label="Hoeveel mag u houden per maand, in euro?",
        help_text="Neem het bedrag precies over. Bijvoorbeeld 1.348,49.",
        maximum=HIGHEST,
        allow_zero=False,
        error_messages={"required": "Vul het bedrag van het papier in. Bijvoorbeeld 1.348,49."},
    )
    sure = forms.BooleanField(label="Ja, dit bedrag staat op het papier", required=False)
    seen = forms.BooleanField(
        label="Ik heb het papier zelf gezien", help_text="Dan hoeft er geen foto bij.", required=False
    )
    photo = PaperPhotoField(label="Een foto van het papier")

    def __init__(self, *args: Any, helper: bool, of_client: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # In cents, as text: the hidden field of the page that says which amount the second yes is about.
        self.asked_about = str(self.data.get("asked_about", ""))
        self.asks_to_confirm = False
        dated = DateField(
            label="Welke datum staat op het papier?",
            help_text="Bijvoorbeeld 3 9 2026. Het papier is hoogstens 12 maanden oud.",
            # Every date that exists: what is wrong with this one is said in `clean_paper_date`.
            earliest=date.min,
            latest=date.max,
            error_messages={"required": "Vul de datum van het papier in. Bijvoorbeeld 3 9 2026."},
        )
        fields = self.fields
        names = ("paper", "amount", "sure", "paper_date", "seen", "photo")
        self.fields = type(fields)([(name, fields.get(name, dated)) for name in names])
        if not helper:
            del self.fields["seen"]
        if of_client:
            self.fields["amount"].label = "Hoeveel mag uw cliënt houden per maand, in euro?"

    @property
    def kind(self) -> OfficialFigure.Kind:
        """What a figure on this paper is. Only for a form that is valid."""
        sheet = self.cleaned_data["paper"] == OfficialFigure.Paper.VTLB_SHEET
        return OfficialFigure.Kind.VTLB if sheet else OfficialFigure.Kind.BESLAGVRIJE_VOET

    @property
    def surely(self) -> bool:
        """Whether the second yes was given, and was about this amount. Only for a form that is valid."""
        return bool(self.cleaned_data["sure"]) and self.asked_about == str(self.cleaned_data["amount"])

    def clean_paper_date(self) -> date:
        day: date = self.cleaned_data["paper_date"]
        today = clock.today()
        if day.year < 1000:
            raise ValidationError("Vul het jaar in met 4 cijfers. Bijvoorbeeld 2026.", code="short_year")
        if day > today:
            raise ValidationError("Deze datum moet nog komen. Kijk nog eens op het papier.", code="of_tomorrow")
        if not still_holds(day, today):
            raise ValidationError(
                "Dit papier is ouder dan 12 maanden. Een bedrag geldt hoogstens 12 maanden. Vraag om een nieuw papier.",
                code="too_old",
            )
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        # The box stays as long as the amount is the one that was asked about.
        self.asks_to_confirm = self.asked_about == str(given.get("amount"))
        if "photo" not in self.errors and not given.get("photo") and not given.get("seen"):
            self.add_error(
                "photo",
                "Kies een foto. Of kruis aan dat u het papier zag."
                if "seen" in self.fields
                else "Kies een foto van het papier.",
            )
        elif given.get("photo") and self.errors:
            self._choose_again()
        return given

    def ask_once_more(self) -> None:
        """The figure is lower than expected: ask whether it is right, with a box to say so."""
        self.asked_about = str(self.cleaned_data["amount"])
        self.asks_to_confirm = True
        photo_came = bool(self.cleaned_data.get("photo"))
        self.add_error("amount", "Dit bedrag is lager dan wij verwachten. Klopt het?")
        if photo_came:
            self._choose_again()

    def _choose_again(self) -> None:
        # A browser never fills in a file by itself.
        self.add_error("photo", "Kies de foto nog een keer. Wij konden hem nog niet bewaren.")
