"""Two of everybody, each with marks of their own, so that a test can see whose facts appear where."""

from dataclasses import dataclass, field

from accounts.models import CaseWorker, Mandate, User
from accounts.operations.accept_invitation import accept_invitation
from accounts.operations.end_mandate import end_mandate
from accounts.operations.invite_client import invite_client
from accounts.operations.report_absence import report_absence
from arrangements.domain.deciders import ChangeGround
from arrangements.models import CaseTask, Claim, OfficialFigure
from arrangements.operations.enter_official_figure import enter_official_figure
from arrangements.operations.hand_over_case import hand_over_case
from arrangements.operations.record_bewind import Bewindvoerder
from arrangements.operations.tasks_for_director import make_task
from infra import clock, jobs
from infra.models import Message
from infra.scope import Scope, act_as, as_worker
from tests.factories.beslag import reported
from tests.factories.bewind import acting, bewindvoerder_agrees, put_under_bewind
from tests.factories.budgets import fill_in_budget
from tests.factories.papers import JPEG
from tests.factories.people import citizen_scope, login_of, make_citizen, make_director, make_user
from tests.factories.plans import Case, agreed, make_case
from tests.factories.variations import proposed


@dataclass
class Party:
    """Somebody who logs in, with the marks that are theirs."""

    name: str
    user: User | None
    marks: set[str] = field(default_factory=set)
    acting: Mandate | None = None


@dataclass
class World:
    """Citizens A and B with running arrangements, their creditors' staff, a coach with and one without a mandate, the desk."""

    parties: list[Party]
    cases: dict[str, Case]

    @property
    def marks(self) -> set[str]:
        return set().union(*(party.marks for party in self.parties))


def make_world() -> World:
    """Build it by the operations. Scope: none needed."""
    parties, cases = [Party("nobody", None)], {}
    for letter, family_name in (("A", "Aardewerk"), ("B", "Boterbloem")):
        citizen = make_citizen(family_name=family_name)
        case = make_case(1_000_00, 2_000_00, citizen=citizen)
        cases[letter] = case
        mine = {family_name}
        staff = []
        for number, (claim, member) in enumerate(zip(case.claims, case.members, strict=True)):
            marks = {f"MARKREF{letter}{number}", f"MARKKLANT{letter}{number}"}
            with as_worker("test"):
                Claim.objects.filter(pk=claim.pk).update(
                    reference=f"MARKREF{letter}{number}", customer_number=f"MARKKLANT{letter}{number}"
                )
            staff.append(Party(f"creditor {letter}{number}", member.user, {*marks, family_name}))
            mine |= marks
        story, note = f"MARKVERHAAL{letter}", f"MARKBUDGET{letter}"
        fill_in_budget(case, {"food": note}, food={"cents": 90_00, "period": "week"})
        photo = f"MARKFOTO{letter}"
        _show_paper(case, JPEG + photo.encode())
        mine |= {photo}
        put_under_bewind(citizen, Bewindvoerder(name=f"MARKBEWIND{letter}", phone=f"MARKTEL{letter}"))
        bewindvoerder_agrees(citizen, photo=JPEG + f"MARKPAPIER{letter}".encode())
        mine |= {f"MARKBEWIND{letter}", f"MARKTEL{letter}", f"MARKPAPIER{letter}"}
        agreed(case, declared=45_00, story=story, story_readers="helper")
        arrangement = case.sign()
        jobs.run_all()
        if letter == "A":
            reported(case, arrangement, name="MARKBESLAGA")
            jobs.run_all()
            mine |= {"MARKBESLAGA"}
        # A question about the running plan waits for both its creditors.
        proposed(case, ChangeGround.LOWERING, monthly_cents=30_00)
        with act_as(citizen_scope(citizen)):
            Message.objects.filter(citizen_id=citizen.pk).count()
        parties += [Party(f"citizen {letter}", citizen.user, {*mine, story, note}), *staff]
    coach = make_director(kind="coach", default=False, name="Coach Met")
    gone = make_director(kind="coach", default=False, name="Coach Zonder")
    mandate = _mandate(coach, cases["A"])
    stopped = _mandate(gone, cases["A"])
    with act_as(citizen_scope(cases["A"].citizen)):
        end_mandate(mandate=stopped, user=login_of(cases["A"].citizen))
    desk = make_director()
    with act_as(acting(desk, cases["A"].citizen)):
        hand_over_case(citizen=cases["A"].citizen, to=coach, note="MARKNOTITIEA", by=desk.user)
    marks_of_a = next(party.marks for party in parties if party.name == "citizen A")
    parties.append(Party("coach of A", coach.user, set(marks_of_a) | {"mandaat-A", "MARKNOTITIEA"}, acting=mandate))
    parties.append(Party("coach whose mandate was stopped", gone.user, set(), acting=stopped))
    # The desk is away: who stands in sees whom to call of B, and not why.
    _task_of(cases["B"], "MARKTAAKB")
    stand_in = make_director(default=False, name="Neemt Waar")
    with act_as(Scope(user_id=desk.user_id, coach_id=desk.pk, reason="test")):
        report_absence(
            case_worker=desk, stand_in=stand_in, from_date=clock.today(), until_date=clock.today(), user=desk.user
        )
    parties.append(Party("desk that is away", desk.user, {"MARKTAAKB"}))
    parties.append(Party("stand-in of the desk", stand_in.user, {"Boterbloem"}))
    parties.append(Party("somebody new", make_user()))
    return World(parties, cases)


def _show_paper(case: Case, photo: bytes) -> None:
    with act_as(citizen_scope(case.citizen)):
        enter_official_figure(
            application=case.application,
            kind=OfficialFigure.Kind.BESLAGVRIJE_VOET,
            cents=1_450_00,
            paper=OfficialFigure.Paper.LETTER,
            paper_date=clock.today(),
            photo=photo,
            photo_type="image/jpeg",
        )


def _task_of(case: Case, text: str) -> None:
    with act_as(citizen_scope(case.citizen)):
        make_task(citizen_id=case.citizen.pk, key=text, kind=CaseTask.Kind.CALL_BACK, text=text)


def _mandate(coach: CaseWorker, case: Case) -> Mandate:
    with act_as(Scope(user_id=coach.user_id, coach_id=coach.pk, reason="test")):
        _, code = invite_client(coach=coach, label="cliënt")
    with act_as(citizen_scope(case.citizen)):
        return accept_invitation(citizen=case.citizen, user=login_of(case.citizen), code=code)
