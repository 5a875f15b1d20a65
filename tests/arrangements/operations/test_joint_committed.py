"""Two partners at once, with real commits: together they never promise more than the household can miss."""

import contextlib
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Citizen
from arrangements.models import Proposal
from arrangements.operations import submit_proposal as submitting
from arrangements.operations.assess_application import assess_application
from arrangements.operations.join_household import join_household
from arrangements.operations.lock_household import lock_household
from arrangements.operations.make_proposal import AmountTooHigh, make_draft
from arrangements.operations.sign_arrangement import TooMuchTogether
from arrangements.operations.submit_proposal import NotCovered, submit_proposal
from arrangements.queries import submission_gaps
from arrangements.queries.household import fits_beside_partner
from infra import clock
from infra.scope import act_as, as_worker
from tests.factories.money import START
from tests.factories.partners import code_of, leave, together
from tests.factories.people import citizen_scope, make_citizen
from tests.factories.plans import Case, fill_in, make_case

pytestmark = pytest.mark.django_db(transaction=True)

#: Gehuwd, together 2.600 net and 45.000 taxable: the household can miss 251,45 (tests/worked_examples).
TOGETHER = {
    "situation": "gehuwd",
    "partner_takes_part": True,
    "partner_income_cents": 0,
    "net_income_cents": 2_600_00,
    "taxable_income_cents": 45_000_00,
}
CAPACITY = 251_45


def drafted(case: Case, declared: int) -> Proposal:
    """A draft for this amount, on the income of both."""
    fill_in(case, declared=declared, **TOGETHER)  # type: ignore[arg-type]  # passes the answers through
    with act_as(citizen_scope(case.citizen)):
        return make_draft(application=case.application, assessment=assess_application(application=case.application))


@pytest.fixture
def pair() -> list[Case]:
    """Two citizens with a claim each."""
    with transaction.atomic():
        clock.set_today(START)
        return [make_case(20_000_00, citizen=make_citizen(family_name=name)) for name in ("Een", "Twee")]


def at_once(*works: tuple[Citizen, Callable[[], object]]) -> list[BaseException]:
    """Do all of it at the same moment, each for its own citizen; the errors."""
    errors: list[BaseException] = []
    start = threading.Barrier(len(works))

    def one(citizen: Citizen, work: Callable[[], object]) -> None:
        try:
            start.wait(10)
            with act_as(citizen_scope(citizen)):
                work()
        except BaseException as error:  # noqa: BLE001  shown by the assertion
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return errors


def promised() -> int:
    """What was sent by everybody, in cents per month."""
    with as_worker("test"), transaction.atomic():
        return sum(Proposal.objects.filter(state="submitted").values_list("monthly_cents", flat=True))


@pytest.fixture
def both_look_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has looked at what the partner promised waits for the other to have looked as well, two seconds at most."""
    looked = threading.Barrier(2)

    def ask_and_wait(**asked: Any) -> bool:
        fits = fits_beside_partner(**asked)
        with contextlib.suppress(threading.BrokenBarrierError):  # the other one cannot get here: it is kept waiting
            looked.wait(2)
        return fits

    monkeypatch.setattr(submission_gaps, "fits_beside_partner", ask_and_wait)


def send_both(pair: list[Case]) -> list[BaseException]:
    with transaction.atomic():
        together(pair[0].citizen, pair[1].citizen)
        drafts = [drafted(case, 200_00) for case in pair]
    return at_once(
        *(
            (case.citizen, lambda draft=draft: submit_proposal(proposal=draft))
            for case, draft in zip(pair, drafts, strict=True)
        )
    )


@pytest.mark.usefixtures("both_look_first")
def test_without_holding_the_household_two_partners_together_promise_what_is_not_there(
    pair: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race itself: were it not there, the test below could not fail."""
    monkeypatch.setattr(submitting, "lock_household", lambda _citizen_id: None)
    assert send_both(pair) == []
    assert promised() == 400_00 > CAPACITY


@pytest.mark.usefixtures("both_look_first")
def test_two_partners_who_send_at_the_same_moment_do_not_both_pass(pair: list[Case]) -> None:
    errors = send_both(pair)
    assert [type(error) for error in errors] == [NotCovered]
    assert promised() == 200_00


def test_two_partners_whose_amounts_fit_together_both_pass_and_not_a_cent_more(pair: list[Case]) -> None:
    one, other = pair
    with transaction.atomic():
        together(one.citizen, other.citizen)
        first, second = drafted(one, 100_00), drafted(other, 151_46)
    with act_as(citizen_scope(one.citizen)):
        submit_proposal(proposal=first)
    with act_as(citizen_scope(other.citizen)), pytest.raises(AmountTooHigh):
        submit_proposal(proposal=second)
    with transaction.atomic():
        second = drafted(other, 151_45)
    with act_as(citizen_scope(other.citizen)):
        submit_proposal(proposal=second)
    assert promised() == CAPACITY


def test_what_was_promised_past_the_check_is_found_at_the_signature(pair: list[Case]) -> None:
    """Should a promise ever get in unseen, then it is not signed; leaving and coming back together changes nothing."""
    one, other = pair
    with transaction.atomic():
        together(one.citizen, other.citizen)
        # Both drafts first: the second sum would see what the first promised.
        for case, draft in [(case, drafted(case, 200_00)) for case in pair]:
            with as_worker("test"):
                Proposal.objects.filter(pk=draft.pk).update(
                    state="agreed", submitted_on=START, answer_by=START, agreed_on=START
                )
                case.proposal = Proposal.objects.get(pk=draft.pk)
    with pytest.raises(TooMuchTogether), transaction.atomic():
        one.sign()
    with transaction.atomic():
        leave(one.citizen)
        together(one.citizen, other.citizen)
    with pytest.raises(TooMuchTogether), transaction.atomic():
        one.sign()


def test_a_partner_joins_only_after_what_the_other_is_sending_has_been_sent(pair: list[Case]) -> None:
    with transaction.atomic():
        code = code_of(pair[0].citizen)
    held, joined = threading.Event(), threading.Event()
    order: list[str] = []

    def send() -> None:
        with transaction.atomic():
            lock_household(pair[0].citizen.pk)
            held.set()
            order.append("joined while sending" if joined.wait(1) else "sent")

    def join() -> None:
        held.wait(10)
        join_household(citizen=pair[1].citizen, code=code)
        joined.set()
        order.append("joined")

    assert at_once((pair[0].citizen, send), (pair[1].citizen, join)) == []
    assert order == ["sent", "joined"]


def test_a_code_that_two_people_use_at_the_same_moment_works_for_one(pair: list[Case]) -> None:
    with transaction.atomic():
        carla = make_citizen(family_name="Drie")
        code = code_of(carla)
    errors = at_once(
        *((case.citizen, lambda case=case: join_household(citizen=case.citizen, code=code)) for case in pair)
    )
    assert [type(error).__name__ for error in errors] == ["PartnerCodeUnknown"]


def test_two_citizens_who_use_each_others_code_at_the_same_moment_are_one_household(pair: list[Case]) -> None:
    with transaction.atomic():
        codes = [code_of(case.citizen) for case in pair]
    errors = at_once(
        (pair[0].citizen, lambda: join_household(citizen=pair[0].citizen, code=codes[1])),
        (pair[1].citizen, lambda: join_household(citizen=pair[1].citizen, code=codes[0])),
    )
    assert len(errors) == 1
    assert type(errors[0]).__name__ in ("PartnerCodeUnknown", "AlreadyTogether")


def test_a_household_is_held_inside_a_transaction_only(pair: list[Case]) -> None:
    with act_as(citizen_scope(pair[0].citizen)), pytest.raises(transaction.TransactionManagementError):
        lock_household(pair[0].citizen.pk)
