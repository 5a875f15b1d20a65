"""What a citizen and the director read about a receipt: the same words, one by one or ten thousand at once.

Amounts come in as text, so that they can also be filled in later.
"""

from typing import Final

SUBJECT: Final = "Uw betaling is binnen"
SUBJECT_AFTER_END: Final = "U krijgt geld terug"
TASK_EXTRA: Final = "De cliënt betaalde te veel. Bel om het terug te geven."
TASK_AFTER_END: Final = "Er kwam geld binnen na het einde van de regeling. Bel de cliënt en betaal het terug."


def received(amount: str, *, divided: bool, extra: str, repaid: str = "", by_itself: bool = False) -> str:
    """`amount` came in; `extra`, the part that was too much, and `repaid`, the part for a storno, are empty if there is none."""
    body = f"Wij hebben {amount} van u gekregen. Dank u wel.\n"
    if repaid:
        body += (
            f"Daarvan is {repaid} voor het geld dat uw bank had teruggehaald.\n"
            if divided or extra
            else "Dit is voor het geld dat uw bank had teruggehaald.\n"
        )
    if divided:
        body += "Wij hebben het verdeeld over de organisaties.\nOp onze website ziet u wat u nu nog betaalt."
    if extra:
        body += f"\nU betaalde {extra} te veel. Dat geld is van u.\n{_how_back(by_itself)}"
    return body


def after_end(amount: str, *, extra: str = "", repaid: str = "", by_itself: bool = False) -> str:
    """The plan is over. `repaid` of it was for a storno, `extra` is the citizen's; both empty when all of it is the citizen's."""
    body = f"Wij hebben {amount} van u gekregen.\nUw regeling is al klaar of gestopt."
    if repaid:
        body += (
            f"\nDaarvan is {repaid} voor het geld dat uw bank had teruggehaald.\nHet andere geld, {extra}, is van u."
        )
    else:
        body += " Dit geld is van u."
    return f"{body}\n{_how_back(by_itself)}"


def _how_back(by_itself: bool) -> str:
    """Money that came through a provider goes back the way it came; for a transfer somebody calls."""
    return (
        "U krijgt het geld terug op de rekening waarmee u betaalde."
        if by_itself
        else "Wij bellen u om het terug te geven."
    )
