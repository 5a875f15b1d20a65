"""The books, event by event: what is written, and where every account stands afterwards (payments.md 5.3, 5.4).

Every story below is a page. Its words say what happens; the table under them is what the books must say, line for line:
debit left, credit right, in euros. The citizen owes A 1.000,00 and B 2.000,00 and pays 45,00 a month, so A gets 15,00 of every
instalment and B 30,00. "balance" is where the accounts stand at the end of the page, that of earlier pages included.

The accounts of the first ledger say where the money is (1000 and up), those of the second what is owed (100 to 900).
"""

import inspect
import re
from collections.abc import Callable
from datetime import date

import pytest
from django.db.models import F, Max, Sum

from accounts.models import User
from arrangements.domain import postings
from arrangements.domain.postings import Account, Entry, EntryKind, OwedAccount, Part
from arrangements.models import (
    ArrangementLine,
    Claim,
    LedgerEntry,
    LedgerPosting,
    Payment,
    Receipt,
    Storno,
)
from arrangements.operations.book_storno import book_fee, book_storno
from arrangements.operations.check_books import check_books
from arrangements.operations.own_money import book_revenue, book_top_up
from arrangements.operations.post_entries import post_entries
from arrangements.operations.receive_payment import lock_arrangement, receive_transfer
from arrangements.operations.refresh_payment import refresh_payment
from arrangements.operations.set_off import set_off_for
from arrangements.operations.settle_dispute import say_it_stands
from arrangements.operations.start_storno_payment import start_storno_payment
from arrangements.operations.withdraw_claim import withdraw_claim
from arrangements.operations.write_off_storno import approve_write_off, propose_write_off, write_off_storno
from arrangements.payments import demobank
from arrangements.payments.provider import Reversal
from arrangements.queries.coverage import coverage
from creditors.models import Creditor
from infra import jobs
from infra.scope import act_as, as_worker
from kernel.cents import format_euro
from tests.arrangements.operations.test_ops_claims import dispute, owner
from tests.factories.bank_day import settle
from tests.factories.money import RETURN_URL, pay_all, pay_next, running_case
from tests.factories.norms import desk_scope, make_desk
from tests.factories.payouts import book_all, build, hand_in
from tests.factories.people import citizen_scope

pytestmark = pytest.mark.django_db

PAYDAY = date(2026, 12, 7)
NAMES = {
    Account.SEGREGATED_BANK: "segregated bank",
    Account.OWN_BANK: "own bank",
    Account.PROVIDER_BALANCE: "provider balance",
    Account.IN_TRANSIT: "in transit",
    Account.STORNO_CLAIM_ON_CITIZEN: "storno claim on citizen",
    Account.SET_OFF_CLAIM_ON_CREDITOR: "set-off claim on creditor",
    Account.UNDISTRIBUTED: "undistributed",
    Account.PAYABLE_TO_CREDITOR: "payable to creditor",
    Account.REFUND_DUE: "refund due",
    Account.RESERVED_FOR_DISPUTE: "reserved for dispute",
    Account.UNIDENTIFIED: "unidentified",
    Account.OWN_REVENUE: "own revenue",
    Account.PROVIDER_FEES: "provider fees",
    Account.STORNO_FEES: "storno fees",
    Account.STORNO_LOSSES: "storno losses",
    OwedAccount.OUTSTANDING: "outstanding",
    OwedAccount.PAID: "paid",
    OwedAccount.WAIVED: "waived",
    OwedAccount.OPENING: "opening",
}


class Book:
    """One citizen, two creditors, and the page that is being written."""

    def __init__(self, *amounts: int, months: int = 36) -> None:
        self.case, self.arrangement = running_case(*(amounts or (1_000_00, 2_000_00)), months=months)
        self.letters = {claim.pk: letter for claim, letter in zip(self.case.claims, "ABC", strict=False)}
        self.turned = 0

    def turn_the_page(self) -> None:
        """What stands here already is known; the table begins after it."""
        with as_worker("test"):
            self.turned = LedgerEntry.objects.aggregate(last=Max("pk"))["last"] or 0

    def page(self) -> str:
        with as_worker("test"):
            entries = LedgerEntry.objects.filter(pk__gt=self.turned).order_by("pk")
            return "\n".join([*(line for entry in entries for line in self._entry(entry)), *self._balances()])

    def _entry(self, entry: LedgerEntry) -> list[str]:
        rows = LedgerPosting.objects.filter(entry=entry).order_by("line")
        return [
            _line(entry.kind if not number else "", row.account, self.letters.get(row.claim_id or 0, ""), row)
            for number, row in enumerate(rows)
        ]

    def _balances(self) -> list[str]:
        rows = LedgerPosting.objects.values("account").annotate(
            debit_cents=Sum("debit_cents"), credit_cents=Sum("credit_cents")
        )
        found = []
        for row in rows.exclude(debit_cents=F("credit_cents")).order_by("-account"):
            left = row["debit_cents"] - row["credit_cents"]
            side = LedgerPosting(debit_cents=max(left, 0), credit_cents=max(-left, 0))
            found.append((row["account"], side))
        found.sort(key=lambda one: (one[0] < min(Account), one[0]))
        return [
            _line("balance" if not number else "", account, "", side) for number, (account, side) in enumerate(found)
        ]

    # -- what happens -------------------------------------------------------------------------------------------------

    def part(self, letter: str, cents: int) -> Part:
        claim = next(pk for pk, name in self.letters.items() if name == letter)
        with as_worker("test"):
            return Part(claim, Claim.objects.values_list("creditor_id", flat=True).get(pk=claim), cents)

    def post(self, *entries: Entry) -> None:
        with as_worker("test"):
            post_entries(entries)

    def pays(self, cents: int = 45_00) -> Payment:
        return pay_next(self.arrangement, amount_cents=cents)

    def paid_on(self) -> None:
        self.run = build(on=PAYDAY)

    def taken_back(self, payment: Payment, *, fee: int = 0, won: bool = False) -> Storno:
        with as_worker("test"):
            cents = Receipt.objects.get(payment=payment).amount_cents
            found = book_storno(payment_id=payment.pk, reversal=Reversal("dp_1", cents, fee, won))
        assert found is not None
        return found

    def pays_back(self, storno: Storno, cents: int) -> None:
        with act_as(citizen_scope(self.case.citizen)):
            payment = start_storno_payment(storno=storno, return_url=RETURN_URL)
        demobank.pay(payment.provider_id, amount_cents=cents, notify=False)
        with as_worker("test"):
            refresh_payment(payment_id=payment.pk)


def _line(kind: str, account: int, letter: str, side: LedgerPosting) -> str:
    name = NAMES[Account(account) if account >= min(Account) else OwedAccount(account)]
    debit, credit = (format_euro(one, whole=False).replace("€", "").strip() if one else "" for one in _sides(side))
    return f"{kind:<21}{account:<5}{f'{name} {letter}'.strip():<29}{debit:>10}{credit:>12}".rstrip()


def _sides(side: LedgerPosting) -> tuple[int, int]:
    return side.debit_cents, side.credit_cents


# --- the pages --------------------------------------------------------------------------------------------------------


def the_signature() -> Book:
    """The plan is signed. What every claim asks is opened in the second ledger; no money moves.

    owed_opening         100  outstanding A                  1.000,00
                         900  opening A                                  1.000,00
                         100  outstanding B                  2.000,00
                         900  opening B                                  2.000,00
    balance              100  outstanding                    3.000,00
                         900  opening                                    3.000,00
    """
    return Book()


def a_payment_by_link() -> Book:
    """The citizen pays 45,00 by link. The money stands with the provider; it is divided at once, and the debts fall.

    receipt_provider     1100 provider balance                  45,00
                         2000 undistributed                                 45,00
    distribution         2000 undistributed                     45,00
                         2100 payable to creditor A                         15,00
                         2100 payable to creditor B                         30,00
    distribution         200  paid A                            15,00
                         100  outstanding A                                 15,00
                         200  paid B                            30,00
                         100  outstanding B                                 30,00
    balance              1100 provider balance                  45,00
                         2100 payable to creditor                           45,00
                         100  outstanding                    2.955,00
                         200  paid                              45,00
                         900  opening                                    3.000,00
    """
    book = Book()
    book.turn_the_page()
    book.pays()
    return book


def a_payment_by_transfer() -> Book:
    """The citizen transfers 45,00 with the right reference. The money is on the bank account at once.

    receipt_transfer     1000 segregated bank                   45,00
                         2000 undistributed                                 45,00
    distribution         2000 undistributed                     45,00
                         2100 payable to creditor A                         15,00
                         2100 payable to creditor B                         30,00
    distribution         200  paid A                            15,00
                         100  outstanding A                                 15,00
                         200  paid B                            30,00
                         100  outstanding B                                 30,00
    balance              1000 segregated bank                   45,00
                         2100 payable to creditor                           45,00
                         100  outstanding                    2.955,00
                         200  paid                              45,00
                         900  opening                                    3.000,00
    """
    book = Book()
    book.turn_the_page()
    with as_worker("test"):
        receive_transfer(
            lock_arrangement(book.arrangement.pk), key="line:1", amount_cents=45_00, received_on=date(2026, 12, 1)
        )
    return book


def money_of_somebody_unknown() -> Book:
    """75,00 comes in that nobody knows. A person finds out that 45,00 of it, a line of its own, is of this citizen; the other
    line goes back to its sender. That transfer comes back too: it is money of nobody again.

    receipt_transfer     1000 segregated bank                   45,00
                         2900 unidentified                                  45,00
    receipt_transfer     1000 segregated bank                   30,00
                         2900 unidentified                                  30,00
    matched              2900 unidentified                      45,00
                         2000 undistributed                                 45,00
    distribution         2000 undistributed                     45,00
                         2100 payable to creditor A                         15,00
                         2100 payable to creditor B                         30,00
    distribution         200  paid A                            15,00
                         100  outstanding A                                 15,00
                         200  paid B                            30,00
                         100  outstanding B                                 30,00
    sent_back            2900 unidentified                      30,00
                         1000 segregated bank                               30,00
    refund_failed        1000 segregated bank                   30,00
                         2900 unidentified                                  30,00
    balance              1000 segregated bank                   75,00
                         2100 payable to creditor                           45,00
                         2900 unidentified                                  30,00
                         100  outstanding                    2.955,00
                         200  paid                              45,00
                         900  opening                                    3.000,00
    """
    book = Book()
    book.turn_the_page()
    book.post(
        postings.receipt_transfer("line:1", arrangement=None, amount=45_00),
        postings.receipt_transfer("line:2", arrangement=None, amount=30_00),
    )
    with as_worker("test"):
        receive_transfer(
            lock_arrangement(book.arrangement.pk),
            key="line:1:matched",
            amount_cents=45_00,
            received_on=date(2026, 12, 1),
            was_unidentified=True,
        )
    book.post(
        postings.sent_back("line:2:back", amount=30_00),
        postings.refund_failed("line:2:returned", arrangement=None, amount=30_00),
    )
    return book


def the_provider_keeps_its_fee() -> Book:
    """The provider keeps 0,29 and pays out what is left. Our own account adds the 0,29: all 45,00 is there for creditors.

    provider_fee         5000 provider fees                      0,29
                         1100 provider balance                               0,29
    settlement           1000 segregated bank                   44,71
                         1100 provider balance                              44,71
    top_up               1000 segregated bank                    0,29
                         1010 own bank                                       0,29
    balance              1000 segregated bank                   45,00
                         1010 own bank                                       0,29
                         2100 payable to creditor                           45,00
                         5000 provider fees                      0,29
                         100  outstanding                    2.955,00
                         200  paid                              45,00
                         900  opening                                    3.000,00
    """
    book = Book()
    payment = book.pays()
    book.turn_the_page()
    with as_worker("test"):
        book_fee(payment_id=payment.pk, fee_cents=29)
        assert coverage().top_up_cents == 29
        post_entries([postings.settlement("po_1", amount=44_71)])
        book_top_up(key="line:9", amount_cents=29)
        assert coverage().is_covered
    return book


def a_municipality_pays_for_the_service() -> Book:
    """A municipality pays an invoice of 1.250,00 on our own account. It never touches what citizens paid.

    revenue              1010 own bank                       1.250,00
                         4000 own revenue                                1.250,00
    balance              1010 own bank                       1.250,00
                         4000 own revenue                                1.250,00
                         100  outstanding                    3.000,00
                         900  opening                                    3.000,00
    """
    book = Book()
    book.turn_the_page()
    with as_worker("test"):
        book_revenue(key="invoice:1", amount_cents=1_250_00)
    return book


def paying_on() -> Book:
    """The monthly run pays on; the next day the provider has settled, we made up its fee, and the bank books the transfers.

    remittance_submitted 2100 payable to creditor A             15,00
                         1200 in transit                                    15,00
    remittance_submitted 2100 payable to creditor B             30,00
                         1200 in transit                                    30,00
    provider_fee         5000 provider fees                      0,29
                         1100 provider balance                               0,29
    settlement           1000 segregated bank                   44,71
                         1100 provider balance                              44,71
    top_up               1000 segregated bank                    0,29
                         1010 own bank                                       0,29
    remittance_booked    1200 in transit                        30,00
                         1000 segregated bank                               30,00
    remittance_booked    1200 in transit                        15,00
                         1000 segregated bank                               15,00
    balance              1010 own bank                                       0,29
                         5000 provider fees                      0,29
                         100  outstanding                    2.955,00
                         200  paid                              45,00
                         900  opening                                    3.000,00
    """
    book = Book()
    book.pays()
    book.turn_the_page()
    book.paid_on()
    with as_worker("test"):
        settle(today=date(2026, 12, 8))
    hand_in(book.run)
    book_all(book.run, date(2026, 12, 8))
    return book


def paying_on_goes_wrong() -> Book:
    """The bank refuses the transfer to A before it books it, and that to B comes back afterwards: both are payable again.

    remittance_rejected  1200 in transit                        15,00
                         2100 payable to creditor A                         15,00
    remittance_booked    1200 in transit                        30,00
                         1000 segregated bank                               30,00
    remittance_returned  1000 segregated bank                   30,00
                         2100 payable to creditor B                         30,00
    balance              1100 provider balance                  45,00
                         2100 payable to creditor                           45,00
                         100  outstanding                    2.955,00
                         200  paid                              45,00
                         900  opening                                    3.000,00
    """
    book = Book()
    book.pays()
    book.paid_on()
    book.turn_the_page()
    book.post(
        postings.remittance_rejected(
            "payout:A:rejected", parts=[book.part("A", 15_00)], arrangement=book.arrangement.pk
        ),
        postings.remittance_booked("payout:B:booked", amount=30_00),
        postings.remittance_returned(
            "payout:B:returned", parts=[book.part("B", 30_00)], arrangement=book.arrangement.pk
        ),
    )
    return book


def more_than_the_plan_asks() -> Book:
    """A plan of one month: 60,00 comes where 45,00 was asked. What is too much is the citizen's. It is sent back, comes back
    because the account is closed, and is sent back again.

    receipt_provider     1100 provider balance                  60,00
                         2000 undistributed                                 60,00
    distribution         2000 undistributed                     45,00
                         2100 payable to creditor A                         15,00
                         2100 payable to creditor B                         30,00
    distribution         200  paid A                            15,00
                         100  outstanding A                                 15,00
                         200  paid B                            30,00
                         100  outstanding B                                 30,00
    overpayment          2000 undistributed                     15,00
                         2200 refund due                                    15,00
    refund               2200 refund due                        15,00
                         1000 segregated bank                               15,00
    refund_failed        1000 segregated bank                   15,00
                         2200 refund due                                    15,00
    refund               2200 refund due                        15,00
                         1000 segregated bank                               15,00
    balance              1000 segregated bank                               15,00
                         1100 provider balance                  60,00
                         2100 payable to creditor                           45,00
                         100  outstanding                    2.955,00
                         200  paid                              45,00
                         900  opening                                    3.000,00
    """
    book = Book(months=1)
    book.turn_the_page()
    book.pays(60_00)
    pk = book.arrangement.pk
    book.post(
        postings.refund("refund:1", arrangement=pk, amount=15_00),
        postings.refund_failed("refund:1:returned", arrangement=pk, amount=15_00),
        postings.refund("refund:2", arrangement=pk, amount=15_00),
    )
    return book


def the_rest_is_waived() -> Book:
    """The last instalment is paid and the rest of both debts is waived: the second ledger only, no money moves.

    waiver               300  waived A                         970,00
                         100  outstanding A                                970,00
                         300  waived B                       1.940,00
                         100  outstanding B                              1.940,00
    balance              1100 provider balance                  90,00
                         2100 payable to creditor                           90,00
                         200  paid                              90,00
                         300  waived                         2.910,00
                         900  opening                                    3.000,00
    """
    book = Book(months=2)
    pay_all(book.arrangement)
    book.turn_the_page()
    jobs.run_all()
    return book


def a_claim_is_disputed_and_stands() -> Book:
    """The citizen says that B is wrong. B's part of the next instalment is set aside and pays nothing yet. The claim turns out
    to be right: what was set aside is payable now.

    receipt_provider     1100 provider balance                  45,00
                         2000 undistributed                                 45,00
    distribution         2000 undistributed                     45,00
                         2100 payable to creditor A                         15,00
                         2300 reserved for dispute B                        30,00
    distribution         200  paid A                            15,00
                         100  outstanding A                                 15,00
    released             2300 reserved for dispute B            30,00
                         2100 payable to creditor B                         30,00
    released             200  paid B                            30,00
                         100  outstanding B                                 30,00
    balance              1100 provider balance                  45,00
                         2100 payable to creditor                           45,00
                         100  outstanding                    2.955,00
                         200  paid                              45,00
                         900  opening                                    3.000,00
    """
    book = Book()
    dispute(book.case, 1)
    book.turn_the_page()
    book.pays()
    with act_as(owner(book.case, 1)):
        say_it_stands(claim=book.case.claims[1], user=book.case.members[1].user)
    jobs.run_all()
    return book


def a_disputed_claim_is_withdrawn() -> Book:
    """A asks 40,00 and B 80,00, and B is disputed. B is withdrawn: what was set aside for it comes free for A, which can take
    25,00 of it. The other 5,00 is owed to nobody, so it is the citizen's. B asks no more than that any more.

    claim_changed        100  outstanding B                                 80,00
                         900  opening B                         80,00
    unparked             2300 reserved for dispute B            25,00
                         2000 undistributed                                 25,00
    reserved_refunded    2300 reserved for dispute B             5,00
                         2200 refund due                                     5,00
    distribution         2000 undistributed                     25,00
                         2100 payable to creditor A                         25,00
    distribution         200  paid A                            25,00
                         100  outstanding A                                 25,00
    balance              1100 provider balance                  45,00
                         2100 payable to creditor                           40,00
                         2200 refund due                                     5,00
                         200  paid                              40,00
                         900  opening                                       40,00
    """
    book = Book(40_00, 80_00)
    dispute(book.case, 1)
    book.pays()
    book.turn_the_page()
    with act_as(owner(book.case, 1)):
        withdraw_claim(claim=book.case.claims[1], user=book.case.members[1].user)
    jobs.run_all()
    return book


def taken_back_before_it_was_paid_on() -> Book:
    """The bank of the citizen takes 45,00 back and the provider asks 15,00 for it. Nothing was paid on: the division is
    mirrored, line for line, and the debts are what they were. The 15,00 is ours.

    mirrored             2100 payable to creditor A             15,00
                         2100 payable to creditor B             30,00
                         2000 undistributed                                 45,00
    mirrored             100  outstanding A                     15,00
                         200  paid A                                        15,00
                         100  outstanding B                     30,00
                         200  paid B                                        30,00
    storno               2000 undistributed                     45,00
                         1100 provider balance                              45,00
    storno_fee           5100 storno fees                       15,00
                         1100 provider balance                              15,00
    balance              1100 provider balance                              15,00
                         5100 storno fees                       15,00
                         100  outstanding                    3.000,00
                         900  opening                                    3.000,00
    """
    book = Book()
    payment = book.pays()
    book.turn_the_page()
    book.taken_back(payment, fee=15_00)
    return book


def taken_back_after_it_was_paid_on() -> Book:
    """The creditors have their money and no set-off was agreed: they keep it, the debts stay paid, and the citizen owes the
    45,00 to us. 25,00 is paid back.

    storno_claimed       1300 storno claim on citizen           45,00
                         2000 undistributed                                 45,00
    storno               2000 undistributed                     45,00
                         1100 provider balance                              45,00
    receipt_provider     1100 provider balance                  25,00
                         2000 undistributed                                 25,00
    storno_repaid        2000 undistributed                     25,00
                         1300 storno claim on citizen                       25,00
    balance              1100 provider balance                  25,00
                         1200 in transit                                    45,00
                         1300 storno claim on citizen           20,00
                         100  outstanding                    2.955,00
                         200  paid                              45,00
                         900  opening                                    3.000,00
    """
    book = Book()
    payment = book.pays()
    book.paid_on()
    book.turn_the_page()
    storno = book.taken_back(payment)
    book.pays_back(storno, 25_00)
    return book


def what_will_not_be_paid_back() -> Book:
    """Of 45,00 on the citizen nothing is paid back. Two people of the desk decide that it is our loss. Then the bank gives the
    money back after all: the loss is undone, and nothing is open.

    written_off          5900 storno losses                     45,00
                         1300 storno claim on citizen                       45,00
    storno_won           1100 provider balance                  45,00
                         2000 undistributed                                 45,00
    reversal             5900 storno losses                                 45,00
                         1300 storno claim on citizen           45,00
    storno_repaid        2000 undistributed                     45,00
                         1300 storno claim on citizen                       45,00
    balance              1100 provider balance                  45,00
                         1200 in transit                                    45,00
                         100  outstanding                    2.955,00
                         200  paid                              45,00
                         900  opening                                    3.000,00
    """
    book = Book()
    payment = book.pays()
    book.paid_on()
    storno = book.taken_back(payment)
    book.turn_the_page()
    first, second = make_desk(), make_desk()
    _write_off(storno, first, second)
    book.taken_back(payment, won=True)
    return book


def _write_off(storno: Storno, first: User, second: User) -> None:
    with act_as(desk_scope(first)):
        decision = propose_write_off(storno=storno, user=first, note="De burger is overleden.")
    with act_as(desk_scope(second)):
        approve_write_off(decision=decision, user=second)
    with as_worker("test"):
        write_off_storno(decision_id=decision.pk)


def set_off_with_creditors() -> Book:
    """Both creditors agreed to set-off. They had the 45,00 already, so they owe it to us and the debts revive. The citizen
    pays the instalment again; what the creditors get of it is set off, and nothing goes to the bank.

    storno_claimed       1310 set-off claim on creditor A       15,00
                         1310 set-off claim on creditor B       30,00
                         2000 undistributed                                 45,00
    storno_claimed       100  outstanding A                     15,00
                         200  paid A                                        15,00
                         100  outstanding B                     30,00
                         200  paid B                                        30,00
    storno               2000 undistributed                     45,00
                         1100 provider balance                              45,00
    receipt_provider     1100 provider balance                  45,00
                         2000 undistributed                                 45,00
    distribution         2000 undistributed                     45,00
                         2100 payable to creditor A                         15,00
                         2100 payable to creditor B                         30,00
    distribution         200  paid A                            15,00
                         100  outstanding A                                 15,00
                         200  paid B                            30,00
                         100  outstanding B                                 30,00
    set_off              2100 payable to creditor A             15,00
                         1310 set-off claim on creditor A                   15,00
    set_off              2100 payable to creditor B             30,00
                         1310 set-off claim on creditor B                   30,00
    balance              1100 provider balance                  45,00
                         1200 in transit                                    45,00
                         100  outstanding                    2.955,00
                         200  paid                              45,00
                         900  opening                                    3.000,00
    """
    book = Book()
    with as_worker("test"):
        Creditor.objects.update(set_off_agreed=True)
    payment = book.pays()
    book.paid_on()
    book.turn_the_page()
    book.taken_back(payment)
    book.pays()
    with as_worker("test"):
        for line in ArrangementLine.objects.select_for_update().order_by("position"):
            set_off_for(line.creditor_id, [line], key=f"run:{line.creditor_id}")
    return book


def a_dispute_that_is_won() -> Book:
    """45,00 was taken back before it was paid on; the bank gives it back after all. It is a new receipt, divided as any other.

    storno_won           1100 provider balance                  45,00
                         2000 undistributed                                 45,00
    distribution         2000 undistributed                     45,00
                         2100 payable to creditor A                         15,00
                         2100 payable to creditor B                         30,00
    distribution         200  paid A                            15,00
                         100  outstanding A                                 15,00
                         200  paid B                            30,00
                         100  outstanding B                                 30,00
    balance              1100 provider balance                  45,00
                         2100 payable to creditor                           45,00
                         100  outstanding                    2.955,00
                         200  paid                              45,00
                         900  opening                                    3.000,00
    """
    book = Book()
    payment = book.pays()
    book.taken_back(payment)
    book.turn_the_page()
    book.taken_back(payment, won=True)
    return book


def too_much_and_taken_back() -> Book:
    """A plan of one month; 60,00 is paid where 45,00 was asked, and then taken back. The 15,00 that lay ready for the citizen
    is taken from there, by turning its entry round; the plan is over, so the 45,00 is the citizen's to pay back.

    reversal             2000 undistributed                                 15,00
                         2200 refund due                        15,00
    storno_claimed       1300 storno claim on citizen           45,00
                         2000 undistributed                                 45,00
    storno               2000 undistributed                     60,00
                         1100 provider balance                              60,00
    balance              1300 storno claim on citizen           45,00
                         2100 payable to creditor                           45,00
                         100  outstanding                    2.955,00
                         200  paid                              45,00
                         900  opening                                    3.000,00
    """
    book = Book(months=1)
    payment = book.pays(60_00)
    book.turn_the_page()
    book.taken_back(payment)
    return book


PAGES: tuple[Callable[[], Book], ...] = (
    the_signature,
    a_payment_by_link,
    a_payment_by_transfer,
    money_of_somebody_unknown,
    the_provider_keeps_its_fee,
    a_municipality_pays_for_the_service,
    paying_on,
    paying_on_goes_wrong,
    more_than_the_plan_asks,
    the_rest_is_waived,
    a_claim_is_disputed_and_stands,
    a_disputed_claim_is_withdrawn,
    taken_back_before_it_was_paid_on,
    taken_back_after_it_was_paid_on,
    what_will_not_be_paid_back,
    set_off_with_creditors,
    a_dispute_that_is_won,
    too_much_and_taken_back,
)
BY_ANOTHER_DOOR = (money_of_somebody_unknown, paying_on_goes_wrong, more_than_the_plan_asks, the_provider_keeps_its_fee)
"""Here entries are written without the rows that go with them: a bank statement or a provider's report makes those."""


def table_of(page: Callable[[], Book]) -> str:
    """What stands under the words of a page."""
    return inspect.cleandoc(page.__doc__ or "").partition("\n\n")[2].strip()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_the_books_say_what_the_page_says(page: Callable[[], Book]) -> None:
    book = page()
    assert book.page() == table_of(page)
    if page not in BY_ANOTHER_DOOR:
        with as_worker("test"):
            assert check_books() == []


def test_every_kind_of_entry_has_its_page() -> None:
    shown = {word for page in PAGES for word in re.findall(r"^[a-z_]+", table_of(page), flags=re.MULTILINE)}
    assert shown - {"balance"} == {kind.value for kind in EntryKind}
