"""What goes out by itself around a due date and around the days creditors have to answer."""

from datetime import date, timedelta

from django.conf import settings
from django.db import transaction

from accounts.models import CaseWorker, Citizen, Mandate
from arrangements.documents.content import long_date
from arrangements.domain.lifecycle import AnswerState, ArrangementState, InstallmentState, ProposalState, Thing
from arrangements.domain.policy_values import policy_on
from arrangements.models import Answer, CaseTask, Installment
from arrangements.models.arrangement import PayWay
from arrangements.operations.moves import move
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen, tell_creditor
from infra import audit
from kernel.cents import spoken_euro
from kernel.working_days import working_days_between


@transaction.atomic
def remind_payments(*, today: date) -> int:
    """The message three days before a due date (features.md C7), once per instalment, with a pay link if wanted."""
    until = today + timedelta(days=policy_on(today).reminder_days_before_due)
    due = (
        Installment.objects.select_for_update(of=("self",))
        .select_related("citizen__director", "citizen__user", "arrangement")
        .filter(
            due_date__gte=today,
            due_date__lte=until,
            reminded_on=None,
            state__in=[InstallmentState.OPEN, InstallmentState.PARTLY_PAID],
            # The first one after a pause is announced while the pause lasts.
            arrangement__state__in=[ArrangementState.ACTIVE, ArrangementState.PAUSED],
        )
    )
    count = 0
    for one in due:
        how = (
            f"Betaal met deze link: {pay_address(one)}\nOf ga zelf naar {settings.SITE_BASE_URL}."
            if one.citizen.pay_links
            else f"Ga zelf naar {settings.SITE_BASE_URL}. Log in en kies Betalen."
        )
        if one.arrangement.pay_way == PayWay.WITHHELD:
            how = "De gemeente houdt dit in op uw uitkering. U hoeft niets te doen."
        when = "Vandaag" if one.due_date == today else f"Op {long_date(one.due_date)}"
        tell_citizen(
            one.citizen,
            key=f"remind:{one.pk}",
            kind="payment_reminder",
            subject="Bericht over uw afspraak",
            body=f"{when} is uw betaaldag.\nU betaalt dan {spoken_euro(one.open_cents)}.\n{how}",
        )
        one.reminded_on = today
        one.save(update_fields=["reminded_on"])
        count += 1
    return count


def pay_address(installment: Installment) -> str:
    """The address behind the pay link: our own short domain, never a bank's (ux.md 2.11)."""
    return f"{settings.SITE_BASE_URL}/b/{installment.pay_token}/"


@transaction.atomic
def note_missed(*, today: date) -> int:
    """Instalments that did not come: a friendly message, a task for the director, once per instalment. Late is paid."""
    last = today - timedelta(days=policy_on(today).missed_after_days)
    late = (
        Installment.objects.select_for_update(of=("self",))
        .select_related("citizen__director", "citizen__user", "arrangement")
        .filter(
            due_date__lte=last,
            state__in=[InstallmentState.OPEN, InstallmentState.PARTLY_PAID],
            arrangement__state=ArrangementState.ACTIVE,
        )
    )
    count = 0
    for one in late:
        if one.state == InstallmentState.OPEN:
            move(Thing.INSTALLMENT, one, InstallmentState.MISSED, reason="niet betaald binnen de dagen die er waren")
            count += 1
        make_task(
            citizen_id=one.citizen_id,
            key=f"missed:{one.pk}",
            kind=CaseTask.Kind.MISSED_PAYMENT,
            text=f"Termijn {one.number} is niet of niet helemaal betaald. Bel en vraag wat er is.",
        )
        tell_citizen(
            one.citizen,
            key=f"missed:{one.pk}",
            kind="payment_missed",
            subject="Bericht over uw afspraak",
            body=(
                "We hebben uw geld nog niet gekregen.\n"
                if not one.paid_cents
                else "We hebben nog niet alles gekregen.\n"
            )
            + "Lukt betalen niet? Vertel het ons. Dan zoeken we samen een oplossing.\n"
            "Later betalen kan ook. Dat telt gewoon mee.",
        )
    return count


@transaction.atomic
def watch_answers(*, today: date) -> int:
    """Silence is never a yes, and never a hostage: reminder, task, and from working day fifteen `unanswered`."""
    policy = policy_on(today)
    waiting = (
        Answer.objects.select_for_update(of=("self",))
        .select_related("proposal", "creditor", "citizen__director", "citizen__user")
        .filter(state=AnswerState.OPEN, proposal__state=ProposalState.SUBMITTED, left_out_on=None)
    )
    count = 0
    for answer in waiting:
        if answer.proposal.submitted_on is None:
            continue
        days = working_days_between(answer.proposal.submitted_on, today)
        if days >= policy.remind_after_working_days and answer.reminded_on is None:
            _remind(answer, today)
            count += 1
        if days >= policy.task_after_working_days:
            make_task(
                citizen_id=answer.citizen_id,
                key=f"no_answer:{answer.pk}",
                kind=CaseTask.Kind.NO_ANSWER,
                text=f"{answer.creditor.name} heeft nog niet geantwoord. Bel de organisatie.",
            )
        if days >= policy.unanswered_after_working_days:
            _unanswered(answer)
            count += 1
    return count


def _remind(answer: Answer, today: date) -> None:
    Answer.objects.filter(pk=answer.pk).update(reminded_on=today)
    last = (
        f" Dat kan tot en met {long_date(answer.answer_by)}." if answer.answer_by and answer.answer_by >= today else ""
    )
    tell_creditor(
        answer.creditor,
        key=f"answer_reminder:{answer.pk}",
        kind="answer_reminder",
        subject="Een voorstel wacht op uw antwoord",
        body=f"Een voorstel wacht op uw antwoord.{last}\nLog in op de website en open uw werkvoorraad.",
    )


def _unanswered(answer: Answer) -> None:
    move(
        Thing.ANSWER,
        answer,
        AnswerState.UNANSWERED,
        reason="geen antwoord binnen de tijd",
        creditor_id=answer.creditor_id,
    )
    tell_citizen(
        answer.citizen,
        key=f"unanswered:{answer.pk}",
        kind="unanswered",
        subject="Bericht over uw voorstel",
        body=(
            "Eén organisatie heeft niet geantwoord.\n"
            "U hoeft niet te wachten. U mag nu zelf kiezen: wachten, of verder zonder deze organisatie.\n"
            "Log in. U leest daar wat u kunt doen."
        ),
    )


@transaction.atomic
def after_mandates(*, today: date) -> int:
    """A mandate whose last day has passed: the case goes back to the desk, for it always has a director."""
    over = Mandate.objects.select_related("coach", "citizen__user").filter(
        ended_at=None, valid_until__lt=today, citizen__director_id__isnull=False
    )
    desk = CaseWorker.objects.filter(is_default_director=True, active=True).first()
    count = 0
    for mandate in over:
        if desk is None or mandate.citizen.director_id != mandate.coach_id:
            continue
        Citizen.objects.filter(pk=mandate.citizen_id).update(director=desk)
        citizen = Citizen.objects.select_related("director", "user").get(pk=mandate.citizen_id)
        audit.record(
            "mandate_over",
            object_type="mandate",
            object_id=mandate.pk,
            citizen_id=mandate.citizen_id,
            reason="laatste dag voorbij",
        )
        tell_citizen(
            citizen,
            key=f"mandate_over:{mandate.pk}:{mandate.valid_until.isoformat()}",
            kind="mandate_over",
            subject="Uw hulp is gestopt",
            body=(
                f"{mandate.coach.name} mocht u helpen tot en met {long_date(mandate.valid_until)}.\n"
                "Wilt u dat weer? Vraag dan een nieuwe code aan uw coach."
            ),
        )
        count += 1
    return count
