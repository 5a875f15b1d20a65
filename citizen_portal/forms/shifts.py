"""One instalment later, another way of paying, paying more, and what is chosen before signing."""

from datetime import date, timedelta
from typing import Any

from django import forms

from arrangements.documents.content import long_date
from arrangements.models.arrangement import PayWay, ShiftRule, WindfallRule
from arrangements.operations.bridge_payment import BridgeGround
from arrangements.operations.start_extra_payment import LEAST_CENTS
from infra.forms import DateField, EuroField, PageForm
from kernel.cents import format_euro


class MoveForm(PageForm):
    """The new day of one instalment; `earliest` and `latest` are inclusive."""

    def __init__(self, *args: Any, earliest: date, latest: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.earliest, self.latest = earliest, latest
        before = long_date(earliest - timedelta(days=1)).rsplit(" ", 1)[0]
        self._which = f"Kies een dag na {before}, tot en met {long_date(latest)}."
        self.fields["day"] = DateField(
            label="Op welke dag wilt u betalen?",
            help_text=self._which,
            earliest=date(earliest.year, 1, 1),
            latest=date(latest.year, 12, 31),
            error_messages={"required": f"Vul een datum in. Bijvoorbeeld {latest.day} {latest.month} {latest.year}."},
        )

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if not self.earliest <= day <= self.latest:
            raise forms.ValidationError(self._which, code="day")
        return day


class BridgeForm(PageForm):
    """What happened, and how somebody pays from then on."""

    ground = forms.ChoiceField(
        label="Wat verandert er?",
        choices=[(one.value, one.label) for one in BridgeGround],
        widget=forms.RadioSelect,
        error_messages={"required": "Kies wat er verandert.", "invalid_choice": "Kies wat er verandert."},
    )
    pay_way = forms.ChoiceField(
        label="Hoe wilt u straks betalen?",
        choices=PayWay.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Kies hoe u straks betaalt.", "invalid_choice": "Kies hoe u straks betaalt."},
    )


class ExtraForm(PageForm):
    """An amount on top; `open_cents` is the most there is to pay."""

    amount = EuroField(
        label="Hoeveel wilt u extra betalen, in euro?",
        help_text="Houd genoeg over om van te leven.",
        allow_zero=False,
    )

    def __init__(self, *args: Any, open_cents: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.open_cents = open_cents

    def clean_amount(self) -> int:
        amount: int = self.cleaned_data["amount"]
        if amount > self.open_cents:
            raise forms.ValidationError(
                f"U hoeft nog {format_euro(self.open_cents)} te betalen. Vul dat in, of minder."
            )
        if amount < min(LEAST_CENTS, self.open_cents):
            raise forms.ValidationError("Vul 1 euro of meer in.")
        return amount


class RulesForm(PageForm):
    """Two choices that become part of what is signed."""

    shift_rule = forms.ChoiceField(
        label="Lukt betalen een maand niet? Wat wilt u dan?",
        choices=(
            (ShiftRule.LATER.value, "Ik betaal die maand aan het eind. Ik ben dan later klaar."),
            (ShiftRule.HIGHER.value, "Ik betaal de andere maanden iets meer. Ik ben dan op tijd klaar."),
        ),
        widget=forms.RadioSelect,
        error_messages={"required": "Kies wat u wilt.", "invalid_choice": "Kies wat u wilt."},
    )
    windfall_rule = forms.ChoiceField(
        label="Krijgt u vakantiegeld of geld terug? Wat wilt u dan?",
        choices=(
            (WindfallRule.KEEP.value, "Dat geld houd ik zelf."),
            (WindfallRule.SHORTEN.value, "Herinner mij eraan. Dan kan ik extra betalen."),
        ),
        widget=forms.RadioSelect,
        error_messages={"required": "Kies wat u wilt.", "invalid_choice": "Kies wat u wilt."},
    )
