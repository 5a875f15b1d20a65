"""What parties hear when instalments get another day: each of them once, the creditors nothing but what concerns them."""

from datetime import date

from accounts.models import Citizen, User
from arrangements.documents.content import long_date
from arrangements.domain.deciders import ChangeGround, Decider
from arrangements.domain.shift import Shift
from arrangements.models import Arrangement
from arrangements.operations.change_plan import write_version
from arrangements.operations.make_documents import creditors_of, lines_of
from arrangements.operations.tell import tell_citizen, tell_creditor
from infra import jobs, scope
from kernel.cents import spoken_euro


def promise_to_tell(
    *,
    arrangement: Arrangement,
    key: str,
    ground: ChangeGround,
    decider: Decider,
    shift: Shift | None,
    reason: str = "",
) -> None:
    """Promise one notice to every creditor of the arrangement, once per `key`. Part of the caller's transaction."""
    jobs.enqueue(
        "tell_shift",
        key=f"tell_{key}",
        arguments={
            "arrangement": arrangement.pk,
            "key": key,
            "ground": ground.value,
            "decider": decider.value,
            "user": scope.current().user_id,
            "reason": reason,
            "old_end": shift.old_end.isoformat() if shift else "",
            "new_end": shift.new_end.isoformat() if shift else "",
            "changed": shift is not None and (shift.old_end, shift.old_monthly) != (shift.new_end, shift.new_monthly),
        },
        citizen_id=arrangement.citizen_id,
    )


@jobs.job("tell_shift")
def tell_shift(work: jobs.Work) -> None:
    """A new version when the end date or the amount changed, and the notices: reference, ground and end date. Worker only.

    No name, no amount of the citizen, nothing about other creditors.
    """
    given = work.arguments
    arrangement = Arrangement.objects.select_for_update(of=("self",)).get(pk=given["arrangement"])
    ground = ChangeGround(given["ground"])
    if given["changed"]:
        # Nobody's share changed, so the shares go on from where they were counted; the end date or the amount is new.
        arrangement.version += 1
        arrangement.save(update_fields=["version"])
        write_version(
            arrangement,
            ground=ground,
            decided_by=Decider(given["decider"]),
            user=User.objects.filter(pk=given["user"]).first(),
        )
    lines = [f"Regeling {arrangement.payment_reference} is gewijzigd: {ground.label}."]
    if given["reason"]:
        lines.append(f"Reden: {given['reason']}")
    if given["new_end"]:
        new_end = long_date(date.fromisoformat(given["new_end"]))
        stays = given["new_end"] == given["old_end"]
        lines.append(f"De einddatum blijft {new_end}." if stays else f"De nieuwe einddatum is {new_end}.")
    lines.append("Uw deel blijft gelijk. U hoeft niets te doen.")
    for creditor in creditors_of(lines_of(arrangement)):
        tell_creditor(
            creditor,
            key=f"{given['key']}:{creditor.pk}",
            kind="plan_shifted",
            subject="Een regeling is gewijzigd",
            body="\n".join(lines),
        )


def what_changes(shift: Shift) -> list[str]:
    """The end date and the monthly amount after a shift, in sentences for the citizen; the preview says the same."""
    lines = []
    if shift.fell_back:
        lines.append("Een hoger bedrag past nu niet zeker bij u. Daarom komt er tijd bij.")
    if shift.new_monthly > shift.old_monthly:
        lines.append(f"U betaalt daarna {spoken_euro(shift.new_monthly)} per maand.")
    elif shift.raised:
        lines.append("Een paar andere termijnen worden een beetje hoger.")
    else:
        lines.append("Uw bedrag per maand blijft gelijk.")
    if shift.new_end != shift.old_end:
        lines.append(f"Uw einddatum wordt {long_date(shift.new_end)}.")
    else:
        lines.append(f"Uw einddatum blijft {long_date(shift.new_end)}.")
    return lines


def tell_citizen_of_shift(*, citizen: Citizen, key: str, shift: Shift, first: list[str]) -> None:
    """One message to the citizen, once per `key`: `first` says what happened, then follows what changes."""
    tell_citizen(
        citizen,
        key=key,
        kind="plan_shifted",
        subject="Bericht over uw afspraak",
        body="\n".join([*first, *what_changes(shift), "Op onze website ziet u al uw betaaldagen."]),
    )
