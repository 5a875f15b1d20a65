"""Does this platform fit somebody? Three answers give the ways out, the most urgent first (ux.md P3).

Pure and without memory: no name, no clock, nothing kept. No law computes this; the order follows what cannot wait.
"""

from enum import StrEnum


class Threat(StrEnum):
    """What threatens within days. The first three are the emergencies of Fw 287b (domain.md 3)."""

    HOME = "huis"
    ENERGY = "energie"
    CARE = "zorg"
    SEVERAL = "meer"
    NONE = "nee"
    UNKNOWN = "weet-niet"

    @property
    def is_urgent(self) -> bool:
        return self in (Threat.HOME, Threat.ENERGY, Threat.CARE, Threat.SEVERAL)


class Helper(StrEnum):
    """Who helps with the debts already. A volunteer may sit beside somebody; the first three decide as well."""

    MUNICIPALITY = "gemeente"
    COURT = "rechter"
    BEWINDVOERDER = "bewindvoerder"
    VOLUNTEER = "vrijwilliger"
    NOBODY = "niemand"
    UNKNOWN = "weet-niet"

    @property
    def decides(self) -> bool:
        """Whether a second plan beside theirs is impossible without them."""
        return self in (Helper.MUNICIPALITY, Helper.COURT, Helper.BEWINDVOERDER)


class Spare(StrEnum):
    """Whether something is left every month."""

    YES = "ja"
    NO = "nee"
    UNKNOWN = "weet-niet"


class Exit(StrEnum):
    """A way out with a next step of its own; the value is the name of its template."""

    CRISIS = "crisis"
    LOOK_AT_POST = "post"
    HELPER_FIRST = "helper"
    WHO_HELPS = "wie-helpt"
    NOTHING_TO_MISS = "niets-missen"
    BEGIN = "begin"


def exits(threat: Threat, helper: Helper, spare: Spare) -> tuple[Exit, ...]:
    """The ways out, most urgent first; never empty.

    An emergency goes before everything. Who has a helper that decides talks to that helper, and is not sent on to begin
    here. Not knowing shuts no door: it adds finding out, in front of what the other answers lead to.
    """
    found: list[Exit] = []
    if threat.is_urgent:
        found.append(Exit.CRISIS)
    elif threat is Threat.UNKNOWN:
        found.append(Exit.LOOK_AT_POST)
    if helper.decides:
        return (*found, Exit.HELPER_FIRST)
    if helper is Helper.UNKNOWN:
        found.append(Exit.WHO_HELPS)
    found.append(Exit.NOTHING_TO_MISS if spare is Spare.NO else Exit.BEGIN)
    return tuple(found)
