"""Proposals to which somebody said no or nothing, and organisations nobody knows; made by the operations."""

from arrangements.domain.lifecycle import AnswerState, RefusalCode, Thing
from arrangements.models import Answer, Claim, CreditorInvitation, MunicipalRoute, Proposal
from arrangements.operations.answer_proposal import refuse
from arrangements.operations.choose_municipal_route import choose_municipal_route
from arrangements.operations.collect_claims import add_claim
from arrangements.operations.go_on_without import go_on_without
from arrangements.operations.join_later import join_later
from arrangements.operations.moves import move
from infra import clock, jobs
from infra.scope import act_as, as_worker
from tests.factories.people import citizen_scope, creditor_scope
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
