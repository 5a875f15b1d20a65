"""An organisation a citizen named and we do not know is invited, not ignored (features.md, "Add a forgotten creditor")."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts import codes
from accounts.models import CaseWorker, Citizen, User
from arrangements.domain.lifecycle import ClaimState
from arrangements.domain.policy_values import policy_on
from arrangements.models import Application, CaseTask, Claim, CreditorInvitation
from arrangements.operations.tasks_for_director import make_task
from infra import audit, clock, jobs, outbox
from kernel.working_days import add_working_days

PURPOSE = "creditor_invitation"


class InvitationUnknown(Exception):
    """No invitation has this code, or the citizen's consent is gone."""


class AlreadyAnswered(Exception):
    """Somebody of the organisation was first."""


@dataclass(frozen=True, slots=True)
class Invited:
    """What a code opens: the name as the citizen gave it, and nothing about the citizen. `answered_on`: None is not yet."""

    organisation: str
    answered_on: date | None


def code_of(invitation: CreditorInvitation) -> str:
    """The readable code on the letter, made again from the row: only its hash is kept."""
    return codes.derived_code(PURPOSE, invitation.public_id)


def invite_creditors(*, citizen: Citizen) -> list[CreditorInvitation]:
    """Invite every organisation this citizen named that does not take part; once each. Returns the new invitations.

    Part of the caller's transaction. Without consent nobody is written to: it is done when the consent comes. The letter is
    sent by the director, who finds the address: a name that was typed has none. Scope: the citizen's.
    """
    consented = Application.objects.filter(citizen=citizen, consent_at__isnull=False)
    if not consented.exists():
        return []
    named = (
        Claim.objects.filter(citizen=citizen, creditor__participates=False)
        .exclude(state__in=[ClaimState.WITHDRAWN, ClaimState.TRANSFERRED])
        .exclude(creditor__in=CreditorInvitation.objects.filter(citizen=citizen).values("creditor_id"))
        .select_related("creditor")
    )
    made = []
    for creditor in {claim.creditor_id: claim.creditor for claim in named}.values():
        row = CreditorInvitation(citizen=citizen, creditor=creditor, made_on=clock.today(), task_on=clock.today())
        row.code_hash = codes.code_hash(PURPOSE, code_of(row))
        row.save()
        make_task(
            citizen_id=citizen.pk,
            key=f"unknown_creditor:{row.pk}",
            kind=CaseTask.Kind.UNKNOWN_CREDITOR,
            text=f"{creditor.name} doet nog niet mee. Zoek het adres en stuur de uitnodiging.",
        )
        audit.record(
            "creditor_invited",
            object_type="creditor_invitation",
            object_id=row.pk,
            citizen_id=citizen.pk,
            creditor_id=creditor.pk,
        )
        made.append(row)
    return made


@transaction.atomic
def mark_invitation_sent(*, invitation: CreditorInvitation, user: User) -> None:
    """The letter went out today. Saying it twice changes nothing. Scope: the desk's, or a coach's who works for the client."""
    row = CreditorInvitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if row.sent_on is not None:
        return
    row.sent_on, row.sent_by = clock.today(), user
    row.save(update_fields=["sent_on", "sent_by"])
    audit.record(
        "creditor_invitation_sent",
        object_type="creditor_invitation",
        object_id=row.pk,
        citizen_id=row.citizen_id,
        creditor_id=row.creditor_id,
    )


def invited_by(code: str) -> Invited:
    """What this code opens, for whoever holds the letter. Raises InvitationUnknown."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT organisation, answered_on FROM creditor_invitation_by_code(%s)", [codes.code_hash(PURPOSE, code)]
        )
        row = cursor.fetchone()
    if row is None:
        raise InvitationUnknown
    return Invited(*row)


@transaction.atomic
def answer_invitation(*, code: str, organisation: str, contact_name: str, email: str, kvk_number: str = "") -> None:
    """The organisation says it wants to take part. No login: the code is what it holds. For the desk to look at.

    Raises InvitationUnknown, AlreadyAnswered.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM answer_creditor_invitation(%s, %s, %s, %s, %s, %s)",
            [codes.code_hash(PURPOSE, code), organisation, contact_name, email, kvk_number, clock.today()],
        )
        row = cursor.fetchone()
    if row is None:
        invited_by(code)
        raise AlreadyAnswered
    audit.record("creditor_invitation_answered", object_type="creditor_invitation", object_id=row[0])
    jobs.enqueue("invitation_answered", key=f"invitation_answered:{row[0]}", arguments={"invitation": row[0]})


@jobs.job("invitation_answered")
def invitation_answered(work: jobs.Work) -> None:
    """The director and the whole desk hear that an organisation wants to take part."""
    row = CreditorInvitation.objects.select_related("creditor").get(pk=work.arguments["invitation"])
    make_task(
        citizen_id=row.citizen_id,
        key=f"unknown_creditor:{row.pk}:answered",
        kind=CaseTask.Kind.UNKNOWN_CREDITOR,
        text=f"{row.creditor.name} wil meedoen. Het loket maakt de organisatie aan in beheer.",
    )
    for worker in CaseWorker.objects.select_related("user").filter(kind=CaseWorker.Kind.DESK, active=True):
        outbox.post_message(
            key=f"invitation_answered:{row.pk}:{worker.pk}",
            kind="invitation_answered",
            subject="Een organisatie wil meedoen",
            body=(
                f"Beste {worker.name},\n\nEen organisatie die is uitgenodigd, wil meedoen.\n"
                f"Maak de organisatie aan of koppel haar: {settings.SITE_BASE_URL}/beheer/arrangements/creditorinvitation/"
                "\n\nEén Plan"
            ),
            to_address=worker.user.email,
            to_name=worker.name,
        )


@transaction.atomic
def chase_invitations(*, today: date) -> int:
    """An invitation that leads nowhere comes back to the director, every so many working days. Worker only; how many did."""
    count = 0
    for row in open_invitations().select_for_update(of=("self",)).select_related("creditor"):
        if next_chase(row) > today:
            continue
        what = (
            "wil meedoen en is nog niet gekoppeld. Vraag het loket hoe ver het is."
            if row.answered_on
            else "heeft niet geantwoord op de uitnodiging. Bel de organisatie."
            if row.sent_on
            else "is nog niet uitgenodigd. Stuur de brief."
        )
        make_task(
            citizen_id=row.citizen_id,
            key=f"unknown_creditor:{row.pk}:{today.isoformat()}",
            kind=CaseTask.Kind.UNKNOWN_CREDITOR,
            text=f"{row.creditor.name} {what}",
        )
        row.task_on = today
        row.save(update_fields=["task_on"])
        count += 1
    return count


def next_chase(row: CreditorInvitation) -> date:
    """The day on which the director is asked about this invitation again; after every step there are days to wait for it."""
    last = max(day for day in (row.made_on, row.sent_on, row.task_on, row.answered_on) if day is not None)
    return add_working_days(last, policy_on(last).answer_working_days)


def open_invitations() -> QuerySet[CreditorInvitation]:
    """Not linked yet, with a claim that still stands, and with the consent of the citizen."""
    standing = Claim.objects.filter(citizen_id=OuterRef("citizen_id"), creditor_id=OuterRef("creditor_id")).exclude(
        state__in=[ClaimState.WITHDRAWN, ClaimState.TRANSFERRED]
    )
    consent = Application.objects.filter(citizen_id=OuterRef("citizen_id"), consent_at__isnull=False)
    return CreditorInvitation.objects.filter(Exists(standing), Exists(consent), linked_on=None).order_by("pk")
