"""Form fields for people (ux.md 2.1, 2.2): text inputs that accept what people write, and sentences that say what to do."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from kernel.cents import AmountError, format_euro, parse_euro

_MONTHS = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_MONTH_NUMBERS = {name: number for number, name in enumerate(_MONTHS, start=1)} | {"maa": 3}


CHOOSE = "Kies een van de antwoorden."


class PageForm(forms.Form):
    """A form of one page: no browser validation (it speaks another language and hides the reason), Dutch messages.

    A field that does not say what to do when something else than one of its choices arrives says `CHOOSE`.
    """

    use_required_attribute = False
    error_css_class = "has-error"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name in self.fields:
            messages = self.fields[name].error_messages
            for code in ("invalid_choice", "invalid_list"):
                # What Django says is lazy, to be translated; what we say is a plain text.
                if code in messages and not isinstance(messages[code], str):
                    messages[code] = CHOOSE


class EuroField(forms.CharField):
    """An amount in euro as people write it; cleans to int cents, or None when it may stay empty.

    `maximum`: the highest sensible amount in cents; above it the person is asked to look again.
    """

    def __init__(self, *, maximum: int = 100_000_00, allow_zero: bool = True, **kwargs: Any) -> None:
        self.maximum = maximum
        self.allow_zero = allow_zero
        kwargs.setdefault(
            "widget",
            forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "spellcheck": "false", "size": "10"}),
        )
        kwargs.setdefault("error_messages", {"required": "Vul een bedrag in. Bijvoorbeeld 45 of 45,50."})
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        # Cents come back as people write them; what somebody typed stays as typed.
        return format_euro(value).removeprefix("€").strip("\u00a0 ") if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            cents = parse_euro(text)
        except AmountError as error:
            raise ValidationError(str(error), code="amount") from error
        if cents > self.maximum:
            raise ValidationError(
                f"Dit bedrag is hoger dan {format_euro(self.maximum)}. Kijk het nog eens na. Klopt het toch? Bel ons dan.",
                code="too_high",
            )
        if cents == 0 and not self.allow_zero:
            raise ValidationError("Vul een bedrag in dat hoger is dan 0.", code="zero")
        return cents


class ThreePartDate(forms.MultiWidget):
    """Day, month, year, each in its own text field."""

    template_name = "forms/three_part_date.html"

    def __init__(self, *, birthday: bool = False) -> None:
        self.birthday = birthday
        parts = ("day", "month", "year")
        super().__init__(
            [
                forms.TextInput(
                    attrs={"inputmode": "numeric", "size": "4" if part == "year" else "2"}
                    | ({"autocomplete": f"bday-{part}"} if birthday else {"autocomplete": "off"})
                )
                for part in parts
            ]
        )

    def decompress(self, value: Any) -> list[Any]:
        return [value.day, value.month, value.year] if isinstance(value, date) else [None, None, None]


class DateField(forms.MultiValueField):
    """A date in three fields; accepts "3", "03", "mrt", "maart". `earliest` and `latest` are inclusive."""

    widget: Any

    def __init__(self, *, earliest: date, latest: date, birthday: bool = False, **kwargs: Any) -> None:
        self.earliest = earliest
        self.latest = latest
        kwargs.setdefault("error_messages", {"required": "Vul een datum in. Bijvoorbeeld 3 12 1985."})
        super().__init__(
            fields=[forms.CharField(), forms.CharField(), forms.CharField()],
            widget=ThreePartDate(birthday=birthday),
            require_all_fields=True,
            **kwargs,
        )

    def compress(self, data_list: list[str]) -> date | None:
        if not data_list:
            return None
        day, month, year = (part.strip().lower() for part in data_list)
        month_number = _MONTH_NUMBERS.get(month[:3]) or month
        try:
            found = date(_number(year), _number(str(month_number)), _number(day))
        except ValueError as error:
            raise ValidationError("Deze datum bestaat niet. Bijvoorbeeld 3 12 1985.", code="date") from error
        if not self.earliest <= found <= self.latest:
            raise ValidationError(
                f"Vul een datum in tussen {self.earliest.year} en {self.latest.year}.", code="date_range"
            )
        return found


def _number(text: str) -> int:
    # int() also reads full-width digits and underscores; people do not.
    if not (text.isascii() and text.isdigit()):
        raise ValueError(text)
    return int(text)
