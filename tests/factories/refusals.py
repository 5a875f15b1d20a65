"""Proposals to which somebody said no or nothing, and organisations nobody knows; made by the operations."""

from arrangements.domain.lifecycle import AnswerState, RefusalCode, Thing
from arrangements.models import Answer, Claim, CreditorInvitation, MunicipalRoute, Proposal
from arrangements.operations.answer_proposal import refuse
from arrangements.operations.choose_municipal_route import choose_municipal_route
from arrangements.operations.collect_claims import add_claim
from arrangements.operations.go_on_without import go_on_without
from arrangements.operations.join_later import join_later
from arrangements.operations.moves import move
from arrangements.operations.withdraw_proposal import withdraw_proposal
from infra import clock, jobs
from infra.scope import act_as, as_worker
from tests.factories.people import citizen_scope, creditor_scope, make_citizen
from tests.factories.plans import Case, make_case, submitted


def newest(case: Case) -> Proposal:
    """The version that counts now; the case follows it."""
    with act_as(citizen_scope(case.citizen)):
        case.proposal = Proposal.objects.order_by("-version")[0]
    return case.proposal


def say_no(case: Case, number: int, code: RefusalCode = RefusalCode.NO_COOPERATION, note: str = "") -> Answer:
    """One creditor refuses the version that counts."""
    assert case.proposal is not None
    answer = case.answer_of(number)
    with act_as(creditor_scope(case.creditors[number], case.members[number])):
        return refuse(
            answer=answer,
            seen_hash=case.proposal.content_hash,
            user=case.members[number].user,
            code=code,
            note=note,
        )


def looks_again(case: Case, number: int) -> None:
    """The creditor that refused is in its one round of reconsideration."""
    answer = case.answer_of(number)
    with as_worker("test"):
        move(Thing.ANSWER, answer, AnswerState.RECONSIDERATION, reconsideration_on=clock.today())


def refused_by(*amounts: int, declared: int = 40_00) -> Case:
    """Sent; the last organisation says no, the others have not answered yet. Amounts in cents."""
    case = make_case(*amounts)
    submitted(case, declared=declared)
    say_no(case, len(amounts) - 1)
    jobs.run_all()
    return case


def without(case: Case, number: int) -> Proposal:
    """The citizen goes on without this creditor, and the worker has made the new version."""
    answer = case.answer_of(number)
    with act_as(citizen_scope(case.citizen)):
        go_on_without(answer=answer)
    jobs.run_all()
    return newest(case)


def left_out(case: Case, number: int) -> Answer:
    """The answer of a creditor the citizen went on without."""
    with act_as(creditor_scope(case.creditors[number], case.members[number])):
        return Answer.objects.get(left_out_on__isnull=False)


def joins(case: Case, number: int) -> Proposal:
    """That creditor says: we join after all; the worker has done its part."""
    answer = left_out(case, number)
    with act_as(creditor_scope(case.creditors[number], case.members[number])):
        join_later(answer=answer, user=case.members[number].user)
    jobs.run_all()
    return newest(case)


def to_municipality(case: Case, *, body_name: str = "Gemeente Bronveen") -> MunicipalRoute:
    """The citizen chose the municipal route."""
    assert case.proposal is not None
    with act_as(citizen_scope(case.citizen)):
        return choose_municipal_route(
            proposal=case.proposal, body_kind=MunicipalRoute.BodyKind.GEMEENTE, body_name=body_name
        )


def names_unknown(case: Case, name: str = "Garage Vliegensvlug") -> tuple[Claim, CreditorInvitation]:
    """The citizen names an organisation we do not know; the invitation is made."""
    with act_as(citizen_scope(case.citizen)):
        claim = add_claim(citizen=case.citizen, creditor_name=name, told_cents=300_00)
        return claim, CreditorInvitation.objects.get(creditor_id=claim.creditor_id)


# --- stages: a citizen in front of the pages -----------------------------------------------------------------------


def _named(name: str, *amounts: int) -> Case:
    return make_case(*amounts, citizen=make_citizen(family_name=name))


def silent() -> Case:
    """One said yes; the other had its fifteen working days."""
    case = _named("Stil", 1_000_00, 2_000_00)
    submitted(case)
    case.say_yes(0)
    answer = case.answer_of(1)
    with as_worker("test"):
        move(Thing.ANSWER, answer, AnswerState.UNANSWERED, reason="test")
    return case


def chosen() -> Case:
    """Goes on without one; the worker has not done it yet."""
    case = _named("Koos", 1_000_00, 2_000_00)
    submitted(case)
    say_no(case, 1)
    case.settle()
    with act_as(citizen_scope(case.citizen)):
        go_on_without(answer=case.answer_of(1))
    return case


def at_municipality() -> Case:
    """Chose the municipal route, with a proposal that goes on."""
    case = _named("Gemeente", 1_000_00, 2_000_00, 500_00)
    submitted(case)
    case.say_yes(0)
    say_no(case, 1, RefusalCode.BELOW_OUR_NORM, "Wij vragen 80 %.")
    case.settle()
    to_municipality(case)
    return case


def refused_by_everybody() -> Case:
    """Everybody said no, and no again."""
    case = _named("Overalnee", 1_000_00, 2_000_00)
    submitted(case)
    for number in (0, 1):
        say_no(case, number)
        looks_again(case, number)
        say_no(case, number)
    case.settle()
    return case


def stopped() -> Case:
    """Sent, and stopped by the citizen."""
    case = _named("Stopt", 1_000_00, 2_000_00)
    proposal = submitted(case)
    with act_as(citizen_scope(case.citizen)):
        withdraw_proposal(proposal=proposal)
    return case


def naming_unknown() -> Case:
    """Filling in, with an organisation nobody knows."""
    case = _named("Noemt", 1_000_00)
    names_unknown(case)
    return case
