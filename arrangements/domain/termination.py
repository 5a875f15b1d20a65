"""When a running arrangement may be stopped, and what that means: the words of the agreement, in one place.

The agreement is made from these words, so the grounds a person may use are the grounds that were signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from arrangements.domain.deciders import ChangeGround, Decider, check_decider


class TerminationGround(StrEnum):
    """A reason that stands in the agreement. There is no other one."""

    DOES_NOT_PAY = "does_not_pay"
    FALSEHOOD = "falsehood"
    OWN_WISH = "own_wish"

    @property
    def agreement_text(self) -> str:
        """The point of the agreement: Dutch at level B1, said to the citizen."""
        return _AGREEMENT[self]

    @property
    def creditor_text(self) -> str:
        """What a creditor reads. Of a falsehood no more than that there was a ground: it is nobody else's business."""
        return _FOR_CREDITORS[self]


_AGREEMENT: Mapping[TerminationGround, str] = MappingProxyType(
    {
        TerminationGround.DOES_NOT_PAY: "U betaalt lang niet, en u reageert niet op onze hulp.",
        TerminationGround.FALSEHOOD: "U heeft met opzet iets gezegd dat niet waar is.",
        TerminationGround.OWN_WISH: "U wilt zelf stoppen.",
    },
)
_FOR_CREDITORS: Mapping[TerminationGround, str] = MappingProxyType(
    {
        TerminationGround.DOES_NOT_PAY: "er werd lang niet betaald",
        TerminationGround.FALSEHOOD: "om een reden die in de overeenkomst staat",
        TerminationGround.OWN_WISH: "uw klant wilde zelf stoppen",
    },
)

MEANING = (
    "Wat u heeft betaald, blijft betaald.",
    "De rest vervalt dan niet. U moet die weer zelf betalen.",
    "De organisaties mogen u dan weer vragen om te betalen.",
    "Over de tijd van de regeling komt er geen rente bij.",
    "U mag later een nieuw plan maken.",
)
"""What stopping means. On termination interest revives only if the agreement says so (domain.md 10); it says it does not."""


class CannotTerminate(ValueError):
    """Not on this ground now. `str()` of it is a Dutch sentence for who tried."""


def check_termination(
    ground: TerminationGround, decider: Decider, *, ladder_done: bool, independently_established: bool
) -> None:
    """Return when `decider` may stop the arrangement on `ground`; NotYours or CannotTerminate with a Dutch sentence.

    `ladder_done`: an instalment is late, nothing was paid of it, and every help of the ladder was offered, so the citizen
    was heard or could have been. `independently_established`: somebody independent found the falsehood.
    """
    check_decider(ChangeGround.TERMINATION, decider)
    if decider is Decider.CITIZEN and ground is not TerminationGround.OWN_WISH:
        raise CannotTerminate("U kunt alleen zelf stoppen. Een andere reden kiest het loket.")
    if ground is TerminationGround.DOES_NOT_PAY and not ladder_done:
        raise CannotTerminate(
            "Dit kan nog niet. Eerst is alle hulp aangeboden: bericht, telefoon, gesprek en een voorstel voor minder."
        )
    if ground is TerminationGround.FALSEHOOD and not independently_established:
        raise CannotTerminate("Dit kan alleen als iemand die onafhankelijk is, het heeft vastgesteld.")
