"""Tables of the core. One noun, one file; the operations are the only writers."""

from arrangements.models.application import Application
from arrangements.models.arrangement import Arrangement, ArrangementLine, Installment, PayWay, ShiftRule, WindfallRule
from arrangements.models.assessment import Assessment
from arrangements.models.bank_statement import BankFile, BankLine, BankStatement, KnownIban
from arrangements.models.beslag import Beslag
from arrangements.models.budget_mark import BudgetMark
from arrangements.models.case_task import CaseTask
from arrangements.models.certificate import CertificateList, EqualityCertificate
from arrangements.models.claim import Claim
from arrangements.models.claim_correction import ClaimCorrection
from arrangements.models.claim_dispute import ClaimDispute
from arrangements.models.claim_transfer import ClaimTransfer
from arrangements.models.creditor_invitation import CreditorInvitation
from arrangements.models.creditor_task import CreditorTask
from arrangements.models.demo_bank import DemoBankFault, DemoBankMove, DemoBankOrder, DemoBankPayment
from arrangements.models.demo_payer import DemoPayer
from arrangements.models.document import Document
from arrangements.models.joint_household import CoDebtor, HouseholdInvitation, HouseholdMember
from arrangements.models.kwijtschelding import Kwijtschelding
from arrangements.models.ledger import LedgerEntry, LedgerPosting
from arrangements.models.money_decision import MoneyDecision
from arrangements.models.money_run import MoneyRun, RunApproval, RunChunk
from arrangements.models.municipal_route import MunicipalRoute
from arrangements.models.norms import NormsEntry, NormsRerun, NormsRerunLine
from arrangements.models.official_figure import OfficialFigure
from arrangements.models.payment import Payment, ProviderEvent, Receipt
from arrangements.models.payout import PayoutBatch, PayoutExport, PayoutFile, PayoutLine, PayoutSkip
from arrangements.models.plan_version import PlanVersion, PlanVersionLine
from arrangements.models.proposal import Answer, Proposal, ProposalLine
from arrangements.models.provider_call import ProviderCall
from arrangements.models.reconciliation import LedgerDay, Reconciliation
from arrangements.models.refund import Refund
from arrangements.models.settlement import ProviderMove, ProviderSettlement
from arrangements.models.storno import Storno, StornoPart
from arrangements.models.stress_test import StressTest
from arrangements.models.variation import Consent, Variation
from arrangements.models.withholding import Withholder, WithholdingFile, WithholdingLine
from arrangements.models.yearly_review import YearlyReview

__all__ = [
    "Answer",
    "Application",
    "Arrangement",
    "ArrangementLine",
    "Assessment",
    "BankFile",
    "BankLine",
    "BankStatement",
    "Beslag",
    "BudgetMark",
    "CaseTask",
    "CertificateList",
    "Claim",
    "ClaimCorrection",
    "ClaimDispute",
    "ClaimTransfer",
    "CoDebtor",
    "Consent",
    "CreditorInvitation",
    "CreditorTask",
    "DemoBankFault",
    "DemoBankMove",
    "DemoBankOrder",
    "DemoBankPayment",
    "DemoPayer",
    "Document",
    "EqualityCertificate",
    "HouseholdInvitation",
    "HouseholdMember",
    "Installment",
    "KnownIban",
    "Kwijtschelding",
    "LedgerDay",
    "LedgerEntry",
    "LedgerPosting",
    "MoneyDecision",
    "MoneyRun",
    "MunicipalRoute",
    "NormsEntry",
    "NormsRerun",
    "NormsRerunLine",
    "OfficialFigure",
    "PayWay",
    "Payment",
    "PayoutBatch",
    "PayoutExport",
    "PayoutFile",
    "PayoutLine",
    "PayoutSkip",
    "PlanVersion",
    "PlanVersionLine",
    "Proposal",
    "ProposalLine",
    "ProviderCall",
    "ProviderEvent",
    "ProviderMove",
    "ProviderSettlement",
    "Receipt",
    "Reconciliation",
    "Refund",
    "RunApproval",
    "RunChunk",
    "ShiftRule",
    "Storno",
    "StornoPart",
    "StressTest",
    "Variation",
    "WindfallRule",
    "Withholder",
    "WithholdingFile",
    "WithholdingLine",
    "YearlyReview",
]
