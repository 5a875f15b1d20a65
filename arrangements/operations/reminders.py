"""What goes out by itself around a due date, and when a mandate ends."""

from datetime import date, timedelta

from django.conf import settings
from django.db import transaction

from accounts.contact import default_director
from accounts.models import Citizen, HandOver, Mandate
from accounts.operations.move_director import move_director
from arrangements.documents.content import long_date
from arrangements.domain.lifecycle import ArrangementState, InstallmentState
from arrangements.domain.policy_values import policy_on
from arrangements.models import Installment
from arrangements.models.arrangement import PayWay
from arrangements.operations.tell import tell_citizen
from infra import audit
from kernel.cents import spoken_euro
from kernel.identifiers import format_iban, in_fours


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
        when = "Vandaag" if one.due_date == today else f"Op {long_date(one.due_date)}"
        body = f"{when} is uw betaaldag.\nU betaalt dan {spoken_euro(one.open_cents)}.\n{how}"
        if one.arrangement.pay_way == PayWay.WITHHELD:
            amount = spoken_euro(one.open_cents)
            body = f"{when} is uw betaaldag.\nDe gemeente houdt {amount} in op uw uitkering.\nU hoeft niets te doen."
        elif one.arrangement.pay_way == PayWay.TRANSFER:
            body = "\n".join(
                [
                    f"{when} is uw betaaldag.",
                    f"Maak {spoken_euro(one.open_cents)} over.",
                    f"Naar: {settings.ACCOUNT_HOLDER_NAME}",
                    f"Rekening: {format_iban(settings.ACCOUNT_HOLDER_IBAN)}",
                    f"Betalingskenmerk: {in_fours(one.arrangement.payment_reference)}",
                    "Vul bij de betaling altijd het betalingskenmerk in.",
                    f"Twijfelt u? Ga zelf naar {settings.SITE_BASE_URL} en log in.",
                ]
            )
        tell_citizen(
            one.citizen,
            key=f"remind:{one.pk}",
            kind="payment_reminder",
            subject="Bericht over uw afspraak",
            body=body,
        )
        one.reminded_on = today
        one.save(update_fields=["reminded_on"])
        count += 1
    return count


def pay_address(installment: Installment) -> str:
    """The address behind the pay link: our own short domain, never a bank's (ux.md 2.11)."""
    return f"{settings.SITE_BASE_URL}/b/{installment.pay_token}/"


@transaction.atomic
@transaction.atomic
def after_mandates(*, today: date) -> int:
    """A mandate whose last day has passed: the case goes back to the desk, for it always has a director."""
    over = Mandate.objects.select_related("coach", "citizen__user").filter(
        ended_at=None, valid_until__lt=today, citizen__director_id__isnull=False
    )
    desk = default_director()
    count = 0
    for mandate in over:
        if desk is None or mandate.citizen.director_id != mandate.coach_id:
            continue
        # The message below names the new director, so the hand-over itself is not told.
        move_director(citizen=mandate.citizen, to=desk, reason=HandOver.Reason.MANDATE_OVER, tell=False)
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
                f"Uw contactpersoon is nu {desk.name} van {desk.organisation}: {desk.phone}.\n"
                "Wilt u weer hulp van uw coach? Vraag dan een nieuwe code."
            ),
        )
        count += 1
    return count
