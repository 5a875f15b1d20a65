"""Very many receipts divided at once are divided as one by one: the same cents, books, states and words."""

import random
from collections.abc import Sequence
from datetime import date

import pytest
from django.db import connection, transaction

from arrangements.domain.split import distribute
from arrangements.models import (
    Arrangement,
    ArrangementLine,
    CaseTask,
    Claim,
    Installment,
    LedgerPosting,
    Receipt,
)
from arrangements.operations import divide_sql
from arrangements.operations.check_books import check_books
from arrangements.operations.divide_waiting import NotDivisible, divide_waiting
from arrangements.operations.receive_payment import lock_arrangement, receive_transfer
from infra import jobs
from infra.models import AuditLine, Job, Message
from infra.scope import as_worker
from kernel.cents import spoken_euro
from tests.factories.money import at, running_case
from tests.factories.waiting import receives

pytestmark = pytest.mark.django_db


def divide(arrangement: Arrangement | None = None) -> object:
    ids = None if arrangement is None else range(arrangement.pk, arrangement.pk + 1)
    with as_worker("test"):
        return divide_waiting(arrangement_ids=ids)


def one_by_one(arrangement: Arrangement, *amounts: int, kind: str = "installment", key: str = "single") -> None:
    with as_worker("test"):
        for number, amount in enumerate(amounts):
            with transaction.atomic():
                row = lock_arrangement(arrangement.pk)
                if kind == "extra":
                    _extra(row, f"{key}:{row.pk}:{number}", amount)
                else:
                    receive_transfer(
                        row, key=f"{key}:{row.pk}:{number}", amount_cents=amount, received_on=date(2026, 11, 23)
                    )


def _extra(row: Arrangement, key: str, amount: int) -> None:
    from arrangements.domain import postings
    from arrangements.operations.receive_payment import OVER, book_receipt

    receipt = Receipt(
        kind="after_end" if row.state in OVER else "extra",
        source="transfer",
        arrangement=row,
        citizen_id=row.citizen_id,
        key=key,
        amount_cents=amount,
        received_on=date(2026, 11, 23),
    )
    book_receipt(row, receipt, postings.receipt_transfer(key, arrangement=row.pk, amount=amount))


def account_of(arrangement: Arrangement) -> dict[str, object]:
    """Everything a division leaves behind, without the numbers that differ from case to case."""
    with as_worker("test"):
        row = Arrangement.objects.get(pk=arrangement.pk)
        lines = list(ArrangementLine.objects.filter(arrangement=row).order_by("position"))
        places = {line.claim_id: line.position for line in lines}
        installments = list(Installment.objects.filter(arrangement=row).order_by("number", "pk"))
        numbers = {str(one.pk): one.number for one in installments}
        receipts = list(Receipt.objects.filter(arrangement=row).order_by("pk"))
        turns = {str(one.pk): turn for turn, one in enumerate(receipts)}
        keys = {one.key: turn for turn, one in enumerate(receipts)}
        postings = [
            (
                keys[next(key for key in keys if f":{key}:" in f"{one.entry.key}:")],
                one.entry.ledger,
                one.entry.kind,
                one.entry.key.removeprefix(f"{one.entry.ledger}:").split(":", 3)[3:],
                one.line,
                one.account,
                one.debit_cents,
                one.credit_cents,
                places.get(one.claim_id or 0),
            )
            for one in LedgerPosting.objects.filter(arrangement_id=row.pk)
            .exclude(entry__kind__in=["owed_opening", "claim_changed", "waiver"])
            .select_related("entry")
        ]
        name = f"{row.citizen.first_name} {row.citizen.family_name}"
        return {
            "arrangement": (row.state, row.received_cents, row.paused_until, row.fulfilled_on),
            "lines": [(line.paid_cents, line.parked_cents, line.returned_cents) for line in lines],
            "installments": [(one.state, one.paid_cents, one.paid_on) for one in installments],
            "receipts": [
                (one.kind, one.amount_cents, one.divided_cents, one.extra_cents, one.divided_on) for one in receipts
            ],
            "postings": sorted(postings),
            "log": sorted(
                (
                    one.object_type,
                    one.action,
                    {"receipt": turns, "installment": numbers}.get(one.object_type, {}).get(one.object_id),
                    one.from_state,
                    one.to_state,
                    one.reason,
                    str(sorted(one.details.items())),
                    one.by_system,
                    one.access,
                    one.business_date,
                )
                for one in AuditLine.objects.filter(
                    citizen_id=row.citizen_id, object_type__in=["receipt", "installment", "arrangement"]
                )
                if one.action != "arrangement_signed" and one.from_state != "signed"
            ),
            "told": sorted(
                (one.kind, one.channel, one.subject, one.body.replace(name, "NAME"))
                for one in Message.objects.filter(
                    citizen_id=row.citizen_id, kind__in=["payment_received", "money_after_end"]
                )
            ),
            "jobs": sorted(
                one.kind
                for one in Job.objects.filter(citizen_id=row.citizen_id)
                if one.key.startswith(("send:receipt:", "grant_kwijtschelding"))
            ),
            "tasks": sorted(
                (one.kind, one.text, one.made_on, one.due_on, one.assigned_to_id == row.citizen.director_id)
                for one in CaseTask.objects.filter(citizen_id=row.citizen_id, kind__in=["refund", "money_after_end"])
            ),
        }


AMOUNTS = (1_000_00, 2_000_00, 333_33, 75_01)


@pytest.mark.parametrize(
    "came_in",
    [
        (45_00,),
        (20_00,),
        (45_00, 45_00),
        (20_00, 30_00, 1),
        (1_00, 1, 1, 1, 44_97, 90_00),
        (45_00 * 36,),
        (45_00 * 36 + 5_00, 7_50),
        (45_00 * 35, 50_00, 1_234_00),
    ],
)
@pytest.mark.parametrize("kind", ["installment", "extra"])
def test_what_waits_is_divided_as_one_by_one(came_in: tuple[int, ...], kind: str) -> None:
    _case, single = running_case(*AMOUNTS, preferent={1})
    _case, bulk = running_case(*AMOUNTS, preferent={1})
    one_by_one(single, *came_in, kind=kind)
    receives(bulk, *came_in, kind=kind)
    divide()
    expected, found = account_of(single), account_of(bulk)
    for name, value in expected.items():
        assert found[name] == value, name
    books_are_right()


def books_are_right() -> None:
    connection.check_constraints()
    with as_worker("test"):
        assert check_books() == []


def test_the_part_of_a_disputed_claim_is_set_aside() -> None:
    results = []
    for way in ("single", "bulk"):
        _case, arrangement = running_case(*AMOUNTS)
        with as_worker("test"):
            line = ArrangementLine.objects.filter(arrangement=arrangement).order_by("position")[1]
            Claim.objects.filter(pk=line.claim_id).update(state="disputed")
        if way == "single":
            one_by_one(arrangement, 45_00, 20_00)
        else:
            receives(arrangement, 45_00, 20_00)
            divide()
        results.append(account_of(arrangement))
    assert results[0] == results[1]
    assert results[0]["lines"][1][1] > 0  # type: ignore[index]


def test_money_after_the_end_is_the_citizens() -> None:
    results = []
    for way in ("single", "bulk"):
        _case, arrangement = running_case(*AMOUNTS, months=1)
        one_by_one(arrangement, 45_00)
        with as_worker("test"):
            jobs.run_all()
        if way == "single":
            one_by_one(arrangement, 10_00, key="late")
        else:
            receives(arrangement, 10_00, key="late")
            divide(arrangement)
        results.append(account_of(arrangement))
    assert results[0] == results[1]
    assert results[0]["receipts"][1][0] == "after_end"  # type: ignore[index]


def test_a_second_time_nothing_is_left_to_divide() -> None:
    _case, arrangement = running_case(*AMOUNTS)
    receives(arrangement, 45_00)
    divide()
    before = account_of(arrangement)
    assert divide() == type(divide())()
    assert account_of(arrangement) == before


def test_lines_that_do_not_add_up_stop_the_division_and_are_named() -> None:
    _case, arrangement = running_case(*AMOUNTS)
    with as_worker("test"):
        first, second = ArrangementLine.objects.filter(arrangement=arrangement).order_by("position")[:2]
        ArrangementLine.objects.filter(pk=first.pk).update(paid_cents=10_00)
        Arrangement.objects.filter(pk=arrangement.pk).update(received_cents=10_00)
    receives(arrangement, 45_00)
    with pytest.raises(NotDivisible) as refused, transaction.atomic():
        divide()
    assert refused.value.arrangement_ids == [arrangement.pk]
    assert second is not None
    with as_worker("test"):
        assert Receipt.objects.filter(arrangement=arrangement, divided_on=None).count() == 1


def test_the_number_of_statements_does_not_depend_on_plans_claims_or_receipts() -> None:
    counts = []
    receives(running_case(AMOUNTS[0])[1], 1_00)
    divide()  # business as usual: whatever is done once per connection has been done
    for amounts, plans, came_in in ((AMOUNTS[:1], 1, (45_00,)), (AMOUNTS * 3, 4, (45_00, 10_00, 45_00))):
        for _ in range(plans):
            receives(running_case(*amounts)[1], *came_in)
        count = 0

        def counting(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
            nonlocal count
            count += 1
            return execute(sql, params, many, context)

        with connection.execute_wrapper(counting):
            divide()
        counts.append(count)
    assert counts[0] == counts[1] <= 25


@pytest.mark.parametrize("cents", [1, 9, 99, 100, 101, 45_00, 45_50, 999_99, 1_000_00, 1_234_56, 12_345_678_90])
def test_amounts_are_written_in_sql_as_in_python(cents: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {divide_sql._spoken('v.cents')} FROM (SELECT %s::bigint AS cents) v", [cents])
        assert cursor.fetchone()[0] == spoken_euro(cents)


Life = tuple[list[int], list[int]]


def _lives(count: int, seed: int) -> list[Life]:
    """Shares and receipts of plans, from tiny ones to some above a million euro, closed lines (share zero) among them."""
    chance = random.Random(seed)
    lives = []
    for _ in range(count):
        largest = chance.choice([3, 30, 1_000, 100_000, 2_000_000, 300_000_000])
        shares = [chance.choice([0, 1, chance.randint(0, largest)]) for _ in range(chance.randint(1, 14))]
        if chance.random() < 0.3:
            shares = [shares[0]] * len(shares)
        left, receipts = sum(shares), list[int]()
        while left and len(receipts) < 12:
            amount = min(left, chance.choice([1, 2, 3, chance.randint(1, max(1, left // 3)), left]))
            receipts.append(amount)
            left -= amount
        lives.append((shares, receipts))
    return lives


def _in_sql(lives: Sequence[Life]) -> dict[tuple[int, int], list[int]]:
    """By life and turn, what every line has, as the statement of the division says; it starts from nothing."""
    with connection.cursor() as cursor:
        cursor.execute(divide_sql.DROP)
        cursor.execute(
            "CREATE TEMPORARY TABLE run_line (id bigint, arrangement_id bigint, claim_id bigint, creditor_id bigint,"
            " position int, aside bool, share bigint, had bigint, total bigint, received bigint) ON COMMIT DROP"
        )
        cursor.execute(
            "CREATE TEMPORARY TABLE run_receipt (id bigint, arrangement_id bigint, turn int, is_last bool, divided bigint)"
            " ON COMMIT DROP"
        )
        cursor.executemany(
            "INSERT INTO run_line VALUES (%s, %s, 0, 0, %s, false, %s, 0, %s, 0)",
            [
                (life * 100 + place, life, place, share, sum(shares))
                for life, (shares, _) in enumerate(lives)
                for place, share in enumerate(shares)
            ],
        )
        cursor.executemany(
            "INSERT INTO run_receipt VALUES (%s, %s, %s, %s, %s)",
            [
                (life * 100 + turn, life, turn + 1, turn + 1 == len(receipts), amount)
                for life, (_, receipts) in enumerate(lives)
                for turn, amount in enumerate(receipts)
            ],
        )
        cursor.execute(divide_sql.STEPS, {})
        cursor.execute(
            "SELECT arrangement_id, receipt_id %% 100 + 1, id %% 100, amount FROM run_step ORDER BY 1, 2, 3", []
        )
        found: dict[tuple[int, int], list[int]] = {}
        for life, turn, place, amount in cursor.fetchall():
            before = found[life, turn - 1] if turn > 1 else [0] * len(lives[life][0])
            found.setdefault((life, turn), list(before))[place] += amount
    return found


def test_a_thousand_lives_in_sql_are_distribute_to_the_cent() -> None:
    lives = _lives(1_000, seed=5)
    with as_worker("test"), transaction.atomic():
        found = _in_sql(lives)
    for life, (shares, receipts) in enumerate(lives):
        have, total = [0] * len(shares), 0
        for turn, amount in enumerate(receipts, start=1):
            total += amount
            have = distribute(total, shares, have)
            assert found[life, turn] == have, (shares, receipts, turn)


@pytest.mark.long
def test_fifty_thousand_lives_in_sql_are_distribute_to_the_cent() -> None:
    for seed in range(50):
        lives = _lives(1_000, seed=seed)
        with as_worker("test"), transaction.atomic():
            found = _in_sql(lives)
        for life, (shares, receipts) in enumerate(lives):
            have, total = [0] * len(shares), 0
            for turn, amount in enumerate(receipts, start=1):
                total += amount
                have = distribute(total, shares, have)
                assert found[life, turn] == have, (shares, receipts, turn)


def test_it_is_the_day_of_the_division_that_is_booked() -> None:
    _case, arrangement = running_case(*AMOUNTS)
    receives(arrangement, 45_00)
    at(date(2026, 12, 4))
    divide()
    with as_worker("test"):
        booked = set(
            LedgerPosting.objects.filter(arrangement_id=arrangement.pk, entry__kind="distribution").values_list(
                "booked_on", flat=True
            )
        )
    assert booked == {date(2026, 12, 4)}
