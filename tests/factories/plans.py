"""Applications, proposals and arrangements for tests, made by the operations themselves."""

from dataclasses import dataclass, field

from accounts.models import Citizen
from arrangements.domain.lifecycle import ClaimState
from arrangements.models import Answer, Application, Arrangement, Claim, Proposal
from arrangements.operations.answer_proposal import accept
from arrangements.operations.application import give_consent, save_answers, start_application
from arrangements.operations.assess_application import assess_application
from arrangements.operations.make_proposal import make_draft
from arrangements.operations.settle_proposal import settle_proposal
from arrangements.operations.sign_arrangement import agreement_hash, sign_arrangement
from arrangements.operations.submit_proposal import submit_proposal
from creditors.models import Creditor, CreditorMember
from infra import clock
from infra.scope import act_as, as_worker
from tests.factories.people import citizen_scope, creditor_scope, login_of, make_citizen, make_creditor, make_member


@dataclass
class Case:
    """A citizen with claims at creditors."""

    citizen: Citizen
    creditors: list[Creditor]
    members: list[CreditorMember]
    claims: list[Claim]
    application: Application
    proposal: Proposal | None = None
    extra: dict[str, object] = field(default_factory=dict)

    def answer_of(self, number: int, proposal: Proposal | None = None) -> Answer:
        with act_as(citizen_scope(self.citizen)):
            return Answer.objects.get(proposal=proposal or self.proposal, creditor=self.creditors[number])

    def say_yes(self, number: int, proposal: Proposal | None = None) -> Answer:
        which = proposal or self.proposal
        assert which is not None
        answer = self.answer_of(number, which)
        with act_as(creditor_scope(self.creditors[number], self.members[number])):
            return accept(answer=answer, seen_hash=which.content_hash, user=self.members[number].user)

    def settle(self) -> Proposal:
        assert self.proposal is not None
        with as_worker("test"):
            self.proposal = settle_proposal(proposal_id=self.proposal.pk)
        return self.proposal

    def sign(self) -> Arrangement:
        assert self.proposal is not None
        with act_as(citizen_scope(self.citizen)):
            return sign_arrangement(
                proposal=self.proposal,
                user=login_of(self.citizen),
                seen_hash=agreement_hash(self.proposal, clock.today()),
            )


def make_case(
    *amounts: int,
    citizen: Citizen | None = None,
    preferent: set[int] | None = None,
    not_dischargeable: set[int] | None = None,
) -> Case:
    """A citizen with one confirmed claim (cents) at each of as many creditors; an application that is still empty.

    `preferent`, `not_dischargeable`: positions, from 0.
    """
    citizen = citizen or make_citizen()
    creditors = [make_creditor() for _ in amounts]
    members = [make_member(creditor) for creditor in creditors]
    claims = []
    with act_as(citizen_scope(citizen)):
        application = start_application(citizen=citizen)
        give_consent(application=application)
        for position, (amount, creditor) in enumerate(zip(amounts, creditors, strict=True)):
            first = position in (preferent or set())
            kept = position in (not_dischargeable or set())
            claims.append(
                Claim.objects.create(
                    citizen=citizen,
                    creditor=creditor,
                    state=ClaimState.CONFIRMED,
                    reference=f"F{position}-{creditor.pk}",
                    debtor_name=citizen.full_name,
                    confirmed_cents=amount,
                    confirmed_on=clock.today(),
                    is_preferent=first,
                    preference_ground="Invorderingswet 1990 art. 21" if first else "",
                    dischargeable=not kept,
                    not_dischargeable_ground="boete" if kept else "",
                    reported_on=clock.today(),
                )
            )
    return Case(citizen, creditors, members, claims, application)


def fill_in(case: Case, *, declared: int = 45_00, months: int = 36, **answers: object) -> None:
    """Answers of a single person with a known payslip: net 1.900, taxable 26.000 a year; capacity 493,58."""
    with act_as(citizen_scope(case.citizen)):
        case.application = save_answers(
            application=case.application,
            answers={
                "situation": "alleenstaand",
                "net_income_cents": 1_900_00,
                "taxable_income_cents": 26_000_00,
                "declared_cents": declared,
                "months": months,
                "uncertain": [],
                **answers,
            },
        )


def submitted(case: Case, *, declared: int = 45_00, months: int = 36, **answers: object) -> Proposal:
    """Fill in, assess, draft, send."""
    fill_in(case, declared=declared, months=months, **answers)
    with act_as(citizen_scope(case.citizen)):
        case.application = give_consent(application=case.application)
        assessment = assess_application(application=case.application)
        draft = make_draft(application=case.application, assessment=assessment)
        case.proposal = submit_proposal(proposal=draft)
    return case.proposal


def agreed(case: Case, **answers: object) -> Proposal:
    """Submitted, and every creditor said yes."""
    submitted(case, **answers)  # type: ignore[arg-type]  # passes the two integers through
    for number in range(len(case.creditors)):
        case.say_yes(number)
    return case.settle()
