"""Fields for people: what is typed comes in as cents and dates, or goes back with a sentence that says what to do."""

from datetime import date

import pytest
from django import forms

from infra.forms import DateField, EuroField, PageForm


class _Page(PageForm):
    amount = EuroField(label="Hoeveel?", maximum=5_000_00)
    day = DateField(label="Wanneer?", earliest=date(1906, 1, 1), latest=date(2026, 11, 23))
    how_often = forms.ChoiceField(label="Hoe vaak?", choices=[("month", "Elke maand")])
    things = forms.MultipleChoiceField(label="Wat?", choices=[("a", "A")], required=False)
    own = forms.ChoiceField(
        label="Welke?", choices=[("a", "A")], error_messages={"invalid_choice": "Kies A. Er is niets anders."}
    )


def _page(**typed: object) -> _Page:
    good = {"amount": "45", "day_0": "3", "day_1": "mrt", "day_2": "1985", "how_often": "month", "own": "a"}
    return _Page({**good, **typed})


def test_what_people_write_becomes_cents_and_a_date() -> None:
    form = _page(amount="1.250,5")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["amount"] == 1_250_50
    assert form.cleaned_data["day"] == date(1985, 3, 3)


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("amount", {"amount": "-5"}, "Een bedrag kan niet lager zijn dan 0. Vul 0 of meer in."),
        ("amount", {"amount": "12,345"}, "Bedoelt u 12,35 of 12.345?"),
        ("amount", {"amount": "abc"}, "Vul een bedrag in. Bijvoorbeeld 45 of 45,50."),
        (
            "amount",
            {"amount": "1.000.000"},
            "Dit bedrag is hoger dan €\u00a05.000. Kijk het nog eens na. Klopt het toch? Bel ons dan.",
        ),
        ("amount", {"amount": "1.000.001"}, "Dit bedrag is te hoog. Kijk het bedrag nog eens na."),
        ("day", {"day_2": "1890"}, "Vul een datum in tussen 1906 en 2026."),
        ("day", {"day_0": "31", "day_1": "2"}, "Deze datum bestaat niet. Bijvoorbeeld 3 12 1985."),
        ("how_often", {"how_often": "decade"}, "Kies een van de antwoorden."),
        ("things", {"things": ["b"]}, "Kies een van de antwoorden."),
        ("own", {"own": "b"}, "Kies A. Er is niets anders."),
    ],
)
def test_nonsense_is_answered_with_a_sentence_at_the_field(field: str, typed: dict[str, object], sentence: str) -> None:
    assert _page(**typed).errors == {field: [sentence]}
