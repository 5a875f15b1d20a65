"""What still stands between an application and sending its proposal: every gap by name, none of them a bare error."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from accounts.models import Citizen, IdentityAnchor
from affordability.gate import OFFICIAL_FIGURE, TAXABLE_INCOME
from affordability.household import UncertainReason
from affordability.norms import NormsMissing, as_json
from affordability.replay import INCOME_UNKNOWN
from arrangements.domain.policy_values import policy_on
from arrangements.models import Application, Assessment, Claim, Proposal
from arrangements.operations.assess_application import inputs_of, missing_facts, norms_on
from arrangements.operations.make_proposal import claims_for_plan
from arrangements.queries.household import fits_beside_partner
from infra import clock
from kernel.working_days import working_days_between

NAME: Final = "name"
IDENTITY: Final = "identity"
CONSENT: Final = "consent"
CLAIMS: Final = "claims"
CLAIM_AMOUNT: Final = "claim_amount"
CIRCUMSTANCES: Final = "circumstances"
NORMS: Final = "norms"
ASSESSMENT: Final = "assessment"
AMOUNT: Final = "amount"
PARTNER: Final = "beside_partner"

_TEXTS: Final = MappingProxyType(
    {
        NAME: "Wij missen uw naam of uw geboortedatum.",
        IDENTITY: "Wij weten nog niet zeker wie u bent.",
        CONSENT: "U gaf nog geen toestemming.",
        CLAIMS: "Er staat nog geen bedrag in uw voorstel.",
        CIRCUMSTANCES: "U zei nog niet of er iets bijzonders geldt.",
        "situation": "U zei nog niet met wie u woont.",
        "net_income_cents": "Wij missen uw inkomen.",
        "taxable_income_cents": "Wij missen het bedrag op uw loonstrook.",
        "partner_takes_part": "U zei nog niet of uw partner meedoet.",
        "partner_income_cents": "Wij missen het inkomen van uw partner.",
        "declared_cents": "U koos nog geen bedrag per maand.",
        NORMS: "De bedragen van de wet zijn nog niet bekend.",
        ASSESSMENT: "Er is iets gewijzigd. Kies uw bedrag nog één keer.",
        AMOUNT: "Dit bedrag per maand is te hoog.",
        PARTNER: "Samen met uw partner is dit bedrag te hoog.",
        # what makes an assessment unsure
        INCOME_UNKNOWN: "Uw inkomen is nog niet bekend.",
        TAXABLE_INCOME: "Het bedrag op uw loonstrook is nog niet bekend.",
        OFFICIAL_FIGURE: "Wij missen nog een bedrag uit een brief.",
        UncertainReason.PARTNER_INCOME_UNKNOWN: "Het inkomen van uw partner is nog niet bekend.",
        UncertainReason.HOLIDAY_ALLOWANCE_UNKNOWN: "Over uw vakantiegeld missen wij nog iets.",
        UncertainReason.CHILD_AGE_UNKNOWN: "Wij weten nog niet hoe oud een kind is.",
        UncertainReason.CIRCUMSTANCES_UNKNOWN: "Wij weten nog niet of er iets bijzonders geldt.",
        UncertainReason.PARTNER_NOT_JOINED: "Uw partner doet nog niet mee.",
    }
)
#: Gaps by which the amount itself is not covered (by an assessment of what stands now).
ABOUT_THE_AMOUNT: Final = frozenset({*_TEXTS} - {NAME, IDENTITY, CONSENT, CLAIMS, CIRCUMSTANCES})


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is missing or out of date. `fact` names it, `text` says it to the citizen."""

    fact: str
    text: str


def submission_gaps(application: Application, proposal: Proposal | None = None) -> tuple[Gap, ...]:
    """Everything that keeps `application` from being sent now, in the order of the questions; empty when nothing does.

    With `proposal`, its draft, also whether that is still about these answers. An amount nobody knows is asked for as long
    as its organisation has time to give it; silence holds nobody up. Scope: the citizen's.
    """
    facts = [Gap(fact, _TEXTS[fact]) for fact in _about_the_person(application)]
    facts += list(_about_the_claims(application))
    asked = missing_facts(application)
    if "uncertain" not in application.entered_by:
        asked.append(CIRCUMSTANCES)
    facts += [Gap(fact, _TEXTS[fact]) for fact in asked]
    facts += [
        Gap(fact, _TEXTS.get(fact, _TEXTS[OFFICIAL_FIGURE])) for fact in _about_the_sum(application, proposal, asked)
    ]
    return tuple(facts)


def _about_the_person(application: Application) -> Iterator[str]:
    citizen = Citizen.objects.get(pk=application.citizen_id)
    if not (citizen.family_name and citizen.birth_date):
        yield NAME
    if not IdentityAnchor.objects.filter(citizen=citizen).exists():
        yield IDENTITY
    if application.consent_at is None:
        yield CONSENT


def _about_the_claims(application: Application) -> Iterator[Gap]:
    claims = claims_for_plan(application.citizen_id)
    if not claims.taking_part:
        yield Gap(CLAIMS, _TEXTS[CLAIMS])
    for claim in claims.amount_unknown:
        if _still_time(claim):
            yield Gap(CLAIM_AMOUNT, f"Wij missen het bedrag van {claim.creditor.name}.")


def _still_time(claim: Claim) -> bool:
    today = clock.today()
    return working_days_between(claim.reported_on, today) <= policy_on(today).answer_working_days


def _about_the_sum(application: Application, proposal: Proposal | None, asked: list[str]) -> Iterator[str]:
    """Norms, and whether the assessment behind the draft is green, and about what stands now."""
    today = clock.today()
    try:
        record = norms_on(today)
    except NormsMissing:
        yield NORMS
        return
    unanswered = set(asked) - {CIRCUMSTANCES}
    if unanswered or proposal is None:
        return
    assessment = proposal.assessment
    if (
        assessment.norms != as_json(record)
        or inputs_of(application, record, today) != assessment.inputs
        or application.declared_cents != proposal.monthly_cents
    ):
        yield ASSESSMENT
    elif assessment.verdict == Assessment.Verdict.AMBER:
        yield from assessment.missing
    elif assessment.verdict != Assessment.Verdict.GREEN or proposal.monthly_cents > assessment.sure_cents:
        yield AMOUNT
    elif not fits_beside_partner(
        citizen_id=application.citizen_id, monthly_cents=proposal.monthly_cents, assessment=assessment
    ):
        yield PARTNER
