"""Another account for a creditor: nobody alone can do it, and nothing changes before its day."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from arrangements.models import PayoutBatch
from arrangements.operations.change_iban import (
    CannotChangeIban,
    apply_iban_changes,
    approve_iban_change,
    ask_iban_change,
    refuse_iban_change,
    withdraw_iban_change,
)
from arrangements.operations.check_books import check_books
from creditors.models import Creditor, CreditorMember, IbanChange
from infra.models import Message
from infra.scope import Scope, act_as, as_worker
from tests.factories.money import START, at, pay_next, running_case
from tests.factories.payouts import build, desk_people
from tests.factories.people import creditor_scope, make_creditor, make_member

pytestmark = pytest.mark.django_db

NEW = "NL20INGB0001234567"
DESK = Scope(desk=True, reason="test")


def manager_of(creditor: Creditor) -> CreditorMember:
    return make_member(creditor, role="manager", name="Mia Manager")


def asked(creditor: Creditor, member: CreditorMember | None = None, iban: str = NEW) -> IbanChange:
    member = member or manager_of(creditor)
    with act_as(creditor_scope(creditor, member)):
        return ask_iban_change(creditor=creditor, user=member.user, iban=iban)


def iban_of(creditor: Creditor) -> str:
    with as_worker("test"):
        return Creditor.objects.get(pk=creditor.pk).iban


def test_asked_by_a_manager_checked_by_the_desk_and_in_force_after_three_working_days() -> None:
    at(START)  # a Monday
    creditor = make_creditor()
    old = creditor.iban
    change = asked(creditor, iban="nl20 ingb 0001 2345 67")
    with act_as(DESK):
        change = approve_iban_change(change=change, user=desk_people()[0], how_checked="Gebeld met mevrouw De Wit.")
    assert change.effective_on == date(2026, 11, 26)
    with as_worker("test"):
        assert apply_iban_changes(today=date(2026, 11, 25)) == 0
        assert iban_of(creditor) == old
        assert apply_iban_changes(today=date(2026, 11, 26)) == 1
        assert apply_iban_changes(today=date(2026, 11, 26)) == 0
        told = list(Message.objects.filter(kind="iban_change", creditor_id=creditor.pk).order_by("created_at"))
    assert iban_of(creditor) == NEW
    assert len(told) == 3
    assert {one.to_address for one in told} == {creditor.email}
    assert all(NEW not in one.body for one in told)


def test_a_clerk_a_stranger_and_a_wrong_number_are_refused() -> None:
    creditor = make_creditor()
    with pytest.raises(CannotChangeIban, match="beheerder"):
        asked(creditor, make_member(creditor))
    stranger = manager_of(make_creditor())
    with act_as(creditor_scope(creditor, stranger)), pytest.raises(CannotChangeIban, match="beheerder"):
        ask_iban_change(creditor=creditor, user=stranger.user, iban=NEW)
    with pytest.raises(CannotChangeIban, match="bestaat niet"):
        asked(creditor, iban="NL20INGB0001234568")
    with pytest.raises(CannotChangeIban, match="al hebben"):
        asked(creditor, iban=creditor.iban)


def test_one_person_alone_cannot_do_both() -> None:
    creditor = make_creditor()
    member = manager_of(creditor)
    change = asked(creditor, member)
    with act_as(DESK), pytest.raises(CannotChangeIban, match="loket"):
        approve_iban_change(change=change, user=member.user, how_checked="Dat ben ik zelf.")
    with as_worker("test"):
        type(member.user).objects.filter(pk=member.user_id).update(is_staff=True)
    with act_as(DESK), pytest.raises(CannotChangeIban, match="zelf gevraagd"):
        approve_iban_change(change=change, user=member.user, how_checked="Dat ben ik zelf.")
    with as_worker("test"), pytest.raises(IntegrityError, match="four_eyes"), transaction.atomic():
        IbanChange.objects.filter(pk=change.pk).update(state="approved", decided_by=member.user, effective_on=START)


def test_without_saying_how_it_was_checked_nothing_is_approved() -> None:
    change = asked(make_creditor())
    with act_as(DESK), pytest.raises(CannotChangeIban, match="Schrijf op"):
        approve_iban_change(change=change, user=desk_people()[0], how_checked="  ")


def test_one_change_at_a_time_and_it_can_be_taken_back_until_it_is_in_force() -> None:
    creditor = make_creditor()
    member = manager_of(creditor)
    change = asked(creditor, member)
    with pytest.raises(CannotChangeIban, match="loopt al"):
        asked(creditor, member)
    with act_as(DESK):
        approve_iban_change(change=change, user=desk_people()[0], how_checked="Gebeld.")
    with act_as(creditor_scope(creditor, member)):
        withdraw_iban_change(change=change, user=member.user)
        with pytest.raises(CannotChangeIban, match="al klaar"):
            withdraw_iban_change(change=change, user=member.user)
    with as_worker("test"):
        assert apply_iban_changes(today=date(2030, 1, 1)) == 0


def test_the_desk_may_stop_a_change_it_had_approved() -> None:
    creditor = make_creditor()
    change = asked(creditor)
    first, second = desk_people()
    with act_as(DESK):
        approve_iban_change(change=change, user=first, how_checked="Gebeld.")
        refuse_iban_change(change=change, user=second, how_checked="De organisatie weet van niets.")
    with as_worker("test"):
        assert apply_iban_changes(today=date(2030, 1, 1)) == 0


def test_while_a_change_is_open_and_in_batches_built_before_the_old_account_is_paid() -> None:
    case, arrangement = running_case(1_000_00)
    creditor = case.creditors[0]
    old = creditor.iban
    pay_next(arrangement)
    change = asked(creditor)
    run = build()
    with act_as(DESK):
        approve_iban_change(change=change, user=desk_people()[0], how_checked="Gebeld.")
    with as_worker("test"):
        apply_iban_changes(today=date(2026, 12, 31))
        assert iban_of(creditor) == NEW
        assert PayoutBatch.objects.get(run=run).iban == old
    at(date(2026, 12, 30))
    pay_next(arrangement)
    later = build(on=date(2027, 1, 5))
    with as_worker("test"):
        assert PayoutBatch.objects.get(run=later).iban == NEW
        assert check_books() == []


def test_a_block_ends_when_the_other_account_is_in_force() -> None:
    creditor = make_creditor()
    with as_worker("test"):
        Creditor.objects.filter(pk=creditor.pk).update(iban_blocked_on=START)
    change = asked(creditor)
    with act_as(DESK):
        approve_iban_change(change=change, user=desk_people()[0], how_checked="Gebeld.")
    with as_worker("test"):
        apply_iban_changes(today=date(2030, 1, 1))
        assert Creditor.objects.get(pk=creditor.pk).iban_blocked_on is None
