"""The ledger as a file: a program of somebody else reads it without a word of protest, and comes to the same balances."""

import json
import subprocess
import sys
from collections import defaultdict
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from arrangements.domain import postings
from arrangements.domain.ledger_journal import Posting as Side
from arrangements.domain.ledger_journal import account_name, entry, euros
from arrangements.operations.export_ledger import WrongPeriod, export_ledger
from arrangements.operations.post_entries import post_entries
from infra import jobs
from infra.models import AuditLine
from infra.scope import as_worker
from tests.factories.books import lively
from tests.factories.money import at, pay_all, pay_next, running_case

pytestmark = pytest.mark.django_db

#: In a process of its own: only what the file says counts.
READ = """
import json, sys
from beancount import loader
from beancount.core import data
entries, errors, _options = loader.load_file(sys.argv[1])
sums = {}
for one in entries:
    if isinstance(one, data.Transaction):
        for posting in one.postings:
            sums[posting.account] = sums.get(posting.account, 0) + posting.units.number
print(json.dumps({
    "errors": [error.message for error in errors],
    "sums": {name: str(total) for name, total in sums.items()},
    "count": sum(isinstance(one, data.Transaction) for one in entries),
}))
"""


def a_lot() -> None:
    """Payments, settlements, payouts, too much, a fee, a top-up, money of nobody, and a plan to its end with its waiver."""
    lively()
    with as_worker("test"):
        post_entries(
            [
                postings.provider_fee("fee", amount=29),
                postings.top_up("top-up", amount=29),
                postings.receipt_transfer("unknown", arrangement=None, amount=12_34),
            ]
        )
    _case, short = running_case(700_00, 800_01, kept={1}, months=2)
    pay_all(short)
    jobs.run_all()
    _other, more = running_case(300_00, months=2)
    pay_next(more)
    pay_next(more, amount_cents=60_00)
    jobs.run_all()
    at(date(2027, 3, 1))


def read(path: Path) -> dict[str, object]:
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def our_balances(last: date) -> dict[str, str]:
    sums: dict[str, int] = defaultdict(int)
    with as_worker("test"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT account, arrangement_id, claim_id, creditor_id, sum(debit_cents) - sum(credit_cents) "
            "FROM arrangements_ledgerposting WHERE booked_on <= %s GROUP BY 1, 2, 3, 4",
            [last],
        )
        for account, arrangement, claim, creditor, cents in cursor.fetchall():
            sums[account_name(account, arrangement, claim, creditor)] += int(cents)
    return {name: euros(cents) for name, cents in sums.items()}


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 11, 1), date(2027, 3, 1)),
        (date(2026, 12, 8), date(2027, 3, 1)),
        (date(2026, 12, 1), date(2026, 12, 8)),
        (date(2020, 1, 1), date(2020, 12, 31)),
    ],
)
def test_beancount_accepts_the_file_and_comes_to_the_same_balances(first: date, last: date, tmp_path: Path) -> None:
    a_lot()
    path = tmp_path / "grootboek.beancount"
    call_command("export_ledger", "--from", str(first), "--to", str(last), "--output", str(path), stdout=StringIO())
    found = read(path)
    assert found["errors"] == []
    ours = our_balances(last)
    theirs = found["sums"]
    assert isinstance(theirs, dict)
    assert {name: text for name, text in ours.items() if text != "0.00"} == {
        name: text for name, text in theirs.items() if float(text)
    }
    assert (last.year == 2020) == (ours == {})


def test_the_file_names_nobody() -> None:
    a_lot()
    with as_worker("test"):
        text = "".join(export_ledger(first=date(2026, 1, 1), last=date(2027, 3, 1), kind="beancount"))
        assert AuditLine.objects.filter(action="ledger_exported").count() == 0
    for word in ("demobank", "NL", "Jansen", "@"):
        assert word not in text.replace("; Beide grootboeken", "")


def test_the_journal_of_hledger_balances_entry_by_entry() -> None:
    a_lot()
    with as_worker("test"):
        text = "".join(export_ledger(first=date(2026, 12, 1), last=date(2027, 3, 1), kind="hledger"))
    entries = [block for block in text.split("\n\n") if block[:4].isdigit()]
    assert len(entries) > 10
    for block in entries:
        sides = [line.split()[-2] for line in block.splitlines()[1:]]
        assert sum(round(float(side) * 100) for side in sides) == 0
    assert "account Liabilities:Cash:2100-Payable:C" in text


def test_a_period_that_cannot_be_is_refused() -> None:
    at(date(2026, 12, 1))
    with as_worker("test"):
        with pytest.raises(WrongPeriod, match="voor de eerste"):
            export_ledger(first=date(2026, 11, 2), last=date(2026, 11, 1), kind="beancount")
        with pytest.raises(WrongPeriod, match="moet nog komen"):
            export_ledger(first=date(2026, 11, 2), last=date(2026, 12, 2), kind="beancount")
        with pytest.raises(ValueError, match="excel"):
            export_ledger(first=date(2026, 11, 1), last=date(2026, 11, 1), kind="excel")
    with pytest.raises(CommandError, match="moet nog komen"):
        call_command("export_ledger", "--from", "2026-11-01", "--to", "2027-01-01")


def test_an_entry_reads_like_a_journal() -> None:
    assert entry(
        "beancount", date(2026, 12, 1), "cash receipt_provider 7", [Side(1100, 4_05), Side(2000, -4_05, 3)]
    ) == (
        '2026-12-01 * "cash receipt_provider 7"\n'
        "    Assets:Cash:1100-Provider  4.05 EUR\n"
        "    Liabilities:Cash:2000-Undistributed:A3  -4.05 EUR\n\n"
    )
