"""Tables of the core. One noun, one file; the operations are the only writers."""

from arrangements.models.application import Application
from arrangements.models.arrangement import Arrangement, ArrangementLine, Installment
from arrangements.models.assessment import Assessment
from arrangements.models.case_task import CaseTask
from arrangements.models.claim import Claim
from arrangements.models.demo_payer import DemoPayer
from arrangements.models.document import Document
from arrangements.models.kwijtschelding import Kwijtschelding
from arrangements.models.ledger import LedgerEntry, LedgerPosting
from arrangements.models.payment import DemoBankPayment, Payment, ProviderEvent, Receipt
from arrangements.models.payout import PayoutBatch, PayoutLine
from arrangements.models.proposal import Answer, Proposal, ProposalLine

__all__ = [
    "Answer",
    "Application",
    "Arrangement",
    "ArrangementLine",
    "Assessment",
    "CaseTask",
    "Claim",
    "DemoBankPayment",
    "DemoPayer",
    "Document",
    "Installment",
    "Kwijtschelding",
    "LedgerEntry",
    "LedgerPosting",
    "Payment",
    "PayoutBatch",
    "PayoutLine",
    "Proposal",
    "ProposalLine",
    "ProviderEvent",
    "Receipt",
]
