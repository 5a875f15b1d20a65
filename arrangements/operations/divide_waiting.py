"""Receipts that were booked in bulk and wait: divided in sets, with everything that follows from it, in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Q

from accounts.contact import contacts_of
from accounts.operations.tell_citizen import NAMELESS, letter
from arrangements.domain.lifecycle import (
    ArrangementState,
    ClaimState,
    InstallmentState,
    PaymentState,
    Thing,
    check_move,
)
from arrangements.domain.postings import Account, EntryKind, Ledger, OwedAccount
from arrangements.models import CaseTask, Receipt, Storno
from arrangements.operations import divide_sql as sql
from arrangements.operations import receipt_words as words
from arrangements.operations.receive_payment import OVER, RULE_VERSION, RUNNING, divide_receipt
from infra import audit, clock, jobs
from kernel.working_days import add_working_days

CHUNK: Final = 5_000
"""Arrangements per transaction: locked for a few seconds, and two workers have something to do even in a small run."""

LARGEST_ID: Final = 2**63 - 1
_OPEN: Final = (InstallmentState.OPEN, InstallmentState.PARTLY_PAID, InstallmentState.MISSED)
# In the text of a message, until PostgreSQL fills in the rest: no person's name holds these.
_AMOUNT, _EXTRA, _LINE, _NAME = "\x02amount\x03", "\x02extra\x03", "\x02line\x03", "\x02name\x03"
_MOVES: Final = (
    *((Thing.INSTALLMENT, before, InstallmentState.PAID) for before in _OPEN),
    *(
        (Thing.INSTALLMENT, before, InstallmentState.PARTLY_PAID)
        for before in _OPEN
        if before != InstallmentState.PARTLY_PAID
    ),
    (Thing.ARRANGEMENT, ArrangementState.PAUSED, ArrangementState.ACTIVE),
    (Thing.ARRANGEMENT, ArrangementState.SUSPENDED, ArrangementState.ACTIVE),
    (Thing.ARRANGEMENT, ArrangementState.ACTIVE, ArrangementState.FULFILLED),
)


class NotDivisible(ValueError):
    """What stands on the lines or instalments of these arrangements does not fit what came in. Nothing was written."""

    def __init__(self, arrangement_ids: list[int]) -> None:
        super().__init__(f"deze regelingen kloppen niet: {', '.join(map(str, arrangement_ids))}")
        self.arrangement_ids = arrangement_ids


@dataclass(frozen=True, slots=True)
class Divided:
    """What one call did: receipts, and their cents."""

    receipts: int = 0
    amount_cents: int = 0
    divided_cents: int = 0
    extra_cents: int = 0

    def __add__(self, other: "Divided") -> "Divided":
        return Divided(
            self.receipts + other.receipts,
            self.amount_cents + other.amount_cents,
            self.divided_cents + other.divided_cents,
            self.extra_cents + other.extra_cents,
        )


@jobs.job("divide_waiting", chunked=True)
def divide_waiting_job(work: jobs.Work) -> dict[str, int]:
    """Divide what waits, chunk by chunk. Killed half-way it goes on with what waits still."""
    first, last = work.arguments.get("first", 0), work.arguments.get("last", LARGEST_ID)
    receipts = amount = 0
    while (ids := _next_ids(first, last)) is not None:
        done = divide_waiting(arrangement_ids=range(ids[0], ids[1] + 1))
        receipts, amount, first = receipts + done.receipts, amount + done.amount_cents, ids[1] + 1
        work.progress(receipts, receipts, f"{receipts} ontvangsten verdeeld")
    return {"receipts": receipts, "amount_cents": amount}


@transaction.atomic
def _next_ids(first: int, last: int) -> tuple[int, int] | None:
    """First and last of the next `CHUNK` arrangements from `first` on that have a receipt waiting."""
    found = list(
        Receipt.objects.filter(divided_on=None, arrangement_id__gte=first, arrangement_id__lte=last)
        .order_by("arrangement_id")
        .values_list("arrangement_id", flat=True)
        .distinct()[:CHUNK]
    )
    return (found[0], found[-1]) if found else None


@transaction.atomic(savepoint=False)
def divide_waiting(*, arrangement_ids: range | None = None) -> Divided:
    """Divide every receipt that waits (`divided_on` is empty) of these arrangements, all when None, as one by one would.

    The arrangements are locked, lowest first. The number of statements does not depend on how many there are, nor on their
    claims. Raises NotDivisible, and writes nothing, when one of them does not add up. Worker only.
    """
    with clock.one_day() as today, connection.cursor() as cursor:
        now = clock.now()
        cursor.execute(f"SELECT to_regclass('pg_temp.run_arrangement'), ledger_month(%s), {sql.FOR_A_CHUNK}", [today])
        if cursor.fetchone()[0] is not None:
            cursor.execute(sql.DROP)  # of an earlier call in the same transaction
        base: dict[str, Any] = {
            "first": arrangement_ids.start if arrangement_ids is not None else 0,
            "last": arrangement_ids.stop - 1 if arrangement_ids is not None else LARGEST_ID,
            "running": [str(state) for state in RUNNING],
            "over": [str(state) for state in OVER],
            "disputed": str(ClaimState.DISPUTED),
            "open": [str(state) for state in _OPEN],
            "partly": str(InstallmentState.PARTLY_PAID),
            "paid": str(InstallmentState.PAID),
            "today": today,
            "now": now,
            # The first half of a number by time (RFC 9562, version 7).
            "moment": _moment(now),
            "secret": token_hex(16),
        }
        one_by_one = _divide_with_stornos(base["first"], base["last"])
        cursor.execute(sql.ARRANGEMENTS, base)
        cursor.execute(sql.RECEIPTS, base)
        if not cursor.rowcount:
            return one_by_one
        divided, numbers, directors = _divide(cursor, base)
        _book(cursor, base, *numbers)
        _write_rows(cursor, base)
        _tell(cursor, base, directors)
        transaction.on_commit(jobs.wake_sweeper)
    return divided + one_by_one


def _moment(now: datetime) -> str:
    return f"{int(now.timestamp() * 1000):012x}7"


def _divide_with_stornos(first: int, last: int) -> Divided:
    """Where a storno is open, money the plan does not need repays it. Those, and what came through a
    provider, are few and go the way of a single receipt."""
    done = Divided()
    with_storno = Storno.objects.filter(open_cents__gt=0).values("arrangement")
    waiting = Receipt.objects.filter(
        Q(arrangement__in=with_storno) | Q(payment__isnull=False),
        divided_on=None,
        arrangement_id__gte=first,
        arrangement_id__lte=last,
    )
    for receipt_id in waiting.order_by("arrangement_id", "pk").values_list("pk", flat=True):
        receipt = divide_receipt(receipt_id=receipt_id)
        done += Divided(1, receipt.amount_cents, receipt.divided_cents, receipt.extra_cents)
    return done


def _divide(cursor: Any, base: dict[str, Any]) -> tuple[Divided, tuple[int, int], list[int]]:
    """Who gets what and which instalments it pays, in tables of this transaction; the numbers of the entries to come; and
    who the directors of these people are."""
    for thing, before, after in _MOVES:
        check_move(thing, before, after)
    cursor.execute(sql.ANALYZE_RECEIPTS)
    for statement in (sql.LINES, sql.STEPS, sql.PARTS):
        cursor.execute(statement, base)
    cursor.execute(sql.ANALYZE)
    cursor.execute(sql.TOTALS, base)
    receipts, amount, divided, extra, low, high, wrong, directors = cursor.fetchone()
    if wrong:
        raise NotDivisible(sorted(wrong))
    return Divided(receipts, amount, divided, extra), (low, high), directors


def _book(cursor: Any, base: dict[str, Any], low: int, high: int) -> None:
    accounts = {
        "cash": Ledger.CASH.value,
        "owed": Ledger.OWED.value,
        "distribution": EntryKind.DISTRIBUTION.value,
        "overpayment": EntryKind.OVERPAYMENT.value,
        "suffix": f":distribution:{RULE_VERSION}",
        "undistributed": Account.UNDISTRIBUTED.value,
        "payable": Account.PAYABLE_TO_CREDITOR.value,
        "reserved": Account.RESERVED_FOR_DISPUTE.value,
        "refund_due": Account.REFUND_DUE.value,
        "outstanding": OwedAccount.OUTSTANDING.value,
        "paid_account": OwedAccount.PAID.value,
    }
    cursor.execute(sql.ENTRIES_AND_POSTINGS, base | accounts)
    cursor.execute(sql.UNBALANCED, base | {"low": low, "high": high})
    if wrong := [row[0] for row in cursor.fetchall()]:
        raise ValueError(f"entries {wrong} do not balance")


def _write_rows(cursor: Any, base: dict[str, Any]) -> None:
    states = base | {"active": str(ArrangementState.ACTIVE), "fulfilled": str(ArrangementState.FULFILLED)}
    actor = audit.line("payment_received", object_type="receipt", object_id=0)
    cursor.execute(
        sql.ROWS,
        states
        | {
            "actor_user": actor.actor_user_id,
            "actor_coach": actor.actor_coach_id,
            "actor_creditor": actor.creditor_id,
            "by_system": actor.by_system,
            "access": actor.access,
        },
    )


def _tell(cursor: Any, base: dict[str, Any], directors: list[int]) -> None:
    """Messages, tasks for directors and jobs: what `receive_payment` tells about one receipt."""
    contacts = contacts_of(directors)
    # Numbered as the statement counts: 1 when something was divided, 2 more when there was too much; 0 after the end.
    texts = [(0, "money_after_end", words.SUBJECT_AFTER_END, words.after_end(_AMOUNT))]
    texts += [
        (
            number,
            "payment_received",
            words.SUBJECT,
            words.received(_AMOUNT, divided=bool(number & 1), extra=_EXTRA if number & 2 else ""),
        )
        for number in (1, 2, 3)
    ]
    numbers, kinds, subjects, bodies = (list(column) for column in zip(*texts, strict=True))
    cursor.execute(
        sql.TOLD,
        base
        | {
            "mark_amount": _AMOUNT,
            "mark_extra": _EXTRA,
            "mark_line": _LINE,
            "mark_name": _NAME,
            "nameless": NAMELESS,
            "directors": list(contacts),
            "lines": [contact.question_line for contact in contacts.values()],
            "cases": numbers,
            "kinds": kinds,
            "subjects": subjects,
            "actor_user": audit.line("", object_type="", object_id=0).actor_user_id,
            "pending": str(PaymentState.PENDING),
            "closed": [str(InstallmentState.PAID), str(InstallmentState.MOVED)],
            "active": str(ArrangementState.ACTIVE),
            "bodies": [letter(_NAME, str(body), _LINE) for body in bodies],
            "task_after_end": CaseTask.Kind.MONEY_AFTER_END.value,
            "task_extra": CaseTask.Kind.REFUND.value,
            "text_after_end": words.TASK_AFTER_END,
            "text_extra": words.TASK_EXTRA,
            "due_on": add_working_days(base["today"], 2),
        },
    )
