"""Who may decide which change of a running arrangement: one matrix, ground × decider (features.md P7).

`ALONE` takes effect at once; `WITH_CONSENT` puts the change to the creditors concerned (architecture.md, "A yes is a yes to
at least this share"); `NEVER` is refused, whoever asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class ChangeGround(StrEnum):
    """Why something in a running arrangement changes."""

    SIGNED = "signed"
    MOVE = "move"
    CRISIS_BREAK = "crisis_break"
    LONG_PAUSE = "long_pause"
    PROVEN_FALL = "proven_fall"
    LOWERING = "lowering"
    EXTRA_PAYMENT = "extra_payment"
    BRIDGE = "bridge"
    BESLAG = "beslag"
    BESLAG_LIFTED = "beslag_lifted"
    LATE_CREDITOR = "late_creditor"
    JOINS_LATER = "joins_later"
    DISPUTE = "dispute"
    DISPUTE_SETTLED = "dispute_settled"
    CORRECTION = "correction"
    TRANSFER = "transfer"
    CLAIM_WITHDRAWN = "claim_withdrawn"
    STORNO = "storno"
    TERMINATION = "termination"
    WAIVER = "waiver"

    @property
    def label(self) -> str:
        """The ground in Dutch at level B1."""
        return _LABELS[self]


_LABELS: Mapping[ChangeGround, str] = MappingProxyType(
    {
        ChangeGround.SIGNED: "De regeling is getekend",
        ChangeGround.MOVE: "Eén termijn later",
        ChangeGround.CRISIS_BREAK: "Pauze door een crisis",
        ChangeGround.LONG_PAUSE: "Langere pauze",
        ChangeGround.PROVEN_FALL: "Minder geld, met bewijs",
        ChangeGround.LOWERING: "Lager bedrag op verzoek",
        ChangeGround.EXTRA_PAYMENT: "Extra betaald",
        ChangeGround.BRIDGE: "Andere manier van betalen",
        ChangeGround.BESLAG: "Er is beslag gelegd",
        ChangeGround.BESLAG_LIFTED: "Het beslag is voorbij",
        ChangeGround.LATE_CREDITOR: "Er is een schuld bij gekomen",
        ChangeGround.JOINS_LATER: "Een organisatie doet toch mee",
        ChangeGround.DISPUTE: "Een schuld wordt betwist",
        ChangeGround.DISPUTE_SETTLED: "De betwisting is klaar",
        ChangeGround.CORRECTION: "Een bedrag is verbeterd",
        ChangeGround.TRANSFER: "Een schuld is overgedragen",
        ChangeGround.CLAIM_WITHDRAWN: "Een schuld is ingetrokken",
        ChangeGround.STORNO: "De bank nam een betaling terug",
        ChangeGround.TERMINATION: "De regeling is gestopt",
        ChangeGround.WAIVER: "De rest is kwijtgescholden",
    },
)


class Decider(StrEnum):
    """Who decides, or asks."""

    CITIZEN = "citizen"
    COACH = "coach"
    DESK = "desk"
    CREDITOR = "creditor"
    SYSTEM = "system"

    @property
    def label(self) -> str:
        """Who it is, in Dutch."""
        return {
            Decider.CITIZEN: "de burger",
            Decider.COACH: "de coach",
            Decider.DESK: "het loket",
            Decider.CREDITOR: "de organisatie",
            Decider.SYSTEM: "het systeem",
        }[self]


class Say(StrEnum):
    """What somebody's decision is worth."""

    ALONE = "alone"
    WITH_CONSENT = "with_consent"
    NEVER = "never"


class NotYours(ValueError):
    """This decider may not decide this change. `str()` of it is a Dutch sentence."""

    def __init__(self, ground: ChangeGround, decider: Decider) -> None:
        """Keep both for the log."""
        super().__init__(f"Dit kan {decider.label} niet alleen beslissen: {ground.label.lower()}.")
        self.ground = ground
        self.decider = decider


_A, _C, _N = Say.ALONE, Say.WITH_CONSENT, Say.NEVER

MATRIX: Mapping[ChangeGround, Mapping[Decider, Say]] = MappingProxyType(
    {
        ground: MappingProxyType(dict(zip(Decider, row, strict=True)))
        for ground, row in {
            #                            citizen coach desk creditor system
            ChangeGround.SIGNED: (_A, _N, _N, _N, _N),
            ChangeGround.MOVE: (_A, _A, _A, _N, _N),
            # Somebody who helps grants it: up to two months per rolling year (features.md B14).
            ChangeGround.CRISIS_BREAK: (_N, _A, _A, _N, _N),
            ChangeGround.LONG_PAUSE: (_C, _C, _C, _N, _N),
            # Proven means: a person saw the papers and the gate computed it. Agreed at the signature, so nobody is asked.
            ChangeGround.PROVEN_FALL: (_N, _A, _A, _N, _N),
            ChangeGround.LOWERING: (_C, _C, _C, _N, _N),
            ChangeGround.EXTRA_PAYMENT: (_A, _N, _N, _N, _N),
            ChangeGround.BRIDGE: (_A, _A, _A, _N, _N),
            ChangeGround.BESLAG: (_A, _A, _A, _A, _N),
            ChangeGround.BESLAG_LIFTED: (_N, _A, _A, _N, _N),
            ChangeGround.LATE_CREDITOR: (_C, _C, _C, _N, _N),
            # Its share comes on top, so nobody else is asked; the citizen's own yes is what counts.
            ChangeGround.JOINS_LATER: (_A, _N, _N, _N, _N),
            ChangeGround.DISPUTE: (_A, _A, _A, _N, _N),
            # The citizen drops it or the creditor settles it; a helper cannot give either up for them.
            ChangeGround.DISPUTE_SETTLED: (_A, _N, _A, _A, _N),
            # Own claim data only, within the days policy gives; whose share falls is asked.
            ChangeGround.CORRECTION: (_N, _N, _N, _C, _N),
            ChangeGround.TRANSFER: (_N, _N, _A, _A, _N),
            ChangeGround.CLAIM_WITHDRAWN: (_N, _N, _N, _A, _N),
            # A fact of the bank: nobody decides it, and nobody's share changes.
            ChangeGround.STORNO: (_N, _N, _N, _N, _A),
            # A human decision on a ground of the agreement; never a creditor's alone, never the system's.
            ChangeGround.TERMINATION: (_A, _N, _A, _N, _N),
            # Promised at the signature, granted by the system: no button can give it and none can withhold it.
            ChangeGround.WAIVER: (_N, _N, _N, _N, _A),
        }.items()
    },
)


def say(ground: ChangeGround, decider: Decider) -> Say:
    """What the decision of `decider` on `ground` is worth."""
    return MATRIX[ground][decider]


def check_decider(ground: ChangeGround, decider: Decider) -> Say:
    """As `say`; NotYours when it is `NEVER`."""
    found = say(ground, decider)
    if found is Say.NEVER:
        raise NotYours(ground, decider)
    return found
