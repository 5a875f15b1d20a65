"""People: who logs in, who they are to us, who may act for whom, who is responsible, and who decides beside them."""

from accounts.models.bewind import Bewind, BewindConsent
from accounts.models.director import Absence, HandOver
from accounts.models.people import (
    CaseWorker,
    Citizen,
    CitizenManager,
    IdentityAnchor,
    Mandate,
    MandateInvitation,
    MandateText,
    PaperCode,
    User,
    UserManager,
)

__all__ = [
    "Absence",
    "Bewind",
    "BewindConsent",
    "CaseWorker",
    "Citizen",
    "CitizenManager",
    "HandOver",
    "IdentityAnchor",
    "Mandate",
    "MandateInvitation",
    "MandateText",
    "PaperCode",
    "User",
    "UserManager",
]
