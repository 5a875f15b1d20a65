"""One verb per file; the only writers of the creditors' tables."""
