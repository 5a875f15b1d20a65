"""Entering the cast the way real data comes in: organisations by the desk, claims by upload, everything else by the
operations the pages call, each in the scope of who does it. Nothing is written past them.

The history runs from `cast.START` to `cast.TODAY`; between two events the days pass one by one, as they do at night.
"""

from collections.abc import Callable
from datetime import date, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import CaseWorker, Citizen, User
from accounts.operations.accept_invitation import accept_invitation
from accounts.operations.identify_citizen import set_personal_data
from accounts.operations.invite_client import invite_client
from accounts.operations.register_citizen import register_citizen
from arrangements.domain.break_reason import BreakReason
from arrangements.domain.deciders import ChangeGround, Decider
from arrangements.domain.lifecycle import AnswerState, ProposalState, RefusalCode
from arrangements.models import Answer, Application, Arrangement, Claim, CreditorTask, DemoPayer, Proposal
from arrangements.operations.advance import advance_to
from arrangements.operations.answer_proposal import accept, refuse, say_balance_differs
from arrangements.operations.application import give_consent, save_answers, save_budget, start_application
from arrangements.operations.ask_reconsideration import ask_reconsideration
from arrangements.operations.assess_application import assess_application
from arrangements.operations.collect_claims import (
    add_claim,
    confirm_balance,
    find_claims,
    open_by_invitation,
    say_about_claim,
)
from arrangements.operations.creditor_tasks import confirm_creditor_task
from arrangements.operations.grant_break import grant_break
from arrangements.operations.make_proposal import make_draft
from arrangements.operations.move_installment import movable, move_installment
from arrangements.operations.propose_variation import propose_variation
from arrangements.operations.report_beslag import report_beslag
from arrangements.operations.run_stress_test import run_stress_test
from arrangements.operations.sign_arrangement import agreement_hash, sign_arrangement
from arrangements.operations.submit_proposal import submit_proposal
from citizen_portal.demo import cast
from citizen_portal.demo.cast import Helper, Household, Organisation
from creditors.models import ClaimImport, Creditor, CreditorMember
from creditors.operations.import_claims import upload_claims
from creditors.operations.invitations import invitation_code
from creditors.operations.set_policy import set_policy
from infra import audit, clock, jobs, outbox, scope
from infra.models import AuditLine, Job
from infra.scope import Scope

MARK = "demo_loaded"


class CastRefused(Exception):
    """Something the story needs did not happen; the message says what."""


def is_loaded() -> bool:
    """Whether the cast is in. Scope: the worker's."""
    return AuditLine.objects.filter(action=MARK).exists()


def load() -> bool:
    """Enter the whole cast, or nothing; False when it was in already. Needs the worker's database role."""
    with scope.as_worker("demo laden"), transaction.atomic():
        if is_loaded():
            return False
        clock.set_today(cast.START)
        _enter_everybody()
        _tell_the_story()
        audit.record(MARK, object_type="demo", object_id=cast.TODAY.isoformat())
    return True


# --- people -----------------------------------------------------------------------------------------------------------


def _enter_everybody() -> None:
    for helper in cast.HELPERS:
        _helper(helper)
    for organisation in cast.ORGANISATIONS:
        _organisation(organisation)


def _login(email: str, *, is_staff: bool = False) -> User:
    user = User.objects.create_user(email, is_staff=is_staff)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _helper(helper: Helper) -> None:
    desk = helper.kind == CaseWorker.Kind.DESK
    CaseWorker.objects.create(
        user=_login(helper.email, is_staff=desk),
        kind=helper.kind,
        name=helper.name,
        organisation=helper.organisation,
        phone=helper.phone,
        is_default_director=helper is cast.DESK,
    )


def _organisation(one: Organisation) -> None:
    with scope.act_as(Scope(desk=True, reason="organisatie aansluiten")):
        creditor = Creditor.objects.create(
            name=one.name,
            kind=one.kind,
            is_health_insurer=one.is_health_insurer,
            iban=one.iban,
            email=one.email,
        )
        for email, name, role in (
            (one.clerk_email, one.clerk, CreditorMember.Role.CLERK),
            (one.manager_email, one.manager, CreditorMember.Role.MANAGER),
        ):
            CreditorMember.objects.create(user=_login(email), creditor=creditor, name=name, role=role)
        audit.record("creditor_saved", object_type="creditor", object_id=creditor.pk, creditor_id=creditor.pk)
    if one.accepts_from is not None:
        manager = User.objects.get(email=one.manager_email)
        with scope.act_as(_for_creditor(creditor, manager)):
            set_policy(creditor=creditor, user=manager, minimum_basis_points=one.accepts_from)


def _for_creditor(creditor: Creditor, user: User) -> Scope:
    return Scope(user_id=user.pk, creditor_id=creditor.pk, reason="pagina van de organisatie")


def _for_citizen(citizen: Citizen) -> Scope:
    return Scope(user_id=citizen.user_id, citizen_id=citizen.pk, reason="eigen pagina")


def _for_coach(coach: CaseWorker, citizen: Citizen | None = None) -> Scope:
    return Scope(
        user_id=coach.user_id,
        coach_id=coach.pk,
        citizen_id=citizen.pk if citizen else None,
        reason="coach werkt voor cliënt" if citizen else "pagina van de coach",
    )


def _coach(helper: Helper) -> CaseWorker:
    return CaseWorker.objects.get(user__email=helper.email)


def _creditor(slug: str) -> Creditor:
    return Creditor.objects.get(name=next(one.name for one in cast.ORGANISATIONS if one.slug == slug))


# --- time and files ---------------------------------------------------------------------------------------------------


def _until(day: date) -> None:
    """Let the days pass, with all that falls due on them."""
    jobs.run_all()
    if clock.today() < day:
        advance_to(until=day)
    jobs.run_all()


def _upload(day: date) -> None:
    """Every organisation sends its file of that day."""
    for path in sorted((cast.CLAIMS / day.isoformat()).glob("*.csv")):
        creditor = _creditor(path.stem)
        manager = User.objects.get(email=f"beheer@{path.stem}.example")
        with scope.act_as(_for_creditor(creditor, manager)):
            upload_claims(
                creditor=creditor,
                user=manager,
                file_name=f"vorderingen-{day.isoformat()}.csv",
                content=path.read_bytes(),
            )
    jobs.run_all()
    refused = ClaimImport.objects.exclude(state=ClaimImport.State.STORED).first()
    if refused is not None:
        raise CastRefused(f"{refused.file_name} of {refused.creditor}: {refused.errors}")


# --- what a household does --------------------------------------------------------------------------------------------


def _register(one: Household, coach: Helper | None = None, *, months: int = 6) -> Citizen:
    """Log in, say who you are, and prove it: with a letter of an organisation, or with a coach who saw the papers."""
    user = _login(one.email)
    code = ""
    if coach is not None:
        with scope.act_as(_for_coach(_coach(coach))):
            _, code = invite_client(coach=_coach(coach), label=one.full_name, papers_seen=True, valid_months=months)
    with scope.act_as(Scope(user_id=user.pk, reason="inloggen")):
        citizen = register_citizen(user=user)
    with scope.act_as(_for_citizen(citizen)):
        set_personal_data(
            citizen=citizen,
            first_name=one.first_name,
            family_name=one.family_name,
            birth_date=one.birth_date,
            postcode=one.postcode,
            house_number=one.house_number,
            phone=one.phone,
        )
        citizen.refresh_from_db()
        if code:
            accept_invitation(citizen=citizen, user=user, code=code)
            citizen.refresh_from_db()
    DemoPayer.objects.create(citizen=citizen, behavior=one.pays)
    return citizen


def _fill_in(one: Household, citizen: Citizen) -> Application:
    """Consent, the claims, and the answers."""
    application = start_application(citizen=citizen)
    application = give_consent(application=application)
    if one.letter is not None:
        slug, reference = one.letter
        open_by_invitation(citizen=citizen, code=invitation_code(creditor_id=_creditor(slug).pk, reference=reference))
        citizen.refresh_from_db()
    find_claims(citizen=citizen)
    for claim in Claim.objects.filter(citizen=citizen):
        say_about_claim(claim=claim, says=Claim.CitizenSays.YES)
    save_budget(application=application, lines=cast.FIXED_COSTS)
    return save_answers(application=application, answers={"uncertain": [], **one.answers})


def _propose(one: Household, citizen: Citizen) -> Proposal:
    with scope.act_as(_for_citizen(citizen)):
        application = _fill_in(one, citizen)
        draft = make_draft(application=application, assessment=assess_application(application=application))
        proposal = submit_proposal(proposal=draft)
    jobs.run_all()
    return proposal


def _answer(proposal: Proposal, *, leave_open: frozenset[str] = frozenset(), refuses: str = "") -> Proposal:
    """The clerks go through their queues. `leave_open` and `refuses` name organisations by their slug."""
    for one in cast.ORGANISATIONS:
        creditor, clerk = _creditor(one.slug), User.objects.get(email=one.clerk_email)
        with scope.act_as(_for_creditor(creditor, clerk)):
            answer = Answer.objects.filter(proposal=proposal, creditor=creditor, state=AnswerState.OPEN).first()
            if answer is None or one.slug in leave_open:
                continue
            if one.slug == refuses:
                refuse(
                    answer=answer,
                    seen_hash=proposal.content_hash,
                    user=clerk,
                    code=RefusalCode.BELOW_OUR_NORM,
                    note="Wij vragen ten minste 70 procent.",
                )
            else:
                accept(answer=answer, seen_hash=proposal.content_hash, user=clerk)
    jobs.run_all()
    proposal.refresh_from_db()
    return proposal


def _sign(citizen: Citizen, proposal: Proposal) -> Arrangement:
    if proposal.state != ProposalState.AGREED:
        raise CastRefused(f"the proposal of {citizen.full_name} is {proposal.state}")
    with scope.act_as(_for_citizen(citizen)):
        assert citizen.user is not None  # noqa: S101  all of the cast have a login; for the type checker
        arrangement = sign_arrangement(
            proposal=proposal, user=citizen.user, seen_hash=agreement_hash(proposal, clock.today())
        )
    jobs.run_all()
    _confirm(arrangement)
    return arrangement


def _confirm(arrangement: Arrangement) -> None:
    """The clerks say that they stopped collecting. One forgets it, so that there is something to see."""
    for task in CreditorTask.objects.filter(arrangement=arrangement).select_related("creditor", "citizen__user"):
        one = next(found for found in cast.ORGANISATIONS if found.name == task.creditor.name)
        if (one.slug, task.citizen.user and task.citizen.user.email) == ("polderzorg", cast.RIA.email):
            continue
        clerk = User.objects.get(email=one.clerk_email)
        with scope.act_as(_for_creditor(task.creditor, clerk)):
            confirm_creditor_task(task=task, user=clerk, outcome=CreditorTask.Outcome.DONE, done_on=clock.today())


# --- the story --------------------------------------------------------------------------------------------------------


def _tell_the_story() -> None:
    events: list[tuple[date, Callable[[], None]]] = [
        (date(2026, 1, 12), _gerda_signs),
        (date(2026, 5, 18), _mehmet_signs),
        (date(2026, 6, 2), _henk_gets_help),
        (date(2026, 5, 19), _four_more_sign),
        (date(2026, 11, 9), _november),
        (date(2026, 11, 10), _henk_begins),
        (date(2026, 11, 16), _sanne_and_omar_send),
        (date(2026, 11, 18), _kim_sends),
        (date(2026, 11, 18), _plans_take_a_turn),
        (date(2026, 11, 19), _youssef_is_amber),
        (date(2026, 11, 20), _lotte_and_anja),
        (cast.TODAY, _letters_for_those_still_to_come),
    ]
    for day, event in events:
        _until(day)
        event()
        jobs.run_all()
        failed = Job.objects.filter(state=Job.State.FAILED).first()
        if failed is not None:
            raise CastRefused(f"{failed}: {failed.last_error[-500:]}")


def _gerda_signs() -> None:
    _upload(date(2026, 1, 12))
    citizen = _register(cast.GERDA)
    _sign(citizen, _answer(_propose(cast.GERDA, citizen)))


def _mehmet_signs() -> None:
    _upload(date(2026, 5, 18))
    citizen = _register(cast.MEHMET)
    _sign(citizen, _answer(_propose(cast.MEHMET, citizen)))


def _henk_gets_help() -> None:
    _register(cast.HENK, cast.SAM)


def _november() -> None:
    _upload(date(2026, 11, 9))
    ria = _register(cast.RIA)
    _sign(ria, _answer(_propose(cast.RIA, ria)))
    piet = _register(cast.PIET, cast.SAM)
    proposal = _propose(cast.PIET, piet)
    _answer(proposal, leave_open=frozenset({"delinde"}), refuses="noorderzon")


def _henk_begins() -> None:
    citizen = Citizen.objects.get(user__email=cast.HENK.email)
    with scope.act_as(_for_citizen(citizen)):
        save_answers(application=start_application(citizen=citizen), answers=cast.HENK.answers)


def _four_more_sign() -> None:
    for one in (cast.FLEUR, cast.JAN, cast.NADIA, cast.TOM):
        citizen = _register(one, cast.NOOR if one is cast.FLEUR else None, months=12)
        _sign(citizen, _answer(_propose(one, citizen)))


def _sanne_and_omar_send() -> None:
    """One balance differs, and one no is looked at again."""
    sanne = _propose(cast.SANNE, _register(cast.SANNE))
    creditor, clerk = _creditor("delinde"), User.objects.get(email="balie@delinde.example")
    with scope.act_as(_for_creditor(creditor, clerk)):
        answer = Answer.objects.get(proposal=sanne, creditor=creditor)
        claim = Claim.objects.get(citizen_id=sanne.citizen_id, creditor=creditor)
        say_balance_differs(
            answer=answer, seen_hash=sanne.content_hash, user=clerk, claim=claim, balance_cents=1_800_00
        )
    jobs.run_all()
    omar = _answer(_propose(cast.OMAR, _register(cast.OMAR)), refuses="noorderzon")
    with scope.act_as(_for_citizen(omar.citizen)):
        ask_reconsideration(
            answer=Answer.objects.get(proposal=omar, state=AnswerState.REFUSED),
            note="Meer kan ik echt niet missen. De anderen zeggen al ja.",
        )


def _plans_take_a_turn() -> None:
    """A pause, a later day, a beslag, and a debt that was found late."""
    fleur, jan, nadia, tom = (
        Arrangement.objects.select_related("citizen").get(citizen__user__email=one.email)
        for one in (cast.FLEUR, cast.JAN, cast.NADIA, cast.TOM)
    )
    with scope.act_as(_for_coach(_coach(cast.NOOR), fleur.citizen)):
        grant_break(arrangement=fleur, months=1, reason=BreakReason.CRISIS, decider=Decider.COACH)
    with scope.act_as(_for_citizen(jan.citizen)):
        term = movable(jan, Decider.CITIZEN).term
        move_installment(
            arrangement=jan, number=term.number, new_day=term.due_date + timedelta(days=10), decider=Decider.CITIZEN
        )
    with scope.act_as(_for_citizen(nadia.citizen)):
        report_beslag(
            arrangement=nadia,
            decider=Decider.CITIZEN,
            user=nadia.citizen.user,
            party_name="Gerechtsdeurwaarder De Molen",
            claim_cents=1_150_00,
        )
    _tom_finds_a_debt(tom)


def _tom_finds_a_debt(tom: Arrangement) -> None:
    slug, reference, cents = cast.TOMS_LATE_DEBT
    creditor, clerk = _creditor(slug), User.objects.get(email=f"balie@{slug}.example")
    with scope.act_as(_for_citizen(tom.citizen)):
        claim = add_claim(citizen=tom.citizen, creditor_name=creditor.name, told_cents=cents, reference=reference)
    with scope.act_as(_for_creditor(creditor, clerk)):
        confirm_balance(claim=claim, confirmed_cents=cents)
    jobs.run_all()
    with scope.act_as(_for_citizen(tom.citizen)):
        propose_variation(
            arrangement=tom,
            ground=ChangeGround.LATE_CREDITOR,
            wanted={"claims": [claim.pk]},
            decided_by=Decider.CITIZEN,
            user=tom.citizen.user,
        )


def _kim_sends() -> None:
    citizen = _register(cast.KIM, cast.NOOR)
    _answer(_propose(cast.KIM, citizen), leave_open=frozenset({"delinde", "noorderzon"}))


def _youssef_is_amber() -> None:
    citizen = _register(cast.YOUSSEF, cast.SAM)
    with scope.act_as(_for_citizen(citizen)):
        assess_application(application=_fill_in(cast.YOUSSEF, citizen))


def _lotte_and_anja() -> None:
    lotte = _register(cast.LOTTE, cast.SAM)
    with scope.act_as(_for_citizen(lotte)):
        give_consent(application=start_application(citizen=lotte))
    with scope.act_as(_for_coach(_coach(cast.SAM), lotte)):
        application = _fill_in(cast.LOTTE, lotte)
        assessment = assess_application(application=application)
        run_stress_test(proposal=make_draft(application=application, assessment=assessment))
    anja = _register(cast.ANJA)
    with scope.act_as(_for_citizen(anja)):
        _fill_in(cast.ANJA, anja)


def _letters_for_those_still_to_come() -> None:
    for one in cast.STILL_TO_COME:
        if one.letter is None:
            continue
        slug, reference = one.letter
        creditor = _creditor(slug)
        code = invitation_code(creditor_id=creditor.pk, reference=reference)
        outbox.post_message(
            key=f"demo-letter:{one.slug}",
            kind="creditor_letter",
            subject="U hoeft dit niet alleen op te lossen",
            body=(
                f"Beste {one.full_name},\n\nU heeft bij ons nog een bedrag open staan. Misschien ook bij andere.\n"
                "Met Eén Plan maakt u één afspraak met iedereen.\n\n"
                f"Uw code is {code[:4]}-{code[4:]}\n\nVul deze code in op de website, na het inloggen.\n\n"
                f"Met vriendelijke groet,\n{creditor.name}"
            ),
            to_address="",
            to_name=one.full_name,
            creditor_id=creditor.pk,
        )
