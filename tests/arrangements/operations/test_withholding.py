"""One transfer of a municipality for many citizens, and its specification."""

import pytest
from django.db import connection
from django.db.models import F, Sum
from django.test.utils import CaptureQueriesContext

from accounts.models import CaseWorker
from arrangements.models import (
    Arrangement,
    BankLine,
    CaseTask,
    LedgerEntry,
    LedgerPosting,
    Receipt,
    Withholder,
    WithholdingFile,
    WithholdingLine,
)
from arrangements.operations import book_withholding as booking
from arrangements.operations.book_unidentified import book_unidentified
from arrangements.operations.book_withholding import (
    CannotPlace,
    DoesNotMatch,
    ask_place_withheld,
    book_withholding,
    match_waiting_files,
)
from arrangements.operations.check_books import check_books
from arrangements.operations.import_withholding import (
    AlreadyImported,
    CannotImport,
    CannotWithdraw,
    ReferenceUsed,
    import_withholding,
    withdraw_withholding,
)
from infra import jobs
from infra.models import Message
from infra.scope import act_as, as_worker
from kernel.identifiers import betalingskenmerk
from tests.factories.bank import MUNICIPALITY_IBAN, bank_line, make_withholder
from tests.factories.money import next_open, pay_all, running_case
from tests.factories.norms import desk_scope, make_desk

pytestmark = pytest.mark.django_db
NOBODY = betalingskenmerk("999999999999999")
REFERENCE = "INH-2026-11"


def specification(*lines: tuple[str, str]) -> bytes:
    return ("betalingskenmerk;bedrag\n" + "".join(f"{who};{amount}\n" for who, amount in lines)).encode()


def imported(content: bytes, *, reference: str = REFERENCE) -> WithholdingFile:
    with as_worker("test"):
        known = Withholder.objects.first()
    withholder = known or make_withholder()
    user = make_desk()
    with act_as(desk_scope(user)):
        return import_withholding(withholder=withholder, reference=reference, content=content, user=user)


def balance(account: int, **where: int) -> int:
    with as_worker("test"):
        rows = LedgerPosting.objects.filter(entry__ledger="cash", account=account, **where)
        return int(rows.aggregate(sum=Sum(F("credit_cents") - F("debit_cents")))["sum"] or 0)


def fresh(row: WithholdingFile) -> WithholdingFile:
    with as_worker("test"):
        return WithholdingFile.objects.get(pk=row.pk)


def books_are_right() -> None:
    connection.check_constraints()
    with as_worker("test"):
        assert check_books() == []


def transfer(cents: int, *, text: str = f"Inhouding {REFERENCE} november") -> BankLine:
    return bank_line(cents, iban=MUNICIPALITY_IBAN, name="Gemeente Veldhoven", text=text)


def comes_in(line: BankLine) -> WithholdingFile | None:
    """What the reader of statements does."""
    with as_worker("test"):
        return match_waiting_files(line)


def test_the_file_first_and_then_the_money_is_booked_line_by_line() -> None:
    _one, anna = running_case(1_000_00, 2_000_00)
    _two, bram = running_case(500_00, 700_00)
    file = imported(specification((anna.payment_reference, "45,00"), (bram.payment_reference, "30,00")))
    jobs.run_all()
    assert fresh(file).state == "waiting"
    line = transfer(75_00)
    booked = comes_in(line)
    assert booked is not None
    assert (fresh(file).state, fresh(file).bank_line_id) == ("booked", line.pk)
    with as_worker("test"):
        receipts = list(Receipt.objects.order_by("arrangement_id"))
        line.refresh_from_db()
    assert [(one.arrangement_id, one.amount_cents, one.source) for one in receipts] == [
        (anna.pk, 45_00, "withheld"),
        (bram.pk, 30_00, "withheld"),
    ]
    assert line.meaning == "withheld"
    assert next_open(anna).number == 2
    assert (balance(1000), balance(2900), balance(2000)) == (-75_00, 0, 0)
    books_are_right()


def test_the_money_first_and_then_the_file_is_booked_too() -> None:
    _case, anna = running_case(1_000_00, 2_000_00)
    line = transfer(45_00)
    assert comes_in(line) is None
    with as_worker("test"):
        book_unidentified(line)
    assert balance(2900) == 45_00
    file = imported(specification((anna.payment_reference, "45,00")))
    jobs.run_all()
    assert fresh(file).state == "booked"
    assert (balance(1000), balance(2900)) == (-45_00, 0)
    books_are_right()


def test_booking_twice_changes_nothing() -> None:
    _case, anna = running_case(1_000_00, 2_000_00)
    file = imported(specification((anna.payment_reference, "45,00")))
    line = transfer(45_00)
    comes_in(line)
    with as_worker("test"):
        before = LedgerEntry.objects.count(), Receipt.objects.count(), Message.objects.count()
        book_withholding(file_id=file.pk, bank_line_id=line.pk)
        assert match_waiting_files(BankLine.objects.get(pk=line.pk)) is None
        assert (LedgerEntry.objects.count(), Receipt.objects.count(), Message.objects.count()) == before


def test_another_amount_stays_where_it_is_and_the_desk_hears_the_difference_once() -> None:
    _case, anna = running_case(1_000_00, 2_000_00)
    file = imported(specification((anna.payment_reference, "45,00")))
    line = transfer(44_00)
    assert comes_in(line) is None
    assert comes_in(line) is None
    assert fresh(file).state == "waiting"
    with as_worker("test"):
        mails = Message.objects.filter(kind="withholding_differs")
        assert len(mails) == CaseWorker.objects.filter(kind="desk", active=True).count()
        assert all("-1,00" in mail.body for mail in mails)
        assert Receipt.objects.count() == 0
    with as_worker("test"), pytest.raises(DoesNotMatch):
        book_withholding(file_id=file.pk, bank_line_id=line.pk)


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("INH-2026-11", True),
        ("inh 2026 11", True),
        ("Betreft: INH202611/uitk", True),
        ("INH-2026-111", False),
        ("XINH-2026-11", False),
        ("INH-2026-1", False),
        ("", False),
    ],
)
def test_the_reference_is_found_as_a_word_of_its_own(text: str, matches: bool) -> None:
    _case, anna = running_case(1_000_00, 2_000_00)
    imported(specification((anna.payment_reference, "45,00")))
    assert (comes_in(transfer(45_00, text=text)) is not None) == matches


def test_the_same_reference_from_another_account_is_no_withholding() -> None:
    _case, anna = running_case(1_000_00, 2_000_00)
    imported(specification((anna.payment_reference, "45,00")))
    assert comes_in(bank_line(45_00, text=REFERENCE)) is None


def test_a_wrong_line_refuses_the_whole_file_with_its_number() -> None:
    _case, anna = running_case(1_000_00)
    with pytest.raises(CannotImport) as refused:
        imported(specification((anna.payment_reference, "45,00"), (NOBODY, "nul komma"), ("12", "5,00")))
    assert [fault.line for fault in refused.value.faults] == [3, 4]
    with as_worker("test"):
        assert not WithholdingFile.objects.exists()
        assert not WithholdingLine.objects.exists()


def test_the_same_bytes_and_the_same_reference_twice_are_refused_until_the_first_is_withdrawn() -> None:
    _case, anna = running_case(1_000_00)
    content = specification((anna.payment_reference, "45,00"))
    first = imported(content)
    with pytest.raises(AlreadyImported) as before:
        imported(content, reference="INH-2026-12")
    assert before.value.file.pk == first.pk
    with pytest.raises(ReferenceUsed):
        imported(specification((anna.payment_reference, "46,00")), reference=REFERENCE.lower())
    user = make_desk()
    with act_as(desk_scope(user)):
        withdraw_withholding(file_id=first.pk, user=user)
        with pytest.raises(CannotWithdraw):
            withdraw_withholding(file_id=first.pk, user=user)
    assert imported(content).state == "waiting"


@pytest.mark.parametrize("reference", ["", "1", "----------", "x" * 36, "INH<2026>"])
def test_a_reference_that_finds_nothing_or_everything_is_refused(reference: str) -> None:
    with pytest.raises(CannotImport, match="omschrijving"):
        imported(specification((NOBODY, "1,00")), reference=reference)


def test_a_reference_of_nobody_stays_on_unidentified_money_and_a_person_places_it() -> None:
    _case, anna = running_case(1_000_00, 2_000_00)
    file = imported(specification((anna.payment_reference, "45,00"), (NOBODY, "30,00")))
    comes_in(transfer(75_00))
    assert (balance(1000), balance(2900)) == (-75_00, 30_00)
    books_are_right()
    with as_worker("test"):
        unknown = WithholdingLine.objects.get(file=file, arrangement=None)
        assert Message.objects.filter(kind="withholding_unknown").exists()
    user = make_desk()
    with act_as(desk_scope(user)):
        with pytest.raises(CannotPlace):
            ask_place_withheld(line_id=unknown.pk, payment_reference="123", user=user)
        ask_place_withheld(line_id=unknown.pk, payment_reference=anna.payment_reference, user=user)
    jobs.run_all()
    assert balance(2900) == 0
    with as_worker("test"):
        assert Receipt.objects.filter(arrangement=anna).count() == 2
    books_are_right()


def test_money_for_a_plan_that_is_over_is_held_for_the_citizen() -> None:
    _case, anna = running_case(100_00, declared=45_00, months=36)
    pay_all(anna)
    imported(specification((anna.payment_reference, "45,00")))
    comes_in(transfer(45_00))
    with as_worker("test"):
        receipt = Receipt.objects.get(source="withheld")
        assert CaseTask.objects.filter(kind="money_after_end").exists()
    assert (receipt.kind, receipt.extra_cents) == ("after_end", 45_00)
    assert balance(2200, arrangement_id=anna.pk) == 45_00
    books_are_right()


def test_many_lines_are_booked_in_bulk_and_divided_after_and_a_worker_that_dies_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(booking, "BOOKED_AT_ONCE", 1)
    monkeypatch.setattr(booking, "CHUNK", 2)
    plans = [running_case(1_000_00, 500_00)[1] for _ in range(3)]
    file = imported(specification(*[(plan.payment_reference, "45,00") for plan in plans]))
    jobs.run_all()
    comes_in(transfer(135_00))
    assert (balance(1000), balance(2900)) == (-135_00, 135_00)
    with as_worker("test"):
        booking._book_chunk(file.pk)  # a worker that got no further than its first chunk
    assert balance(2000) == 90_00
    books_are_right()
    jobs.run_all()
    assert (balance(2000), balance(2900)) == (0, 0)
    with as_worker("test"):
        assert [one.received_cents for one in Arrangement.objects.order_by("pk")] == [45_00] * 3
        assert not Receipt.objects.filter(divided_on=None).exists()
    books_are_right()


def test_booking_in_bulk_takes_the_same_statements_for_any_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(booking, "BOOKED_AT_ONCE", 0)
    counts = []
    for size, reference in ((1, "INH-2026-01"), (5, "INH-2026-05")):
        plans = [running_case(1_000_00, 500_00)[1] for _ in range(size)]
        file = imported(specification(*[(plan.payment_reference, "45,00") for plan in plans]), reference=reference)
        with as_worker("test"):
            assert match_waiting_files(transfer(45_00 * size, text=reference)) is not None
            with CaptureQueriesContext(connection) as queries:
                assert booking._book_chunk(file.pk) == size
        counts.append(len(queries))
        jobs.run_all()
    assert counts[0] == counts[1]
