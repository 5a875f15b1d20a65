"""Everything the worker does for this app is a registered job; importing the modules registers them."""

from arrangements.operations import collect_claims, settle_proposal

JOBS = (collect_claims, settle_proposal)
