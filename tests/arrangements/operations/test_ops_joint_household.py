"""Two partners who take part together: the code, joining, stopping, sharing one claim, and one capacity for both."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts import codes
from accounts.models import Citizen
from arrangements.models import (
    Application,
    Claim,
    CoDebtor,
    HouseholdInvitation,
    HouseholdMember,
    Proposal,
    ProposalLine,
)
from arrangements.operations.application import save_answers
from arrangements.operations.assess_application import assess_application, missing_facts
from arrangements.operations.invite_partner import PURPOSE, AlreadyTogether, invite_partner
from arrangements.operations.join_household import PartnerCodeUnknown
from arrangements.operations.make_proposal import ClaimsForPlan, claims_for_plan, make_draft
from arrangements.operations.share_claim import (
    Ground,
    NotToBeShared,
    NotTogether,
    PartnerNotIdentified,
    share_claim,
)
from arrangements.operations.stop_sharing_claim import stop_sharing_claim
from arrangements.operations.submit_proposal import NotIdentified, submit_proposal
from arrangements.operations.withdraw_proposal import withdraw_proposal
from arrangements.queries.household import SharedClaim, claims_i_share, committed_cents, partner_of, shared_claims
from infra import clock, jobs
from infra.models import AuditLine, Message
from infra.scope import Scope, ScopeMissing, act_as, as_worker
from tests.factories.money import pay_next, running_case
from tests.factories.partners import code_of, join, leave, share, together
from tests.factories.people import citizen_scope, make_citizen, make_creditor
from tests.factories.plans import agreed, fill_in, make_case, submitted

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _monday() -> None:
    clock.set_today(MONDAY)


def as_citizen(citizen: Citizen, ask: Callable[[int], Any]) -> Any:
    with act_as(citizen_scope(citizen)):
        return ask(citizen.pk)


def committed(citizen: Citizen) -> int:
    return int(as_citizen(citizen, committed_cents))


def is_together(citizen: Citizen) -> bool:
    return as_citizen(citizen, partner_of) is not None


def messages_to(citizen: Citizen) -> list[str]:
    jobs.run_all()
    with act_as(citizen_scope(citizen)):
        return list(Message.objects.order_by("created_at").values_list("subject", flat=True))


def audited(citizen: Citizen, action: str) -> int:
    with as_worker("test"):
        return AuditLine.objects.filter(citizen_id=citizen.pk, action=action).count()


# --- the code --------------------------------------------------------------------------------------------------------


def test_the_code_brings_two_citizens_together_and_is_kept_as_a_hash_only() -> None:
    anna, bram = make_citizen(family_name="Een"), make_citizen(family_name="Twee")
    code = code_of(anna)
    assert len(code) == codes.LENGTH
    with as_worker("test"):
        assert HouseholdInvitation.objects.get().code_hash == codes.code_hash(PURPOSE, code)
    assert not is_together(anna)
    member = join(bram, f" {code[:4].lower()}-{code[4:]} ")
    assert member.joined_on == MONDAY
    assert is_together(anna)
    assert is_together(bram)
    with as_worker("test"):
        assert {row.household for row in HouseholdMember.objects.all()} == {member.household}
    for citizen in (anna, bram):
        assert audited(citizen, "household_joined") == 1
    assert messages_to(anna) == ["Iemand heeft uw code gebruikt"]
    assert messages_to(bram) == []


def test_a_code_works_once_for_two_days_and_a_new_one_ends_the_old_one() -> None:
    anna, bram, carla = make_citizen(), make_citizen(), make_citizen()
    first = code_of(anna)
    second = code_of(anna)
    with pytest.raises(PartnerCodeUnknown):
        join(bram, first)
    with as_worker("test"):
        HouseholdInvitation.objects.filter(used_at=None).update(expires_at=clock.now() - timedelta(seconds=1))
    with pytest.raises(PartnerCodeUnknown):
        join(bram, second)
    third = code_of(anna)
    join(bram, third)
    leave(bram)
    with pytest.raises(PartnerCodeUnknown):
        join(carla, third)


def test_a_code_lives_forty_eight_hours() -> None:
    anna = make_citizen()
    with act_as(citizen_scope(anna)):
        row, _ = invite_partner(citizen=anna)
    assert row.expires_at - clock.now() > timedelta(hours=47, minutes=59)
    assert row.expires_at - clock.now() <= timedelta(hours=48)


def test_the_own_code_opens_nothing_and_is_not_spent_by_trying() -> None:
    anna, bram = make_citizen(), make_citizen()
    code = code_of(anna)
    with pytest.raises(PartnerCodeUnknown):
        join(anna, code)
    join(bram, code)
    assert is_together(anna)


def test_nobody_is_in_two_households_and_no_household_has_three() -> None:
    anna, bram, carla = make_citizen(), make_citizen(), make_citizen()
    waiting = code_of(carla)
    old = code_of(anna)
    together(bram, anna)
    with pytest.raises(AlreadyTogether):
        join(bram, waiting)
    with pytest.raises(AlreadyTogether):
        code_of(anna)
    with pytest.raises(PartnerCodeUnknown):  # Anna made this one before she had a partner
        join(carla, old)
    assert not is_together(carla)


# --- what changes for the answers ------------------------------------------------------------------------------------


def test_joining_and_stopping_ask_both_again_whether_the_partner_takes_part() -> None:
    one, other = make_case(1_000_00), make_case(1_000_00)
    couple = {"situation": "gehuwd", "partner_takes_part": True}

    def answer() -> None:
        for case in (one, other):
            with act_as(citizen_scope(case.citizen)):
                save_answers(application=case.application, answers=couple)

    def asked(citizen: Citizen) -> bool:
        with act_as(citizen_scope(citizen)):
            row = Application.objects.get(closed_at=None)
            return "partner_takes_part" in missing_facts(row) and "partner_takes_part" not in row.entered_by

    answer()
    together(one.citizen, other.citizen)
    assert asked(one.citizen)
    assert asked(other.citizen)
    answer()
    leave(other.citizen)
    assert asked(one.citizen)
    assert asked(other.citizen)


# --- one capacity ----------------------------------------------------------------------------------------------------


def test_what_the_partner_promised_counts_from_the_sending_to_the_end_of_the_plan() -> None:
    one, other = make_case(10_000_00), make_case(20_000_00)
    together(one.citizen, other.citizen)
    submitted(one, declared=100_00)
    assert (committed(one.citizen), committed(other.citizen)) == (0, 100_00)
    one.say_yes(0)
    one.settle()
    assert committed(other.citizen) == 100_00
    arrangement = one.sign()
    assert committed(other.citizen) == 100_00
    jobs.run_all()
    assert committed(other.citizen) == 100_00
    with as_worker("test"):
        type(arrangement).objects.filter(pk=arrangement.pk).update(
            state="terminated", terminated_on=MONDAY, termination_ground="test", terminated_by=arrangement.signed_by_id
        )
    assert committed(other.citizen) == 0


def test_a_draft_and_a_withdrawn_proposal_promise_nothing() -> None:
    one, other = make_case(10_000_00), make_case(20_000_00)
    together(one.citizen, other.citizen)
    fill_in(one, declared=100_00)
    with act_as(citizen_scope(one.citizen)):
        draft = make_draft(application=one.application, assessment=assess_application(application=one.application))
        assert committed(other.citizen) == 0
        submit_proposal(proposal=draft)
        assert committed(other.citizen) == 100_00
        withdraw_proposal(proposal=draft)
    assert committed(other.citizen) == 0


def test_the_worker_finds_the_same_amount_as_the_citizen_and_a_stranger_finds_none() -> None:
    one, other, stranger = make_case(10_000_00), make_citizen(), make_citizen()
    together(one.citizen, other)
    submitted(one, declared=100_00)
    with as_worker("test"):
        assert committed_cents(other.pk) == 100_00
        assert committed_cents(one.citizen.pk) == 0
        assert committed_cents(stranger.pk) == 0
    assert committed(stranger) == 0


def test_what_a_household_promised_is_told_to_its_own_members_only() -> None:
    one, other = make_citizen(), make_citizen()
    together(one, other)
    for scope in (citizen_scope(other), Scope(), Scope(desk=True)):
        for ask in (committed_cents, partner_of, shared_claims, claims_i_share):
            with act_as(scope), pytest.raises(ScopeMissing):
                ask(one.pk)


def test_stopping_ends_it_for_both_at_once_and_tells_the_other() -> None:
    one, other = make_case(10_000_00), make_case(20_000_00)
    together(one.citizen, other.citizen)
    submitted(one, declared=100_00)
    leave(one.citizen)
    assert committed(other.citizen) == 0
    assert not is_together(one.citizen)
    assert not is_together(other.citizen)
    assert audited(one.citizen, "household_left") == audited(other.citizen, "household_left") == 1
    assert "Er is iets veranderd" in messages_to(other.citizen)
    assert "Er is iets veranderd" not in messages_to(one.citizen)
    with act_as(citizen_scope(one.citizen)):
        assert Proposal.objects.get().state == "submitted"


def test_stopping_twice_tells_it_once_and_a_new_code_may_bring_them_together_again() -> None:
    one, other = make_citizen(), make_citizen()
    together(one, other)
    leave(one)
    leave(one)
    leave(other)
    assert messages_to(other) == ["Er is iets veranderd"]
    together(other, one)
    assert is_together(one)


# --- sharing a claim -------------------------------------------------------------------------------------------------


def test_a_shared_claim_is_seen_by_the_partner_with_its_creditor_reference_and_amount() -> None:
    one, other = make_case(1_000_00, 2_000_00), make_case(500_00)
    together(one.citizen, other.citizen)
    share(one.claims[1], Ground.RENT)
    seen = SharedClaim(
        public_id=one.claims[1].public_id,
        creditor_name=one.creditors[1].name,
        reference=one.claims[1].reference,
        outstanding_cents=2_000_00,
        ground="Wij huren samen",
        since=MONDAY,
    )
    assert as_citizen(other.citizen, shared_claims) == [seen]
    assert as_citizen(one.citizen, claims_i_share) == [seen]
    assert as_citizen(one.citizen, shared_claims) == as_citizen(other.citizen, claims_i_share) == []
    assert audited(one.citizen, "claim_shared") == 1
    assert "Er staat iets nieuws voor u klaar" in messages_to(other.citizen)


def test_sharing_twice_changes_the_ground_and_makes_no_second_row() -> None:
    one, other = make_case(1_000_00), make_citizen()
    together(one.citizen, other)
    share(one.claims[0], Ground.RENT)
    share(one.claims[0], Ground.SIGNED)
    assert [row.ground for row in as_citizen(other, shared_claims)] == ["Wij hebben samen getekend"]
    assert messages_to(other).count("Er staat iets nieuws voor u klaar") == 1


def test_the_amount_of_a_shared_claim_is_what_the_books_say_once_they_are_open() -> None:
    case, arrangement = running_case(1_000_00)
    partner = make_citizen()
    together(case.citizen, partner)
    share(case.claims[0])
    assert [row.outstanding_cents for row in as_citizen(partner, shared_claims)] == [1_000_00]
    pay_next(arrangement)
    jobs.run_all()
    assert [row.outstanding_cents for row in as_citizen(partner, shared_claims)] == [955_00]


def test_an_organisation_the_citizen_typed_is_named_in_a_shared_claim_and_its_amount_may_be_unknown() -> None:
    one, other = make_case(1_000_00), make_citizen()
    creditor = make_creditor("Buurman", participates=False, named_by_citizen_id=one.citizen.pk)
    with act_as(citizen_scope(one.citizen)):
        claim = Claim.objects.create(citizen=one.citizen, creditor=creditor, reported_on=MONDAY)
    together(one.citizen, other)
    share(claim)
    [seen] = as_citizen(other, shared_claims)
    assert (seen.creditor_name, seen.outstanding_cents) == ("Buurman", None)


def test_sharing_needs_a_partner_and_proof_of_identity_of_both() -> None:
    one = make_case(1_000_00)
    with pytest.raises(NotTogether):
        share(one.claims[0])
    unproved = make_citizen(anchored=False)
    together(one.citizen, unproved)
    with pytest.raises(PartnerNotIdentified):
        share(one.claims[0])
    assert as_citizen(unproved, shared_claims) == []
    case = make_case(1_000_00, citizen=make_citizen(anchored=False))
    together(case.citizen, make_citizen())
    with pytest.raises(NotIdentified):
        share(case.claims[0])


def test_only_the_own_claim_is_shared_and_only_as_long_as_it_stands() -> None:
    one, other = make_case(1_000_00, 2_000_00), make_case(500_00)
    together(one.citizen, other.citizen)
    with act_as(citizen_scope(other.citizen)), pytest.raises(Claim.DoesNotExist):
        share_claim(claim=one.claims[0], ground=Ground.SIGNED)
    share(one.claims[1])
    with act_as(citizen_scope(other.citizen)), pytest.raises(Claim.DoesNotExist):  # seen, and still not one's own
        stop_sharing_claim(claim=one.claims[1])
    with as_worker("test"):
        Claim.objects.filter(citizen=one.citizen).update(state="withdrawn")
    with pytest.raises(NotToBeShared):
        share(one.claims[0])
    assert as_citizen(other.citizen, shared_claims) == []


def test_a_shared_claim_stays_seen_after_stopping_and_is_taken_back_by_whose_it_is() -> None:
    one, other = make_case(1_000_00), make_citizen()
    together(one.citizen, other)
    share(one.claims[0])
    leave(other)
    assert len(as_citizen(other, shared_claims)) == 1
    with pytest.raises(NotTogether):
        share(one.claims[0])
    with act_as(citizen_scope(one.citizen)):
        stop_sharing_claim(claim=one.claims[0])
        stop_sharing_claim(claim=one.claims[0])
    assert as_citizen(other, shared_claims) == as_citizen(one.citizen, claims_i_share) == []
    assert audited(one.citizen, "claim_not_shared") == 1
    with as_worker("test"):
        assert not CoDebtor.objects.exists()


# --- the same debt is not paid twice ---------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["shared", "submitted", "agreed", "signed"])
def test_a_shared_claim_is_in_the_plan_of_one_partner_only_and_in_the_list_of_both(stage: str) -> None:
    one, other = make_case(1_000_00), make_case(500_00)
    together(one.citizen, other.citizen)
    share(one.claims[0])
    if stage == "submitted":
        submitted(one)
    elif stage != "shared":
        agreed(one)
    if stage == "signed":
        one.sign()
        jobs.run_all()
    with act_as(citizen_scope(other.citizen)):
        sorted_out = claims_for_plan(other.citizen.pk)
        assert sorted_out == ClaimsForPlan(other.claims, [], [], [])
    # The worker sees all claims of everybody, and makes new versions.
    with as_worker("test"):
        assert claims_for_plan(other.citizen.pk).taking_part == other.claims
    submitted(other)
    with as_worker("test"):
        assert set(ProposalLine.objects.filter(claim=one.claims[0]).values_list("citizen_id", flat=True)) <= {
            one.citizen.pk
        }
        assert list(ProposalLine.objects.filter(citizen=other.citizen).values_list("claim_id", flat=True)) == [
            other.claims[0].pk
        ]
    assert [row.public_id for row in as_citizen(other.citizen, shared_claims)] == [one.claims[0].public_id]
    assert [row.public_id for row in as_citizen(one.citizen, claims_i_share)] == [one.claims[0].public_id]


def test_one_reference_of_a_creditor_is_one_claim_whoever_of_the_two_names_it() -> None:
    one, other = make_case(1_000_00), make_citizen()
    with (
        act_as(citizen_scope(other)),
        pytest.raises(Exception, match="claim_reference_once_per_creditor"),
        transaction.atomic(),
    ):
        Claim.objects.create(
            citizen=other, creditor=one.creditors[0], reference=one.claims[0].reference, reported_on=MONDAY
        )
