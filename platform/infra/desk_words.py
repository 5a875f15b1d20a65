"""What a column of a list in /beheer/ is called. The apps give the words (`add`); a field with a name of its own keeps it."""

from collections.abc import Mapping

_WORDS: dict[str, str] = {}


def add(words: Mapping[str, str]) -> None:
    """Dutch words by the name of a field. ValueError when two apps say something else about the same name."""
    for name, word in words.items():
        if _WORDS.setdefault(name, word) != word:
            raise ValueError(f"{name}: {_WORDS[name]} or {word}?")


def word_for(name: str) -> str | None:
    """The word for this field, None when nobody gave one."""
    return _WORDS.get(name)
