"""The rules of an arrangement. Pure: arguments in, frozen values out; no Django, no clock, no database."""
