"""Waiting for what another process promises, without sleeping longer than needed."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(
    what: Callable[[], T], *, seconds: float = 20, message: str = "", log: Callable[[], str] | None = None
) -> T:
    """The first truthy answer of `what`, asked every 10 ms. AssertionError with the last answer after `seconds`.

    An AssertionError or a missing row inside `what` counts as "not yet". Poll the row the work promises, not the queue.
    """
    from django.core.exceptions import ObjectDoesNotExist

    deadline = time.monotonic() + seconds
    last: object = None
    while True:
        try:
            answer = what()
            if answer:
                return answer
            last = answer
        except (AssertionError, ObjectDoesNotExist) as not_yet:
            last = not_yet
        if time.monotonic() > deadline:
            tail = f"\nThe worker said:\n{log()}" if log else ""
            raise AssertionError(f"{message or 'it did not happen'} within {seconds} s; last: {last!r}{tail}")
        time.sleep(0.01)
