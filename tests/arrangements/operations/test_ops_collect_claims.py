"""Who may see which debts: nothing before an anchor and consent, and a found letter opens one claim, not a life."""

from datetime import date

import pytest

from accounts import codes
from accounts.models import Citizen, IdentityAnchor
from arrangements.domain.lifecycle import ClaimState
from arrangements.models import Claim
from arrangements.operations.application import give_consent, start_application, withdraw_consent
from arrangements.operations.collect_claims import (
    InvitationUnknown,
    add_claim,
    confirm_balance,
    find_claims,
    open_by_invitation,
    say_about_claim,
)
from creditors.models import ClaimImport, Creditor, UploadedClaim
from creditors.operations.invitations import invitation_code, invitation_hash
from infra import clock, jobs
from infra.scope import act_as, as_worker
from tests.factories.people import citizen_scope, creditor_scope, make_citizen, make_creditor, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday() -> None:
    clock.set_today(date(2026, 11, 23))


def upload(creditor: Creditor, reference: str, *, family_name: str = "Jansen", cents: int = 100_00) -> UploadedClaim:
    with as_worker("test"):
        file = ClaimImport.objects.create(
            creditor=creditor, uploaded_by=make_user(), file_name="a.csv", sha256=reference, content=b"", state="stored"
        )
        return UploadedClaim.objects.create(
            creditor=creditor,
            claim_import=file,
            reference=reference,
            customer_number="K1",
            match_key=codes.match_key(
                family_name=family_name, birth_date="1985-12-03", postcode="1234 ab", house_number="5"
            ),
            invitation_hash=invitation_hash(creditor_id=creditor.pk, reference=reference),
            principal_cents=cents,
            outstanding_cents=cents,
            expires_on=date(2026, 12, 23),
        )


def consent(citizen: Citizen) -> None:
    give_consent(application=start_application(citizen=citizen))


def test_without_an_anchor_nothing_is_found() -> None:
    upload(make_creditor(), "A")
    citizen = make_citizen(anchored=False)
    with act_as(citizen_scope(citizen)):
        consent(citizen)
        assert find_claims(citizen=citizen) == []


def test_without_consent_nothing_is_found() -> None:
    upload(make_creditor(), "A")
    citizen = make_citizen()
    with act_as(citizen_scope(citizen)):
        start_application(citizen=citizen)
        assert find_claims(citizen=citizen) == []


def test_with_anchor_and_consent_all_claims_of_this_person_come_and_nobody_elses() -> None:
    upload(make_creditor(), "A", cents=100_00)
    upload(make_creditor(), "B", cents=250_00)
    upload(make_creditor(), "C", family_name="Pietersen")
    citizen = make_citizen()
    with act_as(citizen_scope(citizen)):
        consent(citizen)
        found = find_claims(citizen=citizen)
        assert sorted(claim.reference for claim in found) == ["A", "B"]
        assert {claim.state for claim in found} == {ClaimState.CONFIRMED}
        assert len(find_claims(citizen=citizen)) == 2
        assert Claim.objects.count() == 2


def test_after_the_worker_ran_a_found_claim_is_offered_to_nobody_else() -> None:
    uploaded = upload(make_creditor(), "A")
    citizen = make_citizen()
    with act_as(citizen_scope(citizen)):
        consent(citizen)
        find_claims(citizen=citizen)
    jobs.run_all()
    with as_worker("test"):
        uploaded.refresh_from_db()
    assert uploaded.matched_at is not None
    with act_as(citizen_scope(citizen)):
        assert find_claims(citizen=citizen) == []


def test_withdrawn_consent_closes_the_door_at_once() -> None:
    citizen = make_citizen()
    with act_as(citizen_scope(citizen)):
        consent(citizen)
        withdraw_consent(application=start_application(citizen=citizen))
    upload(make_creditor(), "A")
    with act_as(citizen_scope(citizen)):
        assert find_claims(citizen=citizen) == []


def test_the_code_on_a_letter_opens_that_claim_and_anchors_the_person_it_was_meant_for() -> None:
    creditor = make_creditor()
    upload(creditor, "A")
    upload(make_creditor(), "B")
    citizen = make_citizen(anchored=False)
    code = invitation_code(creditor_id=creditor.pk, reference="A")
    with act_as(citizen_scope(citizen)):
        consent(citizen)
        claim = open_by_invitation(citizen=citizen, code=codes.shown(code).lower())
        assert claim.reference == "A"
        assert IdentityAnchor.objects.filter(kind=IdentityAnchor.Kind.INVITATION).count() == 1
        citizen.refresh_from_db()
        assert sorted(found.reference for found in find_claims(citizen=citizen)) == ["A", "B"]


def test_a_found_letter_opens_one_claim_and_not_a_life() -> None:
    creditor = make_creditor()
    upload(creditor, "A", family_name="Pietersen")
    upload(make_creditor(), "B", family_name="Pietersen")
    finder = make_citizen(anchored=False, family_name="Jansen")
    with act_as(citizen_scope(finder)):
        consent(finder)
        open_by_invitation(citizen=finder, code=invitation_code(creditor_id=creditor.pk, reference="A"))
        assert not IdentityAnchor.objects.exists()
        assert find_claims(citizen=finder) == []


def test_an_unknown_code_opens_nothing() -> None:
    citizen = make_citizen(anchored=False)
    with act_as(citizen_scope(citizen)), pytest.raises(InvitationUnknown):
        open_by_invitation(citizen=citizen, code="ACDE-FGHJ")


def test_a_named_organisation_gets_a_request_and_becomes_the_same_claim_when_its_file_comes() -> None:
    creditor = make_creditor("Energie Polder")
    citizen = make_citizen()
    with act_as(citizen_scope(citizen)):
        consent(citizen)
        told = add_claim(citizen=citizen, creditor_name="energie polder", told_cents=None)
        assert told.known_cents is None
    upload(creditor, "A", cents=321_00)
    with act_as(citizen_scope(citizen)):
        (found,) = find_claims(citizen=citizen)
    assert found.pk == told.pk
    assert found.confirmed_cents == 321_00


def test_a_name_we_do_not_know_is_seen_by_the_citizen_who_typed_it_alone() -> None:
    citizen, other = make_citizen(), make_citizen(family_name="Pietersen")
    with act_as(citizen_scope(citizen)):
        add_claim(citizen=citizen, creditor_name="Oom Piet", told_cents=50_00)
        assert Creditor.objects.filter(name="Oom Piet").count() == 1
    with act_as(citizen_scope(other)):
        assert not Creditor.objects.filter(name="Oom Piet").exists()


def test_told_and_confirmed_amounts_are_both_kept() -> None:
    creditor, citizen = make_creditor(), make_citizen()
    with act_as(citizen_scope(citizen)):
        claim = add_claim(citizen=citizen, creditor_name=creditor.name, told_cents=100_00)
    with act_as(creditor_scope(creditor)):
        confirm_balance(claim=claim, confirmed_cents=120_00)
        claim.refresh_from_db()
    assert (claim.told_cents, claim.confirmed_cents, claim.known_cents) == (100_00, 120_00, 120_00)


def test_a_no_disputes_the_claim_and_a_later_yes_takes_it_back() -> None:
    upload(make_creditor(), "A")
    citizen = make_citizen()
    with act_as(citizen_scope(citizen)):
        consent(citizen)
        (claim,) = find_claims(citizen=citizen)
        say_about_claim(claim=claim, says=Claim.CitizenSays.NO)
        claim.refresh_from_db()
        assert claim.state == ClaimState.DISPUTED
        say_about_claim(claim=claim, says=Claim.CitizenSays.YES)
        claim.refresh_from_db()
        assert claim.state == ClaimState.CONFIRMED
