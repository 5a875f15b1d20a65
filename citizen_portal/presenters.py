"""What templates show, prepared from rows. No rule is made here: figures come from the operations and the pure core."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from accounts.contact import contact_of
from accounts.models import Citizen
from affordability.budget import LINES, SHORT_LIST, line_per_month
from affordability.composition import compose
from affordability.household import UncertainReason
from arrangements.documents.content import long_date
from arrangements.domain.deciders import ChangeGround
from arrangements.domain.lifecycle import AnswerState, ArrangementState, InstallmentState, ProposalState, RefusalCode
from arrangements.domain.proposal import Plan
from arrangements.models import (
    Answer,
    Application,
    Arrangement,
    Claim,
    CreditorInvitation,
    MunicipalRoute,
    Proposal,
    ProposalLine,
)
from arrangements.operations.ask_reconsideration import may_be_reconsidered
from arrangements.operations.assess_application import high_rent_today
from arrangements.operations.lapse_proposal import last_day
from arrangements.operations.make_proposal import claims_for_plan, plan_of
from arrangements.queries.after_refusal import NOT_YES
from arrangements.queries.creditor_tasks import cak_surcharge, stopped_collecting
from arrangements.queries.invitations import invitations_of
from arrangements.queries.overview import CitizenOverview, InstallmentRow
from arrangements.queries.stress_tests import stress_test_of
from citizen_portal import steps
from citizen_portal.entered_by import Authors
from citizen_portal.forms.household import members_from_json, special_labels
from citizen_portal.holding import holding
from citizen_portal.two_clocks import two_clocks
from infra import clock
from kernel.cents import format_euro

UNKNOWN = "Dat weet ik niet"


# --- the proposal --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One organisation in a table. In cents."""

    name: str
    outstanding: int
    share: int
    waived: int
    remains: int
    monthly: int
    preferent: bool


def _lines(proposal: Proposal, plan: Plan) -> list[Line]:
    rows = ProposalLine.objects.filter(proposal=proposal).select_related("creditor").order_by("position")
    return [
        Line(
            name=row.creditor.name,
            outstanding=row.outstanding_cents,
            share=row.share_cents,
            waived=row.waived_cents,
            remains=row.remains_cents,
            monthly=row.share_cents // max(plan.effective_months, 1),
            preferent=row.is_preferent,
        )
        for row in rows
    ]


def plan_context(proposal: Proposal) -> dict[str, Any]:
    """One amount, one term, the split and the totals."""
    plan = plan_of(proposal)
    smaller_last = plan.installments[-1] if plan.installments and plan.installments[-1] != plan.monthly else None
    return {
        "proposal": proposal,
        "monthly": plan.monthly,
        "months": plan.effective_months,
        "smaller_last": smaller_last,
        "lines": _lines(proposal, plan),
        "total": plan.total_outstanding,
        "pot": plan.pot,
        "waived": plan.total_waived,
        "remains": plan.total_remains,
        "example_norms": proposal.assessment.uses_example_norms,
        "bar": money_bar(paid=0, to_pay=plan.pot, waived=plan.total_waived, remains=plan.total_remains),
    }


def draft(proposal: Proposal) -> dict[str, Any]:
    """The proposal page: the plan, whether it holds, the other routes beside it, and what could not take part."""
    return (
        plan_context(proposal)
        | holding(stress_test_of(proposal))
        | two_clocks(proposal)
        | {
            "pay_day": proposal.pay_day,
            "director": contact_of(proposal.citizen.director),
            "outside": claims_for_plan(proposal.citizen_id),
        }
    )


# --- check answers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One answer with the page where it can be changed."""

    label: str
    value: str
    page: str
    by: str = ""


def figures(application: Application) -> list[Row]:
    """What we know of the household, in the order of the questions; also what can change while a plan runs."""
    rows = [
        Row("Voor de wet", application.get_situation_display(), "huishouden"),
        Row("Bij u thuis", _members(application), "huishouden"),
        Row("Bijzonder", _special([*application.uncertain, *application.unknown]), "bijzonder"),
        Row("Er komt binnen", _income(application), "inkomen"),
        Row("Vakantiegeld", application.get_holiday_allowance_display() or "Zit in het bedrag", "inkomen"),
        Row("Bedrag op de loonstrook", _taxable(application), "belastbaar"),
    ]
    if steps.is_couple(application):
        rows.append(Row("Uw partner", _partner(application), "partner"))
    return rows + [Row(LINES[code].label, _line(application, code), "vaste-lasten") for code in SHORT_LIST]


def check(application: Application, citizen: Citizen, proposal: Proposal) -> dict[str, Any]:
    """Everything that was filled in, in the order of the questions."""
    claims = claims_for_plan(citizen.pk)
    rows = [
        Row("Naam", citizen.full_name, "wie-bent-u"),
        Row(
            "Organisaties",
            f"{proposal.creditor_count} doen mee, samen {format_euro(proposal.total_cents)}",
            "organisaties",
        ),
        *figures(application),
        Row("U kunt missen", f"{_amount(application.declared_cents)} per maand", "missen"),
        Row("Zo lang", f"{application.months or proposal.months} maanden", "missen"),
        Row("Betaaldag", f"Dag {proposal.pay_day or 1} van de maand", "betaaldag"),
        Row("Uw verhaal", _story(application), "verhaal"),
    ]
    rows = with_authors(rows, application)
    return plan_context(proposal) | {"rows": rows, "outside": claims, "director": contact_of(citizen.director)}


# Which answer a row of the check page is about, where it is not a line of the budget.
ANSWER_OF_PAGE = {
    "huishouden": "situation",
    "bijzonder": "uncertain",
    "inkomen": "net_income_cents",
    "belastbaar": "taxable_income_cents",
    "partner": "partner_takes_part",
    "missen": "declared_cents",
    "verhaal": "story",
}


def with_authors(rows: Sequence[Row], application: Application) -> list[Row]:
    """The rows with who filled them in (features.md B1)."""
    authors = Authors(application)
    lines = {line.label: f"budget.{code}" for code, line in LINES.items()}
    return [replace(row, by=authors.of(lines.get(row.label) or ANSWER_OF_PAGE.get(row.page, ""))) for row in rows]


def _amount(cents: int | None) -> str:
    return "Niet ingevuld" if cents is None else format_euro(cents)


def _line(application: Application, code: str) -> str:
    given = application.budget.get(code) or {}
    return UNKNOWN if given.get("unknown") else _amount(line_per_month(given))


def _taxable(application: Application) -> str:
    return (
        UNKNOWN
        if application.taxable_income_cents is None
        else f"{format_euro(application.taxable_income_cents)} per jaar"
    )


def _members(application: Application) -> str:
    """Children and others, as they count this year."""
    found = compose(
        has_partner=steps.is_couple(application),
        members=members_from_json(application.members),
        year=clock.today().year,
    )
    parts = []
    if found.children:
        parts.append(f"{found.children} kind{'eren' if found.children > 1 else ''} jonger dan 18")
    if found.adults:
        parts.append(f"{found.adults} ander{'en' if found.adults > 1 else 'e'} van 18 of ouder")
    return ", ".join(parts) or "Verder niemand"


def _income(application: Application) -> str:
    if application.net_income_cents is None:
        return UNKNOWN
    return f"{_amount(application.net_income_cents)} per maand"


def _partner(application: Application) -> str:
    if application.partner_takes_part is None:
        return "Niet ingevuld"
    joins = "Doet mee" if application.partner_takes_part else "Doet niet mee"
    if application.partner_income_cents is None:
        return f"{joins}, inkomen is niet bekend"
    return f"{joins}, verdient {_amount(application.partner_income_cents)} per maand"


def _special(reasons: Sequence[str]) -> str:
    labels = special_labels(high_rent_today())
    return "; ".join(labels[UncertainReason(reason)] for reason in reasons if reason in labels) or "Niets"


def _story(application: Application) -> str:
    if not (application.story or application.story_cause):
        return "U vertelt niets"
    return f"Mag gelezen worden door: {application.get_story_readers_display().lower()}"


# --- answers of the organisations ----------------------------------------------------------------------------------

ANSWER_WORDS = {
    AnswerState.OPEN: ("wait", "Nog geen antwoord"),
    AnswerState.ACCEPTED: ("yes", "Ja"),
    AnswerState.BALANCE_DIFFERS: ("wait", "Noemt een ander bedrag"),
    AnswerState.QUESTION: ("wait", "Heeft een vraag"),
    AnswerState.REFUSED: ("no", "Nee"),
    AnswerState.RECONSIDERATION: ("wait", "Kijkt nog een keer"),
    AnswerState.UNANSWERED: ("no", "Geen antwoord"),
}


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One organisation on the status page."""

    answer: Answer
    name: str
    kind: str
    word: str
    reason: str
    may_choose: bool
    chosen: bool
    has_question: bool
    may_look_again: bool


def may_withdraw(proposal: Proposal) -> bool:
    """Whether the citizen can still stop: sent, or agreed and not signed."""
    return proposal.state == ProposalState.SUBMITTED or (
        proposal.state == ProposalState.AGREED and not Arrangement.objects.filter(proposal=proposal).exists()
    )


def status(proposal: Proposal, citizen: Citizen) -> dict[str, Any]:
    """Who said what, and what the citizen can do now."""
    answers = list(
        Answer.objects.filter(proposal=proposal, left_out_on=None)
        .select_related("creditor", "proposal")
        .order_by("creditor__name")
    )
    waiting = proposal.state == ProposalState.SUBMITTED
    rows = []
    for answer in answers:
        kind, word = ANSWER_WORDS[AnswerState(answer.state)]
        refused = answer.state == AnswerState.REFUSED
        rows.append(
            AnswerRow(
                answer=answer,
                name=answer.creditor.name,
                kind=kind,
                word=word,
                reason=RefusalCode(answer.refusal_code).citizen_text if refused else "",
                may_choose=waiting and answer.state in NOT_YES,
                chosen=waiting and answer.state in NOT_YES and answer.without_chosen_on is not None,
                has_question=waiting and answer.state == AnswerState.QUESTION,
                may_look_again=waiting and may_be_reconsidered(answer),
            )
        )
    return {
        "proposal": proposal,
        "rows": rows,
        "yes": sum(row.kind == "yes" for row in rows),
        "no": [row for row in rows if row.kind == "no" and not row.chosen],
        "chosen": [row for row in rows if row.chosen],
        "open": sum(row.kind == "wait" for row in rows),
        "agreed": proposal.state == ProposalState.AGREED,
        "waiting": waiting,
        "may_withdraw": may_withdraw(proposal),
        "question": next((row for row in rows if row.has_question), None),
        "last_day": last_day(proposal) if may_withdraw(proposal) else None,
        "refused": proposal.state == ProposalState.REFUSED,
        "lapsed": proposal.state == ProposalState.LAPSED and proposal.replaced_by_id is None,
        "ended": proposal.state in (ProposalState.REFUSED, ProposalState.LAPSED) and proposal.replaced_by_id is None,
        "nothing_open": not claims_for_plan(citizen.pk).taking_part,
        "route": MunicipalRoute.objects.filter(proposal=proposal).first(),
        "director": contact_of(citizen.director),
        "example_norms": proposal.assessment.uses_example_norms,
    }


# --- pictures ------------------------------------------------------------------------------------------------------

BAR_WIDTH = 320


@dataclass(frozen=True, slots=True)
class BarPart:
    """One part of the bar of money. Positions in units of the drawing, amount in cents."""

    kind: str
    label: str
    cents: int
    x: int
    width: int


def money_bar(*, paid: int, to_pay: int, waived: int, remains: int) -> list[BarPart]:
    """The bar: paid, still to pay, not to be paid at the end, what remains. Widths add up to the whole bar."""
    amounts = (
        ("paid", "Betaald", paid),
        ("open", "Nog te betalen", to_pay),
        ("waived", "Hoeft u niet te betalen", waived),
        ("remains", "Blijft over", remains),
    )
    whole = sum(cents for _, _, cents in amounts)
    parts = []
    done = 0
    for kind, label, cents in amounts:
        if not cents:
            continue
        x = BAR_WIDTH * done // whole
        done += cents
        parts.append(BarPart(kind, label, cents, x, BAR_WIDTH * done // whole - x))
    return parts


@dataclass(frozen=True, slots=True)
class Square:
    """One month in the picture of the term."""

    x: int
    y: int
    kind: str
    number: int

    @property
    def middle(self) -> tuple[int, int]:
        """The middle of the square."""
        return self.x + SQUARE // 2, self.y + SQUARE // 2


SQUARE = 22
STEP = 26
PER_ROW = 12


def months_picture(kinds: Sequence[str]) -> dict[str, Any]:
    """Squares, twelve in a row, one per month: paid, next, late, pause or open. Never told apart by colour only."""
    squares = [
        Square(2 + STEP * (index % PER_ROW), 2 + STEP * (index // PER_ROW), kind, index + 1)
        for index, kind in enumerate(kinds)
    ]
    rows = -(-len(squares) // PER_ROW)
    return {"squares": squares, "height": max(rows, 1) * STEP + 2, "width": PER_ROW * STEP + 2, "side": SQUARE}


def invited_words(claims: Sequence[Claim]) -> dict[int, str]:
    """How far an organisation that does not take part yet is, by creditor."""
    return {pk: _invited(row) for pk, row in invitations_of(claims).items()}


def _invited(row: CreditorInvitation) -> str:
    if row.answered_on is not None:
        return f"wil meedoen, sinds {long_date(row.answered_on)}"
    return f"uitgenodigd op {long_date(row.sent_on)}" if row.sent_on else "wij nodigen deze organisatie uit"


def claims_list(claims: Sequence[Claim]) -> list[dict[str, Any]]:
    """Claims for a list before there is an arrangement."""
    invited = invited_words(claims)
    return [
        {
            "name": claim.creditor.name,
            "cents": claim.known_cents,
            "on": claim.confirmed_on,
            "invited": invited.get(claim.creditor_id, ""),
        }
        for claim in claims
    ]


# --- the running arrangement ---------------------------------------------------------------------------------------

MONTH_WORDS = {
    "paid": "Betaald",
    "next": "Dit is de volgende",
    "late": "Nog niet betaald",
    "pause": "Verplaatst",
    "open": "Komt nog",
}


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the plan: how it is drawn and what is said about it."""

    row: InstallmentRow
    kind: str

    @property
    def word(self) -> str:
        """The same in words."""
        if self.kind == "pause" and self.row.moved_to is None:
            return "Overgeslagen"
        return MONTH_WORDS[self.kind]


def _kind_of(row: InstallmentRow, following: InstallmentRow | None) -> str:
    if row.state == InstallmentState.PAID:
        return "paid"
    if row.state == InstallmentState.MOVED:
        return "pause"
    if row.is_late:
        return "late"
    return "next" if following is not None and row.number == following.number else "open"


def overview(found: CitizenOverview, citizen: Citizen) -> dict[str, Any]:
    """The balances per organisation, the pictures, and the one thing to do now."""
    # An instalment that went to a later day of its own month is one square: that of its new day.
    shown = [row for row in found.installments if row.installment.moved_ground != ChangeGround.MOVE]
    months = [Month(row, _kind_of(row, found.next_installment)) for row in shown]
    finished = found.state in (ArrangementState.FULFILLED, ArrangementState.WAIVED)
    return {
        "overview": found,
        "totals": found.totals,
        "months": months,
        "picture": months_picture([month.kind for month in months]),
        "kinds": sorted({month.kind for month in months}, key=list(MONTH_WORDS).index),
        "month_words": MONTH_WORDS,
        "bar": money_bar(
            paid=found.totals.paid_cents,
            to_pay=found.totals.to_pay_cents,
            waived=found.totals.waived_cents,
            remains=found.totals.remains_cents,
        ),
        "finished": finished,
        "waived": found.state == ArrangementState.WAIVED,
        "terminated": found.state == ArrangementState.TERMINATED,
        "not_started": found.state == ArrangementState.SIGNED,
        "paused_until": found.arrangement.paused_until if found.state == ArrangementState.PAUSED else None,
        "stands_still": found.state == ArrangementState.SUSPENDED,
        "stopped_collecting": stopped_collecting(found.arrangement, clock.today()),
        "cak": cak_surcharge(found.arrangement, clock.today()),
        "today": clock.today(),
        "director": contact_of(citizen.director),
        "example_norms": found.arrangement.proposal.assessment.uses_example_norms,
    }
