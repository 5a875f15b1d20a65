"""What Stripe's own package says a request may hold: names, kinds and words, at exactly the version we speak.

Its lists of words are open (a listed word *or any text*), so a type checker and pydantic let a typing error pass; here a
word outside the list is an error (payments.md 1.1, 2.4).
"""

import functools
import re
import sys
import types
import typing
from typing import Any, Literal, get_args, get_origin

import pydantic
import stripe
import stripe.params
import stripe.params.checkout
import typing_extensions

_ID = r"[A-Za-z0-9_]+"
#: Method and path to the type of its parameters.
CALLS: dict[tuple[str, str], Any] = {
    ("POST", r"/v1/checkout/sessions"): stripe.params.checkout.SessionCreateParams,
    ("GET", r"/v1/checkout/sessions"): stripe.params.checkout.SessionListParams,
    ("GET", rf"/v1/checkout/sessions/{_ID}"): stripe.params.checkout.SessionRetrieveParams,
    ("POST", rf"/v1/checkout/sessions/{_ID}/expire"): stripe.params.checkout.SessionExpireParams,
    ("GET", r"/v1/payment_intents/search"): stripe.params.PaymentIntentSearchParams,
    ("GET", r"/v1/disputes"): stripe.params.DisputeListParams,
    ("POST", r"/v1/refunds"): stripe.params.RefundCreateParams,
    ("GET", r"/v1/refunds"): stripe.params.RefundListParams,
    ("GET", r"/v1/events"): stripe.params.EventListParams,
    ("GET", r"/v1/payouts"): stripe.params.PayoutListParams,
    ("GET", rf"/v1/payouts/{_ID}"): stripe.params.PayoutRetrieveParams,
    ("GET", r"/v1/balance_transactions"): stripe.params.BalanceTransactionListParams,
}


class NotInTheTypes(ValueError):
    """A request that this version of Stripe's package has no place for."""


def params_of(method: str, path: str) -> Any:
    """The type of the parameters of this call. NotInTheTypes for a call we do not make."""
    for (known, pattern), found in CALLS.items():
        if known == method and re.fullmatch(pattern, path):
            return found
    raise NotInTheTypes(f"{method} {path}")


def check(params: dict[str, Any], declared: Any, *, strict: bool) -> None:
    """NotInTheTypes when a name, a kind or a word is not in `declared`. `strict`: no text where a number belongs."""
    own = _without_options(declared)
    try:
        _adapter(own).validate_python(params, strict=strict)
    except pydantic.ValidationError as error:
        raise NotInTheTypes(str(error)) from error
    _check_words(params, own, "")


@functools.cache
def _adapter(declared: Any) -> pydantic.TypeAdapter[Any]:
    _forbid_extra(declared, set())
    return pydantic.TypeAdapter(declared)


@functools.cache
def _without_options(declared: Any) -> Any:
    """The package lists its own options (key, version) among the parameters; sent as one, Stripe refuses them."""
    module = vars(sys.modules[declared.__module__])
    own = {
        name: typing_extensions.get_type_hints(_one(name, note), module, include_extras=True)[name]
        for name, note in declared.__annotations__.items()
        if name not in stripe.RequestOptions.__annotations__
    }
    return typing_extensions.TypedDict(declared.__name__, own)  # type: ignore[operator]  # made at run time


def _one(name: str, note: Any) -> Any:
    return type("Holder", (), {"__annotations__": {name: note}})


def _hints(declared: Any) -> dict[str, Any]:
    return typing_extensions.get_type_hints(declared, vars(sys.modules[declared.__module__]))


def _parts(annotation: Any) -> list[Any]:
    """What an annotation is made of, without the wrappers."""
    if get_origin(annotation) in (typing.Union, types.UnionType, typing_extensions.NotRequired, typing.Required):
        return [part for one in get_args(annotation) for part in _parts(one)]
    return [annotation]


def _forbid_extra(declared: Any, seen: set[Any]) -> None:
    if declared in seen:
        return
    seen.add(declared)
    declared.__pydantic_config__ = pydantic.ConfigDict(extra="forbid", arbitrary_types_allowed=True)
    for annotation in _hints(declared).values():
        for part in _parts(annotation):
            for one in (part, *_inside(part)):
                if typing_extensions.is_typeddict(one):
                    _forbid_extra(one, seen)


def _inside(annotation: Any) -> list[Any]:
    return _parts(get_args(annotation)[0]) if get_origin(annotation) is list else []


def _check_words(value: Any, declared: Any, where: str) -> None:
    hints = _hints(declared)
    for name, one in value.items():
        place = f"{where}.{name}".lstrip(".")
        for part in _parts(hints[name]):
            if typing_extensions.is_typeddict(part) and isinstance(one, dict):
                _check_words(one, part, place)
            for item in one if get_origin(part) is list and isinstance(one, list) else []:
                for inner in _inside(part):
                    if typing_extensions.is_typeddict(inner) and isinstance(item, dict):
                        _check_words(item, inner, place)
                _check_word(item, _inside(part), place)
        _check_word(one, _parts(hints[name]), place)


def _check_word(value: Any, parts: list[Any], place: str) -> None:
    words = [word for part in parts if get_origin(part) is Literal for word in get_args(part)]
    if words and isinstance(value, str) and value not in words:
        raise NotInTheTypes(f"{place}: {value!r} is no word of Stripe's")
