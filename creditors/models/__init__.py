"""Tables of the creditors' side. One noun, one file."""

from creditors.models.acceptance_policy import AcceptancePolicy
from creditors.models.claim_import import ClaimImport
from creditors.models.creditor import Creditor, CreditorMember
from creditors.models.iban_change import IbanChange
from creditors.models.uploaded_claim import UploadedClaim

__all__ = ["AcceptancePolicy", "ClaimImport", "Creditor", "CreditorMember", "IbanChange", "UploadedClaim"]
