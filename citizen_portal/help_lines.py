"""Telephone numbers of help elsewhere, each written down once, here; pages get them through `{% help_lines %}`."""

from dataclasses import dataclass


def dial(number: str) -> str:
    """The address behind a telephone number as people write it: `tel:08008115`. The 0 in `+31 (0)88` is not dialled."""
    return "tel:" + "".join(sign for sign in number.replace("(0)", "") if sign.isdigit() or sign == "+")


@dataclass(frozen=True, slots=True)
class HelpLine:
    """A number that costs nothing to call, as people write it."""

    name: str
    number: str

    @property
    def link(self) -> str:
        """The number as a telephone dials it."""
        return dial(self.number)


@dataclass(frozen=True, slots=True)
class HelpLines:
    """All of them. `geldfit`: money worries, asks a postcode and no name (ux.md 1.3); the others: thoughts of suicide."""

    geldfit: HelpLine = HelpLine("Geldfit", "0800-8115")
    prevention: HelpLine = HelpLine("113 Zelfmoordpreventie", "0800-0113")
    prevention_short: HelpLine = HelpLine("113 Zelfmoordpreventie", "113")


HELP_LINES = HelpLines()
