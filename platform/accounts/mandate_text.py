"""What a citizen says yes to when a coach may help: shown, kept and printed from the same words."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

TEXT_VERSION = "machtiging-1"
"""Another word in this file is another version."""


@dataclass(frozen=True, slots=True)
class MandateWords:
    """The words, in parts. `sections`: a heading with its points."""

    title: str
    intro: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    duration: str

    @property
    def text(self) -> str:
        """Everything as plain lines: what is kept and hashed."""
        return "\n".join(self._lines()) + "\n"

    @property
    def hash(self) -> str:
        """SHA-256 of `text`, in hexadecimal."""
        return sha256(self.text.encode()).hexdigest()

    def _lines(self) -> Iterator[str]:
        yield f"machtiging {TEXT_VERSION}"
        yield self.title
        yield self.intro
        for heading, points in self.sections:
            yield f"# {heading}"
            yield from (f"- {point}" for point in points)
        yield "# Hoe lang"
        yield self.duration


def mandate_words(*, name: str, organisation: str, phone: str, months: int) -> MandateWords:
    """The mandate for this coach. `months`: how long it lasts, from 1."""
    return MandateWords(
        title=f"Mag {name} u helpen?",
        intro=f"{name} werkt bij {organisation}. Het telefoonnummer is {phone}.",
        sections=(
            (
                "Dit mag uw coach",
                ("Uw gegevens zien.", "Antwoorden voor u invullen.", "Een voorstel voor u klaarzetten."),
            ),
            ("Dit doet u altijd zelf", ("Ja zeggen en tekenen.", "Een helper stoppen.")),
        ),
        duration=f"Dit duurt {months} maand{'' if months == 1 else 'en'}. U kunt dit elke dag stoppen.",
    )
