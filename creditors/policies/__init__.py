"""Pure: what a creditor's policy says about an offer."""
