"""Citizens at every stage of the way, and the people who work on their cases; made by the operations."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.models import Citizen, Mandate, User
from accounts.operations.accept_invitation import accept_invitation
from accounts.operations.invite_client import invite_client
from arrangements.domain.lifecycle import RefusalCode
from arrangements.models import Application, ClaimDispute, OfficialFigure
from arrangements.operations.answer_proposal import refuse
from arrangements.operations.application import save_answers
from arrangements.operations.assess_application import assess_application
from arrangements.operations.bewind_consent import ask_bewindvoerder
from arrangements.operations.dispute_claim import dispute_claim
from arrangements.operations.edit_claim import Details, edit_claim
from arrangements.operations.enter_official_figure import enter_official_figure
from arrangements.operations.make_proposal import make_draft
from arrangements.operations.record_bewind import Bewindvoerder
from arrangements.operations.report_change import report_change
from arrangements.operations.run_stress_test import run_stress_test
from arrangements.operations.start_change import start_change
from infra import jobs
from infra.scope import Scope, act_as, as_worker
from tests.factories import beslag, stornos
from tests.factories.bewind import bewindvoerder_agrees, put_under_bewind
from tests.factories.budgets import fill_in_budget, give_mark
from tests.factories.creditors import claim_line, claims_file, named_claim, upload
from tests.factories.money import activate, at, next_open, open_link, pay_all, pay_next
from tests.factories.papers import png
from tests.factories.partners import code_of, share, together
from tests.factories.people import citizen_scope, creditor_scope, make_citizen, make_director, make_policy, make_user
from tests.factories.plans import Case, agreed, fill_in, make_case, submitted

MONDAY = date(2026, 11, 23)


@dataclass
class Visitor:
    """Somebody who looks at pages; `acting`: works for the client of this mandate."""

    name: str
    user: User | None
    acting: Mandate | None = None


def _case(name: str, *amounts: int) -> Case:
    return make_case(*amounts, citizen=make_citizen(family_name=name))


def filling_in() -> Case:
    """Everything answered, with a partner; the draft is there, and a lower amount would be wiser."""
    case = _case("Vraag", 1_000_00, 2_000_00)
    fill_in(case, situation="gehuwd", partner_takes_part=False, partner_income_cents=700_00, declared=600_00)
    with act_as(citizen_scope(case.citizen)):
        assessment = assess_application(application=case.application)
        run_stress_test(proposal=make_draft(application=case.application, assessment=assessment))
    return case


def _assessed(name: str, **answers: object) -> Citizen:
    case = _case(name, 1_000_00, 2_000_00)
    fill_in(case, **answers)  # type: ignore[arg-type]  # passes the two integers through
    with act_as(citizen_scope(case.citizen)):
        assess_application(application=case.application)
    return case.citizen


def under_bewind() -> Case:
    """Everything answered; somebody else manages the money, and nothing is known of that person."""
    case = _case("Bewind", 1_000_00, 2_000_00)
    fill_in(case)
    put_under_bewind(case.citizen, Bewindvoerder())
    return case


def asked_bewindvoerder() -> Case:
    """The citizen wanted to send it: the director calls the bewindvoerder."""
    case = _case("Wachtbewind", 1_000_00, 2_000_00)
    fill_in(case)
    put_under_bewind(case.citizen)
    with act_as(citizen_scope(case.citizen)):
        assessment = assess_application(application=case.application)
        run_stress_test(proposal=make_draft(application=case.application, assessment=assessment))
        ask_bewindvoerder(citizen=case.citizen)
    return case


def bewindvoerder_says_yes() -> Case:
    """The paper is on file, seen by a coach who helps."""
    case = asked_bewindvoerder()
    visitor = acting_coach(case, "Bo Toekan")
    assert visitor.acting is not None
    bewindvoerder_agrees(case.citizen, seen_by=visitor.acting.coach)
    return case


def too_high() -> Citizen:
    """Red: more than an official figure leaves, of which there is a photo."""
    citizen = _assessed("Hoog", declared=600_00)
    with act_as(citizen_scope(citizen)):
        enter_official_figure(
            application=Application.objects.get(),
            kind=OfficialFigure.Kind.BESLAGVRIJE_VOET,
            cents=1_420_00,
            paper=OfficialFigure.Paper.LETTER,
            paper_date=MONDAY,
            photo=png(),
            photo_type="image/png",
        )
    return citizen


def fact_missing() -> Citizen:
    """Amber: it depends on a fact that is not there."""
    return _assessed(
        "Amber", declared=450_00, taxable_income_cents=None, taxable_income_unknown=True, uncertain=["other_income"]
    )


def budgeting() -> Case:
    """A whole budget with a sentence above a reference amount, marked by a coach, and with the rent allowance in twice."""
    case = _case("Budget", 1_000_00, 2_000_00)
    fill_in(case)
    fill_in_budget(
        case,
        {"food": "Ik eet glutenvrij."},
        food={"cents": 90_00, "period": "week"},
        huurtoeslag={"cents": 200_00, "period": "month"},
        rent={"cents": 440_00, "period": "month", "overlap": "yes"},
    )
    coach = acting_coach(case, "Sam de Vries")
    assert coach.acting is not None
    give_mark(case, coach.acting)
    return case


def waiting() -> Case:
    """Sent; one says yes, one no, one nothing yet."""
    case = _case("Wacht", 1_000_00, 2_000_00, 3_000_00)
    proposal = submitted(case, story="Ik raakte mijn werk kwijt.", story_cause="work", story_readers="everybody")
    case.say_yes(0)
    with act_as(creditor_scope(case.creditors[1], case.members[1])):
        refuse(
            answer=case.answer_of(1),
            seen_hash=proposal.content_hash,
            user=case.members[1].user,
            code=RefusalCode.BELOW_OUR_NORM,
            note="Wij vragen 80 %.",
        )
    return case


def to_sign() -> Case:
    """Everybody said yes."""
    case = _case("Tekent", 1_000_00, 2_000_00)
    agreed(case)
    return case


def running() -> Case:
    """One month paid, one opened at the bank; with a fine that may not be waived, and a message and a helper."""
    case = make_case(
        1_000_00, 2_000_00, 500_00, citizen=make_citizen(family_name="Loopt"), preferent={1}, not_dischargeable={2}
    )
    agreed(case)
    arrangement = activate(case.sign())
    jobs.run_all()
    pay_next(arrangement)
    jobs.run_all()
    open_link(case.citizen, next_open(arrangement))
    return case


def disputing() -> Case:
    """A running plan in which one debt is disputed, with its part set aside; one is collected by somebody else."""
    case = _case("Betwist", 1_000_00, 2_000_00)
    with act_as(creditor_scope(case.creditors[1], case.members[1])):
        edit_claim(
            claim=case.claims[1],
            details=Details("energy", "Incasso Noord", "IN-44021", "Deurwaarders Zuid", "DZ-7"),
        )
    agreed(case)
    arrangement = activate(case.sign())
    with act_as(citizen_scope(case.citizen)):
        dispute_claim(claim=case.claims[0], reason=ClaimDispute.Reason.ALREADY_PAID, note="Ik heb een bewijs.")
    pay_next(arrangement)
    return case


def changing(name: str = "Wijzigt", **answers: Any) -> Case:
    """A running plan, and an income that fell below what the amount needs: filled in, not passed on."""
    case = _case(name, 2_000_00, 4_000_00)
    agreed(case, declared=150_00)
    activate(case.sign())
    answers = answers or {"net_income_cents": 1_500_00}
    with act_as(citizen_scope(case.citizen)):
        save_answers(application=start_change(citizen=case.citizen), answers=answers)
    return case


def changed(name: str = "Gewijzigd", **answers: Any) -> Case:
    """The same, passed on."""
    case = changing(name, **answers)
    with act_as(citizen_scope(case.citizen)):
        report_change(change=start_change(citizen=case.citizen))
    return case


def finished() -> Case:
    """Two months, all paid."""
    case = _case("Klaar", 60_00, 30_00)
    agreed(case)
    arrangement = activate(case.sign())
    pay_all(arrangement)
    jobs.run_all()
    at(MONDAY)
    return case


def with_partner() -> Citizen:
    """Filling in, with a partner who sent a proposal; each shares one claim with the other."""
    mine, theirs = _case("Samen", 1_000_00, 2_000_00), _case("Partner", 3_000_00, 4_000_00)
    together(mine.citizen, theirs.citizen)
    share(mine.claims[0])
    share(theirs.claims[1])
    submitted(theirs)
    return mine.citizen


def waiting_for_partner() -> Citizen:
    """A code is out, and nobody used it yet."""
    citizen = make_citizen(family_name="Wachtsamen")
    code_of(citizen)
    return citizen


def newcomer() -> Citizen:
    """Knows nothing yet, and has nothing yet."""
    return make_citizen(family_name="Nieuw", anchored=False)


def acting_coach(case: Case, name: str = "Sam Visser") -> Visitor:
    """A coach with a mandate of this citizen, working for them, with an invitation out."""
    coach = make_director(kind="coach", default=False, name=name)
    with act_as(Scope(user_id=coach.user_id, coach_id=coach.pk, reason="test")):
        _, code = invite_client(coach=coach, label="cliënt")
        invite_client(coach=coach, label="nog een cliënt")
    client = case.citizen.user
    assert client is not None
    with act_as(citizen_scope(case.citizen)):
        mandate = accept_invitation(citizen=case.citizen, user=client, code=code)
    return Visitor(name, coach.user, mandate)


def manager(case: Case, position: int) -> Visitor:
    """The manager of one of the creditors of a case: a rule, files, a balance to confirm."""
    creditor, member = case.creditors[position], case.members[position]
    with as_worker("test"):
        member.role = "manager"
        member.save()
    make_policy(creditor, minimum=95_00, member=member)
    upload(creditor, member, claims_file(claim_line(), claim_line(IBAN="NL00 ABNA 0417 1643 00")), "fout.csv")
    upload(creditor, member, claims_file(claim_line()), "goed.csv")
    jobs.run_all()
    named_claim(creditor, told_cents=250_00)
    return Visitor(f"manager of {case.citizen.family_name}", member.user)


def somebody_new() -> Visitor:
    """A login without any role."""
    return Visitor("somebody new", make_user())


def before_sending() -> list[Visitor]:
    """A citizen at every stage up to the sending."""
    at(MONDAY)
    people = [
        filling_in().citizen,
        budgeting().citizen,
        too_high(),
        fact_missing(),
        asked_bewindvoerder().citizen,
        newcomer(),
        with_partner(),
        waiting_for_partner(),
    ]
    jobs.run_all()
    return [Visitor(citizen.family_name, citizen.user) for citizen in people]


def after_sending() -> list[Visitor]:
    """A citizen at every stage from the sending on."""
    at(MONDAY)
    cases = [waiting(), to_sign(), running(), disputing(), changing(), changed(), finished()]
    cases += [beslag.seized(), beslag.over(), stornos.owes_us()]
    cases.append(changed("Onzeker", taxable_income_cents=None, taxable_income_unknown=True, uncertain=["other_income"]))
    jobs.run_all()
    return [Visitor(case.citizen.family_name, case.citizen.user) for case in cases]
