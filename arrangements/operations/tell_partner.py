from django.db import transaction

from accounts.models import Citizen
from arrangements.operations.tell import tell_citizen
from infra import jobs

#: What happened: subject and text. No name, no organisation, no amount of the other (ux.md 2.11).
TEXTS = {
    "joined": (
        "Iemand heeft uw code gebruikt",
        (
            "Uw partner heeft uw code gebruikt. U doet nu samen mee.\n\n"
            "U ziet elkaars gegevens niet. U ziet alleen wat u met elkaar deelt.\n\n"
            "Beantwoord de vragen over uw partner nog één keer.\n\n"
            "Klopt dit niet? Log in en stop meteen."
        ),
    ),
    "left": (
        "Er is iets veranderd",
        (
            "Uw partner en u doen niet meer samen mee.\n\n"
            "Uw eigen aanvraag en uw eigen regeling blijven bestaan.\n\n"
            "Vult u nog antwoorden in? Dan vragen wij u opnieuw naar uw partner."
        ),
    ),
    "shared": (
        "Er staat iets nieuws voor u klaar",
        "Uw partner deelt een rekening met u. Log in en kijk bij “Samen met uw partner”.",
    ),
    "not_shared": (
        "Er is iets veranderd",
        "Uw partner deelt een rekening niet meer met u.",
    ),
}


def tell_partner(event: str, *, about: object, partner_id: int) -> None:
    """Promise one message to the partner, once per `event` and thing it is `about`. Part of the caller's transaction.

    The worker writes it: whose name and address these are is not the asking citizen's to see. KeyError for an event that
    has no text.
    """
    TEXTS[event]
    jobs.enqueue(
        "tell_partner",
        key=f"tell_partner:{event}:{about}:{partner_id}",
        arguments={"citizen": partner_id, "event": event, "about": str(about)},
    )


@jobs.job("tell_partner")
@transaction.atomic
def tell_partner_job(work: jobs.Work) -> None:
    """See `tell_partner`."""
    event, about = work.arguments["event"], work.arguments["about"]
    citizen = Citizen.objects.select_related("director", "user").get(pk=work.arguments["citizen"])
    subject, body = TEXTS[event]
    tell_citizen(citizen, key=f"partner:{event}:{about}:{citizen.pk}", kind="partner", subject=subject, body=body)
