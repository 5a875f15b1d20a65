"""Random lives of one plan's money: paid, paid on, taken back, won, repaid, set off, disputed, in any order.

Beside the books a count of our own is kept, of nothing but what came in and what banks took. After every step all that came
in and stayed is with creditors, ready for them, the citizen's, or owed to us; and everything adds up.
"""

from datetime import date, timedelta
from random import Random

import pytest

from arrangements.domain.lifecycle import UNDER_WAY
from arrangements.models import Arrangement, ArrangementLine, ClaimDispute, Installment, Payment, Receipt, Storno
from arrangements.operations.book_storno import book_storno
from arrangements.operations.dispute_claim import open_dispute
from arrangements.operations.set_off import set_off_for
from arrangements.operations.settle_dispute import say_it_stands
from arrangements.payments.provider import Reversal
from creditors.models import Creditor
from infra import jobs
from infra.scope import act_as, as_worker
from tests.arrangements.operations.test_money_books import assert_books_are_right
from tests.arrangements.operations.test_ops_claims import dispute, owner
from tests.arrangements.operations.test_ops_storno import repay
from tests.factories.books import balances
from tests.factories.money import START, pay_next, running_case
from tests.factories.stornos import remit

pytestmark = pytest.mark.django_db

STEPS = 25


class Life:
    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.case, self.arrangement = running_case(
            *self.random.choice([(1_000_00, 2_000_00), (60_00, 30_00, 45_00), (5_000_00, 1_234_56, 789_01)]),
            months=self.random.choice([3, 6, 36]),
        )
        self.day: date = START
        self.came = self.back = self.disputes = 0

    def pays(self) -> None:
        with as_worker("test"):
            open_ones = Installment.objects.filter(arrangement=self.arrangement).exclude(state__in=["paid", "moved"])
            runs = open_ones.exists() and Arrangement.objects.get(pk=self.arrangement.pk).state in UNDER_WAY
        if runs:
            cents = self.random.choice([1, 7_77, 45_00, 45_00, 100_00, 250_00])
            pay_next(self.arrangement, amount_cents=cents)
            self.came += cents

    def is_paid_on(self) -> None:
        self.day += timedelta(days=7)
        with as_worker("test"):
            for creditor in self.case.creditors:
                rows = ArrangementLine.objects.select_for_update().filter(creditor=creditor)
                set_off_for(creditor.pk, list(rows), key=f"{self.day}:{creditor.pk}")
        remit(self.day)

    def is_taken_back(self) -> None:
        with as_worker("test"):
            gone = Storno.objects.filter(won_on=None).values("receipt_id")
            found = list(Receipt.objects.exclude(payment=None).exclude(pk__in=gone).order_by("pk"))
            found = [one for one in found if one.payment and one.payment.state != "reversed"]
            if not found:
                return
            receipt = self.random.choice(found)
            self.disputes += 1
            book_storno(
                payment_id=receipt.payment_id or 0, reversal=Reversal(f"dp_{self.disputes}", receipt.amount_cents)
            )
        self.back += receipt.amount_cents

    def is_won(self) -> None:
        with as_worker("test"):
            found = list(Storno.objects.filter(won_on=None).select_related("receipt").order_by("pk"))
            found = [one for one in found if one.receipt.payment_id is not None]
            if not found:
                return
            row = self.random.choice(found)
            reversal = Reversal(row.key.partition(":")[2], row.amount_cents, won=True)
            book_storno(payment_id=row.receipt.payment_id or 0, reversal=reversal)
        self.back -= row.amount_cents

    def is_repaid(self) -> None:
        with as_worker("test"):
            found = list(Storno.objects.filter(open_cents__gt=0).order_by("pk"))
        if found:
            row = self.random.choice(found)
            cents = self.random.randint(1, row.open_cents + 500)
            repay(self.arrangement, row, amount=cents)
            self.came += cents

    def set_off_is_agreed(self) -> None:
        with as_worker("test"):
            Creditor.objects.filter(pk=self.random.choice(self.case.creditors).pk).update(set_off_agreed=True)

    def is_disputed_or_stands(self) -> None:
        with as_worker("test"):
            disputed = open_dispute(self.case.claims[0]) is not None
            runs = Arrangement.objects.get(pk=self.arrangement.pk).state in UNDER_WAY
            known = ClaimDispute.objects.count()
            self.case.claims[0].refresh_from_db()
        if disputed:
            with act_as(owner(self.case)):
                say_it_stands(claim=self.case.claims[0], user=self.case.members[0].user)
        elif runs and known < 3:
            dispute(self.case)
        jobs.run_all()

    def check(self) -> None:
        found = balances()
        assert found.get(1100, 0) == self.came - self.back
        ready = -sum(found.get(account, 0) for account in (2000, 2100, 2200, 2300))
        owed_to_us = sum(found.get(account, 0) for account in (1300, 1310))
        assert self.came - self.back == ready - found.get(1200, 0) - owed_to_us
        assert_books_are_right()


@pytest.mark.parametrize("seed", range(8))
def test_every_cent_is_somewhere_whatever_banks_take_back(seed: int) -> None:
    life = Life(seed)
    steps = [
        life.pays,
        life.pays,
        life.pays,
        life.is_paid_on,
        life.is_taken_back,
        life.is_taken_back,
        life.is_won,
        life.is_repaid,
        life.set_off_is_agreed,
        life.is_disputed_or_stands,
    ]
    for _ in range(STEPS):
        life.random.choice(steps)()
        life.check()
    with as_worker("test"):
        assert Payment.objects.filter(state="reversed").count() <= life.disputes
