"""The three questions before logging in. What is answered here is kept nowhere."""

from typing import Any

from django import forms

from citizen_portal.fit import Helper, Spare, Threat
from infra.forms import PageForm

UNKNOWN = "Dat weet ik niet"


def _question(label: str, choices: tuple[tuple[str, str], ...], coerce: Any, missing: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=choices,
        coerce=coerce,
        widget=forms.RadioSelect,
        error_messages={"required": missing, "invalid_choice": missing},
    )


class FitForm(PageForm):
    """Three times radio buttons; not knowing is an answer to each."""

    threat = _question(
        "Is er nu haast?",
        (
            (Threat.HOME, "Ja, ik moet misschien mijn huis uit"),
            (Threat.ENERGY, "Ja, gas, licht of water gaat eraf"),
            (Threat.CARE, "Ja, mijn zorgverzekering stopt"),
            (Threat.SEVERAL, "Ja, meer dan één van deze dingen"),
            (Threat.NONE, "Nee"),
            (Threat.UNKNOWN, UNKNOWN),
        ),
        Threat,
        "Is er nu haast? Kies een antwoord.",
    )
    helper = _question(
        "Helpt iemand u al met geldzorgen?",
        (
            (Helper.MUNICIPALITY, "Ja, mijn gemeente"),
            (Helper.COURT, "Ja, via de rechter. Dat heet ook wel Wsnp"),
            (Helper.BEWINDVOERDER, "Ja, een bewindvoerder"),
            (Helper.VOLUNTEER, "Ja, een vrijwilliger of een coach"),
            (Helper.NOBODY, "Nee, niemand"),
            (Helper.UNKNOWN, UNKNOWN),
        ),
        Helper,
        "Helpt iemand u al? Kies een antwoord.",
    )
    spare = _question(
        "Kunt u elke maand iets missen na huur en eten?",
        ((Spare.YES, "Ja"), (Spare.NO, "Nee"), (Spare.UNKNOWN, UNKNOWN)),
        Spare,
        "Kunt u elke maand iets missen? Kies een antwoord.",
    )
