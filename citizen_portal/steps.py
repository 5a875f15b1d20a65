"""The order of the questions of the application, and which one comes next. What follows from the answers is not here."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import Citizen
from affordability.gate import TAXABLE_INCOME
from affordability.household import Situation, UncertainReason
from affordability.replay import INCOME_UNKNOWN
from arrangements.domain.lifecycle import ClaimState
from arrangements.models import Application, Claim


@dataclass(frozen=True, slots=True)
class Step:
    """One page. `number`: the question as it is counted for the citizen; pages that belong together share it."""

    name: str
    number: int
    title: str
    follows_up: bool = False


STEPS = (
    Step("wie-bent-u", 1, "Wie bent u?"),
    Step("brief", 2, "Heeft u een brief met een code?"),
    Step("toestemming", 3, "Mogen wij uw bedragen opvragen?"),
    Step("organisaties", 4, "Aan wie moet u nog betalen?"),
    Step("huishouden", 5, "Met wie woont u?"),
    Step("bijzonder", 5, "Geldt hiervan iets voor u?", follows_up=True),
    Step("inkomen", 6, "Hoeveel geld komt er binnen?"),
    Step("belastbaar", 6, "Wat staat er op uw loonstrook?", follows_up=True),
    Step("partner", 6, "Doet uw partner mee?", follows_up=True),
    Step("vaste-lasten", 7, "Wat betaalt u elke maand?"),
    Step("missen", 8, "Hoeveel kunt u elke maand missen?"),
)
QUESTIONS = 8
BY_NAME = {step.name: step for step in STEPS}

# Where a missing fact is asked for.
PAGE_OF_FACT = {
    "situation": "huishouden",
    "net_income_cents": "inkomen",
    "taxable_income_cents": "belastbaar",
    "partner_takes_part": "partner",
    "partner_income_cents": "partner",
    "declared_cents": "missen",
    # what "weet ik niet" was said to, and what would make the gate sure
    INCOME_UNKNOWN: "inkomen",
    UncertainReason.HOLIDAY_ALLOWANCE_UNKNOWN: "inkomen",
    UncertainReason.PARTNER_INCOME_UNKNOWN: "partner",
    UncertainReason.CHILD_AGE_UNKNOWN: "huishouden",
    UncertainReason.CIRCUMSTANCES_UNKNOWN: "bijzonder",
    UncertainReason.PARTNER_NOT_JOINED: "samen",
    TAXABLE_INCOME: "belastbaar",
}


def is_couple(application: Application) -> bool:
    """Whether the questions about a partner apply."""
    return bool(application.situation) and Situation(application.situation).is_couple


def applies(step: Step, application: Application, *, acting: bool) -> bool:
    """Whether this page is shown at all. Consent is asked of the citizen only, so a coach (`acting`) goes past it."""
    if step.name == "partner":
        return is_couple(application)
    return not (step.name == "toestemming" and acting)


def next_page(name: str, application: Application, *, acting: bool) -> str:
    """The page after this one; the proposal after the last."""
    names = [step.name for step in STEPS]
    for step in STEPS[names.index(name) + 1 :]:
        if applies(step, application, acting=acting):
            return step.name
    return "voorstel"


def previous_page(name: str, application: Application, *, acting: bool) -> str:
    """Where "Terug" goes."""
    names = [step.name for step in STEPS]
    for step in reversed(STEPS[: names.index(name)]):
        if applies(step, application, acting=acting):
            return step.name
    return "begin"


def first_open_page(application: Application, citizen: Citizen, *, acting: bool) -> str:
    """Where somebody who comes back goes on: after the last question that was answered. A question may be passed over."""
    done = [step for step in STEPS if _answered(step.name, application, citizen)]
    return next_page(done[-1].name, application, acting=acting) if done else STEPS[0].name


def _answered(name: str, application: Application, citizen: Citizen) -> bool:
    claims = Claim.objects.filter(citizen=citizen).exclude(state=ClaimState.WITHDRAWN)
    answered: dict[str, Callable[[], bool]] = {
        "wie-bent-u": lambda: bool(citizen.family_name and citizen.birth_date),
        "brief": citizen.anchors.exists,
        "toestemming": lambda: application.consent_at is not None,
        "organisaties": lambda: claims.exists() and not claims.filter(citizen_says="").exists(),
        "huishouden": lambda: application.situation != "",
        "bijzonder": lambda: "uncertain" in application.entered_by,
        "inkomen": lambda: application.net_income_cents is not None or INCOME_UNKNOWN in application.unknown,
        "belastbaar": lambda: application.taxable_income_cents is not None or application.taxable_income_unknown,
        "partner": lambda: application.partner_takes_part is not None,
        "vaste-lasten": lambda: "budget.rent" in application.entered_by,
        "missen": lambda: application.declared_cents is not None,
    }
    return answered[name]()
