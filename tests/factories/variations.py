"""Running plans with a variation at each stage; made by the operations."""

from accounts.models import Mandate
from arrangements.domain.deciders import ChangeGround, Decider
from arrangements.domain.lifecycle import ClaimState, RefusalCode
from arrangements.models import Answer, Arrangement, ArrangementLine, Claim, Consent, PlanVersion, Variation
from arrangements.operations.answer_proposal import refuse
from arrangements.operations.answer_variation import accept_variation, refuse_variation
from arrangements.operations.application import save_answers
from arrangements.operations.go_on_without import go_on_without
from arrangements.operations.join_running_plan import offer_to_join
from arrangements.operations.lower_amount import Paper, lower_amount
from arrangements.operations.propose_variation import propose_variation
from arrangements.operations.report_change import report_change
from arrangements.operations.start_change import start_change
from arrangements.queries.changes import last_reported
from creditors.models import Creditor, CreditorMember
from infra import clock, jobs
from infra.scope import Scope, act_as, as_worker
from tests.factories import stages
from tests.factories.money import START, activate, at
from tests.factories.people import citizen_scope, creditor_scope, login_of, make_citizen, make_creditor, make_member
from tests.factories.plans import Case, make_case, submitted


def plan_of(case: Case) -> Arrangement:
    """The case's plan as it stands now."""
    with as_worker("test"):
        return Arrangement.objects.select_related("proposal").get(citizen=case.citizen)


def shares_of(case: Case) -> list[int]:
    """The shares of the lines in order, in cents."""
    with as_worker("test"):
        return list(
            ArrangementLine.objects.filter(arrangement__citizen=case.citizen)
            .order_by("position")
            .values_list("share_cents", flat=True)
        )


def variation_of(case: Case) -> Variation:
    """The newest variation."""
    with as_worker("test"):
        return Variation.objects.filter(citizen=case.citizen).latest("pk")


def versions_of(case: Case) -> list[PlanVersion]:
    with as_worker("test"):
        return list(PlanVersion.objects.filter(citizen=case.citizen).order_by("number"))


def proposed(case: Case, ground: ChangeGround, **wanted: object) -> Variation:
    """The citizen asks, and the worker has put it to whom it touches."""
    with act_as(citizen_scope(case.citizen)):
        propose_variation(
            arrangement=plan_of(case),
            ground=ground,
            wanted=wanted,
            decided_by=Decider.CITIZEN,
            user=login_of(case.citizen),
        )
    jobs.run_all()
    return variation_of(case)


def consent_of(creditor: Creditor, variation: Variation) -> Consent:
    with as_worker("test"):
        return Consent.objects.select_related("variation").get(creditor=creditor, variation=variation)


def says_yes(creditor: Creditor, member: CreditorMember, variation: Variation) -> Consent:
    with act_as(creditor_scope(creditor, member)):
        return accept_variation(
            consent=consent_of(creditor, variation), seen_hash=variation.content_hash, user=member.user
        )


def says_no(creditor: Creditor, member: CreditorMember, variation: Variation) -> Consent:
    with act_as(creditor_scope(creditor, member)):
        return refuse_variation(
            consent=consent_of(creditor, variation),
            seen_hash=variation.content_hash,
            user=member.user,
            code=RefusalCode.BELOW_OUR_NORM,
            note="Wij vragen meer.",
        )


def late_claim(case: Case, cents: int, *, confirmed: bool = True, creditor: Creditor | None = None) -> Claim:
    """A claim that was found when the plan ran; `case.creditors` and `case.members` get its creditor."""
    found = creditor or make_creditor()
    if creditor is None:
        case.creditors.append(found)
        case.members.append(make_member(found))
    with act_as(citizen_scope(case.citizen)):
        return Claim.objects.create(
            citizen=case.citizen,
            creditor=found,
            state=ClaimState.CONFIRMED if confirmed else ClaimState.REPORTED,
            reference=f"LAAT-{found.pk}",
            debtor_name=case.citizen.full_name,
            told_cents=cents,
            confirmed_cents=cents if confirmed else None,
            confirmed_on=clock.today() if confirmed else None,
            reported_on=clock.today(),
        )


def late_creditor(name: str = "Laat") -> Case:
    """A running plan of 45 a month, and a claim of a third organisation that was found later and confirmed."""
    case = running_named(name, 2_000_00, 4_000_00)
    late_claim(case, 1_500_00)
    return case


def late_creditor_asked(name: str = "Laatgevraagd") -> Case:
    """The same, put to all of them; the first said yes."""
    case = late_creditor(name)
    variation = proposed(case, ChangeGround.LATE_CREDITOR, claims=[_claim(case).pk])
    says_yes(case.creditors[0], case.members[0], variation)
    return case


def _claim(case: Case) -> Claim:
    with as_worker("test"):
        return Claim.objects.get(citizen=case.citizen, arrangement_line=None)


def running_named(name: str, *amounts: int) -> Case:
    """A running plan of 45 a month of somebody with this family name."""
    at(START)
    case = make_case(*amounts, citizen=make_citizen(family_name=name))
    submitted(case)
    for number in range(len(amounts)):
        case.say_yes(number)
    case.settle()
    activate(case.sign())
    return case


def lowered(name: str = "Lager", *, by: Mandate | None = None, cents: int | None = None) -> Case:
    """The income fell, it was passed on, and a coach who saw the papers lowered the amount."""
    case = stages.changed(name)
    mandate = by or stages.acting_coach(case, f"Coach van {name}").acting
    assert mandate is not None
    with act_as(citizen_scope(case.citizen)):
        change = last_reported(plan_of(case))
    assert change is not None
    with act_as(coach_scope(case, mandate)):
        lower_amount(
            change=change,
            monthly_cents=cents or 80_00,
            papers=[Paper.PAYSLIP],
            decided_by=Decider.COACH,
            user=mandate.coach.user,
        )
    jobs.run_all()
    return case


def coach_scope(case: Case, mandate: Mandate) -> Scope:
    """The coach who works for this client."""
    return Scope(user_id=mandate.coach.user_id, citizen_id=case.citizen.pk, coach_id=mandate.coach_id, reason="test")


def went_on_without(name: str = "Zonder", *amounts: int, declared: int = 90_00) -> Case:
    """A running plan from which the last organisation was left out, because it said no."""
    at(START)
    case = make_case(*(amounts or (2_000_00, 4_000_00, 3_000_00)), citizen=make_citizen(family_name=name))
    submitted(case, declared=declared)
    last = len(case.creditors) - 1
    for number in range(last):
        case.say_yes(number)
    with act_as(creditor_scope(case.creditors[last], case.members[last])):
        refuse(
            answer=case.answer_of(last),
            seen_hash=case.proposal.content_hash if case.proposal else "",
            user=case.members[last].user,
            code=RefusalCode.NO_COOPERATION,
        )
    with act_as(citizen_scope(case.citizen)):
        go_on_without(answer=case.answer_of(last))
    jobs.run_all()
    with as_worker("test"):
        case.proposal = Answer.objects.filter(citizen=case.citizen).latest("proposal__version").proposal
    case.settle()
    activate(case.sign())
    return case


def offered(name: str = "Tochmee") -> Case:
    """Who was left out wants to come in after all, and the citizen is asked."""
    case = went_on_without(name)
    last = len(case.creditors) - 1
    with as_worker("test"):
        answer = Answer.objects.get(citizen=case.citizen, creditor=case.creditors[last], left_out_on__isnull=False)
    with act_as(creditor_scope(case.creditors[last], case.members[last])):
        offer_to_join(answer=answer, user=case.members[last].user)
    jobs.run_all()
    return case


def asked_lower(name: str = "Vraagtlager") -> Case:
    """A lower amount was put to the creditors; one said yes."""
    case = running_named(name, 2_000_00, 4_000_00)
    variation = proposed(case, ChangeGround.LOWERING, monthly_cents=30_00)
    says_yes(case.creditors[0], case.members[0], variation)
    return case


def lower_refused(name: str = "Lagernee") -> Case:
    """A lower amount was asked, and one said no."""
    case = asked_lower(name)
    says_no(case.creditors[1], case.members[1], variation_of(case))
    jobs.run_all()
    return case


def offered_too_much(name: str = "Tochteveel") -> Case:
    """Who was left out wants to come in, and since the signature the income fell: the higher amount does not fit."""
    case = offered(name)
    with act_as(citizen_scope(case.citizen)):
        save_answers(application=start_change(citizen=case.citizen), answers={"net_income_cents": 1_300_00})
        report_change(change=start_change(citizen=case.citizen))
    return case
