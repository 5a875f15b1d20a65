"""One verb per file; the only writers of the tables of `accounts`."""
