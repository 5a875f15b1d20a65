"""The story of a case in order: every line of the log as one short sentence (B1), with who did it and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from arrangements.domain.deciders import ChangeGround
from arrangements.domain.lifecycle import STATES, RefusalCode, Thing, state_label


@dataclass(frozen=True)
class Event:
    """One line of the log. `who` is a name, "" for the system; `by_citizen`: the citizen did it themselves.

    `creditor`: the name of the organisation it is about; `number`: of the instalment or of the version.
    """

    at: datetime
    on: date
    action: str
    object_type: str
    object_id: str
    from_state: str
    to_state: str
    reason: str
    who: str
    by_citizen: bool
    creditor: str
    number: int | None

    @property
    def is_move(self) -> bool:
        """Whether something went from one state to another."""
        moved = self.from_state and self.action == f"{self.object_type}_{self.to_state}"
        return bool(moved) and self.object_type in set(Thing)


_SUBJECTS: Mapping[Thing, str] = MappingProxyType(
    {
        Thing.CLAIM: "Schuld bij {creditor}",
        Thing.PROPOSAL: "Voorstel {number}",
        Thing.ANSWER: "Antwoord van {creditor}",
        Thing.ARRANGEMENT: "De regeling",
        Thing.INSTALLMENT: "Termijn {number}",
        Thing.PAYMENT: "Betaling",
        Thing.VARIATION: "Wijziging",
        Thing.CONSENT: "Antwoord van {creditor}",
    }
)

_SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "application_started": "De aanvraag is begonnen.",
        "consent_given": "De toestemming is gegeven.",
        "consent_withdrawn": "De toestemming is ingetrokken.",
        "claim_reported": "{creditor} is genoemd als organisatie.",
        "claim_found": "De schuld bij {creditor} is gevonden.",
        "balance_corrected": "{creditor} verbeterde het bedrag.",
        "claim_corrected": "{creditor} verbeterde een bedrag in het plan.",
        "transfer_reported": "{creditor} draagt de schuld over aan een ander.",
        "claim_transfer_applied": "De schuld is nu van {creditor}.",
        "assessed": "Wij rekenden uit of het bedrag past.",
        "proposal_drafted": "Voorstel {number} is gemaakt.",
        "goes_on_without": "Verder zonder {creditor}.",
        "join_asked": "{creditor} wil toch meedoen.",
        "municipal_route_chosen": "Er is gekozen voor hulp van de gemeente.",
        "recognition_recorded": "Er is nagekeken of de organisatie die helpt erkend is.",
        "creditor_invitation_sent": "{creditor} is uitgenodigd.",
        "creditor_linked": "{creditor} doet nu mee.",
        "arrangement_signed": "De regeling is getekend.",
        "payment_received": "Er kwam een betaling binnen.",
        "storno_booked": "De bank nam een betaling terug.",
        "storno_won": "Het geld dat de bank terugnam, kwam weer binnen.",
        "storno_written_off": "Een bedrag hoeft niet meer te worden terugbetaald.",
        "change_started": "Er is iets veranderd: de gegevens worden nagekeken.",
        "change_reported": "De nieuwe gegevens zijn doorgegeven.",
        "mandate_given": "Een helper kreeg toegang.",
        "mandate_ended": "De toegang van een helper stopte.",
        "mandate_over": "De toegang van een helper liep af.",
        "official_figure_entered": "Een officieel bedrag is ingevuld.",
        "installments_shifted": "Een of meer termijnen kregen een andere dag.",
        "break_asked": "Er is een pauze gevraagd.",
        "payment_bridged": "Er wordt anders betaald.",
        "rules_chosen": "De keuzes voor de regeling zijn gemaakt.",
        "call_asked": "Er is gevraagd om te bellen.",
        "beslag_reported": "Er is beslag gemeld.",
        "beslag_lifted": "Een beslag is opgeheven.",
        "creditor_task_confirmed": "{creditor} bevestigde wat is gevraagd.",
        "variation_proposed": "Er is een wijziging van de regeling gevraagd.",
        "offers_to_join": "{creditor} wil toch meedoen.",
        "joins_later_agreed": "Er is ja gezegd tegen het hogere bedrag.",
    }
)


def is_told(event: Event) -> bool:
    """Whether this line is part of the story for the people in it; the rest is housekeeping."""
    return event.is_move or event.action in _SENTENCES or event.action == "plan_changed"


def sentence(event: Event) -> str:
    """What happened, in one sentence. ValueError for a line that is no part of the story (`is_told`)."""
    creditor = event.creditor or "een organisatie"
    number = "" if event.number is None else str(event.number)
    if event.is_move:
        thing = Thing(event.object_type)
        subject = _SUBJECTS[thing].format(creditor=creditor, number=number).strip()
        return f"{subject}: {state_label(thing, event.to_state)}."
    if event.action == "plan_changed":
        return f"Het plan is veranderd. {ground_label(event.reason)}."
    if event.action not in _SENTENCES:
        raise ValueError(f"{event.action} is not told")
    return _SENTENCES[event.action].format(creditor=creditor, number=number).replace("  ", " ")


def why(event: Event) -> str:
    """The ground, in words; "" without one, or when the sentence says it already."""
    said_already = event.is_move and event.reason == state_label(Thing(event.object_type), event.to_state)
    if event.action == "plan_changed" or not event.reason or said_already:
        return ""
    if event.reason in {code.value for code in RefusalCode}:
        return RefusalCode(event.reason).citizen_text
    if event.reason in {ground.value for ground in ChangeGround}:
        return f"{ground_label(event.reason)}."
    return f"{event.reason[:1].upper()}{event.reason[1:].rstrip('.')}."


def who_did(event: Event) -> str:
    """Who did it, as the citizen reads it."""
    if event.by_citizen:
        return "uzelf"
    return event.who or "het systeem"


def from_to(event: Event) -> str:
    """ "nog open → ja" for a move, else "" (for the full log)."""
    if not event.is_move:
        return ""
    thing = Thing(event.object_type)
    known = {state.value for state in STATES[thing]}
    before = state_label(thing, event.from_state) if event.from_state in known else event.from_state
    return f"{before} → {state_label(thing, event.to_state)}"


def ground_label(ground: str) -> str:
    """The words of a ground; the text itself when it is none of the list."""
    return ChangeGround(ground).label if ground in {one.value for one in ChangeGround} else ground
