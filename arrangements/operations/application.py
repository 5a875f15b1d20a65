"""Filling in the aanvraag: begin, save, consent, close."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.models import Citizen
from affordability import budget
from affordability.household import Situation
from affordability.income import looks_too_low
from arrangements.domain.lifecycle import UNDER_WAY, ProposalState
from arrangements.models import Application, Proposal, ProposalLine
from arrangements.operations.invite_creditor import invite_creditors
from arrangements.operations.mark_budget import FIGURES, budget_lines, drop_mark
from infra import audit, clock, scope

CONSENT_TEXT_VERSION = "toestemming-1"

# What a page may set. Nothing else can be changed through a form (no mass assignment).
ANSWERS = frozenset(FIGURES) | {"income_day", "pay_day", "months", "story_cause", "story", "story_readers"}
# An official figure comes from a paper somebody looked at: its source and its date are kept with it.
OFFICIAL = frozenset(
    {
        "official_beslagvrije_voet_cents",
        "official_beslagvrije_voet_source",
        "official_paper_date",
        "vtlb_cents",
        "vtlb_source",
        "vtlb_paper_date",
    }
)

# What a change or a yearly review takes over from before: the household and its money. Not the amount, which was agreed, nor
# the term; and not the story, which was told for one proposal.
CARRIED_OVER = (
    (frozenset(FIGURES) - {"declared_cents"}) | OFFICIAL | {"income_day", "pay_day", "budget", "budget_notes"}
)


class AlreadySent(Exception):
    """There is a proposal on its way, or one that can be signed: another application would stand in its way."""


@transaction.atomic
def start_application(*, citizen: Citizen) -> Application:
    """The open application of this citizen, made when there is none; after a proposal that came to nothing, filled in with
    what was answered then.

    A change that was left open when its arrangement ended makes room: it leads nowhere any more. Raises AlreadySent while a
    proposal waits for answers or for the signature: one at a time.
    """
    found = Application.objects.filter(citizen=citizen, closed_at=None).select_related("arrangement").first()
    if found is not None and (found.arrangement is None or found.arrangement.state in UNDER_WAY):
        return found
    waiting = Proposal.objects.filter(
        citizen=citizen, state__in=[ProposalState.SUBMITTED, ProposalState.AGREED], arrangement=None
    )
    if waiting.exists():
        raise AlreadySent
    if found is not None:
        set_aside(found)
    made = Application.objects.create(citizen=citizen)
    audit.record("application_started", object_type="application", object_id=made.pk, citizen_id=citizen.pk)
    return made


def set_aside(application: Application) -> None:
    """Close an application that leads nowhere any more; its answers stay readable. Part of the caller's transaction."""
    for draft in Proposal.objects.filter(application=application, state=ProposalState.DRAFT):
        ProposalLine.objects.filter(proposal=draft).delete()
        draft.delete()
    application.closed_at = clock.now()
    application.save(update_fields=["closed_at", "updated_at"])
    audit.record(
        "application_set_aside",
        object_type="application",
        object_id=application.pk,
        citizen_id=application.citizen_id,
        reason="er loopt al een plan" if application.purpose == Application.Purpose.FIRST else "het plan is klaar",
    )


@transaction.atomic
def save_answers(*, application: Application, answers: dict[str, Any]) -> Application:
    """Save what was filled in on one page, with who filled it in.

    A figure that really changed drops the coach's mark, and what another answer was about goes with it (`_made_undone`).
    Raises ValueError for a field that is not an answer, or when the
    application is closed.
    """
    unknown = answers.keys() - ANSWERS - OFFICIAL
    if unknown:
        raise ValueError(f"not an answer: {sorted(unknown)}")
    row = Application.objects.select_for_update().get(pk=application.pk)
    if row.closed_at is not None:
        raise ValueError("the application is closed")
    who = _who()
    undone = _made_undone(row, answers)
    changed = [name for name, value in (answers | undone).items() if name in FIGURES and getattr(row, name) != value]
    for name, value in answers.items():
        if getattr(row, name) != value or name not in row.entered_by:
            row.entered_by[name] = who
        setattr(row, name, value)
    for name, value in undone.items():
        row.entered_by.pop(name, None)
        setattr(row, name, value)
    row.save(update_fields=[*answers, *undone, "entered_by", "updated_at"])
    audit.record(
        "answers_saved",
        object_type="application",
        object_id=row.pk,
        citizen_id=row.citizen_id,
        details={"fields": sorted(answers), "undone": sorted(undone)},
    )
    drop_mark(row, changed)
    return row


# Facts an official figure was made for: when one of them becomes another, the paper speaks of somebody else's household.
_PAPER_FACTS = ("situation", "taxable_income_cents", "partner_takes_part", "partner_income_cents", "uncertain")


def _made_undone(row: Application, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What an answer takes away from other answers, because it was about something else.

    A taxable income is of person and spouse together (475da(3)): with or without a partner it is another amount. One that
    is far below a new income is probably of one month, and is asked again, in whatever order the two came. A paper
    counts for the facts it was made for. A change of a running plan looks at both in its own way (`queries.changes`).
    """
    undone: dict[str, Any] = {}
    if row.purpose != Application.Purpose.FIRST:
        return undone
    situation = answers.get("situation", row.situation)
    other_adults = row.situation and situation and Situation(row.situation).is_couple != Situation(situation).is_couple
    if other_adults and "taxable_income_cents" not in answers:
        undone |= {"taxable_income_cents": None, "taxable_income_unknown": False, "taxable_typed": {}}
    income, taxable = answers.get("net_income_cents"), row.taxable_income_cents
    asked_again = income is not None and taxable is not None and looks_too_low(taxable, income)
    if asked_again and "taxable_income_cents" not in answers:
        undone |= {"taxable_income_cents": None, "taxable_income_unknown": False, "taxable_typed": {}}
    changed = any(
        name in answers and name in row.entered_by and getattr(row, name) not in (None, answers[name])
        for name in _PAPER_FACTS
    )
    if changed and not answers.keys() & OFFICIAL:
        undone |= {"official_paper_date": None, "vtlb_paper_date": None}
    return undone


@transaction.atomic
def save_budget(
    *, application: Application, lines: Mapping[str, dict[str, Any] | None], notes: Mapping[str, str] | None = None
) -> Application:
    """Save lines of the budget: {"rent": {"cents": 64000, "period": "month"}}, {"unknown": True}, or None to empty one.

    `notes`: the one sentence that explains a line above its reference amount. The other lines stay as they are. An amount
    that really changed drops the coach's mark. Raises ValueError for a code or a shape that is not in the standard list
    (domain.md 2.2), or when the application is closed.
    """
    row = Application.objects.select_for_update().get(pk=application.pk)
    if row.closed_at is not None:
        raise ValueError("the application is closed")
    who = _who()
    before = budget_lines(row)
    changed = []
    for code, line in lines.items():
        budget.check_line(code, line)
        if row.budget.get(code) != line or f"budget.{code}" not in row.entered_by:
            row.entered_by[f"budget.{code}"] = who
            changed.append(f"budget.{code}")
        if line is None:
            row.budget.pop(code, None)
        else:
            row.budget[code] = line
    for code, note in (notes or {}).items():
        budget.check_line(code, None)
        if row.budget_notes.get(code, "") != note:
            row.entered_by[f"budget_notes.{code}"] = who
        if note:
            row.budget_notes[code] = note
        else:
            row.budget_notes.pop(code, None)
    row.save(update_fields=["budget", "budget_notes", "entered_by", "updated_at"])
    audit.record(
        "answers_saved",
        object_type="application",
        object_id=row.pk,
        citizen_id=row.citizen_id,
        details={"fields": sorted(changed)},
    )
    after = budget_lines(row)
    drop_mark(row, [f"budget.{code}" for code in before.keys() | after.keys() if before.get(code) != after.get(code)])
    return row


@transaction.atomic
def give_consent(*, application: Application) -> Application:
    """The citizen allows us to ask the organisations for the balances. Text version and moment are kept."""
    row = Application.objects.select_for_update().get(pk=application.pk)
    if row.consent_at is None:
        row.consent_at = clock.now()
        row.consent_text_version = CONSENT_TEXT_VERSION
        row.save(update_fields=["consent_at", "consent_text_version"])
        audit.record("consent_given", object_type="application", object_id=row.pk, citizen_id=row.citizen_id)
        invite_creditors(citizen=row.citizen)
    return row


@transaction.atomic
def withdraw_consent(*, application: Application) -> Application:
    """From now on no uploaded claims are looked up for this citizen."""
    row = Application.objects.select_for_update().get(pk=application.pk)
    if row.consent_at is not None:
        row.consent_at = None
        row.save(update_fields=["consent_at"])
        audit.record("consent_withdrawn", object_type="application", object_id=row.pk, citizen_id=row.citizen_id)
    return row


def _who() -> str:
    now = scope.current()
    if now.coach_id is not None:
        return f"coach:{now.coach_id}"
    return "system" if now.worker else "citizen"
