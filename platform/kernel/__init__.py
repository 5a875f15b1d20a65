"""Small things every part of the platform agrees on: cents, months, working days, identifiers. No Django, no clock."""
