"""Statements of the bank go in whole or not at all, and money in them finds its arrangement; against real PostgreSQL."""

from datetime import date
from typing import Any

import pytest
from django.apps import apps

from accounts.models import User
from arrangements.domain import postings
from arrangements.models import (
    Arrangement,
    BankFile,
    BankLine,
    BankStatement,
    CaseTask,
    Installment,
    KnownIban,
    LedgerEntry,
    MoneyDecision,
    ProviderSettlement,
    Receipt,
)
from arrangements.operations import place_bank_line
from arrangements.operations.carry_out_decision import carry_out_decision
from arrangements.operations.decide_bank_line import CannotDecide, approve_decision, decide_bank_line, withdraw_decision
from arrangements.operations.hand_in_statement import hand_in_statement
from arrangements.operations.import_statement import import_statement
from arrangements.operations.place_bank_line import Bookers, place_lines
from arrangements.operations.post_entries import post_entries
from arrangements.operations.watch_suspense import watch_suspense
from infra import jobs
from infra.models import Message
from infra.scope import as_worker
from tests.arrangements.operations.test_money_books import assert_books_are_right, balance
from tests.factories.bad_bank_files import BAD_FILES, BAD_TO_IMPORT
from tests.factories.bank_files import Paper, Row, camt
from tests.factories.money import at, next_open, running_case
from tests.factories.people import make_director, make_user

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 24)
OWN = "NL51ABNA0987654321"


def read(*papers: Paper, version: str = "08") -> BankFile:
    return read_bytes(camt(*papers, version=version).encode())


def read_bytes(content: bytes) -> BankFile:
    with as_worker("test"):
        row, _new = hand_in_statement(name="afschrift.xml", content=content)
        return import_statement(file_id=row.pk)


def rows_of_everything() -> dict[str, int]:
    """How many rows every table has, but for the file itself, what was written about it, and the promise to read it."""
    spared = {"BankFile", "AuditLine", "Job"}
    with as_worker("test"):
        return {
            model.__name__: model._base_manager.count()
            for model in apps.get_models()
            if model.__name__ not in spared and model._meta.managed and model._meta.app_label != "sessions"
        }


def line(**where: Any) -> BankLine:
    with as_worker("test"):
        return BankLine.objects.get(**where)


def receipts(arrangement: Arrangement) -> list[Receipt]:
    with as_worker("test"):
        return list(Receipt.objects.filter(arrangement=arrangement).order_by("pk"))


def colleague(name: str) -> User:
    user = make_user(f"{name}@eenplan.example")
    User.objects.filter(pk=user.pk).update(is_staff=True)
    return User.objects.get(pk=user.pk)


# --- whole or nothing ------------------------------------------------------------------------------------------------


def test_a_transfer_with_the_right_reference_and_amount_is_booked_and_divided() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    file = read(Paper([Row(45_00, reference=arrangement.payment_reference)]))
    assert (file.state, file.reason) == ("read", "")
    (receipt,) = receipts(arrangement)
    assert (receipt.amount_cents, receipt.divided_cents, receipt.received_on) == (45_00, 45_00, DAY)
    found = line()
    assert (found.meaning, found.evidence, found.arrangement_id) == ("receipt", "reference_and_amount", arrangement.pk)
    assert (balance("cash", 1000), balance("cash", 2000), balance("cash", 2900)) == (45_00, 0, 0)
    assert_books_are_right()


def test_every_bad_file_is_refused_and_changes_nothing() -> None:
    running_case(1_000_00, 2_000_00)
    before = rows_of_everything()
    for name, content in {**BAD_FILES, **BAD_TO_IMPORT}.items():
        if len(content) > 10_000_000:
            continue
        file = read_bytes(content)
        assert file.state == "refused", name
        assert file.reason.endswith("."), name
    assert rows_of_everything() == before


def test_the_same_bytes_twice_are_one_file_without_effect() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    paper = Paper([Row(45_00, reference=arrangement.payment_reference)])
    read(paper)
    before = rows_of_everything()
    again = read(paper)
    assert again.state == "read"
    assert rows_of_everything() == before
    with as_worker("test"):
        assert BankFile.objects.count() == 1


def test_the_same_statement_in_another_file_has_no_effect() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    paper = Paper([Row(45_00, reference=arrangement.payment_reference)])
    read(paper, version="02")
    before = rows_of_everything()
    assert read(paper, version="08").state == "known"
    assert rows_of_everything() == before


def test_a_file_with_an_old_and_a_new_statement_brings_only_the_new_one() -> None:
    running_case(1_000_00, 2_000_00)
    first = Paper([Row(45_00)])
    second = Paper([Row(46_00)], opening_cents=1_045_00, identification="2", number=2)
    read(first)
    assert read(first, second).state == "read"
    with as_worker("test"):
        assert BankStatement.objects.count() == 2
        assert BankLine.objects.count() == 2


def test_a_statement_with_the_same_id_and_other_content_is_refused() -> None:
    running_case(1_000_00, 2_000_00)
    read(Paper([Row(45_00)]))
    for other in (Paper([Row(46_00)]), Paper([Row(40_00), Row(5_00)]), Paper([Row(45_00)], number=9)):
        file = read(other)
        assert file.state == "refused"
        assert "staat er al in" in file.reason


def test_a_refused_file_can_be_handed_in_again() -> None:
    running_case(1_000_00, 2_000_00)
    content = camt(Paper([Row(45_00)], closing_cents=1)).encode()
    read_bytes(content)
    with as_worker("test"):
        row, is_new = hand_in_statement(name="x", content=content)
    assert (row.state, is_new) == ("refused", False)
    jobs.run_all()


def test_identical_lines_are_both_real() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    row = Row(45_00, reference=arrangement.payment_reference)
    read(Paper([row, row]))
    first, second = receipts(arrangement)
    assert (first.kind, second.kind) == ("installment", "extra")
    assert balance("cash", 1000) == 90_00
    with as_worker("test"):
        assert len(set(BankLine.objects.values_list("key", flat=True))) == 2
    assert_books_are_right()


def test_a_missing_statement_is_told_and_the_import_goes_on() -> None:
    make_director()
    running_case(1_000_00, 2_000_00)
    read(Paper([Row(45_00)]))
    read(Paper([Row(1_00)], opening_cents=2_000_00, identification="3", number=3, day=date(2026, 11, 26)))
    with as_worker("test"):
        told = dict(BankStatement.objects.values_list("number", "gap_before"))
        mails = Message.objects.filter(kind="statement_gap").count()
    assert told == {1: False, 3: True}
    assert mails == 1
    # The missing one comes in later: nothing is missing any more.
    read(Paper([Row(955_00)], opening_cents=1_045_00, identification="2", number=2, day=date(2026, 11, 25)))
    with as_worker("test"):
        assert not BankStatement.objects.filter(gap_before=True).exists()


# --- the cases of payments.md 4 --------------------------------------------------------------------------------------


def test_less_than_the_instalment_is_divided_and_the_instalment_is_partly_paid() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    read(Paper([Row(45_00, reference=arrangement.payment_reference, name=_name(arrangement))]))
    part = Row(20_00, reference=arrangement.payment_reference, name=_name(arrangement))
    read(Paper([part], opening_cents=1_045_00, identification="2", number=2))
    assert [one.divided_cents for one in receipts(arrangement)] == [45_00, 20_00]
    with as_worker("test"):
        assert Installment.objects.filter(arrangement=arrangement, state="partly_paid", paid_cents=20_00).exists()
    assert_books_are_right()


def test_more_than_the_instalment_pays_the_next_one() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    read(Paper([Row(45_00, reference=arrangement.payment_reference, name=_name(arrangement))]))
    more = Row(100_00, iban="NL20INGB0001234567", text=f"voor {arrangement.payment_reference}")
    read(Paper([more], opening_cents=1_045_00, identification="2", number=2))
    assert [one.extra_cents for one in receipts(arrangement)] == [0, 0]
    assert sum(one.divided_cents for one in receipts(arrangement)) == 145_00
    assert_books_are_right()


def test_late_is_paid() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    at(date(2027, 3, 1))
    read(Paper([Row(45_00, reference=arrangement.payment_reference)], day=date(2027, 3, 1)))
    assert receipts(arrangement)[0].kind == "installment"
    assert next_open(arrangement).number == 2
    assert_books_are_right()


def test_after_the_end_it_is_held_and_somebody_calls() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    with as_worker("test"):
        Arrangement.objects.filter(pk=arrangement.pk).update(
            state="terminated", terminated_on=DAY, terminated_by_id=arrangement.signed_by_id, termination_ground="x"
        )
    read(Paper([Row(45_00, reference=arrangement.payment_reference)]))
    (receipt,) = receipts(arrangement)
    assert (receipt.kind, receipt.divided_cents, receipt.extra_cents) == ("after_end", 0, 45_00)
    assert balance("cash", 2200) == -45_00
    with as_worker("test"):
        assert CaseTask.objects.filter(kind="money_after_end").count() == 1


def test_somebody_else_may_pay_and_the_account_is_not_learned() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    read(Paper([Row(45_00, reference=arrangement.payment_reference, name="Mw. A.B. Moeder")]))
    assert len(receipts(arrangement)) == 1
    with as_worker("test"):
        assert not KnownIban.objects.exists()


def _name(arrangement: Arrangement) -> str:
    with as_worker("test"):
        citizen = Arrangement.objects.select_related("citizen").get(pk=arrangement.pk).citizen
    return f"{citizen.first_name[0]}. {citizen.family_name}"


def test_the_citizens_own_account_is_learned_and_is_enough_with_the_amount() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    read(Paper([Row(45_00, reference=arrangement.payment_reference, name=_name(arrangement))]))
    with as_worker("test"):
        assert KnownIban.objects.get().iban == "NL20INGB0001234567"
    read(Paper([Row(45_00, text="zonder kenmerk")], opening_cents=1_045_00, identification="2", number=2))
    assert line(statement__number=2).evidence == "iban_and_amount"
    assert len(receipts(arrangement)) == 2


def test_a_reference_alone_is_a_suggestion_and_the_money_is_unidentified() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    read(Paper([Row(12_34, reference=arrangement.payment_reference)]))
    found = line()
    assert found.meaning == "open"
    assert found.suggestions == [{"arrangement": arrangement.pk, "evidence": "reference_only"}]
    assert balance("cash", 2900) == -12_34
    assert_books_are_right()


def test_many_transfers_are_received_together_and_divided_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("arrangements.operations.place_transfers.MOST_AT_ONCE", 3)
    _case, arrangement = running_case(1_000_00, 2_000_00)
    row = Row(45_00, reference=arrangement.payment_reference, name=_name(arrangement))
    read(Paper([row] * 5))
    assert [one.divided_on for one in receipts(arrangement)] == [None] * 5
    assert (balance("cash", 1000), balance("cash", 2000)) == (225_00, -225_00)
    with as_worker("test"):
        assert BankLine.objects.filter(meaning="receipt", arrangement=arrangement).count() == 5
        assert KnownIban.objects.count() == 1


# --- what else comes on the account ----------------------------------------------------------------------------------


def test_money_from_our_own_account_is_a_top_up() -> None:
    running_case(1_000_00, 2_000_00)
    read(Paper([Row(29, iban=OWN, name="Eén Plan BV")]))
    assert line().meaning == "top_up"
    assert (balance("cash", 1000), balance("cash", 1010)) == (29, -29)
    assert_books_are_right()


def test_a_settlement_is_known_by_its_name_and_its_amount(monkeypatch: pytest.MonkeyPatch) -> None:
    running_case(1_000_00, 2_000_00)
    with as_worker("test"):
        row = ProviderSettlement.objects.create(
            provider="demobank", provider_id="po_1", gross_cents=100_00, fee_cents=29, net_cents=99_71, paid_out_on=DAY
        )

    def book(*, settlement_id: int, booked_on: date) -> None:
        post_entries([postings.settlement(f"settlement:{settlement_id}", amount=99_71)])
        ProviderSettlement.objects.filter(pk=settlement_id).update(booked_on=booked_on, state="paid")

    monkeypatch.setattr(place_bank_line, "BOOKERS", Bookers(settlement=book))
    read(Paper([Row(99_70, text="po_1"), Row(99_71, text="uitbetaling po_1")]))
    assert line(position=2).meaning == "settlement"
    # A cent off is not it.
    assert line(position=1).meaning == "open"
    with as_worker("test"):
        row.refresh_from_db()
    assert row.booked_on == DAY


def test_money_that_went_out_and_nobody_knows_stays_open() -> None:
    running_case(1_000_00, 2_000_00)
    read(Paper([Row(-3_50, name="Bank", iban="", text="kosten")]))
    assert line().meaning == "open"
    assert balance("cash", 1000) == 0


def test_placing_twice_changes_nothing() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    read(Paper([Row(45_00, reference=arrangement.payment_reference), Row(7_77)]))
    with as_worker("test"):
        before = LedgerEntry.objects.count()
        place_lines(list(BankLine.objects.all()))
        assert LedgerEntry.objects.count() == before


# --- what a person decides -------------------------------------------------------------------------------------------


def test_a_person_places_a_line_and_the_money_leaves_unidentified() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    read(Paper([Row(12_34, reference=arrangement.payment_reference)]))
    with as_worker("test"):
        decision = decide_bank_line(
            line=line(), kind=MoneyDecision.Kind.PLACE, user=colleague("noor"), arrangement=arrangement
        )
    jobs.run_all()
    with as_worker("test"):
        decision.refresh_from_db()
        carry_out_decision(decision_id=decision.pk)
    assert decision.outcome == "Geplaatst."
    assert receipts(arrangement)[0].divided_cents == 12_34
    assert (balance("cash", 1000), balance("cash", 2900), balance("cash", 2000)) == (12_34, 0, 0)
    assert_books_are_right()


@pytest.mark.parametrize("cents", [8_00, -8_00])
def test_own_money_in_and_out_is_booked_as_ours(cents: int) -> None:
    running_case(1_000_00, 2_000_00)
    read(Paper([Row(cents, iban="", name="Bank")]))
    with as_worker("test"):
        decide_bank_line(line=line(), kind=MoneyDecision.Kind.TOP_UP, user=colleague("noor"))
    jobs.run_all()
    assert line().meaning == "top_up"
    assert (balance("cash", 1000), balance("cash", 1010), balance("cash", 2900)) == (cents, -cents, 0)
    if cents > 0:
        # What went out is short until we make it up.
        assert_books_are_right()


def test_sending_back_needs_two_people() -> None:
    running_case(1_000_00, 2_000_00)
    read(Paper([Row(7_77)]))
    noor = colleague("noor")
    with as_worker("test"):
        decision = decide_bank_line(line=line(), kind=MoneyDecision.Kind.SEND_BACK, user=noor)
        with pytest.raises(CannotDecide, match="zelf voorgesteld"):
            approve_decision(decision=decision, user=noor)
        with pytest.raises(CannotDecide, match="Een collega"):
            decide_bank_line(line=line(), kind=MoneyDecision.Kind.TOP_UP, user=noor)
        approve_decision(decision=decision, user=colleague("bo"))
        with pytest.raises(CannotDecide, match="al goedgekeurd"):
            withdraw_decision(decision=decision)


def test_a_proposal_to_send_back_can_be_withdrawn() -> None:
    running_case(1_000_00, 2_000_00)
    read(Paper([Row(7_77)]))
    with as_worker("test"):
        withdraw_decision(
            decision=decide_bank_line(line=line(), kind=MoneyDecision.Kind.SEND_BACK, user=colleague("noor"))
        )
        assert not MoneyDecision.objects.exists()


def test_after_five_working_days_the_desk_is_asked_once() -> None:
    make_director()
    running_case(1_000_00, 2_000_00)
    read(Paper([Row(7_77)]))
    with as_worker("test"):
        for day, count in ((date(2026, 11, 30), 0), (date(2026, 12, 1), 1), (date(2026, 12, 2), 1)):
            at(day)
            assert watch_suspense(today=day) == count
        assert Message.objects.filter(kind="suspense").count() == 1
