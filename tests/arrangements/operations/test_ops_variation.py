"""A change of a running plan that somebody has to say yes to: who is asked, what follows, and what never happens."""

from datetime import timedelta

import pytest
from django.db import transaction

from arrangements.domain.deciders import ChangeGround, Decider, NotYours
from arrangements.domain.lifecycle import ConsentState, VariationState
from arrangements.domain.plan_change import PlanImpossible
from arrangements.models import CaseTask, Consent, CreditorTask, Document, Installment, PlanVersionLine, Variation
from arrangements.operations.answer_proposal import Changed
from arrangements.operations.answer_variation import ConsentDecided
from arrangements.operations.change_plan import apply_plan, lock_plan
from arrangements.operations.check_books import check_books
from arrangements.operations.propose_variation import AnotherIsOpen, propose_variation
from arrangements.operations.settle_variation import watch_variations
from arrangements.operations.withdraw_variation import withdraw_variation
from infra import clock, jobs
from infra.models import Message
from infra.scope import act_as, as_worker
from kernel.periods import add_months
from kernel.working_days import add_working_days
from tests.factories.money import START, at, pay_next
from tests.factories.people import citizen_scope, creditor_scope, login_of
from tests.factories.plans import Case
from tests.factories.variations import (
    asked_lower,
    consent_of,
    late_claim,
    late_creditor,
    plan_of,
    proposed,
    running_named,
    says_no,
    says_yes,
    shares_of,
    variation_of,
    versions_of,
)

pytestmark = pytest.mark.django_db


def messages_to(creditor_id: int) -> list[str]:
    with as_worker("test"):
        return list(
            Message.objects.filter(creditor_id=creditor_id).order_by("created_at").values_list("body", flat=True)
        )


def told(case: Case) -> str:
    with as_worker("test"):
        return Message.objects.filter(citizen_id=case.citizen.pk).latest("created_at").body


def tasks(case: Case) -> list[str]:
    with as_worker("test"):
        return list(
            CaseTask.objects.filter(citizen=case.citizen, kind=CaseTask.Kind.VARIATION)
            .order_by("pk")
            .values_list("text", flat=True)
        )


def watch(day: int) -> None:
    """Everything that falls due on working day `day` after the start."""
    at(add_working_days(START, day))
    with as_worker("test"):
        watch_variations(today=clock.today())
    jobs.run_all()


def books_are_right() -> None:
    with as_worker("test"), transaction.atomic():
        assert check_books() == []


def test_a_lower_amount_asks_everybody_whose_share_falls_and_waits() -> None:
    case = running_named("Lager", 2_000_00, 4_000_00)
    before = shares_of(case)
    variation = proposed(case, ChangeGround.LOWERING, monthly_cents=30_00)
    assert variation.state == VariationState.PROPOSED
    assert variation.answer_by == add_working_days(START, 10)
    for number, creditor in enumerate(case.creditors):
        consent = consent_of(creditor, variation)
        assert (consent.share_before_cents, consent.share_after_cents) == (before[number], before[number] * 30 // 45)
        assert "Een lopende regeling wijzigt." in messages_to(creditor.pk)[-1]
    assert shares_of(case) == before
    assert plan_of(case).monthly_cents == 45_00
    assert "Tot dan verandert er niets." in told(case)


def test_when_all_say_yes_it_takes_effect_and_everybody_reads_the_figures() -> None:
    case = asked_lower()
    variation = variation_of(case)
    says_yes(case.creditors[1], case.members[1], variation)
    jobs.run_all()
    assert variation_of(case).state == VariationState.APPLIED
    plan = plan_of(case)
    assert (plan.version, plan.monthly_cents, plan.pot_cents) == (2, 30_00, 30_00 * 36)
    assert shares_of(case) == [360_00, 720_00]
    assert [one.ground for one in versions_of(case)] == ["signed", "lowering"]
    for number, creditor in enumerate(case.creditors):
        message = messages_to(creditor.pk)[-1]
        assert "van € 45,00 naar € 30,00" in message.replace("\u00a0", " ")
        assert f"naar € {(360, 720)[number]},00" in message.replace("\u00a0", " ")
        assert "1.900" not in message  # never the income itself
    assert "U betaalt nu 30 euro per maand." in told(case)
    books_are_right()


def test_one_no_and_the_plan_stays_as_it_was() -> None:
    case = asked_lower()
    before = shares_of(case)
    says_no(case.creditors[1], case.members[1], variation_of(case))
    jobs.run_all()
    assert variation_of(case).state == VariationState.REFUSED
    assert (plan_of(case).version, shares_of(case)) == (1, before)
    assert "Eén organisatie zegt nee tegen uw vraag." in told(case)
    assert "zegt nee: lager bedrag op verzoek" in tasks(case)[-1]
    assert "gaat niet door" in messages_to(case.creditors[0].pk)[-1]


def test_silence_is_never_a_yes_and_never_a_hostage() -> None:
    case = asked_lower()
    silent = case.creditors[1]
    before = len(messages_to(silent.pk))
    watch(4)
    assert len(messages_to(silent.pk)) == before
    watch(5)
    assert "wacht op uw antwoord" in messages_to(silent.pk)[-1]
    watch(6)
    assert len(messages_to(silent.pk)) == before + 1  # once
    assert tasks(case) == []
    watch(10)
    assert "heeft nog niet geantwoord" in tasks(case)[-1]
    watch(14)
    assert variation_of(case).state == VariationState.PROPOSED
    watch(15)
    variation = variation_of(case)
    assert variation.state == VariationState.LAPSED
    assert consent_of(silent, variation).state == ConsentState.UNANSWERED
    assert (plan_of(case).version, plan_of(case).monthly_cents) == (1, 45_00)
    assert "Niet iedereen heeft op tijd geantwoord." in told(case)


def test_a_yes_on_the_last_day_still_counts() -> None:
    case = asked_lower()
    at(add_working_days(START, 14))
    says_yes(case.creditors[1], case.members[1], variation_of(case))
    jobs.run_all()
    assert variation_of(case).state == VariationState.APPLIED


def test_what_changed_meanwhile_is_asked_afresh_and_the_old_yes_is_void() -> None:
    case = asked_lower()
    old = variation_of(case)
    with as_worker("test"), transaction.atomic():
        plan = lock_plan(plan_of(case).pk)
        apply_plan(plan, lines=plan.lines, ground=ChangeGround.MOVE, decided_by=Decider.CITIZEN)
    with act_as(creditor_scope(case.creditors[1], case.members[1])), pytest.raises(Changed):
        says_yes(case.creditors[1], case.members[1], old)
    watch(1)
    new = variation_of(case)
    assert new.pk != old.pk
    assert (new.state, new.plan_number) == (VariationState.PROPOSED, 2)
    assert [consent_of(creditor, new).state for creditor in case.creditors] == ["open", "open"]
    with as_worker("test"):
        old.refresh_from_db()
    assert old.state == VariationState.LAPSED
    with pytest.raises(Changed):
        says_yes(case.creditors[1], case.members[1], old)
    assert new.answer_by == add_working_days(add_working_days(START, 1), 10)


def test_what_was_paid_meanwhile_only_makes_the_shares_higher_so_a_yes_holds() -> None:
    case = asked_lower()
    with as_worker("test"):
        first = Installment.objects.filter(arrangement=plan_of(case)).order_by("number")[0]
    at(first.due_date)
    pay_next(plan_of(case))
    asked = [consent_of(creditor, variation_of(case)).share_after_cents for creditor in case.creditors]
    says_yes(case.creditors[1], case.members[1], variation_of(case))
    jobs.run_all()
    assert variation_of(case).state == VariationState.APPLIED
    assert all(now >= agreed for now, agreed in zip(shares_of(case), asked, strict=True))
    assert plan_of(case).pot_cents == 45_00 + 35 * 30_00
    books_are_right()


def test_the_second_decider_hears_who_was_first() -> None:
    case = asked_lower()
    with pytest.raises(ConsentDecided):
        says_no(case.creditors[0], case.members[0], variation_of(case))


def test_one_question_at_a_time() -> None:
    case = asked_lower()
    with pytest.raises(AnotherIsOpen):
        proposed(case, ChangeGround.LOWERING, monthly_cents=20_00)


def test_the_citizen_takes_it_back_and_who_was_asked_hears_it() -> None:
    case = asked_lower()
    variation = variation_of(case)
    with act_as(citizen_scope(case.citizen)):
        withdraw_variation(variation=variation)
        withdraw_variation(variation=variation)  # twice does nothing
    jobs.run_all()
    assert variation_of(case).state == VariationState.WITHDRAWN
    assert "gaat niet door" in messages_to(case.creditors[1].pk)[-1]
    with pytest.raises(Changed):
        says_yes(case.creditors[1], case.members[1], variation)


def test_a_creditor_never_starts_one_and_a_citizen_never_lowers_alone() -> None:
    case = running_named("Mag", 2_000_00)
    with act_as(citizen_scope(case.citizen)):
        for ground, decider in (
            (ChangeGround.LOWERING, Decider.CREDITOR),
            (ChangeGround.PROVEN_FALL, Decider.CITIZEN),
            (ChangeGround.PROVEN_FALL, Decider.SYSTEM),
        ):
            with pytest.raises(NotYours):
                propose_variation(
                    arrangement=plan_of(case),
                    ground=ground,
                    wanted={"monthly_cents": 30_00},
                    decided_by=decider,
                    user=login_of(case.citizen),
                )
    with pytest.raises(PlanImpossible, match="Nul euro"):
        proposed(case, ChangeGround.LOWERING, monthly_cents=0)


# --- a creditor that was found late ---------------------------------------------------------------------------------


def test_a_late_creditor_shares_in_the_same_pot_and_everybody_whose_share_falls_is_asked() -> None:
    case = late_creditor()
    before, plan = shares_of(case), plan_of(case)
    claim = case_claim(case)
    variation = proposed(case, ChangeGround.LATE_CREDITOR, claims=[claim])
    assert [consent_of(one, variation).state for one in case.creditors] == ["open"] * 3
    newcomer = consent_of(case.creditors[2], variation)
    # 1.620 over 2.000 + 4.000 + 1.500: 21,6 % of each.
    assert (newcomer.share_before_cents, newcomer.share_after_cents) == (0, 324_00)
    for number in range(3):
        says_yes(case.creditors[number], case.members[number], variation)
    jobs.run_all()
    after = plan_of(case)
    assert (after.pot_cents, after.monthly_cents, after.version) == (plan.pot_cents, plan.monthly_cents, 2)
    assert shares_of(case) == [432_00, 864_00, 324_00]
    assert sum(shares_of(case)) == sum(before)
    assert after.creditor_count == 3
    with as_worker("test"):
        # The newcomer does what everybody did at the start.
        assert CreditorTask.objects.filter(creditor=case.creditors[2], kind="stop_collecting").count() == 1
        assert Document.objects.filter(creditor=case.creditors[2], kind="extract").count() == 1
    books_are_right()


def case_claim(case: Case) -> int:
    from arrangements.models import Claim

    with as_worker("test"):
        return Claim.objects.get(citizen=case.citizen, arrangement_line=None).pk


def test_what_was_paid_already_stays_with_whom_it_was() -> None:
    case = running_named("Bijna", 100_00, 200_00)
    for _ in range(6):  # 270 of 300 has been paid
        with as_worker("test"):
            due = Installment.objects.filter(arrangement=plan_of(case)).exclude(state="paid").order_by("number")[0]
        at(due.due_date)
        pay_next(plan_of(case))
    claim = late_claim(case, 5_000_00)
    variation = proposed(case, ChangeGround.LATE_CREDITOR, claims=[claim.pk])
    for number in range(3):
        says_yes(case.creditors[number], case.members[number], variation)
    jobs.run_all()
    assert shares_of(case) == [90_00, 180_00, 30_00]
    books_are_right()


def test_the_claim_must_be_confirmed_and_not_in_the_plan() -> None:
    case = running_named("Nog", 2_000_00)
    open_claim = late_claim(case, 500_00, confirmed=False)
    with pytest.raises(PlanImpossible, match="eerst bevestigen"):
        proposed(case, ChangeGround.LATE_CREDITOR, claims=[open_claim.pk])
    with pytest.raises(PlanImpossible, match="zit al in het plan"):
        proposed(case, ChangeGround.LATE_CREDITOR, claims=[case.claims[0].pk])
    other = running_named("Ander", 300_00)
    with pytest.raises(PlanImpossible, match="kennen wij niet"):
        proposed(case, ChangeGround.LATE_CREDITOR, claims=[other.claims[0].pk])


def test_a_creditor_with_a_late_second_claim_gets_one_question_about_both() -> None:
    case = running_named("Twee", 2_000_00, 4_000_00)
    claim = late_claim(case, 1_500_00, creditor=case.creditors[0])
    variation = proposed(case, ChangeGround.LATE_CREDITOR, claims=[claim.pk])
    consent = consent_of(case.creditors[0], variation)
    assert (consent.share_before_cents, consent.share_after_cents) == (540_00, 432_00 + 324_00)


# --- a longer pause -------------------------------------------------------------------------------------------------


def test_a_long_pause_asks_everybody_and_moves_the_end_with_the_same_amount_and_shares() -> None:
    case = running_named("Pauze", 2_000_00, 4_000_00)
    before, plan = shares_of(case), plan_of(case)
    variation = proposed(case, ChangeGround.LONG_PAUSE, months=3)
    for number in range(2):
        assert consent_of(case.creditors[number], variation).share_after_cents == before[number]
        says_yes(case.creditors[number], case.members[number], variation)
    jobs.run_all()
    after = plan_of(case)
    assert variation_of(case).state == VariationState.APPLIED
    assert (after.state, after.monthly_cents, shares_of(case)) == ("paused", plan.monthly_cents, before)
    first, last = versions_of(case)
    assert (last.ground, last.number) == ("long_pause", 2)
    assert last.last_due_date == add_months(first.last_due_date, 3)
    assert "3 maanden pauze" in told(case)
    books_are_right()


def test_one_no_and_there_is_no_long_pause() -> None:
    case = running_named("Geenpauze", 2_000_00, 4_000_00)
    variation = proposed(case, ChangeGround.LONG_PAUSE, months=3)
    says_no(case.creditors[0], case.members[0], variation)
    jobs.run_all()
    assert (variation_of(case).state, plan_of(case).state) == (VariationState.REFUSED, "active")


def test_a_pause_is_no_longer_than_policy_says() -> None:
    case = running_named("Telang", 2_000_00)
    with pytest.raises(PlanImpossible, match="ten hoogste 6 maanden"):
        proposed(case, ChangeGround.LONG_PAUSE, months=7)


# --- the walls ------------------------------------------------------------------------------------------------------


def test_a_creditor_sees_its_own_question_and_nobody_elses() -> None:
    case = asked_lower()
    other = asked_lower("Elders")
    with act_as(creditor_scope(case.creditors[0])):
        assert [one.creditor_id for one in Consent.objects.all()] == [case.creditors[0].pk]
        assert [one.citizen_id for one in Variation.objects.all()] == [case.citizen.pk]
        assert {one.creditor_id for one in PlanVersionLine.objects.all()} == {case.creditors[0].pk}
    with act_as(citizen_scope(other.citizen)):
        assert {one.citizen_id for one in Consent.objects.all()} == {other.citizen.pk}


def test_the_door_tells_numbers_to_who_has_a_part_and_nothing_to_others() -> None:
    from arrangements.queries.variations import NOTHING, variation_facts

    case = asked_lower()
    stranger = running_named("Vreemd", 500_00)
    variation = variation_of(case)
    with act_as(creditor_scope(case.creditors[1])):
        facts = variation_facts(variation.pk)
    assert (facts.asked, facts.accepted, facts.refused, facts.current) == (2, 1, 0, True)
    assert (facts.monthly_cents, facts.pot_cents, facts.creditor_count) == (45_00, 1_620_00, 2)
    for scope in (creditor_scope(stranger.creditors[0]), citizen_scope(stranger.citizen)):
        with act_as(scope):
            assert variation_facts(variation.pk) == NOTHING


def test_a_question_is_what_it_was_when_it_was_asked() -> None:
    """A creditor writes its answer; the database refuses that it writes the question."""
    from django.db import DatabaseError

    case = asked_lower()
    consent = consent_of(case.creditors[1], variation_of(case))
    with (
        act_as(creditor_scope(case.creditors[1])),
        pytest.raises(DatabaseError, match="stays what was asked"),
        transaction.atomic(),
    ):
        Consent.objects.filter(pk=consent.pk).update(share_after_cents=1)


def test_nothing_happens_on_a_day_without_questions() -> None:
    running_named("Rust", 2_000_00)
    at(START + timedelta(days=20))
    with as_worker("test"):
        assert watch_variations(today=clock.today()) == 0
