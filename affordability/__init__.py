"""What a household can miss per month, by law. Pure: no Django, no clock, no database (domain.md 1)."""
