"""Who lives with the citizen, and what is special about the home (ux.md C6, domain.md 1.1)."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from affordability.composition import OLDEST, Composition, Member, Role, compose
from affordability.household import Situation, UncertainReason
from arrangements.models import Application
from citizen_portal.forms.citizen import choice_field
from infra.forms import PageForm
from kernel.cents import format_euro

ROWS_SHOWN = {Role.CHILD: 3, Role.ADULT: 1}
MOST_ROWS = 12
NAMES = {Role.CHILD: "kind", Role.ADULT: "volwassene"}
LABELS = {Role.CHILD: "Geboortejaar van kind", Role.ADULT: "Geboortejaar van volwassene"}

EIGHTEEN = (("ja", "Ja"), ("nee", "Nee, dat komt nog"), ("weet-niet", "Dat weet ik niet"))
_ANSWERS = {"ja": True, "nee": False, "weet-niet": None}


class HouseholdForm(PageForm):
    """Who lives in the home. The living situation in law follows from the birth years; `year` is the calendar year now.

    Rows for birth years are added with a button of the page, so that it works without scripts.
    """

    situation = choice_field(
        "Met wie woont u?", Application.Situation.choices, help_text="Een kind is hier jonger dan 18 jaar."
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        year: int,
        situation: str = "",
        members: Iterable[Member] = (),
        typed: Mapping[str, Any] | None = None,
    ) -> None:
        """`typed`: a page that comes back for one more row; shown as it stood, without judging it."""
        self.year = year
        known = list(members)
        initial: dict[str, Any] = {"situation": situation}
        for role in Role:
            for number, one in enumerate((one for one in known if one.role is role), start=1):
                initial[f"{NAMES[role]}-{number}"] = str(one.birth_year)
        birthday = next((one.is_eighteen for one in known if one.is_eighteen is not None), None)
        if any(one.role is Role.CHILD and year - one.birth_year == 18 for one in known):
            initial["achttien"] = {True: "ja", False: "nee", None: "weet-niet"}[birthday]
        if typed is not None:
            names = ("situation", "achttien", *NAMES.values())
            initial = {key: text for key, text in typed.items() if key.partition("-")[0] in names}
        super().__init__(data, initial=initial)
        for role in Role:
            for number in range(1, self._rows(role, initial, data or typed) + 1):
                self.fields[f"{NAMES[role]}-{number}"] = forms.CharField(
                    label=f"{LABELS[role]} {number}",
                    required=False,
                    max_length=20,
                    error_messages={"max_length": "Vul een jaar in. Bijvoorbeeld 2014."},
                    widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": "4"}),
                )
        if (data is not None and "achttien" in data) or "achttien" in initial or self._birthday_decides(data):
            self.fields["achttien"] = forms.ChoiceField(
                label=f"Is het kind uit {year - 18} al 18 jaar?",
                choices=EIGHTEEN,
                required=False,
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": "Kies een antwoord."},
            )

    def _rows(self, role: Role, initial: Mapping[str, Any], data: Mapping[str, Any] | None) -> int:
        name = NAMES[role]
        numbers = [int(found[1]) for key in (data or initial) if (found := re.fullmatch(rf"{name}-(\d{{1,2}})", key))]
        asked = 1 if data and data.get("meer") == name else 0
        return min(MOST_ROWS, max([ROWS_SHOWN[role], *numbers]) + asked)

    def _born_eighteen_years_ago(self) -> int:
        """How many children are of the year in which the birthday decides."""
        return sum(
            str(self.data.get(f"{NAMES[Role.CHILD]}-{number}", "")).strip() == str(self.year - 18)
            for number in range(1, MOST_ROWS + 1)
        )

    def _birthday_decides(self, data: Mapping[str, Any] | None) -> bool:
        return any(
            str((data or {}).get(f"{NAMES[Role.CHILD]}-{number}", "")).strip() == str(self.year - 18)
            for number in range(1, MOST_ROWS + 1)
        )

    @property
    def children(self) -> list[forms.BoundField]:
        """The fields for children's years."""
        return [field for field in self if field.name.startswith(NAMES[Role.CHILD])]

    @property
    def adults(self) -> list[forms.BoundField]:
        """The fields for the years of other adults."""
        return [field for field in self if field.name.startswith(NAMES[Role.ADULT])]

    @property
    def shows_adults(self) -> bool:
        """Whether there is something in the rows of other adults: an error must not lie behind a closed door."""
        return any(bool(field.value() or field.errors) for field in self.adults)

    @property
    def asks_more(self) -> bool:
        """Whether years were filled in, or have to be: then they are shown whatever the script or style sheet can do."""
        return any(bool(field.value() or field.errors) for field in (*self.children, *self.adults))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        self._members: list[Member] = []
        for role in Role:
            for name in [name for name in self.fields if name.startswith(f"{NAMES[role]}-")]:
                text = str(given.get(name, "")).strip()
                if text:
                    self._read(role, name, text, given)
        children = [one for one in self._members if one.role is Role.CHILD]
        situation = given.get("situation")
        if "achttien" in self.fields and not given.get("achttien") and self._birthday_decides(self.data):
            self.add_error("achttien", "Kies een antwoord. Weet u het niet? Kies dan: dat weet ik niet.")
        if situation and not any(name.startswith(NAMES[Role.CHILD]) for name in self.errors):
            if Situation(situation).has_children and not children:
                self.add_error("kind-1", "Vul het geboortejaar van elk kind in. Bijvoorbeeld 2014.")
            elif children and not Situation(situation).has_children:
                self.add_error("situation", "U vulde een kind in. Kies dan een antwoord met kinderen.")
        return given

    def _read(self, role: Role, name: str, text: str, given: Mapping[str, Any]) -> None:
        if not re.fullmatch(r"[0-9]{4}", text):
            self.add_error(name, "Vul een jaar in met 4 cijfers. Bijvoorbeeld 2014.")
        elif not self.year - OLDEST <= int(text) <= self.year:
            self.add_error(name, f"Vul een jaar in tussen {self.year - OLDEST} en {self.year}.")
        elif role is Role.ADULT and int(text) > self.year - 18:
            self.add_error(name, "Dit is een kind. Vul het jaar in bij de kinderen.")
        else:
            decides = role is Role.CHILD and self.year - int(text) == 18
            said = _ANSWERS.get(str(given.get("achttien", ""))) if decides else None
            if said and self._born_eighteen_years_ago() > 1:
                said = None  # one answer about two children: that both are 18 we do not know
            self._members.append(Member(role, int(text), said))

    @property
    def composition(self) -> Composition:
        """What follows, once the form is valid."""
        return compose(
            has_partner=Situation(self.cleaned_data["situation"]).is_couple, members=self._members, year=self.year
        )

    def answers(self, application: Application) -> dict[str, Any]:
        """What is saved: the members, and the living situation that follows from them."""
        found = self.composition
        unknown = set(application.unknown) - {UncertainReason.CHILD_AGE_UNKNOWN}
        if found.age_unclear:
            unknown.add(UncertainReason.CHILD_AGE_UNKNOWN.value)
        return {
            "situation": found.situation.value,
            "members": members_as_json(self._members),
            "unknown": sorted(unknown),
        }

    @property
    def differs(self) -> bool:
        """Whether the law counts it otherwise than the citizen said: a child of 18 or older is no child."""
        return self.composition.situation.value != str(self.cleaned_data["situation"])


def members_as_json(members: Iterable[Member]) -> list[dict[str, Any]]:
    """Members as they are kept with the application; in a fixed order."""
    ordered = sorted(members, key=lambda one: (one.role, one.birth_year, one.is_eighteen is True))
    return [{"role": one.role.value, "birth_year": one.birth_year, "is_eighteen": one.is_eighteen} for one in ordered]


def members_from_json(rows: Iterable[Mapping[str, Any]]) -> list[Member]:
    """The other way round."""
    return [Member(Role(row["role"]), row["birth_year"], row["is_eighteen"]) for row in rows]


#: In plain words; `{amount}`: the housing costs from which the law can raise the floor.
SPECIAL: dict[UncertainReason, str] = {
    UncertainReason.HIGH_RENT: "Ik betaal {amount} of meer voor mijn huis per maand",
    UncertainReason.NO_RENT_ALLOWANCE: "Ik heb een koophuis, of ik kan geen huurtoeslag krijgen",
    UncertainReason.NO_HOME_ADDRESS: "Ik heb geen vast adres",
    UncertainReason.INSTITUTION: "Ik woon in een instelling",
    UncertainReason.COMPANY_CAR: "Ik rijd privé in een auto van mijn werk",
    UncertainReason.OTHER_INCOME: "Ik heb nog ander inkomen dan ik hierna invul",
    UncertainReason.FLUCTUATING_INCOME: "Mijn inkomen is elke maand anders",
    UncertainReason.CIRCUMSTANCES_UNKNOWN: "Ik weet het niet zeker",
}


class SpecialForm(PageForm):
    """Circumstances in which only an official figure can decide (475da(4)(5)(7), 475db(1)(b)(c), 475e Rv).

    `high_rent`: cents per month from which housing costs count as high; None when there are no norms for today.
    """

    uncertain = forms.MultipleChoiceField(
        label="Geldt hiervan iets voor u?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Geldt niets? Kies dan meteen Verder.",
        error_messages={"invalid_choice": "Kies uit de lijst."},
    )
    bewind = forms.BooleanField(
        label="Ik heb een bewindvoerder",
        help_text="Iemand regelt uw geld, omdat de rechter dat besliste.",
        required=False,
    )

    def __init__(self, *args: Any, high_rent: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["uncertain"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  for the type checker
        field.choices = [(reason.value, label) for reason, label in special_labels(high_rent).items()]


def special_labels(high_rent: int | None) -> dict[UncertainReason, str]:
    """The circumstances in words."""
    amount = format_euro(high_rent) if high_rent is not None else "een hoog bedrag"
    return {reason: text.format(amount=amount) for reason, text in SPECIAL.items()}
