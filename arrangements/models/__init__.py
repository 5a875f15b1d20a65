"""Tables of the core. One noun, one file; the operations are the only writers."""

from arrangements.models.application import Application
from arrangements.models.arrangement import Arrangement, ArrangementLine, Installment
from arrangements.models.assessment import Assessment
from arrangements.models.budget_mark import BudgetMark
from arrangements.models.case_task import CaseTask
from arrangements.models.claim import Claim
from arrangements.models.demo_payer import DemoPayer
from arrangements.models.document import Document
from arrangements.models.joint_household import CoDebtor, HouseholdInvitation, HouseholdMember
from arrangements.models.kwijtschelding import Kwijtschelding
from arrangements.models.ledger import LedgerEntry, LedgerPosting
from arrangements.models.norms import NormsEntry, NormsRerun, NormsRerunLine
from arrangements.models.official_figure import OfficialFigure
from arrangements.models.payment import DemoBankPayment, Payment, ProviderEvent, Receipt
from arrangements.models.payout import PayoutBatch, PayoutLine
from arrangements.models.proposal import Answer, Proposal, ProposalLine
from arrangements.models.stress_test import StressTest
from arrangements.models.yearly_review import YearlyReview

__all__ = [
    "Answer",
    "Application",
    "Arrangement",
    "ArrangementLine",
    "Assessment",
    "BudgetMark",
    "CaseTask",
    "Claim",
    "CoDebtor",
    "DemoBankPayment",
    "DemoPayer",
    "Document",
    "HouseholdInvitation",
    "HouseholdMember",
    "Installment",
    "Kwijtschelding",
    "LedgerEntry",
    "LedgerPosting",
    "NormsEntry",
    "NormsRerun",
    "NormsRerunLine",
    "OfficialFigure",
    "Payment",
    "PayoutBatch",
    "PayoutLine",
    "Proposal",
    "ProposalLine",
    "ProviderEvent",
    "Receipt",
    "StressTest",
    "YearlyReview",
]
