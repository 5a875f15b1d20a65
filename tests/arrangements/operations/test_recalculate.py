"""Many proposals at once come out exactly as one by one."""

import random
from typing import Any

import pytest

from arrangements.domain.lifecycle import AnswerState, ProposalState
from arrangements.domain.proposal import content_hash
from arrangements.models import Answer, Claim, Proposal, ProposalLine
from arrangements.operations.collect_claims import confirm_balance
from arrangements.operations.make_proposal import plan_of
from arrangements.operations.recalculate_proposals import promise_recalculation, recalculate_chunk
from arrangements.operations.settle_proposal import settle_proposal
from arrangements.operations.withdraw_proposal import withdraw_proposal
from infra import jobs
from infra.models import AuditLine, Job, Message
from infra.scope import act_as, as_worker
from tests.factories.answers import asks, asks_again, now_at, replies, says_no, says_other_balance
from tests.factories.money import START, at
from tests.factories.people import citizen_scope, creditor_scope, make_policy
from tests.factories.plans import Case, make_case, submitted

pytestmark = pytest.mark.django_db
SAYS = ("yes", "no", "question", "answered", "again", "nothing")


@pytest.fixture(autouse=True)
def _monday() -> None:
    at(START)


def drawn(seed: int) -> tuple[Case, int]:
    """A sent proposal with random claims and random answers, the same for the same seed; and a corrected balance (cents)."""
    draw = random.Random(seed)
    count = draw.randint(3, 6)
    amounts = [draw.randint(50_00, 4_000_00) for _ in range(count)]
    case = make_case(*amounts, preferent={draw.randrange(count)}, not_dischargeable={draw.randrange(count)})
    submitted(case, declared=draw.choice([45_00, 120_00, 400_00]))
    for number in range(1, count):
        said = draw.choice(SAYS)
        if said == "yes":
            case.say_yes(number)
        elif said == "no":
            says_no(case, number)
        elif said == "again":
            says_no(case, number)
            asks_again(case, number)
        elif said != "nothing":
            asks(case, number)
            if said == "answered":
                replies(case, number)
    return case, draw.choice([0, amounts[0] // 3, amounts[0] * 2 + 1])


def outcome(case: Case) -> dict[str, Any]:
    """Everything the newest version says, less the numbers that differ between two of the same."""
    proposal = now_at(case)
    with as_worker("test"):
        lines = ProposalLine.objects.filter(proposal=proposal).order_by("position")
        answers = Answer.objects.filter(proposal=proposal).order_by("pk")
        versions = Proposal.objects.filter(citizen=case.citizen).order_by("version").values_list("version", "state")
        log = AuditLine.objects.filter(citizen_id=case.citizen.pk, actor_user_id=None, by_system=True).order_by("pk")
        told = Message.objects.filter(creditor_id__in=[one.pk for one in case.creditors], kind="proposal_changed")
        assert proposal.content_hash == content_hash(plan_of(proposal))
        place = {one.pk: number for number, one in enumerate(case.creditors)}
        return {
            "versions": list(versions),
            "figures": (proposal.monthly_cents, proposal.pot_cents, proposal.total_cents, proposal.creditor_count),
            "days": (proposal.submitted_on, proposal.first_submitted_on, proposal.answer_by, proposal.capacity_cents),
            "lines": list(lines.values_list("outstanding_cents", "share_cents", "waived_cents", "remains_cents")),
            "answers": [
                (
                    place[one.creditor_id],
                    one.state,
                    one.outstanding_cents,
                    one.share_cents,
                    one.waived_cents,
                    one.asked_on,
                    one.answer_by,
                    one.question,
                    one.reply,
                    one.reconsideration_on,
                    one.refusal_code,
                    one.decided_on,
                    one.decided_by_id is not None,
                    bool(one.seen_hash),
                )
                for one in answers
            ],
            "log": sorted(log.values_list("action", "from_state", "to_state", "reason")),
            "told": sorted(told.values_list("body", flat=True)),
        }


def corrected(case: Case, cents: int) -> None:
    with act_as(creditor_scope(case.creditors[0], case.members[0])):
        confirm_balance(claim=Claim.objects.get(pk=case.claims[0].pk), confirmed_cents=cents)


@pytest.mark.parametrize("seed", range(12))
def test_a_chunk_gives_the_same_as_one_by_one(seed: int) -> None:
    single, cents = drawn(seed)
    says_other_balance(single, 0, cents)
    with as_worker("test"):
        assert single.proposal is not None
        settle_proposal(proposal_id=single.proposal.pk)
    many = [drawn(seed)[0] for _ in range(2)]
    for case in many:
        corrected(case, cents)
    # The same line of the log as the answer "saldo wijkt af" gives is not there: nobody answered.
    with as_worker("test"):
        recalculate_chunk(proposal_ids=[case.proposal.pk for case in many if case.proposal is not None])
    expected = outcome(single)
    assert expected["versions"] == [(1, ProposalState.LAPSED), (2, ProposalState.SUBMITTED)]
    for case in many:
        assert outcome(case) == expected


def test_what_moved_on_and_what_stands_as_it_should_is_passed_over() -> None:
    gone, same, changed = (make_case(1_000_00, 2_000_00) for _ in range(3))
    for case in (gone, same, changed):
        submitted(case)
    corrected(changed, 1_500_00)
    corrected(gone, 1_500_00)
    assert gone.proposal is not None
    with act_as(citizen_scope(gone.citizen)):
        withdraw_proposal(proposal=gone.proposal)
    ids = [case.proposal.pk for case in (gone, same, changed) if case.proposal is not None]
    with as_worker("test"):
        assert len(recalculate_chunk(proposal_ids=ids)) == 1
        assert recalculate_chunk(proposal_ids=ids) == []
    assert [now_at(case).version for case in (gone, same, changed)] == [1, 1, 2]


def test_a_proposal_with_nothing_left_ends_as_it_does_alone() -> None:
    case = make_case(1_000_00)
    submitted(case)
    corrected(case, 0)
    with as_worker("test"):
        assert case.proposal is not None
        assert recalculate_chunk(proposal_ids=[case.proposal.pk]) == []
        assert Message.objects.filter(kind="nothing_left").count() == 1
    assert now_at(case).state == ProposalState.LAPSED


def test_the_job_is_promised_with_the_correction_and_the_policies_speak_afterwards() -> None:
    cases = [make_case(1_000_00, 2_000_00) for _ in range(3)]
    for case in cases:
        submitted(case)
        case.say_yes(1)
    make_policy(cases[0].creditors[0], minimum=1_00, member=cases[0].members[0])
    for case in cases:
        corrected(case, 500_00)
        with act_as(creditor_scope(case.creditors[0], case.members[0])):
            assert promise_recalculation(claim_ids=[case.claims[0].pk]) == 1
    jobs.run_all()
    with as_worker("test"):
        assert set(Job.objects.filter(kind="recalculate_proposals").values_list("state", flat=True)) == {"done"}
    assert [now_at(case).state for case in cases] == [
        ProposalState.AGREED,
        ProposalState.SUBMITTED,
        ProposalState.SUBMITTED,
    ]
    assert cases[1].answer_of(1).state == AnswerState.ACCEPTED
