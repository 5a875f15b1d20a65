"""What the console says, out of what the tables hold. No queries here."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from arrangements.domain.lifecycle import AnswerState, RefusalCode, Thing, allowed_moves, state_label
from arrangements.domain.proposal import basis_points
from arrangements.models import Answer, Application, ProposalLine
from kernel.cents import format_euro, half_up
from kernel.working_days import working_days_between

#: From this many working days before the deadline a proposal stands under "Loopt af".
RUNS_OUT_WITHIN = 3

REFUSAL_LABELS: dict[RefusalCode, str] = {
    RefusalCode.UNKNOWN_CUSTOMER: "Klant is niet bekend",
    RefusalCode.NOT_OUR_CLAIM: "Niet meer onze vordering (noem aan wie overgedragen)",
    RefusalCode.AMOUNT_DIFFERS: "Bedrag klopt niet (noem het bedrag)",
    RefusalCode.DISPUTED_IN_COURT: "De zaak ligt bij de rechter",
    RefusalCode.RECENT_DISCHARGE: "Kort geleden schone lei of finale kwijting",
    RefusalCode.RECENT_STABILISATION: "Kort geleden al een stabilisatie",
    RefusalCode.EARLIER_ARRANGEMENT_BROKEN: "Eerdere regeling niet nagekomen (noem de datum)",
    RefusalCode.PREFERENCE_OR_FRAUD_FINE: "Wettelijke voorrang of fraudeboete",
    RefusalCode.BELOW_OUR_NORM: "Aanbod is lager dan onze norm (noem de norm)",
    RefusalCode.INFORMATION_MISSING: "Er ontbreekt informatie (noem welke)",
    RefusalCode.BEING_SEIZED: "Er ligt al beslag",
    RefusalCode.NO_COOPERATION: "Wij werken niet mee met dit plan",
    RefusalCode.OTHER: "Iets anders (leg uit)",
}


def offered_percentage(answer: Answer) -> str:
    """The offered part of the own claims together, rounded down: never better than it is."""
    if not answer.outstanding_cents:
        return percentage(10_000)
    return percentage(answer.share_cents * 10_000 // answer.outstanding_cents)


def percentage(points: int) -> str:
    """Basis points as people write them: 22,22 %."""
    return f"{points // 100},{points % 100:02d} %"


def euro(cents: int) -> str:
    """Exact: these pages must add up."""
    return format_euro(cents, whole=False)


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day to answer, against today's business date, in working days."""

    text: str
    urgent: bool


def deadline(answer_by: object, today: object) -> Deadline:
    """`answer_by` and `today` are dates; both count as in `kernel.working_days`."""
    left = working_days_between(today, answer_by)  # type: ignore[arg-type]  # it checks for plain dates itself
    if left < 0:
        days = -left
        return Deadline(f"{days} werkdag{'' if days == 1 else 'en'} te laat", urgent=True)
    if left == 0:
        return Deadline("vandaag de laatste dag" if answer_by == today else "termijn is voorbij", urgent=True)
    return Deadline(f"nog {left} werkdag{'' if left == 1 else 'en'}", urgent=left <= RUNS_OUT_WITHIN)


@dataclass(frozen=True, slots=True)
class Totals:
    """What a creditor may know about all claims together. Amounts in cents."""

    claims: int
    total: int
    preferent_claims: int
    preferent: int

    @property
    def others(self) -> int:
        """The claims without preference, together."""
        return self.total - self.preferent


@dataclass(frozen=True, slots=True)
class Reckoning:
    """How one share follows from the figures on the screen: the steps, and the outcome in cents."""

    steps: tuple[str, ...]
    outcome: int


def reckon(line: ProposalLine, pot: int, totals: Totals) -> Reckoning:
    """The rule of `arrangements.domain.split.shares` (domain.md 3, Fw 349(2)) worked out for one claim.

    The exact outcome is rounded to a whole cent here. The largest remainders get the odd cents, so the share that was
    offered can be a cent away from it.
    """
    claim = line.outstanding_cents
    if pot >= totals.total:
        return Reckoning(("Alle vorderingen worden helemaal betaald.",), claim)
    weighted = totals.total + totals.preferent
    if 2 * pot <= weighted:
        steps = []
        if totals.preferent:
            steps.append(f"Preferent telt dubbel: {euro(totals.total)} + {euro(totals.preferent)} = {euro(weighted)}.")
        factor = 2 if line.is_preferent else 1
        exact = Fraction(pot * claim * factor, weighted)
        twice = "2 × " if line.is_preferent else ""
        steps.append(f"{twice}{euro(pot)} × {euro(claim)} ÷ {euro(weighted)} = {euro(half_up(exact))}.")
        return Reckoning(tuple(steps), half_up(exact))
    # Twice the percentage would be more than the whole claim, so these are paid in full and the others share the rest.
    full = f"Preferente vorderingen worden helemaal betaald: samen {euro(totals.preferent)}."
    if line.is_preferent:
        return Reckoning((full,), claim)
    left = pot - totals.preferent
    exact = Fraction(left * claim, totals.others)
    return Reckoning(
        (
            full,
            f"Er blijft over: {euro(pot)} − {euro(totals.preferent)} = {euro(left)}.",
            f"{euro(left)} × {euro(claim)} ÷ {euro(totals.others)} = {euro(half_up(exact))}.",
        ),
        half_up(exact),
    )


@dataclass(frozen=True, slots=True)
class LineShown:
    """One own claim in an offer."""

    line: ProposalLine
    percent: str
    reckoning: Reckoning

    @property
    def odd_cent(self) -> bool:
        """Whether the offer differs from the exact outcome by rounding."""
        return self.reckoning.outcome != self.line.share_cents


def shown_lines(lines: Sequence[ProposalLine], pot: int, totals: Totals) -> list[LineShown]:
    """The own claims with their share and how it comes about."""
    return [
        LineShown(line, percentage(basis_points(line.share_cents, line.outstanding_cents)), reckon(line, pot, totals))
        for line in lines
    ]


@dataclass(frozen=True, slots=True)
class Possible:
    """Which answers this creditor can give now."""

    accept: bool
    refuse: bool
    balance_differs: bool
    ask: bool

    @property
    def any(self) -> bool:
        """Whether there is something to answer."""
        return self.accept or self.refuse or self.balance_differs


def is_decided(answer: Answer) -> bool:
    """Whether this version has the creditor's answer; a question, a second look and silence are none."""
    return answer.state in (AnswerState.ACCEPTED, AnswerState.REFUSED, AnswerState.BALANCE_DIFFERS)


def refusal_reason(answer: Answer) -> str:
    """Why it said no, now or before somebody asked to look again; '' when it never did."""
    if not answer.refusal_code:
        return ""
    label = REFUSAL_LABELS[RefusalCode(answer.refusal_code)]
    return f"{label}. {answer.refusal_note}".strip() if answer.refusal_note else f"{label}."


def possible_answers(answer: Answer, *, current: bool) -> Possible:
    """What the table of states allows; nothing when the version is not the one that counts (`current`)."""
    if not current or is_decided(answer) or answer.left_out_on is not None:
        return Possible(accept=False, refuse=False, balance_differs=False, ask=False)
    moves = allowed_moves(Thing.ANSWER, answer.state)
    return Possible(
        accept=AnswerState.ACCEPTED in moves,
        refuse=AnswerState.REFUSED in moves,
        balance_differs=AnswerState.BALANCE_DIFFERS in moves,
        ask=AnswerState.QUESTION in moves and not answer.question,
    )


def answer_label(answer: Answer) -> str:
    """The state in Dutch."""
    return "zonder u verder" if answer.left_out_on is not None else state_label(Thing.ANSWER, answer.state)


def cause_label(cause: str) -> str:
    """The shared cause in Dutch; '' when none was shared."""
    return str(Application.Story(cause).label) if cause else ""
