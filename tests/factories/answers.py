"""Creditors who ask, refuse and look again; made by the operations themselves."""

from accounts.models import Citizen
from arrangements.domain.lifecycle import RefusalCode
from arrangements.models import Answer, Proposal
from arrangements.operations.answer_proposal import refuse, say_balance_differs
from arrangements.operations.answer_question import answer_question
from arrangements.operations.application import start_application
from arrangements.operations.ask_question import ask_question
from arrangements.operations.ask_reconsideration import ask_reconsideration
from arrangements.operations.collect_claims import add_claim
from arrangements.operations.lapse_proposal import lapse_proposal
from infra.scope import act_as, as_worker
from tests.factories.people import citizen_scope, creditor_scope, make_citizen, make_creditor
from tests.factories.plans import Case, make_case, submitted

QUESTION = "Bij welke werkgever werkt u nu?"


def now_at(case: Case) -> Proposal:
    """The newest version; the case follows it."""
    with act_as(citizen_scope(case.citizen)):
        case.proposal = Proposal.objects.filter(citizen=case.citizen).order_by("-version")[0]
    return case.proposal


def asks(case: Case, number: int, question: str = QUESTION) -> Answer:
    proposal = now_at(case)
    with act_as(creditor_scope(case.creditors[number], case.members[number])):
        return ask_question(
            answer=case.answer_of(number),
            seen_hash=proposal.content_hash,
            user=case.members[number].user,
            question=question,
        )


def replies(case: Case, number: int, reply: str = "Bij een bakker.") -> Answer:
    now_at(case)
    with act_as(citizen_scope(case.citizen)):
        return answer_question(answer=case.answer_of(number), reply=reply)


def says_no(case: Case, number: int, code: RefusalCode = RefusalCode.BELOW_OUR_NORM) -> Answer:
    proposal = now_at(case)
    with act_as(creditor_scope(case.creditors[number], case.members[number])):
        return refuse(
            answer=case.answer_of(number),
            seen_hash=proposal.content_hash,
            user=case.members[number].user,
            code=code,
            note="Wij vragen 80 %.",
        )


def says_other_balance(case: Case, number: int, cents: int) -> Answer:
    proposal = now_at(case)
    with act_as(creditor_scope(case.creditors[number], case.members[number])):
        return say_balance_differs(
            answer=case.answer_of(number),
            seen_hash=proposal.content_hash,
            user=case.members[number].user,
            claim=case.claims[number],
            balance_cents=cents,
        )


def asks_again(case: Case, number: int, note: str = "Dit is echt alles wat ik kan missen.") -> Answer:
    """The citizen asks the creditor that said no to look again."""
    now_at(case)
    with act_as(citizen_scope(case.citizen)):
        return ask_reconsideration(answer=case.answer_of(number), note=note)


def questioned(name: str = "Vraagt") -> Case:
    """Sent; one asks something, one says yes."""
    case = make_case(1_000_00, 2_000_00, citizen=make_citizen(family_name=name))
    submitted(case)
    case.say_yes(1)
    asks(case, 0)
    case.settle()
    return case


def refused(name: str = "Weigert") -> Case:
    """Sent; one says no, two say yes."""
    case = make_case(1_000_00, 2_000_00, 3_000_00, citizen=make_citizen(family_name=name))
    submitted(case)
    case.say_yes(1)
    case.say_yes(2)
    says_no(case, 0)
    case.settle()
    return case


def looking_again(name: str = "Heroverweegt") -> Case:
    """The same, and the citizen asked to look again."""
    case = refused(name)
    asks_again(case, 0)
    return case


def replied(name: str = "Beantwoordt") -> Case:
    """A question that was answered."""
    case = questioned(name)
    replies(case, 0)
    return case


def lapsed(name: str = "Verloopt") -> Case:
    """Nobody answered in time, and the time to make an arrangement is over."""
    case = make_case(1_000_00, 2_000_00, citizen=make_citizen(family_name=name))
    submitted(case)
    with as_worker("test"):
        assert case.proposal is not None
        proposal = Proposal.objects.select_related("citizen__director", "citizen__user").get(pk=case.proposal.pk)
        lapse_proposal(proposal=proposal)
    return case


def with_gaps(name: str = "Mist") -> Citizen:
    """Nobody saw a paper, no permission, and an organisation of which nobody knows the amount."""
    citizen = make_citizen(family_name=name, anchored=False)
    one, other = make_creditor(), make_creditor()
    with act_as(citizen_scope(citizen)):
        start_application(citizen=citizen)
        add_claim(citizen=citizen, creditor_name=one.name, told_cents=1_000_00)
        add_claim(citizen=citizen, creditor_name=other.name, told_cents=None)
    return citizen
