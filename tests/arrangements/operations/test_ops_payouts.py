"""Paying on: who is in a run, what is in the file, and what happens when the bank says no."""

import io
from datetime import date
from hashlib import sha256

import pytest
from defusedxml.ElementTree import fromstring
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from pyiso20022.pain.pain_001_001_09 import Document as Pain001  # type: ignore[import-untyped]  # ships no types
from xsdata.formats.dataclass.parsers import XmlParser

from arrangements.models import (
    Arrangement,
    LedgerPosting,
    MoneyRun,
    PayoutBatch,
    PayoutFile,
    PayoutLine,
    PayoutSkip,
    Reconciliation,
)
from arrangements.models.payout import pack
from arrangements.operations.approve_run import CannotApprove, approve_run, release_run
from arrangements.operations.block_iban import ask_unblock
from arrangements.operations.book_payout import CannotBook, book_payout
from arrangements.operations.build_payouts import build_payouts
from arrangements.operations.check_books import check_books
from arrangements.operations.close_run import close_run, write_file_of
from arrangements.operations.pay_out import BooksAreRed, ask_run, pay_out, payouts_due
from arrangements.operations.reject_payout import reject_payouts
from arrangements.operations.return_payout import NotBooked, return_payout_line
from arrangements.operations.submit_run import BytesChanged, ask_mark_submitted, checked_content, export_file
from arrangements.operations.withdraw_run import ask_withdraw, withdraw_run
from arrangements.payments.pain001 import NAMESPACE, check_file
from arrangements.queries.remittance import payable
from arrangements.queries.run_release import run_page
from creditors.models import Creditor
from infra import jobs
from infra.models import Message
from infra.scope import Scope, act_as, as_worker
from kernel.identifiers import betalingskenmerk
from tests.factories.money import at, pay_next, running_case
from tests.factories.payouts import PAYOUT_DAY, approve, book_all, build, desk_people, hand_in, release
from tests.factories.plans import Case
from tests.factories.stornos import take_back

pytestmark = pytest.mark.django_db

BOOKED_ON = date(2026, 12, 8)


@pytest.fixture
def paid() -> tuple[Case, Arrangement]:
    """Three creditors, 45 euro came in."""
    case, arrangement = running_case(1_000_00, 2_000_00, 500_00)
    pay_next(arrangement)
    return case, arrangement


@pytest.fixture(autouse=True)
def books_are_right() -> object:
    yield
    connection.check_constraints()
    with as_worker("test"):
        assert check_books() == []


def account(number: int) -> int:
    with as_worker("test"):
        rows = LedgerPosting.objects.filter(entry__ledger="cash", account=number)
        sums = rows.aggregate(debit=Sum("debit_cents"), credit=Sum("credit_cents"))
    return (sums["debit"] or 0) - (sums["credit"] or 0)


def change(creditor: Creditor, **fields: object) -> None:
    with as_worker("test"):
        Creditor.objects.filter(pk=creditor.pk).update(**fields)


def batch_of(run: MoneyRun, creditor: Creditor) -> PayoutBatch:
    with as_worker("test"):
        return PayoutBatch.objects.get(run=run, creditor=creditor)


def lines_of(batch: PayoutBatch) -> list[PayoutLine]:
    with as_worker("test"):
        return list(PayoutLine.objects.filter(batch=batch).order_by("claim_id"))


def file_content(run: MoneyRun) -> bytes:
    with as_worker("test"):
        return bytes(PayoutFile.objects.get(run=run).content)


def waiting_for(creditor: Creditor) -> int:
    with as_worker("test"):
        return sum(payable(creditor_id=creditor.pk).values())


# --- building ------------------------------------------------------------------------------------------------------


def test_run_file_lines_and_ledger_tell_the_same_cents(paid: tuple[Case, Arrangement]) -> None:
    case, _arrangement = paid
    run = build()
    content = file_content(run)
    check_file(content)
    document = XmlParser().from_bytes(content, Pain001).cstmr_cdt_trf_initn
    assert document is not None
    assert document.grp_hdr is not None
    assert document.grp_hdr.ctrl_sum is not None
    assert int(document.grp_hdr.ctrl_sum * 100) == run.total_cents == 45_00 == -account(1200)
    assert len(document.pmt_inf) == len(case.creditors) == run.batch_count
    for one in document.pmt_inf:
        with as_worker("test"):
            batch = PayoutBatch.objects.get(number=one.pmt_inf_id)
            total = PayoutLine.objects.filter(batch=batch).aggregate(sum=Sum("amount_cents"))["sum"]
        assert one.btch_bookg is True
        assert one.ctrl_sum is not None
        assert int(one.ctrl_sum * 100) == batch.total_cents == total


def test_the_file_made_again_has_the_same_bytes_whatever_happened_since(paid: tuple[Case, Arrangement]) -> None:
    case, _arrangement = paid
    run = hand_in(build())
    change(case.creditors[0], name="Heet nu anders", iban="NL20INGB0001234567")
    with as_worker("test"):
        line = lines_of(batch_of(run, case.creditors[1]))[0]
        file = PayoutFile.objects.get(run=run)
        reject_payouts(message_id=file.message_id, refused={line.end_to_end_id: "AC04"})
        numbers = list(PayoutBatch.objects.filter(file=file).order_by("pk").values_list("pk", flat=True))
        again = io.BytesIO()
        count, total = write_file_of(again, message_id=file.message_id, run_date=run.run_date, batch_ids=numbers)
    assert again.getvalue() == file.content
    assert sha256(again.getvalue()).hexdigest() == file.sha256
    assert (count, total) == (file.line_count, file.total_cents)


def test_a_run_is_built_once_however_often_it_is_asked(paid: tuple[Case, Arrangement]) -> None:
    run = build()
    assert build().pk == run.pk
    with as_worker("test"):
        assert PayoutBatch.objects.count() == 3
        build_payouts(run=run, creditor_ids=[batch.creditor_id for batch in PayoutBatch.objects.all()])
        assert PayoutBatch.objects.count() == 3
        assert close_run(run_id=run.pk).state == "built"


def test_a_run_killed_between_two_chunks_goes_on_where_it_was(paid: tuple[Case, Arrangement]) -> None:
    case, _arrangement = paid
    at(PAYOUT_DAY)
    with as_worker("test"):
        run = MoneyRun.objects.create(kind="monthly", run_date=PAYOUT_DAY, period="2026-12")
        build_payouts(run=run, creditor_ids=[case.creditors[0].pk])
        assert payable() != {}
    run = build()
    assert (run.total_cents, run.batch_count) == (45_00, 3)


def test_the_statements_of_a_chunk_do_not_grow_with_what_is_in_it() -> None:
    counts = []
    for number, sizes in enumerate([(1_000_00,), (1_000_00, 2_000_00, 3_000_00, 700_00, 900_00)]):
        case, arrangement = running_case(*sizes)
        pay_next(arrangement)
        at(PAYOUT_DAY)
        with as_worker("test"):
            run = MoneyRun.objects.create(kind="on_demand", run_date=PAYOUT_DAY, period=f"telling {number}")
            with CaptureQueriesContext(
                connection,
            ) as queries:
                build_payouts(run=run, creditor_ids=[one.pk for one in case.creditors])
            close_run(run_id=run.pk)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 25


def test_a_creditor_who_wants_one_transfer_gets_one_with_the_number_of_the_batch(
    paid: tuple[Case, Arrangement],
) -> None:
    case, _arrangement = paid
    change(case.creditors[0], payout_way="together")
    run = build()
    batch = batch_of(run, case.creditors[0])
    spaces = {"p": NAMESPACE}
    part = next(
        one
        for one in fromstring(file_content(run)).iterfind(".//p:PmtInf", spaces)
        if one.findtext("p:PmtInfId", "", spaces) == batch.number
    )
    assert [one.text for one in part.iterfind(".//p:EndToEndId", spaces)] == [batch.number]
    assert part.findtext(".//p:Ustrd", "", spaces) == batch.number


def test_a_betalingskenmerk_and_a_creditor_reference_travel_structured(paid: tuple[Case, Arrangement]) -> None:
    case, _arrangement = paid
    kenmerk = betalingskenmerk("123456789012345")
    with as_worker("test"):
        for claim, reference in zip(case.claims, (kenmerk, "RF18539007547034", "F-1"), strict=True):
            type(claim).objects.filter(pk=claim.pk).update(reference=reference)
    content = file_content(build())
    assert f"<Issr>CUR</Issr></Tp><Ref>{kenmerk}</Ref>".encode() in content
    assert b"<Issr>ISO</Issr></Tp><Ref>RF18539007547034</Ref>" in content
    assert b"<Ustrd>F-1</Ustrd>" in content


# --- who is left out -----------------------------------------------------------------------------------------------


def test_below_the_minimum_waits_two_months_and_is_paid_in_the_third(paid: tuple[Case, Arrangement]) -> None:
    case, _arrangement = paid
    small = case.creditors[2]
    change(small, payout_minimum_cents=500_00)
    waiting = waiting_for(small)
    for day in (PAYOUT_DAY, date(2027, 1, 5)):
        run = build(on=day)
        with as_worker("test"):
            skips = list(PayoutSkip.objects.filter(run=run).values_list("creditor", "reason", "amount_cents"))
        assert skips == [(small.pk, "below_minimum", waiting)]
    assert batch_of(build(on=date(2027, 2, 5)), small).total_cents == waiting


def test_money_that_is_asked_for_does_not_wait_for_a_minimum(paid: tuple[Case, Arrangement]) -> None:
    case, _arrangement = paid
    change(case.creditors[0], payout_minimum_cents=500_00)
    run = build(MoneyRun.Kind.ON_DEMAND, creditor_id=case.creditors[0].pk)
    assert (run.batch_count, run.period) == (1, f"20261207 {case.creditors[0].pk}")


def test_without_an_account_or_with_a_blocked_one_the_money_waits(paid: tuple[Case, Arrangement]) -> None:
    case, _arrangement = paid
    change(case.creditors[0], participates=False, iban="")
    change(case.creditors[1], iban_blocked_on=PAYOUT_DAY)
    run = build()
    with as_worker("test"):
        reasons = dict(PayoutSkip.objects.filter(run=run).values_list("creditor", "reason"))
    assert reasons == {case.creditors[0].pk: "no_iban", case.creditors[1].pk: "iban_blocked"}
    assert run.batch_count == 1
    assert waiting_for(case.creditors[1]) > 0


def test_a_red_daily_check_stops_runs_and_release_and_a_green_one_lets_them_go(paid: tuple[Case, Arrangement]) -> None:
    run = build()
    for user in desk_people()[:1]:
        approve(run, user)
    with as_worker("test"):
        Reconciliation.objects.create(day=PAYOUT_DAY, is_green=False, checks=[], entry_count=0, entry_hash="")
        with pytest.raises(BooksAreRed):
            pay_out(kind=MoneyRun.Kind.ON_DEMAND, run_date=PAYOUT_DAY)
        assert payouts_due(today=PAYOUT_DAY) == 0
    with pytest.raises(CannotApprove, match="rood"):
        approve(run, desk_people()[1])
    with as_worker("test"):
        Reconciliation.objects.create(day=PAYOUT_DAY, is_green=True, checks=[], entry_count=0, entry_hash="")
    approve(run, desk_people()[1])
    with as_worker("test"):
        assert release_run(run_id=run.pk)


# --- four eyes -----------------------------------------------------------------------------------------------------


def test_one_person_alone_cannot_release(paid: tuple[Case, Arrangement]) -> None:
    run = build()
    user, other = desk_people()
    approve(run, user)
    with pytest.raises(CannotApprove, match="al goedgekeurd"):
        approve(run, user)
    with as_worker("test"):
        assert not release_run(run_id=run.pk)
        type(other).objects.filter(pk=user.pk).update(is_active=False)
    approve(run, other)
    with as_worker("test"):
        # The first one does not work here any more.
        assert not release_run(run_id=run.pk)
        run.refresh_from_db()
    assert run.state == "built"


def test_another_total_unchecked_names_and_strangers_are_refused(paid: tuple[Case, Arrangement]) -> None:
    case, _arrangement = paid
    run = build()
    user = desk_people()[0]
    with act_as(Scope(user_id=user.pk, desk=True, reason="test")):
        with pytest.raises(CannotApprove, match="totaal"):
            approve_run(run=run, user=user, total_cents=run.total_cents - 1, names_checked=True)
        with pytest.raises(CannotApprove, match="namen"):
            approve_run(run=run, user=user, total_cents=run.total_cents, names_checked=False)
        with pytest.raises(CannotApprove, match="loket"):
            approve_run(run=run, user=case.members[0].user, total_cents=run.total_cents, names_checked=True)


def test_a_withdrawn_run_gives_everything_back_and_another_run_pays_it(paid: tuple[Case, Arrangement]) -> None:
    run = build()
    with act_as(Scope(desk=True, reason="test")):
        ask_withdraw(run=run, user=desk_people()[0], reason="Verkeerde dag.")
    jobs.run_all()
    with as_worker("test"):
        assert sum(payable().values()) == 45_00
        assert withdraw_run(run_id=run.pk) == 0
        assert set(PayoutBatch.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert account(1200) == 0
    with pytest.raises(CannotApprove):
        approve(run, desk_people()[0])
    with act_as(Scope(desk=True, reason="test")):
        ask_run(user=desk_people()[0], creditor=None)
    jobs.run_all()
    with as_worker("test"):
        again = MoneyRun.objects.get(kind="on_demand")
    assert again.total_cents == 45_00


def test_a_released_run_is_not_withdrawn_any_more(paid: tuple[Case, Arrangement]) -> None:
    run = release(build())
    with as_worker("test"):
        assert withdraw_run(run_id=run.pk) == 0
    with act_as(Scope(desk=True, reason="test")), pytest.raises(CannotApprove):
        ask_withdraw(run=run, user=desk_people()[0], reason="Te laat.")


def test_the_file_is_taken_out_once_and_a_second_time_only_with_a_mark(
    paid: tuple[Case, Arrangement], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("arrangements.operations.submit_run.remittance_channel", lambda: None)
    run = build()
    user = desk_people()[0]
    desk = Scope(user_id=user.pk, desk=True, reason="test")
    with act_as(desk), pytest.raises(CannotApprove, match="vrijgegeven"):
        export_file(file=PayoutFile.objects.get(run=run), user=user)
    release(run)
    with act_as(desk):
        file = PayoutFile.objects.select_related("run").get(run=run)
        with pytest.raises(CannotApprove, match="Download"):
            ask_mark_submitted(file=file, user=user)
        first, _export = export_file(file=file, user=user)
        with pytest.raises(CannotApprove, match="al gedownload"):
            export_file(file=file, user=user)
        second, export = export_file(file=file, user=user, again=True)
        assert first == second
        assert export.number == 2
        assert [len(row.exports) for row in run_page(run).files] == [2]
        ask_mark_submitted(file=file, user=user)
    jobs.run_all()
    with as_worker("test"):
        run.refresh_from_db()
        assert run.state == "submitted"
        assert Message.objects.filter(kind="payout").count() == 3


def test_a_file_that_was_touched_never_leaves() -> None:
    file = PayoutFile(message_id="X", packed=pack(b"<x/>"), sha256="0" * 64)
    with pytest.raises(BytesChanged):
        checked_content(file)


def test_the_release_page_marks_what_is_new(paid: tuple[Case, Arrangement]) -> None:
    case, arrangement = paid
    first = hand_in(build())
    with act_as(Scope(desk=True, reason="test")):
        assert {row.mark for row in run_page(first).batches} == {"eerste betaling"}
    change(case.creditors[0], iban="NL20INGB0001234567")
    at(date(2026, 12, 30))
    pay_next(arrangement)
    second = build(on=date(2027, 1, 5))
    with act_as(Scope(desk=True, reason="test")):
        page = run_page(second)
    assert page.new_count == 1
    assert "ander rekeningnummer" in page.batches[0].mark
    assert page.batches[0].batch.creditor_id == case.creditors[0].pk


# --- what the bank says --------------------------------------------------------------------------------------------


def test_the_bank_books_what_was_handed_in_and_nothing_else(paid: tuple[Case, Arrangement]) -> None:
    case, _arrangement = paid
    run = build()
    batch = batch_of(run, case.creditors[0])
    with as_worker("test"), pytest.raises(CannotBook, match="built"):
        book_payout(batch_id=batch.pk, booked_on=BOOKED_ON, amount_cents=batch.total_cents)
    hand_in(run)
    with as_worker("test"):
        with pytest.raises(CannotBook, match="the bank booked 1"):
            book_payout(batch_id=batch.pk, booked_on=BOOKED_ON, amount_cents=1)
        for _ in range(2):
            assert book_payout(batch_id=batch.pk, booked_on=BOOKED_ON, amount_cents=batch.total_cents).booked_on
    book_all(run, BOOKED_ON)
    assert (run.state, run.done_on) == ("done", BOOKED_ON)
    assert account(1200) == 0


def test_a_transfer_that_the_bank_refuses_is_payable_again() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    pay_next(arrangement)
    run = hand_in(build())
    batch = batch_of(run, case.creditors[0])
    line = lines_of(batch)[0]
    with as_worker("test"):
        message_id = PayoutFile.objects.get(run=run).message_id
        refused = {line.end_to_end_id: "AM09", "UNKNOWN": "AC01"}
        assert reject_payouts(message_id=message_id, refused=refused) == line.amount_cents
        assert reject_payouts(message_id=message_id, refused=refused) == 0
        batch.refresh_from_db()
        assert batch.state == "rejected"
        assert Creditor.objects.get(pk=batch.creditor_id).iban_blocked_on is None
    assert waiting_for(case.creditors[0]) == line.amount_cents
    book_all(run, BOOKED_ON)
    assert run.state == "done"
    again = build(on=date(2027, 1, 5))
    assert again.total_cents == line.amount_cents


def test_money_that_comes_back_is_payable_again_and_the_account_is_held_up(paid: tuple[Case, Arrangement]) -> None:
    case, _arrangement = paid
    run = hand_in(build())
    line = lines_of(batch_of(run, case.creditors[0]))[0]
    with as_worker("test"), pytest.raises(NotBooked):
        return_payout_line(end_to_end_id=line.end_to_end_id, reason="AC04", booked_on=BOOKED_ON)
    book_all(run, BOOKED_ON)
    before = account(1000)
    with as_worker("test"):
        back = return_payout_line(end_to_end_id=line.end_to_end_id, reason="AC04", booked_on=BOOKED_ON)
        assert return_payout_line(end_to_end_id=line.end_to_end_id, reason="AC04", booked_on=BOOKED_ON) == 0
        assert Creditor.objects.get(pk=case.creditors[0].pk).iban_blocked_on == BOOKED_ON
        assert Message.objects.filter(kind="payout_back", creditor_id=case.creditors[0].pk).count() == 1
        with pytest.raises(LookupError):
            return_payout_line(end_to_end_id="NOOIT-GEHOORD", reason="AC04", booked_on=BOOKED_ON)
    assert back == line.amount_cents == waiting_for(case.creditors[0])
    assert account(1000) == before + back
    blocked = build(on=date(2027, 1, 5))
    assert (blocked.batch_count, blocked.state) == (0, "done")
    creditor = case.creditors[0]
    with as_worker("test"):
        creditor.refresh_from_db()
    with act_as(Scope(desk=True, reason="test")):
        ask_unblock(creditor=creditor, user=desk_people()[0], how_checked="Gebeld met de administratie.")
    jobs.run_all()
    paid_again = build(on=date(2027, 2, 5))
    assert paid_again.total_cents == back


def test_one_transfer_for_all_comes_back_whole(paid: tuple[Case, Arrangement]) -> None:
    case, _arrangement = paid
    change(case.creditors[1], payout_way="together")
    run = hand_in(build())
    book_all(run, BOOKED_ON)
    batch = batch_of(run, case.creditors[1])
    with as_worker("test"):
        assert return_payout_line(end_to_end_id=batch.number, reason="AC01", booked_on=BOOKED_ON) == batch.total_cents
    assert waiting_for(case.creditors[1]) == batch.total_cents


# --- set-off -------------------------------------------------------------------------------------------------------


def set_off_owed() -> tuple[Arrangement, Creditor]:
    """45 euro was paid on to one creditor and then taken back: it owes us that."""
    case, arrangement = running_case(1_000_00)
    change(case.creditors[0], set_off_agreed=True)
    payment = pay_next(arrangement)
    book_all(hand_in(build()), BOOKED_ON)
    take_back(payment)
    return arrangement, case.creditors[0]


def test_what_a_creditor_owes_us_comes_off_and_is_on_its_specification() -> None:
    arrangement, creditor = set_off_owed()
    pay_next(arrangement)
    at(date(2027, 1, 2))
    pay_next(arrangement, amount_cents=20_00)
    run = build(on=date(2027, 1, 5))
    batch = batch_of(run, creditor)
    assert (batch.total_cents, batch.set_off_cents, run.total_cents) == (20_00, 45_00, 20_00)
    assert [(line.amount_cents, line.set_off_cents) for line in lines_of(batch)] == [(20_00, 45_00)]
    assert account(1310) == 0


def test_a_payout_that_is_set_off_whole_needs_no_bank() -> None:
    arrangement, creditor = set_off_owed()
    pay_next(arrangement)
    run = release(build(on=date(2027, 1, 5)))
    with as_worker("test"):
        assert PayoutSkip.objects.get(run=run).reason == "set_off"
        assert not PayoutFile.objects.filter(run=run).exists()
    jobs.run_all()
    assert batch_of(run, creditor).state == "booked"
    with as_worker("test"):
        run.refresh_from_db()
    assert run.state == "done"


def test_a_withdrawn_payout_keeps_its_set_off() -> None:
    arrangement, creditor = set_off_owed()
    pay_next(arrangement)
    at(date(2027, 1, 2))
    pay_next(arrangement, amount_cents=20_00)
    run = build(on=date(2027, 1, 5))
    with as_worker("test"):
        assert withdraw_run(run_id=run.pk) == 20_00
    batch = batch_of(run, creditor)
    assert (batch.state, batch.total_cents, batch.set_off_cents) == ("booked", 0, 45_00)
    assert waiting_for(creditor) == 20_00
    assert account(1310) == 0


def test_a_transfer_that_comes_back_after_its_receipt_was_taken_back_pays_what_is_owed() -> None:
    case, arrangement = running_case(1_000_00)
    creditor = case.creditors[0]
    change(creditor, set_off_agreed=True)
    payment = pay_next(arrangement)
    run = build()
    book_all(hand_in(run), BOOKED_ON)
    take_back(payment)
    line = lines_of(batch_of(run, creditor))[0]
    with as_worker("test"):
        assert return_payout_line(end_to_end_id=line.end_to_end_id, reason="AC04", booked_on=BOOKED_ON) == 45_00
    assert account(1310) == 0
    assert waiting_for(creditor) == 0
