"""What changed, in a few plain choices (ux.md C22)."""

from django import forms

from citizen_portal.change_flow import What
from infra.forms import PageForm

_MISSING = "Kies wat er is veranderd."


class ChangedForm(PageForm):
    """One choice; it leads straight to the question about it."""

    what = forms.ChoiceField(
        label="Wat is er veranderd?",
        choices=(
            (What.INCOME.value, "Mijn inkomen"),
            (What.WORK.value, "Mijn werk"),
            (What.HOUSE.value, "Mijn huis of mijn huur"),
            (What.FAMILY.value, "Mijn gezin"),
            (What.OTHER.value, "Iets anders"),
        ),
        widget=forms.RadioSelect,
        error_messages={"required": _MISSING, "invalid_choice": _MISSING},
    )
