"""The creditor's own rule that says yes by itself: made, replaced and stopped by its manager."""

from datetime import date

from django.db import transaction

from accounts.models import User
from creditors.models import AcceptancePolicy, Creditor
from infra import audit, clock

FULL = 10_000


@transaction.atomic
def set_policy(
    *, creditor: Creditor, user: User, minimum_basis_points: int, maximum_waived_cents: int | None = None
) -> AcceptancePolicy:
    """Publish a new version; the one before ends today. Scope: the creditor's.

    `minimum_basis_points`: the lowest part of the claim, in hundredths of a percent (0 to 10.000).
    `maximum_waived_cents`: the most that may be waived, None for no limit. ValueError outside these.
    Setting what holds already changes nothing and returns the version in force.
    """
    if not 0 <= minimum_basis_points <= FULL or (maximum_waived_cents is not None and maximum_waived_cents < 0):
        raise ValueError("a policy is a percentage from 0 to 100 and an amount that is not negative")
    # The creditor's row is the lock: two managers at once get two versions, in order.
    Creditor.objects.select_for_update().get(pk=creditor.pk)
    today = clock.today()
    before = AcceptancePolicy.objects.filter(creditor=creditor, valid_until=None).first()
    if before is not None:
        if (before.minimum_basis_points, before.maximum_waived_cents) == (minimum_basis_points, maximum_waived_cents):
            return before
        _end(before, today)
    last = AcceptancePolicy.objects.filter(creditor=creditor).order_by("-version").first()
    policy = AcceptancePolicy.objects.create(
        creditor=creditor,
        version=last.version + 1 if last else 1,
        minimum_basis_points=minimum_basis_points,
        maximum_waived_cents=maximum_waived_cents,
        valid_from=today,
        made_by=user,
    )
    audit.record(
        "policy_set",
        object_type="acceptance_policy",
        object_id=policy.pk,
        creditor_id=creditor.pk,
        details={
            "version": policy.version,
            "minimum_basis_points": minimum_basis_points,
            "maximum_waived_cents": maximum_waived_cents,
        },
    )
    return policy


@transaction.atomic
def stop_policy(*, creditor: Creditor) -> AcceptancePolicy | None:
    """The kill switch: from now on a person answers every proposal. Returns the version that ended, if one ran."""
    Creditor.objects.select_for_update().get(pk=creditor.pk)
    running = AcceptancePolicy.objects.filter(creditor=creditor, valid_until=None).first()
    if running is not None:
        _end(running, clock.today())
        audit.record(
            "policy_stopped",
            object_type="acceptance_policy",
            object_id=running.pk,
            creditor_id=creditor.pk,
            details={"version": running.version},
        )
    return running


def _end(policy: AcceptancePolicy, today: date) -> None:
    policy.valid_until = today
    policy.save(update_fields=["valid_until"])
