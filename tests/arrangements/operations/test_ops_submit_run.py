"""A run reaches the bank exactly once, whatever is lost on the way."""

from collections.abc import Mapping, Sequence

import pytest

from arrangements.models import MoneyRun, PayoutBatch, PayoutFile, PayoutLine, ProviderCall
from arrangements.operations import submit_run as module
from arrangements.operations.check_books import check_books
from arrangements.operations.submit_run import read_payout_status, submit_run, watch_runs
from arrangements.payments.provider import OrderRefused, OutcomeUnknown
from arrangements.queries.remittance import payable
from infra import jobs
from infra.models import Message
from infra.scope import as_worker
from tests.factories.money import pay_next, running_case
from tests.factories.payouts import PAYOUT_DAY, build, release

pytestmark = pytest.mark.django_db


class PaperBank:
    """A bank that keeps what it is given, refuses the same message id twice, and may fall silent."""

    name = "paperbank"

    def __init__(self) -> None:
        self.taken: dict[str, bytes] = {}
        self.refused: dict[str, str] = {}
        self.takes = True
        self.silent_before = self.silent_after = 0

    def submit(self, message_id: str, content: bytes) -> None:
        """See RemittanceChannel."""
        if self.silent_before:
            self.silent_before -= 1
            raise OutcomeUnknown("submit")
        if not self.takes or message_id in self.taken:
            raise OrderRefused(message_id)
        self.taken[message_id] = content
        if self.silent_after:
            self.silent_after -= 1
            raise OutcomeUnknown("submit")

    def read_status(self, message_id: str) -> Mapping[str, str] | None:
        """See RemittanceChannel."""
        return self.refused if message_id in self.taken else None

    def statements_since(self, cursor: str) -> tuple[Sequence[tuple[str, bytes]], str]:
        """See RemittanceChannel."""
        return [], cursor


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> PaperBank:
    made = PaperBank()
    monkeypatch.setattr(module, "remittance_channel", lambda: made)
    return made


@pytest.fixture
def run(bank: PaperBank) -> MoneyRun:
    _case, arrangement = running_case(1_000_00, 2_000_00)
    pay_next(arrangement)
    return build()


def is_right(run: MoneyRun, bank: PaperBank) -> None:
    with as_worker("test"):
        run.refresh_from_db()
        assert run.state == "submitted"
        file = PayoutFile.objects.get(run=run)
        assert bank.taken == {file.message_id: bytes(file.content)}
        assert set(PayoutBatch.objects.values_list("state", flat=True)) == {"submitted"}
        assert Message.objects.filter(kind="payout").count() == 2
        assert check_books() == []


def test_after_the_second_yes_the_file_goes_by_itself(run: MoneyRun, bank: PaperBank) -> None:
    release(run)
    jobs.run_all()
    is_right(run, bank)
    with as_worker("test"):
        assert submit_run(run_id=run.pk) == 0
    is_right(run, bank)


def test_a_run_that_was_not_released_never_goes(run: MoneyRun, bank: PaperBank) -> None:
    with as_worker("test"):
        assert submit_run(run_id=run.pk) == 0
    assert bank.taken == {}


@pytest.mark.parametrize("when", ["silent_before", "silent_after"])
def test_when_nobody_answers_the_bank_is_asked_first_and_never_gets_it_twice(
    run: MoneyRun, bank: PaperBank, when: str
) -> None:
    setattr(bank, when, 1)
    release(run)
    with as_worker("test"):
        with pytest.raises(OutcomeUnknown):
            submit_run(run_id=run.pk)
        assert ProviderCall.objects.get(operation="submit").state == "unknown"
        watch_runs(today=PAYOUT_DAY)
    jobs.run_all()
    is_right(run, bank)
    with as_worker("test"):
        assert ProviderCall.objects.get(operation="submit").state == "done"


def test_a_worker_that_died_after_the_bank_took_it_writes_it_down_the_next_time(run: MoneyRun, bank: PaperBank) -> None:
    release(run)
    with as_worker("test"):
        file = PayoutFile.objects.get(run=run)
        # What stands there when it dies between the call and the mark.
        ProviderCall.objects.create(
            key=f"submit:{file.message_id}",
            provider="paperbank",
            operation="submit",
            object_id=file.message_id,
            parameters_sha256=file.sha256,
        )
    bank.taken[file.message_id] = bytes(file.content)
    jobs.run_all()
    is_right(run, bank)


def test_a_file_the_bank_does_not_want_gives_all_its_money_back(run: MoneyRun, bank: PaperBank) -> None:
    bank.takes = False
    release(run)
    jobs.run_all()
    with as_worker("test"):
        run.refresh_from_db()
        assert run.state == "done"
        assert PayoutFile.objects.get(run=run).state == "rejected"
        assert sum(payable().values()) == run.total_cents
        assert check_books() == []
        assert not Message.objects.filter(kind="payout").exists()


def test_transfers_the_bank_refuses_are_payable_again_at_once(run: MoneyRun, bank: PaperBank) -> None:
    with as_worker("test"):
        line = PayoutLine.objects.order_by("pk")[0]
    bank.refused = {line.end_to_end_id: "AC01"}
    release(run)
    jobs.run_all()
    with as_worker("test"):
        file = PayoutFile.objects.get(run=run)
        assert file.state == "accepted"
        assert payable() == {(line.creditor_id, line.claim_id, line.arrangement_id): line.amount_cents}
        assert read_payout_status(file_id=file.pk) == 0
        assert check_books() == []
