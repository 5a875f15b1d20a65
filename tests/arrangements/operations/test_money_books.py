"""The bookkeeping of a receipt, a division, a waiver; and what the database refuses by itself."""

from datetime import date

import pytest
from django.db import Error, IntegrityError, connection, transaction
from django.db.models import F, Sum

from arrangements.domain.postings import Entry, EntryKind, Ledger, Line, OwedAccount, receipt_provider
from arrangements.domain.split import distribute
from arrangements.models import (
    Arrangement,
    ArrangementLine,
    Document,
    Installment,
    Kwijtschelding,
    LedgerEntry,
    LedgerPosting,
    Payment,
    Receipt,
)
from arrangements.operations.activate_arrangement import activate_arrangement
from arrangements.operations.check_books import check_books
from arrangements.operations.grant_kwijtschelding import grant_kwijtschelding
from arrangements.operations.post_entries import post_entries
from arrangements.operations.receive_payment import receive_payment
from arrangements.operations.start_payment import AlreadyPaid, start_payment
from arrangements.payments import demobank
from arrangements.queries.overview import citizen_overview
from arrangements.queries.remittance import payable
from infra import jobs
from infra.models import Message
from infra.scope import act_as, as_worker
from tests.factories.bank_day import settle
from tests.factories.money import RETURN_URL, next_open, open_link, pay_all, pay_next, running_case
from tests.factories.payouts import book_all, build, hand_in
from tests.factories.people import citizen_scope

pytestmark = pytest.mark.django_db


def balance(ledger: str, account: int, **where: int) -> int:
    with as_worker("test"):
        rows = LedgerPosting.objects.filter(entry__ledger=ledger, account=account, **where)
        return int(rows.aggregate(sum=Sum(F("debit_cents") - F("credit_cents")))["sum"] or 0)


def lines(arrangement: Arrangement) -> list[ArrangementLine]:
    with as_worker("test"):
        return list(ArrangementLine.objects.filter(arrangement=arrangement).order_by("position"))


def assert_books_are_right() -> None:
    connection.check_constraints()
    with as_worker("test"):
        assert check_books() == []


def test_activation_opens_the_books_and_gives_everybody_a_document() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00, 500_00)
    assert arrangement.state == "active"
    assert balance("owed", 100) == 3_500_00
    assert balance("owed", 900) == -3_500_00
    with as_worker("test"):
        kinds = sorted(Document.objects.filter(arrangement=arrangement).values_list("kind", flat=True))
        told = Message.objects.filter(kind="stop_collecting").count()
    assert kinds == ["agreement", "extract", "extract", "extract"]
    assert told == len(case.creditors)
    assert_books_are_right()


def test_activating_twice_changes_nothing() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    with as_worker("test"):
        before = LedgerEntry.objects.count(), Document.objects.count(), Message.objects.count()
        activate_arrangement(arrangement_id=arrangement.pk)
        assert (LedgerEntry.objects.count(), Document.objects.count(), Message.objects.count()) == before


def test_a_receipt_of_45_euro_is_divided_to_the_cent() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00, 500_00)
    pay_next(arrangement)
    shares = [line.share_cents for line in lines(arrangement)]
    assert [line.paid_cents for line in lines(arrangement)] == distribute(45_00, shares, [0, 0, 0])
    assert sum(line.paid_cents for line in lines(arrangement)) == 45_00
    assert balance("cash", 1100) == 45_00
    assert balance("cash", 2000) == 0
    assert balance("cash", 2100) == -45_00
    assert balance("owed", 200) == 45_00
    assert balance("owed", 100) == 3_500_00 - 45_00
    assert_books_are_right()


def test_the_same_payment_received_again_is_booked_once() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    payment = pay_next(arrangement)
    with as_worker("test"):
        first = Receipt.objects.get()
        assert receive_payment(payment_id=payment.pk, amount_cents=45_00) == first
        assert LedgerEntry.objects.filter(kind="receipt_provider").count() == 1
    assert_books_are_right()


def test_half_a_payment_makes_the_instalment_partly_paid_and_the_rest_completes_it() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    first = next_open(arrangement)
    pay_next(arrangement, amount_cents=20_00)
    first = next_open(arrangement)
    assert (first.state, first.open_cents) == ("partly_paid", 25_00)
    assert open_link(arrangement.citizen, first).amount_cents == 25_00
    pay_next(arrangement)
    with as_worker("test"):
        assert Installment.objects.get(pk=first.pk).state == "paid"
    assert_books_are_right()


def test_more_than_one_instalment_goes_to_the_oldest_first() -> None:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    pay_next(arrangement, amount_cents=100_00)
    with as_worker("test"):
        states = list(
            Installment.objects.filter(arrangement=arrangement).order_by("number").values_list("state", "paid_cents")
        )
    assert states[:4] == [("paid", 45_00), ("paid", 45_00), ("partly_paid", 10_00), ("open", 0)]
    assert_books_are_right()


def test_a_paid_instalment_cannot_be_paid_again() -> None:
    _case, arrangement = running_case(1_000_00)
    first = next_open(arrangement)
    pay_next(arrangement)
    with pytest.raises(AlreadyPaid), act_as(citizen_scope(arrangement.citizen)):
        start_payment(installment=first, return_url=RETURN_URL)


def test_an_open_link_is_given_again() -> None:
    _case, arrangement = running_case(1_000_00)
    first = open_link(arrangement.citizen, next_open(arrangement))
    assert open_link(arrangement.citizen, next_open(arrangement)) == first
    demobank.refuse(first.provider_id)
    again = open_link(arrangement.citizen, next_open(arrangement))
    assert again != first
    with as_worker("test"):
        assert Payment.objects.get(pk=first.pk).state == "failed"


def test_the_last_instalment_ends_in_kwijtschelding_with_all_balances_zero() -> None:
    case, arrangement = running_case(10_000_00, 20_000_00, 1_234_56, kept={2})
    pay_all(arrangement)
    jobs.run_all()
    with as_worker("test"):
        arrangement.refresh_from_db()
        assert (arrangement.state, arrangement.received_cents) == ("waived", 36 * 45_00)
        rows = {row.claim_id: row for row in Kwijtschelding.objects.filter(arrangement=arrangement)}
        kinds = sorted(Document.objects.filter(arrangement=arrangement).values_list("kind", flat=True))
    for claim, line in zip(case.claims, lines(arrangement), strict=True):
        assert line.paid_cents == line.share_cents
        rest = line.outstanding_cents - line.share_cents
        open_now = balance("owed", 100, claim_id=claim.pk)
        if line.dischargeable:
            assert (rows[claim.pk].waived_cents, rows[claim.pk].remains_cents, open_now) == (rest, 0, 0)
        else:
            assert (rows[claim.pk].waived_cents, rows[claim.pk].remains_cents, open_now) == (0, rest, rest)
    assert kinds.count("closing") == 1
    assert kinds.count("closing_extract") == 3
    assert_books_are_right()


def test_granting_twice_grants_once() -> None:
    _case, arrangement = running_case(10_000_00, months=3)
    pay_all(arrangement)
    jobs.run_all()
    with as_worker("test"):
        grant_kwijtschelding(arrangement_id=arrangement.pk)
        assert Kwijtschelding.objects.count() == 1
        assert LedgerEntry.objects.filter(kind="waiver").count() == 1


def test_too_much_is_set_aside_for_the_citizen() -> None:
    _case, arrangement = running_case(10_000_00, months=2)
    pay_next(arrangement)
    pay_next(arrangement, amount_cents=60_00)
    with as_worker("test"):
        last = Receipt.objects.order_by("-pk")[0]
    assert (last.divided_cents, last.extra_cents) == (45_00, 15_00)
    assert balance("cash", 2200) == -15_00
    assert_books_are_right()


def test_a_second_open_link_that_is_paid_too_is_not_lost() -> None:
    _case, arrangement = running_case(10_000_00, months=2)
    first = next_open(arrangement)
    link = open_link(arrangement.citizen, first)
    pay_next_amount = 90_00
    demobank.pay(link.provider_id, amount_cents=pay_next_amount, notify=False)
    with as_worker("test"):
        second = Installment.objects.get(arrangement=arrangement, number=2)
    other = open_link(arrangement.citizen, second)
    demobank.pay(other.provider_id, notify=False)
    with as_worker("test"):
        receive_payment(payment_id=link.pk, amount_cents=pay_next_amount)
    jobs.run_all()
    with as_worker("test"):
        assert Receipt.objects.aggregate(sum=Sum("amount_cents"))["sum"] == 135_00
    assert balance("cash", 2200) == -45_00
    assert_books_are_right()


def test_an_unused_link_is_closed_when_its_instalment_is_paid_otherwise() -> None:
    _case, arrangement = running_case(10_000_00)
    with as_worker("test"):
        second = Installment.objects.get(arrangement=arrangement, number=2)
    unused = open_link(arrangement.citizen, second)
    pay_next(arrangement, amount_cents=90_00)
    jobs.run_all()
    with as_worker("test"):
        assert Payment.objects.get(pk=unused.pk).state == "failed"
        with pytest.raises(demobank.AlreadyDecided):
            demobank.pay(unused.provider_id)


def test_payouts_empty_what_is_payable_and_the_bank_books_them() -> None:
    case, arrangement = running_case(1_000_00, 2_000_00, 500_00)
    pay_next(arrangement)
    run = build()
    assert (run.batch_count, run.total_cents, run.state) == (len(case.creditors), 45_00, "built")
    with as_worker("test"):
        assert payable() == {}
    assert build().pk == run.pk
    assert balance("cash", 1200) == -45_00
    hand_in(run)
    with as_worker("test"):
        settle(today=date(2026, 12, 8))
    book_all(run, date(2026, 12, 8))
    assert balance("cash", 1200) == 0
    assert balance("cash", 1100) == 0
    assert balance("cash", 1000) == 0
    assert_books_are_right()


def test_the_overview_adds_up_to_the_cent() -> None:
    _case, arrangement = running_case(10_000_00, 20_000_00, 1_234_56, preferent={1}, kept={2})
    pay_next(arrangement)
    pay_next(arrangement, amount_cents=33_33)
    with act_as(citizen_scope(arrangement.citizen)):
        overview = citizen_overview(arrangement.citizen_id)
    assert overview is not None
    totals = overview.totals
    assert totals.paid_cents == 78_33 == overview.received_cents
    assert totals.start_cents == 31_234_56
    for figures in [totals, *(row.figures for row in overview.creditors)]:
        assert figures.start_cents == figures.paid_cents + figures.open_cents
        assert figures.open_cents == figures.to_pay_cents + figures.waived_cents + figures.remains_cents
    assert (overview.months_done, overview.months_left) == (1, 35)
    assert overview.next_installment is not None
    assert overview.next_installment.number == 2


def test_the_books_of_another_citizen_stay_closed() -> None:
    _case, arrangement = running_case(1_000_00)
    other, _second = running_case(700_00)
    with act_as(citizen_scope(other.citizen)):
        assert citizen_overview(arrangement.citizen_id) is None


# --- what the database refuses ---------------------------------------------------------------------------------------


def entry_number(day: date) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('arrangements_ledger_number'), ledger_month(%s)", [day])
        return int(cursor.fetchone()[0])


def write_entry(*amounts: tuple[int, int]) -> None:
    """An entry with these (debit, credit) postings, past the pure builders, up to the moment the database looks."""
    day = date(2026, 12, 1)
    with transaction.atomic():
        number = entry_number(day)
        LedgerEntry.objects.create(id=number, ledger="cash", kind="test", key="test", booked_on=day)
        LedgerPosting.objects.bulk_create(
            LedgerPosting(
                entry_id=number, line=line, booked_on=day, account=1000, debit_cents=debit, credit_cents=credit
            )
            for line, (debit, credit) in enumerate(amounts, start=1)
        )
        connection.check_constraints()


@pytest.mark.parametrize("amounts", [[], [(100, 0)], [(100, 0), (0, 99)], [(100, 0), (0, 101)], [(1, 0), (1, 0)]])
def test_an_entry_that_does_not_balance_is_refused(amounts: list[tuple[int, int]]) -> None:
    with as_worker("test"), pytest.raises(IntegrityError, match="does not balance"):
        write_entry(*amounts)


def test_an_entry_that_balances_is_accepted() -> None:
    with as_worker("test"):
        write_entry((100, 0), (0, 100))


def test_the_same_event_is_booked_once() -> None:
    _case, arrangement = running_case(1_000_00)
    entry = receipt_provider("the same", arrangement=arrangement.pk, amount=5)
    with as_worker("test"):
        post_entries([entry])
        with pytest.raises(IntegrityError), transaction.atomic():
            post_entries([entry])


def test_two_ledgers_may_know_one_event_by_one_key() -> None:
    _case, arrangement = running_case(1_000_00)
    with as_worker("test"):
        claim = lines(arrangement)[0].claim_id
        owed = Entry(
            Ledger.OWED,
            EntryKind.WAIVER,
            "one key",
            (Line(OwedAccount.WAIVED, debit=1, claim=claim), Line(OwedAccount.OUTSTANDING, credit=1, claim=claim)),
        )
        post_entries([receipt_provider("one key", arrangement=arrangement.pk, amount=5), owed])


@pytest.mark.parametrize("role", ["worker", "app"])
@pytest.mark.parametrize(
    ("table", "column"),
    [("arrangements_ledgerentry", "id"), ("arrangements_ledgerposting", "line"), ("arrangements_kwijtschelding", "id")],
)
@pytest.mark.parametrize("statement", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
def test_history_cannot_be_changed(role: str, table: str, column: str, statement: str) -> None:
    _case, arrangement = running_case(1_000_00)
    scope = as_worker("test") if role == "worker" else act_as(citizen_scope(arrangement.citizen))
    with (
        scope,
        pytest.raises(Error, match=r"permission denied|only grows"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table, column))


def test_the_app_cannot_write_in_the_books() -> None:
    _case, arrangement = running_case(1_000_00)
    with act_as(citizen_scope(arrangement.citizen)), pytest.raises(Error), transaction.atomic():
        post_entries([receipt_provider("by the app", arrangement=arrangement.pk, amount=5)])
