"""Faults planted in committed books, past every guard: each turns at least one line of the daily check red."""

import os
from datetime import date
from typing import Any

import pytest
from django.db import transaction

from arrangements.models import (
    BankFile,
    BankLine,
    BankStatement,
    PayoutBatch,
    ProviderMove,
    ProviderSettlement,
)
from arrangements.operations.reconcile import reconcile
from infra.scope import as_worker
from infra.servers.embedded import connect_superuser
from tests.factories.books import END, lively, red
from tests.support.databases import database_name

pytestmark = pytest.mark.django_db(transaction=True)

# An entry of the cash ledger, by its kind: the first one.
ENTRY = "(SELECT min(id) FROM arrangements_ledgerentry WHERE ledger = 'cash' AND kind = '{}')"
RECEIPT, DIVIDED = ENTRY.format("receipt_provider"), ENTRY.format("distribution")
NEW_ENTRY = (
    "INSERT INTO arrangements_ledgerentry (id, ledger, kind, key, booked_on, created_at) "
    "VALUES (999999, 'cash', '{kind}', 'planted', '{day}', now());"
    "INSERT INTO arrangements_ledgerposting (entry_id, line, booked_on, account, debit_cents, credit_cents) "
    "VALUES (999999, 1, '{day}', {debit}, {cents}, 0), (999999, 2, '{day}', {credit}, 0, {cents})"
)

FAULTS: dict[str, tuple[str, int]] = {
    "a posting is gone": (f"DELETE FROM arrangements_ledgerposting WHERE entry_id = {RECEIPT} AND line = 1", 7),
    "a posting has the wrong sign": (
        (
            "UPDATE arrangements_ledgerposting SET debit_cents = credit_cents, credit_cents = debit_cents "
            f"WHERE entry_id = {DIVIDED} AND line = 2"
        ),
        7,
    ),
    "both sides of an old entry got a cent more": (
        (
            "UPDATE arrangements_ledgerposting SET debit_cents = debit_cents + sign(debit_cents)::int, "
            f"credit_cents = credit_cents + sign(credit_cents)::int WHERE entry_id = {RECEIPT}"
        ),
        7,
    ),
    "a whole entry is gone": (
        (
            f"DELETE FROM arrangements_ledgerposting WHERE entry_id = {RECEIPT};"
            "DELETE FROM arrangements_ledgerentry WHERE key LIKE 'cash:%:receipt' AND id = "
            "(SELECT min(id) FROM arrangements_ledgerentry WHERE kind = 'receipt_provider')"
        ),
        7,
    ),
    "an entry was put into a day that was closed": (
        NEW_ENTRY.format(kind="top_up", day="2026-12-07", debit=1000, credit=1010, cents=1),
        7,
    ),
    "an entry was put into a day between two closed days": (
        NEW_ENTRY.format(kind="top_up", day="2026-11-25", debit=1000, credit=1010, cents=1),
        7,
    ),
    "a posting stands in another month": (
        f"UPDATE arrangements_ledgerposting SET booked_on = '2026-12-01' WHERE entry_id = {DIVIDED} AND line = 1",
        7,
    ),
    "an old entry has another key": (
        f"UPDATE arrangements_ledgerentry SET key = 'cash:other' WHERE id = {RECEIPT}",
        7,
    ),
    "a closed day says something else": ("UPDATE arrangements_ledgerday SET entry_count = entry_count + 1", 7),
    "a bank line is lost": (
        "DELETE FROM arrangements_bankline WHERE id = (SELECT min(id) FROM arrangements_bankline)",
        2,
    ),
    "a bank line has another amount": ("UPDATE arrangements_bankline SET amount_cents = amount_cents - 1", 2),
    "a statement is missing": (
        (
            "DELETE FROM arrangements_bankline WHERE statement_id = (SELECT max(id) FROM arrangements_bankstatement);"
            "DELETE FROM arrangements_bankstatement WHERE id = (SELECT max(id) FROM arrangements_bankstatement)"
        ),
        2,
    ),
    "a statement does not begin where the one before ended": (
        (
            "UPDATE arrangements_bankstatement SET opening_cents = opening_cents + 1, closing_cents = closing_cents + 1 "
            "WHERE id = (SELECT max(id) FROM arrangements_bankstatement)"
        ),
        2,
    ),
    "the bank account got money twice": (
        NEW_ENTRY.format(kind="settlement", day="2026-12-09", debit=1000, credit=1100, cents=4500),
        1,
    ),
    "a payment was settled twice": (
        (
            "INSERT INTO arrangements_providermove (settlement_id, provider, provider_id, kind, payment_id, amount_cents) "
            "SELECT settlement_id, provider, 'again', kind, payment_id, amount_cents FROM arrangements_providermove"
        ),
        1,
    ),
    "a payment was settled for another amount": (
        (
            "UPDATE arrangements_providermove SET amount_cents = amount_cents - 1;"
            "UPDATE arrangements_providersettlement SET net_cents = net_cents - 1, gross_cents = gross_cents - 1"
        ),
        1,
    ),
    "a settlement failed": ("UPDATE arrangements_providersettlement SET state = 'failed'", 1),
    "a file is a cent off": (
        (
            "UPDATE arrangements_payoutfile SET total_cents = total_cents + 1 "
            "WHERE id = (SELECT min(id) FROM arrangements_payoutfile)"
        ),
        3,
    ),
    "the bytes of a file changed": (
        (
            "UPDATE arrangements_payoutfile SET packed = packed || '\\x20' "
            "WHERE id = (SELECT min(id) FROM arrangements_payoutfile)"
        ),
        3,
    ),
    "a line of a payout is gone": (
        "DELETE FROM arrangements_payoutline WHERE id = (SELECT min(id) FROM arrangements_payoutline)",
        3,
    ),
    "the bank booked a payout that was not handed in": (
        NEW_ENTRY.format(kind="remittance_booked", day="2026-12-09", debit=1200, credit=1000, cents=4500),
        3,
    ),
    "two claims got each other's part": (
        (
            "UPDATE arrangements_ledgerposting p SET claim_id = o.claim_id, creditor_id = o.creditor_id "
            "FROM arrangements_ledgerposting o WHERE p.account = 2100 AND o.account = 2100 AND p.entry_id = o.entry_id "
            f"AND p.entry_id = {DIVIDED} AND o.line = 5 - p.line AND p.line IN (2, 3)"
        ),
        5,
    ),
    "a claim was paid in one ledger only": (
        (
            "DELETE FROM arrangements_ledgerposting WHERE entry_id IN "
            "(SELECT max(id) FROM arrangements_ledgerentry WHERE ledger = 'owed' AND kind = 'distribution')"
        ),
        5,
    ),
    "a receipt is gone": ("DELETE FROM arrangements_receipt WHERE id = (SELECT max(id) FROM arrangements_receipt)", 5),
    "a line says a cent more was paid": (
        (
            "UPDATE arrangements_arrangementline SET paid_cents = paid_cents + 1 "
            "WHERE id = (SELECT min(id) FROM arrangements_arrangementline)"
        ),
        5,
    ),
    "a citizen owes us something without a storno": (
        NEW_ENTRY.format(kind="storno_claimed", day="2026-12-09", debit=1300, credit=1100, cents=100),
        5,
    ),
    "money was booked on an account that is not there": (
        NEW_ENTRY.format(kind="top_up", day="2026-12-09", debit=1000, credit=1999, cents=1),
        7,
    ),
    "a message of the provider was never looked at": (
        (
            "INSERT INTO arrangements_providerevent (id, provider, event_id, kind, provider_payment_id, raw, received_at, "
            "outcome) VALUES (gen_random_uuid(), 'demobank', 'planted', 'x', 'x', '', now() - interval '200 days', '')"
        ),
        6,
    ),
}


@pytest.fixture(autouse=True)
def _no_fee(settings: Any) -> None:
    settings.DEMOBANK_FEE_CENTS = 0


def world() -> None:
    """The lively plan with the statements of the bank beside it."""
    with transaction.atomic():
        lively()
        with as_worker("test"):
            ProviderSettlement.objects.update(provider_id="s1")
            ProviderMove.objects.update(provider_id="m1")
            file = BankFile.objects.create(name="afschrift.xml", content=b"", sha256="0" * 64)
            statement(file, 1, date(2026, 12, 7), 0, [(45_00, BankLine.Meaning.SETTLEMENT)])
            out = [(-batch.total_cents, BankLine.Meaning.PAYOUT) for batch in PayoutBatch.objects.order_by("pk")]
            statement(file, 2, date(2026, 12, 8), 45_00, out)


def statement(file: BankFile, number: int, day: date, opening: int, lines: list[tuple[int, BankLine.Meaning]]) -> None:
    made = BankStatement.objects.create(
        file=file,
        iban="NL00TEST0000000000",
        identification=f"S{number}",
        number=number,
        opening_cents=opening,
        closing_cents=opening + sum(cents for cents, _meaning in lines),
        opened_on=day,
        closed_on=day,
    )
    for position, (cents, meaning) in enumerate(lines, start=1):
        BankLine.objects.create(
            statement=made,
            position=position,
            key=f"S{number}:{position}",
            booked_on=day,
            amount_cents=cents,
            meaning=meaning,
            placed_on=day,
        )


def plant(fault: str) -> None:
    """Past every trigger and every wall."""
    with connect_superuser(os.environ["EENPLAN_SOCKETS"], database_name()) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SELECT ledger_month('2026-11-01'), ledger_month('2026-12-01')")
        for statement in fault.split(";"):
            connection.execute(statement.encode())


def test_the_world_without_a_fault_is_green() -> None:
    world()
    with as_worker("test"):
        row = reconcile(day=END)
    assert red(row) == set(), row.checks


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_turns_its_line_red(name: str) -> None:
    fault, line = FAULTS[name]
    world()
    with as_worker("test"):
        assert reconcile(day=END).is_green
    plant(fault)
    with as_worker("test"):
        row = reconcile(day=END)
    assert line in red(row), row.checks
    assert not row.is_green
