from datetime import date

from django.conf import settings
from django.db import transaction

from arrangements.domain.lifecycle import ArrangementState
from arrangements.domain.policy_values import policy_on
from arrangements.models import Arrangement
from arrangements.models.arrangement import WindfallRule
from arrangements.operations.tell import tell_citizen
from infra.models import Message


def windfall_day(year: int, on: date) -> date:
    """The day in `year` from which people get holiday pay, by the policy of the day `on`."""
    policy = policy_on(on)
    return date(year, policy.holiday_pay_month, policy.holiday_pay_day)


@transaction.atomic
def ask_windfall(*, today: date) -> int:
    """Once a year, in the month of the holiday pay: who chose so before signing gets a friendly reminder that it can help.

    Nobody else is ever asked, and nobody has to. Not in a pause, and not for money that is late. Worker only, daily; returns
    how many were told.
    """
    begins = windfall_day(today.year, today)
    if (today.year, today.month) != (begins.year, begins.month) or today < begins:
        return 0
    running = Arrangement.objects.filter(
        state=ArrangementState.ACTIVE, windfall_rule=WindfallRule.SHORTEN, signed_on__lt=begins
    ).select_related("citizen__director", "citizen__user")
    told = set(
        Message.objects.filter(kind="windfall", key__endswith=f":{today.year}").values_list("citizen_id", flat=True)
    )
    count = 0
    for row in running.order_by("pk"):
        if row.citizen_id in told:
            continue
        tell_citizen(
            row.citizen,
            key=f"windfall:{row.pk}:{today.year}",
            kind="windfall",
            subject="Bericht over uw afspraak",
            body=(
                "Krijgt u vakantiegeld? U koos zelf: daarmee bent u eerder klaar.\n"
                "Wilt u een deel daarvan extra betalen? Dat mag. Het hoeft niet.\n"
                f"Kijk eerst wat het doet: {settings.SITE_BASE_URL}/mijn/extra-betalen/\n"
                "Heeft u het geld zelf nodig? Houd het dan."
            ),
        )
        count += 1
    return count
