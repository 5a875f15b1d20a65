"""The yearly review: asked once a year while the plan runs; a task for the director when it is not done (features P11)."""

from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from arrangements.domain.policy_values import policy_on
from arrangements.models import Arrangement, CaseTask, YearlyReview
from arrangements.operations.receive_payment import RUNNING
from arrangements.operations.report_change import review_task_key
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen
from infra import audit
from kernel.periods import add_months, months_between


def review_yearly(*, today: date) -> int:
    """Ask for the reviews that are due, and give the director those that were not done. Worker only, daily."""
    return ask_reviews(today=today) + note_reviews_not_done(today=today)


def last_anniversary(signed_on: date, today: date, period: int) -> date | None:
    """The last day up to and including `today` that is a whole number of `period` months after `signed_on`; None before."""
    count = months_between(signed_on, today) // period
    if add_months(signed_on, count * period) > today:
        count -= 1
    return add_months(signed_on, count * period) if count > 0 else None


@transaction.atomic
def ask_reviews(*, today: date) -> int:
    """A neutral message on every anniversary of the signature, once; days that were missed are made up for."""
    period = policy_on(today).review_every_months
    since = add_months(today, -period)
    asked = YearlyReview.objects.filter(arrangement=OuterRef("pk"), due_on__gt=since)
    due = (
        Arrangement.objects.select_related("citizen__director", "citizen__user")
        .filter(~Exists(asked), state__in=RUNNING, signed_on__lte=since)
        .order_by("pk")
    )
    count = 0
    for arrangement in due.iterator(chunk_size=500):
        day = last_anniversary(arrangement.signed_on, today, period)
        if day is None:
            continue
        review, made = YearlyReview.objects.get_or_create(
            arrangement=arrangement,
            due_on=day,
            defaults={"citizen_id": arrangement.citizen_id, "asked_on": today},
        )
        if not made:
            continue
        audit.record(
            "review_asked", object_type="arrangement", object_id=arrangement.pk, citizen_id=arrangement.citizen_id
        )
        tell_citizen(
            arrangement.citizen,
            key=f"review:{review.pk}",
            kind="review_asked",
            subject="Bericht over uw afspraak",
            body=(
                "Kloppen uw gegevens nog? Kijk ze even na.\n"
                "Alles is al ingevuld. Het duurt ongeveer 5 minuten.\n"
                f"Ga zelf naar {settings.SITE_BASE_URL}. Log in en kies: Kijk uw gegevens na.\n"
                "Is er iets veranderd? Misschien kan het bedrag omlaag."
            ),
        )
        count += 1
    return count


@transaction.atomic
def note_reviews_not_done(*, today: date) -> int:
    """A review that was not done in time: a task, once. The plan goes on as it is."""
    asked_by = today - timedelta(days=policy_on(today).review_task_after_days)
    late = YearlyReview.objects.select_for_update(of=("self",)).filter(
        done_on=None, task_made_on=None, asked_on__lte=asked_by, arrangement__state__in=RUNNING
    )
    count = 0
    for review in late.order_by("pk"):
        make_task(
            citizen_id=review.citizen_id,
            key=review_task_key(review),
            kind=CaseTask.Kind.REVIEW,
            text="De jaarlijkse controle is niet gedaan. Bel en kijk de gegevens samen na.",
        )
        review.task_made_on = today
        review.save(update_fields=["task_made_on"])
        count += 1
    return count
