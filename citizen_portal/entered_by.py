"""Who filled in an answer, in words for whoever looks at it (features.md B1)."""

from functools import cached_property

from accounts.models import Mandate
from arrangements.models import Application
from infra import scope

COACH = "coach:"
SOMEBODY = "een helper"


class Authors:
    """The people behind `Application.entered_by`. Scope: the citizen's, or a coach acting for the citizen.

    Names come from the mandates of this citizen, also the ended ones: nobody learns the name of another coach.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._viewer = scope.current().coach_id

    def of(self, answer: str) -> str:
        """ "ingevuld door u", "ingevuld door Sam de Vries"; "" while nobody filled it in."""
        name = self.name(answer)
        return f"ingevuld door {name}" if name else ""

    def name(self, answer: str) -> str:
        """ "u", "uw cliënt", or a name; "" while nobody filled it in."""
        who = self._application.entered_by.get(answer, "")
        if who == "citizen":
            return "uw cliënt" if self._viewer is not None else "u"
        if not who.startswith(COACH):
            return "Eén Plan" if who else ""
        coach_id = int(who.removeprefix(COACH))
        return "u" if coach_id == self._viewer else self._names.get(coach_id, SOMEBODY)

    @cached_property
    def _names(self) -> dict[int, str]:
        mandates = Mandate.objects.filter(citizen_id=self._application.citizen_id).select_related("coach")
        return {mandate.coach_id: mandate.coach.name for mandate in mandates}
