"""Entries balance, and a whole life of an arrangement ends with every balance where it belongs."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrangements.domain import postings
from arrangements.domain.claim import ClaimLine
from arrangements.domain.postings import Account, Entry, EntryKind, Ledger, Line, OwedAccount, Part
from arrangements.domain.split import distribute, shares

ONE = [Part("claim", "creditor", 100)]


def balances(entries: list[Entry]) -> Counter[Account | OwedAccount]:
    """Debit less credit per ledger and account."""
    found: Counter[Account | OwedAccount] = Counter()
    for entry in entries:
        for line in entry.lines:
            found[line.account] += line.debit - line.credit
    return found


@pytest.mark.parametrize(
    ("entry", "debit", "credit"),
    [
        (postings.receipt_provider("k", arrangement="a", amount=100), 1100, 2000),
        (postings.receipt_transfer("k", arrangement="a", amount=100), 1000, 2000),
        (postings.receipt_transfer("k", arrangement=None, amount=100), 1000, 2900),
        (postings.matched("k", arrangement="a", amount=100), 2900, 2000),
        (postings.provider_fee("k", amount=100), 5000, 1100),
        (postings.top_up("k", amount=100), 1000, 1010),
        (postings.settlement("k", amount=100), 1000, 1100),
        (postings.distribution("k", arrangement="a", parts=ONE)[0], 2000, 2100),
        (postings.distribution("k", arrangement="a", parts=ONE)[1], 200, 100),
        (postings.remittance_submitted("k", parts=ONE), 2100, 1200),
        (postings.remittance_booked("k", amount=100), 1200, 1000),
        (postings.remittance_rejected("k", parts=ONE), 1200, 2100),
        (postings.remittance_returned("k", parts=ONE), 1000, 2100),
        (postings.overpayment("k", arrangement="a", amount=100), 2000, 2200),
        (postings.refund("k", arrangement="a", amount=100), 2200, 1000),
        (postings.refund("k", arrangement="a", amount=100, through_provider=True), 2200, 1100),
        (postings.storno("k", arrangement="a", amount=100), 2000, 1100),
        (postings.storno_fee("k", amount=100), 5100, 1100),
        (postings.owed_opening("k", arrangement="a", claims=ONE), 100, 900),
        (postings.waiver("k", arrangement="a", parts=ONE), 300, 100),
    ],
)
def test_every_event_is_booked_on_the_accounts_of_the_table(entry: Entry, debit: int, credit: int) -> None:
    assert [(line.account, line.debit, line.credit) for line in entry.lines] == [(debit, 100, 0), (credit, 0, 100)]
    assert entry.amount == 100
    assert entry.ledger is (Ledger.OWED if debit < 1000 else Ledger.CASH)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [Line(Account.OWN_BANK, debit=1)],
        [Line(Account.OWN_BANK, debit=1), Line(Account.OWN_REVENUE, credit=2)],
        [Line(Account.OWN_BANK, debit=1), Line(OwedAccount.PAID, credit=1, claim="c")],
    ],
)
def test_an_entry_that_does_not_balance_is_refused(lines: Any) -> None:
    with pytest.raises(ValueError, match=r"entry"):
        Entry(Ledger.CASH, EntryKind.TOP_UP, "k", tuple(lines))


def test_an_entry_without_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="key"):
        postings.top_up("", amount=1)


@pytest.mark.parametrize(
    "facts",
    [
        {"account": Account.OWN_BANK},
        {"account": Account.OWN_BANK, "debit": 1, "credit": 1},
        {"account": Account.OWN_BANK, "debit": -1},
        {"account": Account.OWN_BANK, "debit": 1.0},
        {"account": Account.UNDISTRIBUTED, "debit": 1},
        {"account": Account.PAYABLE_TO_CREDITOR, "debit": 1, "creditor": "x"},
        {"account": Account.PAYABLE_TO_CREDITOR, "debit": 1, "claim": "x"},
        {"account": OwedAccount.PAID, "debit": 1},
    ],
)
def test_a_line_that_cannot_be_is_refused(facts: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Line(**facts)


@pytest.mark.parametrize("amount", [0, -1, True, 1.0])
def test_nothing_is_not_booked(amount: Any) -> None:
    with pytest.raises(ValueError, match="amount"):
        postings.receipt_provider("k", arrangement="a", amount=amount)
    with pytest.raises(ValueError, match=r"amount|nothing"):
        postings.distribution("k", arrangement="a", parts=[Part("c", "d", amount)])


def test_parts_of_nothing_are_left_out() -> None:
    cash, owed = postings.distribution("k", arrangement="a", parts=[*ONE, Part("other", "creditor", 0)])
    assert len(cash.lines) == len(owed.lines) == 2


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 300_000), st.booleans(), st.booleans()), min_size=1, max_size=8),
    st.integers(1, 400_000),
    st.integers(1, 12),
)
def test_after_a_whole_life_every_balance_is_where_it_belongs(claims: Any, pot: Any, months: Any) -> None:
    lines = [ClaimLine(outstanding, preferent) for outstanding, preferent, _ in claims]
    split = shares(pot, lines)
    opening = [Part(number, number % 3, line.outstanding) for number, line in enumerate(lines)]
    entries = [postings.owed_opening("opening", arrangement="a", claims=opening)]
    paid, received = [0] * len(split), 0
    for month in range(1, months + 1):
        amount = sum(split) * month // months - received
        if not amount:
            continue
        received += amount
        now = distribute(received, split, paid)
        parts = [Part(n, n % 3, new - old) for n, (new, old) in enumerate(zip(now, paid, strict=True))]
        receipt = postings.receipt_provider(f"r{month}", arrangement="a", amount=amount)
        wrong = postings.distribution(f"w{month}", arrangement="a", parts=parts)
        entries += [receipt, *wrong, *(postings.reversal(f"u{month}", entry) for entry in wrong)]
        entries += postings.distribution(f"d{month}", arrangement="a", parts=parts)
        entries.append(postings.settlement(f"s{month}", amount=amount))
        entries.append(postings.remittance_submitted(f"b{month}", parts=parts))
        entries.append(postings.remittance_rejected(f"x{month}", parts=parts))
        entries.append(postings.remittance_submitted(f"c{month}", parts=parts))
        entries.append(postings.remittance_booked(f"p{month}", amount=amount))
        paid = now
    rest = [
        Part(n, n % 3, line.outstanding - done)
        for n, (line, done, claim) in enumerate(zip(lines, paid, claims, strict=True))
        if claim[2]
    ]
    if any(part.amount for part in rest):
        entries.append(postings.waiver("waiver", arrangement="a", parts=rest))
    found = balances(entries)
    waived = sum(part.amount for part in rest)
    assert {account: amount for account, amount in found.items() if isinstance(account, Account) and amount} == {}
    assert found[OwedAccount.PAID] == received == sum(split)
    assert found[OwedAccount.WAIVED] == waived
    assert found[OwedAccount.OUTSTANDING] == sum(line.outstanding for line in lines) - received - waived
