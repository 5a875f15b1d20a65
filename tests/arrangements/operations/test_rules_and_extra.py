"""The rules chosen before signing, the conditions kept as data, extra money, and who is asked about holiday pay."""

from datetime import date

import pytest

from arrangements.documents.agreement import agreement_text
from arrangements.domain import waiver_conditions
from arrangements.models import Arrangement, Payment, Receipt
from arrangements.models.arrangement import ShiftRule, WindfallRule
from arrangements.operations.ask_windfall import ask_windfall
from arrangements.operations.choose_rules import AlreadySigned, choose_rules
from arrangements.operations.receive_payment import receive_payment
from arrangements.operations.run_day import run_day
from arrangements.operations.sign_arrangement import SomethingElseOnScreen, agreement_hash, sign_arrangement
from arrangements.operations.start_extra_payment import (
    AmountNotPossible,
    foresee_extra,
    open_cents,
    start_extra_payment,
)
from arrangements.operations.start_payment import AlreadyPaid, NotRunning
from infra import clock, jobs
from infra.models import Message
from infra.scope import act_as, as_worker
from tests.factories.money import RETURN_URL, at, pay_next
from tests.factories.people import citizen_scope, login_of
from tests.factories.plans import Case, agreed, make_case, submitted
from tests.factories.shifts import fresh, running_with

pytestmark = pytest.mark.django_db

CLAIMS = (2_000_00, 4_000_00)
FIRST_DAY = date(2026, 12, 1)


def extra(case: Case, arrangement: Arrangement, cents: int) -> Payment:
    with act_as(citizen_scope(case.citizen)):
        return start_extra_payment(arrangement=arrangement, amount_cents=cents, return_url=RETURN_URL)


# --- before signing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shift_rule", list(ShiftRule))
@pytest.mark.parametrize("windfall_rule", list(WindfallRule))
def test_what_was_chosen_is_in_the_text_and_in_the_arrangement(
    shift_rule: ShiftRule, windfall_rule: WindfallRule
) -> None:
    case, arrangement = running_with(*CLAIMS, shift_rule=shift_rule, windfall_rule=windfall_rule)
    assert (arrangement.shift_rule, arrangement.windfall_rule) == (shift_rule, windfall_rule)
    assert case.proposal is not None
    with act_as(citizen_scope(case.citizen)):
        text = agreement_text(proposal=case.proposal, first_due_date=FIRST_DAY)
    assert ("Uw einddatum schuift op.\n" in text) == (shift_rule is ShiftRule.LATER)
    assert ("Wij vragen er niet om." in text) == (windfall_rule is WindfallRule.KEEP)


def test_who_read_another_text_reads_again() -> None:
    case = make_case(*CLAIMS)
    proposal = agreed(case)
    with act_as(citizen_scope(case.citizen)):
        seen = agreement_hash(proposal, clock.today())
        proposal = choose_rules(proposal=proposal, shift_rule=ShiftRule.HIGHER, windfall_rule=WindfallRule.KEEP)
        with pytest.raises(SomethingElseOnScreen):
            sign_arrangement(proposal=proposal, user=login_of(case.citizen), seen_hash=seen)


def test_after_signing_nothing_is_chosen_any_more_and_before_everybody_agreed_neither() -> None:
    case, _ = running_with(*CLAIMS)
    assert case.proposal is not None
    with act_as(citizen_scope(case.citizen)), pytest.raises(AlreadySigned):
        choose_rules(proposal=case.proposal, shift_rule=ShiftRule.HIGHER, windfall_rule=WindfallRule.KEEP)
    other = make_case(*CLAIMS)
    sent = submitted(other)
    with act_as(citizen_scope(other.citizen)), pytest.raises(ValueError, match="agreed"):
        choose_rules(proposal=sent, shift_rule=ShiftRule.HIGHER, windfall_rule=WindfallRule.KEEP)


def test_the_conditions_are_kept_as_data_with_the_words_that_were_signed() -> None:
    case, arrangement = running_with(*CLAIMS)
    assert arrangement.waiver_conditions == waiver_conditions.as_data()
    assert case.proposal is not None
    with act_as(citizen_scope(case.citizen)):
        text = agreement_text(proposal=case.proposal, first_due_date=FIRST_DAY)
    conditions = arrangement.waiver_conditions["conditions"]
    assert [one["code"] for one in conditions] == ["all_paid", "no_falsehood"]
    for one in conditions:
        assert f"- {one['text']}\n" in text


# --- paying more ---------------------------------------------------------------------------------------------------


def test_an_extra_payment_is_of_no_instalment_and_has_our_amount() -> None:
    case, arrangement = running_with(*CLAIMS)
    payment = extra(case, arrangement, 100_00)
    assert (payment.is_extra, payment.installment_id, payment.amount_cents) == (True, None, 100_00)
    assert payment.link
    assert extra(case, arrangement, 100_00).pk == payment.pk, "the second click gives the same link"


def test_another_amount_closes_the_first_link() -> None:
    case, arrangement = running_with(*CLAIMS)
    first, second = extra(case, arrangement, 100_00), extra(case, arrangement, 50_00)
    with as_worker("test"):
        first.refresh_from_db()
    assert (first.state, second.amount_cents) == ("failed", 50_00)


@pytest.mark.parametrize("cents", [0, 99, 36 * 45_00 + 1])
def test_less_than_a_euro_and_more_than_is_open_are_refused(cents: int) -> None:
    case, arrangement = running_with(*CLAIMS)
    with pytest.raises(AmountNotPossible):
        extra(case, arrangement, cents)
    with as_worker("test"):
        assert not Payment.objects.filter(is_extra=True).exists()


def test_what_is_open_counts_what_was_paid() -> None:
    case, arrangement = running_with(*CLAIMS)
    pay_next(arrangement, amount_cents=20_00)
    with act_as(citizen_scope(case.citizen)):
        assert open_cents(arrangement) == 36 * 45_00 - 20_00
        assert foresee_extra(arrangement, 90_00).fewer == 2


def test_everything_at_once_ends_the_plan_and_the_waiver_follows_by_itself() -> None:
    case, arrangement = running_with(*CLAIMS)
    promised = 6_000_00 - arrangement.pot_cents
    payment = extra(case, arrangement, 36 * 45_00)
    with as_worker("test"):
        receive_payment(payment_id=payment.pk, amount_cents=payment.amount_cents)
    jobs.run_all()
    now = fresh(arrangement)
    assert now.state == "waived"
    with as_worker("test"):
        assert sum(row.waived_cents for row in now.lines.all()) == promised
        assert Receipt.objects.get().divided_cents == 36 * 45_00
    with pytest.raises(NotRunning):
        extra(case, now, 1_00)


def test_an_extra_payment_is_divided_by_the_same_key() -> None:
    case, arrangement = running_with(*CLAIMS)
    payment = extra(case, arrangement, 300_00)
    with as_worker("test"):
        receive_payment(payment_id=payment.pk, amount_cents=300_00)
        assert [row.paid_cents for row in arrangement.lines.order_by("position")] == [100_00, 200_00]


def test_nothing_is_left_to_pay_extra() -> None:
    case, arrangement = running_with(60_00, 30_00)
    with as_worker("test"):
        pay_next(arrangement)
    payment = extra(case, arrangement, 45_00)
    with as_worker("test"):
        receive_payment(payment_id=payment.pk, amount_cents=45_00)
    with act_as(citizen_scope(case.citizen)), pytest.raises(AlreadyPaid):
        foresee_extra(fresh(arrangement), 1_00)


# --- holiday pay ---------------------------------------------------------------------------------------------------


def asked(day: date) -> int:
    at(day)
    with as_worker("test"):
        return ask_windfall(today=day)


def test_who_chose_to_be_done_sooner_is_reminded_once_a_year() -> None:
    case, _ = running_with(*CLAIMS, windfall_rule=WindfallRule.SHORTEN)
    assert asked(date(2027, 5, 19)) == 0
    assert asked(date(2027, 5, 20)) == 1
    assert asked(date(2027, 5, 21)) == 0
    assert asked(date(2027, 6, 20)) == 0
    assert asked(date(2028, 5, 31)) == 1
    with as_worker("test"):
        message = Message.objects.filter(kind="windfall").first()
    assert message is not None
    assert message.citizen_id == case.citizen.pk
    assert "/mijn/extra-betalen/" in message.body
    assert "Het hoeft niet." in message.body


def test_who_keeps_it_is_never_asked() -> None:
    running_with(*CLAIMS, windfall_rule=WindfallRule.KEEP)
    for year in range(2027, 2030):
        for month in range(1, 13):
            for day in (1, 20, 25):
                assert asked(date(year, month, day)) == 0
    with as_worker("test"):
        assert not Message.objects.filter(kind="windfall").exists()


def test_it_is_part_of_the_day() -> None:
    running_with(*CLAIMS, windfall_rule=WindfallRule.SHORTEN)
    at(date(2027, 5, 20))
    with as_worker("test"):
        assert run_day(today=date(2027, 5, 20))["windfalls"] == 1
