"""Which moves are allowed, for everything that has a state. The table is architecture.md, "States".

States are stored by their English value; what people read is the Dutch label.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Thing(StrEnum):
    """What has states."""

    CLAIM = "claim"
    PROPOSAL = "proposal"
    ANSWER = "answer"
    ARRANGEMENT = "arrangement"
    INSTALLMENT = "installment"
    PAYMENT = "payment"
    VARIATION = "variation"
    CONSENT = "consent"


class ClaimState(StrEnum):
    """A claim of one creditor on one citizen."""

    REPORTED = "reported"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    TRANSFERRED = "transferred"
    WITHDRAWN = "withdrawn"


class ProposalState(StrEnum):
    """One version of a proposal. A changed proposal is a new version; the old one stays readable."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    AGREED = "agreed"
    REFUSED = "refused"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


class AnswerState(StrEnum):
    """The answer of one creditor to one version."""

    OPEN = "open"
    ACCEPTED = "accepted"
    BALANCE_DIFFERS = "balance_differs"
    QUESTION = "question"
    REFUSED = "refused"
    RECONSIDERATION = "reconsideration"
    UNANSWERED = "unanswered"


class ArrangementState(StrEnum):
    """A signed arrangement."""

    SIGNED = "signed"
    ACTIVE = "active"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    FULFILLED = "fulfilled"
    WAIVED = "waived"
    TERMINATED = "terminated"


UNDER_WAY = (ArrangementState.SIGNED, ArrangementState.ACTIVE, ArrangementState.PAUSED, ArrangementState.SUSPENDED)
"""Signed and not over: the citizen has a plan. At most one per citizen."""


class InstallmentState(StrEnum):
    """One monthly amount."""

    OPEN = "open"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    MOVED = "moved"
    MISSED = "missed"


class PaymentState(StrEnum):
    """Money on its way from the citizen."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    SETTLED = "settled"
    FAILED = "failed"
    REVERSED = "reversed"


class VariationState(StrEnum):
    """A change of a running arrangement that needs somebody's yes."""

    PROPOSED = "proposed"
    APPLIED = "applied"
    REFUSED = "refused"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


class ConsentState(StrEnum):
    """What one creditor says to a change by which its share falls."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNANSWERED = "unanswered"


class RefusalCode(StrEnum):
    """Why a creditor says no (ux.md 3.1). One is required; `citizen_text` is what the citizen reads."""

    UNKNOWN_CUSTOMER = "unknown_customer"
    NOT_OUR_CLAIM = "not_our_claim"
    AMOUNT_DIFFERS = "amount_differs"
    DISPUTED_IN_COURT = "disputed_in_court"
    RECENT_DISCHARGE = "recent_discharge"
    RECENT_STABILISATION = "recent_stabilisation"
    EARLIER_ARRANGEMENT_BROKEN = "earlier_arrangement_broken"
    PREFERENCE_OR_FRAUD_FINE = "preference_or_fraud_fine"
    BELOW_OUR_NORM = "below_our_norm"
    INFORMATION_MISSING = "information_missing"
    BEING_SEIZED = "being_seized"
    NO_COOPERATION = "no_cooperation"
    OTHER = "other"

    @property
    def citizen_text(self) -> str:
        """The reason in Dutch at level B1."""
        return _REFUSAL_TEXTS[self]

    @property
    def needs_detail(self) -> bool:
        """Whether the code says nothing without an amount, a date, a name or a note beside it."""
        return self in _NEEDS_DETAIL


_REFUSAL_TEXTS: Mapping[RefusalCode, str] = MappingProxyType(
    {
        RefusalCode.UNKNOWN_CUSTOMER: "Deze organisatie kent u niet als klant.",
        RefusalCode.NOT_OUR_CLAIM: "Deze schuld is nu van een andere organisatie.",
        RefusalCode.AMOUNT_DIFFERS: "Volgens deze organisatie is het bedrag anders.",
        RefusalCode.DISPUTED_IN_COURT: "Over deze schuld loopt een zaak bij de rechter.",
        RefusalCode.RECENT_DISCHARGE: "U heeft kort geleden al een schone lei gekregen.",
        RefusalCode.RECENT_STABILISATION: "U heeft kort geleden al hulp bij schulden gekregen.",
        RefusalCode.EARLIER_ARRANGEMENT_BROKEN: "Een eerdere afspraak met u is gestopt.",
        RefusalCode.PREFERENCE_OR_FRAUD_FINE: "Voor deze schuld gelden aparte regels in de wet.",
        RefusalCode.BELOW_OUR_NORM: "Deze organisatie vindt het bedrag te laag.",
        RefusalCode.INFORMATION_MISSING: "Deze organisatie mist nog informatie.",
        RefusalCode.BEING_SEIZED: "Er is al beslag gelegd voor deze schuld.",
        RefusalCode.NO_COOPERATION: "Deze organisatie werkt niet mee met ons plan.",
        RefusalCode.OTHER: "Deze organisatie heeft een andere reden.",
    },
)
_NEEDS_DETAIL = frozenset(
    {
        RefusalCode.NOT_OUR_CLAIM,
        RefusalCode.AMOUNT_DIFFERS,
        RefusalCode.EARLIER_ARRANGEMENT_BROKEN,
        RefusalCode.BELOW_OUR_NORM,
        RefusalCode.INFORMATION_MISSING,
        RefusalCode.OTHER,
    },
)


class IllegalMove(ValueError):
    """A move that is not in the table. `str()` of it is a Dutch sentence for the person who tried."""

    def __init__(self, sentence: str, thing: Thing, from_: str, to: str) -> None:
        """Keep the three names for the log."""
        super().__init__(sentence)
        self.thing = thing
        self.from_ = from_
        self.to = to


Moves = Mapping[StrEnum, frozenset[StrEnum]]


def _moves(table: Mapping[StrEnum, set[StrEnum]]) -> Moves:
    return MappingProxyType({state: frozenset(targets) for state, targets in table.items()})


MOVES: Mapping[Thing, Moves] = MappingProxyType(
    {
        Thing.CLAIM: _moves(
            {
                ClaimState.REPORTED: {
                    ClaimState.CONFIRMED,
                    ClaimState.DISPUTED,
                    ClaimState.TRANSFERRED,
                    ClaimState.WITHDRAWN,
                },
                ClaimState.CONFIRMED: {ClaimState.DISPUTED, ClaimState.TRANSFERRED, ClaimState.WITHDRAWN},
                ClaimState.DISPUTED: {ClaimState.CONFIRMED, ClaimState.TRANSFERRED, ClaimState.WITHDRAWN},
                ClaimState.TRANSFERRED: set(),
                ClaimState.WITHDRAWN: set(),
            },
        ),
        Thing.PROPOSAL: _moves(
            {
                ProposalState.DRAFT: {ProposalState.SUBMITTED, ProposalState.WITHDRAWN},
                ProposalState.SUBMITTED: {
                    ProposalState.AGREED,
                    ProposalState.REFUSED,
                    ProposalState.LAPSED,
                    ProposalState.WITHDRAWN,
                },
                # Agreed and not signed: it can still be taken back, run out of time, or give way to a better version.
                ProposalState.AGREED: {ProposalState.LAPSED, ProposalState.WITHDRAWN},
                ProposalState.REFUSED: set(),
                ProposalState.LAPSED: set(),
                ProposalState.WITHDRAWN: set(),
            },
        ),
        Thing.ANSWER: _moves(
            {
                AnswerState.OPEN: {
                    AnswerState.ACCEPTED,
                    AnswerState.BALANCE_DIFFERS,
                    AnswerState.QUESTION,
                    AnswerState.REFUSED,
                    AnswerState.UNANSWERED,
                },
                # Both wait for somebody; when that is done the creditor decides, or stays silent.
                AnswerState.BALANCE_DIFFERS: {
                    AnswerState.OPEN,
                    AnswerState.ACCEPTED,
                    AnswerState.REFUSED,
                    AnswerState.UNANSWERED,
                },
                AnswerState.QUESTION: {
                    AnswerState.OPEN,
                    AnswerState.ACCEPTED,
                    AnswerState.BALANCE_DIFFERS,
                    AnswerState.REFUSED,
                    AnswerState.UNANSWERED,
                },
                # Only one round: see check_reconsideration.
                AnswerState.REFUSED: {AnswerState.RECONSIDERATION},
                AnswerState.RECONSIDERATION: {AnswerState.ACCEPTED, AnswerState.REFUSED, AnswerState.UNANSWERED},
                # Silence is never a yes, but a later yes joins at its original share.
                AnswerState.UNANSWERED: {AnswerState.ACCEPTED},
                AnswerState.ACCEPTED: set(),
            },
        ),
        Thing.ARRANGEMENT: _moves(
            {
                ArrangementState.SIGNED: {ArrangementState.ACTIVE},
                ArrangementState.ACTIVE: {
                    ArrangementState.PAUSED,
                    ArrangementState.SUSPENDED,
                    ArrangementState.FULFILLED,
                    ArrangementState.TERMINATED,
                },
                ArrangementState.PAUSED: {ArrangementState.ACTIVE, ArrangementState.SUSPENDED},
                ArrangementState.SUSPENDED: {ArrangementState.ACTIVE},
                # Nothing but the waiver follows: no button can withhold it.
                ArrangementState.FULFILLED: {ArrangementState.WAIVED},
                ArrangementState.WAIVED: set(),
                ArrangementState.TERMINATED: set(),
            },
        ),
        Thing.INSTALLMENT: _moves(
            {
                InstallmentState.OPEN: {
                    InstallmentState.PARTLY_PAID,
                    InstallmentState.PAID,
                    InstallmentState.MOVED,
                    InstallmentState.MISSED,
                },
                # Back to open only when the bank of the payer takes the money back (storno).
                InstallmentState.PARTLY_PAID: {
                    InstallmentState.PAID,
                    InstallmentState.MOVED,
                    InstallmentState.OPEN,
                },
                # Late is paid.
                InstallmentState.MISSED: {
                    InstallmentState.PARTLY_PAID,
                    InstallmentState.PAID,
                    InstallmentState.MOVED,
                },
                InstallmentState.PAID: {InstallmentState.OPEN, InstallmentState.PARTLY_PAID},
                InstallmentState.MOVED: set(),
            },
        ),
        Thing.PAYMENT: _moves(
            {
                PaymentState.PENDING: {PaymentState.SUCCEEDED, PaymentState.FAILED},
                PaymentState.SUCCEEDED: {PaymentState.SETTLED, PaymentState.REVERSED},
                # A storno comes up to 13 months after the bank has paid (domain.md 8).
                PaymentState.SETTLED: {PaymentState.REVERSED},
                PaymentState.FAILED: set(),
                PaymentState.REVERSED: set(),
            },
        ),
        Thing.VARIATION: _moves(
            {
                VariationState.PROPOSED: {
                    VariationState.APPLIED,
                    VariationState.REFUSED,
                    VariationState.LAPSED,
                    VariationState.WITHDRAWN,
                },
                VariationState.APPLIED: set(),
                VariationState.REFUSED: set(),
                VariationState.LAPSED: set(),
                VariationState.WITHDRAWN: set(),
            },
        ),
        Thing.CONSENT: _moves(
            {
                ConsentState.OPEN: {ConsentState.ACCEPTED, ConsentState.REFUSED, ConsentState.UNANSWERED},
                ConsentState.UNANSWERED: {ConsentState.ACCEPTED},
                ConsentState.ACCEPTED: set(),
                ConsentState.REFUSED: set(),
            },
        ),
    },
)

STATES: Mapping[Thing, type[StrEnum]] = MappingProxyType(
    {
        Thing.CLAIM: ClaimState,
        Thing.PROPOSAL: ProposalState,
        Thing.ANSWER: AnswerState,
        Thing.ARRANGEMENT: ArrangementState,
        Thing.INSTALLMENT: InstallmentState,
        Thing.PAYMENT: PaymentState,
        Thing.VARIATION: VariationState,
        Thing.CONSENT: ConsentState,
    },
)

_THING_LABELS: Mapping[Thing, str] = MappingProxyType(
    {
        Thing.CLAIM: "Deze schuld",
        Thing.PROPOSAL: "Dit voorstel",
        Thing.ANSWER: "Dit antwoord",
        Thing.ARRANGEMENT: "Deze regeling",
        Thing.INSTALLMENT: "Deze termijn",
        Thing.PAYMENT: "Deze betaling",
        Thing.VARIATION: "Deze wijziging",
        Thing.CONSENT: "Dit antwoord",
    },
)
_STATE_LABELS: Mapping[Thing, Mapping[str, str]] = MappingProxyType(
    {
        Thing.CLAIM: {
            "reported": "gemeld",
            "confirmed": "bevestigd",
            "disputed": "betwist",
            "transferred": "overgedragen",
            "withdrawn": "ingetrokken",
        },
        Thing.PROPOSAL: {
            "draft": "nog niet verstuurd",
            "submitted": "verstuurd",
            "agreed": "akkoord",
            "refused": "afgewezen",
            "lapsed": "verlopen",
            "withdrawn": "ingetrokken",
        },
        Thing.ANSWER: {
            "open": "nog open",
            "accepted": "ja",
            "balance_differs": "bedrag klopt niet",
            "question": "vraag gesteld",
            "refused": "nee",
            "reconsideration": "wordt opnieuw bekeken",
            "unanswered": "geen antwoord",
        },
        Thing.ARRANGEMENT: {
            "signed": "ondertekend",
            "active": "loopt",
            "paused": "gepauzeerd",
            "suspended": "stilgezet door beslag",
            "fulfilled": "helemaal betaald",
            "waived": "klaar, de rest is kwijtgescholden",
            "terminated": "gestopt",
        },
        Thing.INSTALLMENT: {
            "open": "nog te betalen",
            "partly_paid": "voor een deel betaald",
            "paid": "betaald",
            "moved": "verplaatst",
            "missed": "te laat",
        },
        Thing.PAYMENT: {
            "pending": "onderweg",
            "succeeded": "gelukt",
            "settled": "ontvangen",
            "failed": "mislukt",
            "reversed": "teruggeboekt",
        },
        Thing.VARIATION: {
            "proposed": "voorgelegd",
            "applied": "ingegaan",
            "refused": "afgewezen",
            "lapsed": "verlopen",
            "withdrawn": "ingetrokken",
        },
        Thing.CONSENT: {
            "open": "nog open",
            "accepted": "ja",
            "refused": "nee",
            "unanswered": "geen antwoord",
        },
    },
)


def state_label(thing: Thing, state: str) -> str:
    """The Dutch word for a state. ValueError for a state the thing does not have."""
    return _STATE_LABELS[thing][STATES[thing](state).value]


def allowed_moves(thing: Thing, from_: str) -> frozenset[StrEnum]:
    """The states that may follow `from_`. ValueError for a state the thing does not have."""
    return MOVES[thing][STATES[thing](from_)]


def check_move(thing: Thing, from_: str, to: str) -> None:
    """Return when `thing` may go from state `from_` to state `to`; raise IllegalMove with a Dutch sentence otherwise.

    Staying in the same state is no move. ValueError for a state the thing does not have.
    """
    thing = Thing(thing)
    target = STATES[thing](to)
    if target not in allowed_moves(thing, from_):
        label = _THING_LABELS[thing]
        now = state_label(thing, from_)
        sentence = f"{label} is al: {now}." if from_ == to else f"Dit kan nu niet. {label} is: {now}."
        raise IllegalMove(sentence, thing, from_, to)


def check_reconsideration(rounds_done: int) -> None:
    """Return when a refusal may still be reconsidered; IllegalMove after the one round there is (architecture.md)."""
    if rounds_done:
        raise IllegalMove(
            "Dit kan nu niet. Deze organisatie heeft al een keer opnieuw gekeken.",
            Thing.ANSWER,
            AnswerState.REFUSED,
            AnswerState.RECONSIDERATION,
        )
