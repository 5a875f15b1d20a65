"""What a citizen and the director read about a receipt: the same words, one by one or ten thousand at once.

Amounts come in as text, so that they can also be filled in later.
"""

from typing import Final

SUBJECT: Final = "Uw betaling is binnen"
SUBJECT_AFTER_END: Final = "U krijgt geld terug"
TASK_EXTRA: Final = "De cliënt betaalde te veel. Bel om het terug te geven."
TASK_AFTER_END: Final = "Er kwam geld binnen na het einde van de regeling. Bel de cliënt en betaal het terug."


def received(amount: str, *, divided: bool, extra: str) -> str:
    """`amount` came in; `extra`, the part that was too much, is empty when there is none."""
    body = f"Wij hebben {amount} van u gekregen. Dank u wel.\n"
    if divided:
        body += "Wij hebben het verdeeld over de organisaties.\nOp onze website ziet u wat u nu nog betaalt."
    if extra:
        body += f"\nU betaalde {extra} te veel. Dat geld is van u.\nWij bellen u om het terug te geven."
    return body


def after_end(amount: str) -> str:
    """The plan is over: this money is nobody's but the citizen's."""
    return (
        f"Wij hebben {amount} van u gekregen.\n"
        "Uw regeling is al klaar of gestopt. Dit geld is van u.\n"
        "Wij bellen u om het terug te geven."
    )
