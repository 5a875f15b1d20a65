"""The day on which the income comes and the day on which somebody wants to pay."""

import re
from typing import Any

from django import forms

from arrangements.domain.pay_day import LAST_INCOME_DAY, LAST_PAY_DAY, day_after, is_before_income
from infra.forms import PageForm

_DAY = re.compile(r"[0-9]{1,2}")


class DayField(forms.CharField):
    """A day of the month as people write it; cleans to a number from 1 to `last`, or None when it may stay empty."""

    def __init__(self, *, last: int, **kwargs: Any) -> None:
        self.last = last
        attributes = {"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false", "size": "2"}
        super().__init__(required=False, widget=forms.TextInput(attrs=attributes), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "" if value is None else value

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value)).strip().lower().removeprefix("dag").strip(" .e")
        if not text:
            return None
        if not _DAY.fullmatch(text) or not 1 <= int(text) <= self.last:
            raise forms.ValidationError(f"Vul een dag in van 1 tot en met {self.last}.", code="day")
        return int(text)


class PayDayForm(PageForm):
    """Two days. A pay day just before the income is asked about once more; `chosen` is the answer to that.

    After cleaning, `days` holds what is to be saved, and `asks_again` says that nothing may be saved yet.
    """

    income_day = DayField(
        label="Op welke dag komt uw inkomen?",
        last=LAST_INCOME_DAY,
        help_text="Vul de dag van de maand in. Bijvoorbeeld 24.",
    )
    unknown = forms.BooleanField(label="Dat weet ik niet", required=False)
    pay_day = DayField(
        label="Op welke dag wilt u betalen?",
        last=LAST_PAY_DAY,
        help_text="Kies dag 1 tot en met 28. Leeg? Dan kiezen wij een dag na uw inkomen.",
    )

    asks_again = False

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        income, unknown = given.get("income_day"), given.get("unknown")
        if "income_day" in self.errors or "pay_day" in self.errors:
            return given
        if income is None and not unknown:
            self.add_error("income_day", "Vul een dag in. Of kies: dat weet ik niet.")
        elif income is not None and unknown:
            self.add_error("income_day", "Kies één antwoord: een dag, of dat weet ik niet.")
        elif income is not None and given.get("pay_day") is not None:
            self._look_at(given["pay_day"], income)
        return given

    def _look_at(self, pay_day: int, income_day: int) -> None:
        """A day just before the income: the day after is offered first, and the person may keep their own."""
        if not is_before_income(pay_day, income_day):
            return
        better = day_after(income_day)
        choices = ((str(better), f"Dag {better}: na uw inkomen"), (str(pay_day), f"Toch dag {pay_day}"))
        self.fields["chosen"] = forms.ChoiceField(
            label=f"Dag {pay_day} is kort voor uw inkomen. Welke dag kiest u?",
            help_text="Dan staat er misschien te weinig op uw rekening.",
            required=False,
            choices=choices,
            widget=forms.RadioSelect,
        )
        chosen = self.data.get("chosen", "")
        if chosen in dict(choices):
            self.cleaned_data["pay_day"] = int(chosen)
        else:
            # An answer to another question, or none yet: ask, and save nothing.
            self.asks_again = True

    @property
    def days(self) -> dict[str, int | None]:
        """What to save. Without a choice it is the day after the income; when that is not known, the first as always."""
        income, pay = self.cleaned_data["income_day"], self.cleaned_data["pay_day"]
        return {
            "income_day": income,
            "pay_day": day_after(income) if pay is None and income is not None else pay,
        }
