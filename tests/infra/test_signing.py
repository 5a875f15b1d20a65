"""Our own signatures: over everything in the paper, with a key that can be replaced."""

import os

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings

from config import env
from infra import signing
from infra.signing import BadSignature, Signature, UnknownKey

PAPER = {"tekst": "wij zijn één", "bedragen": [1, 2], "leeg": None}


def test_what_was_signed_is_known_again_however_it_was_written() -> None:
    signature = signing.sign(PAPER)
    signing.verify(dict(reversed(PAPER.items())), signature)
    signing.verify(PAPER, signature, public_key=signing.public_keys()[signature.key_id])


@pytest.mark.parametrize("other", [{**PAPER, "bedragen": [1, 3]}, {**PAPER, "meer": 1}, {}])
def test_another_paper_is_refused(other: dict[str, object]) -> None:
    with pytest.raises(BadSignature):
        signing.verify(other, signing.sign(PAPER))


def test_a_paper_of_before_the_key_was_replaced_stays_good_while_the_old_one_is_listed(settings: Settings) -> None:
    signature = signing.sign(PAPER)
    (old,) = signing.public_keys().values()
    settings.SIGNING_KEY = signing.new_private_key()
    with pytest.raises(UnknownKey):
        signing.verify(PAPER, signature)
    settings.SIGNING_OLD_KEYS = [old]
    signing.verify(PAPER, signature)
    newest, oldest = signing.public_keys().values()
    assert (newest, oldest) == (signing.public_half(settings.SIGNING_KEY), old)
    # The old id over a new signature is no way around it.
    with pytest.raises(BadSignature):
        signing.verify(PAPER, Signature(signature.key_id, signing.sign(PAPER).signature))


def test_a_stranger_who_signs_is_nobody_here(settings: Settings) -> None:
    ours = settings.SIGNING_KEY
    settings.SIGNING_KEY = signing.new_private_key()
    foreign = signing.sign(PAPER)
    settings.SIGNING_KEY = ours
    with pytest.raises(UnknownKey):
        signing.verify(PAPER, foreign)


@pytest.mark.parametrize("value", ["", "kort", "g" * 64, "A" * 64, "a" * 63])
def test_production_takes_a_key_of_64_hex_digits_and_nothing_else(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNING_KEY", value)
    with pytest.raises(ImproperlyConfigured, match="SIGNING_KEY"):
        env.key("SIGNING_KEY")
    monkeypatch.setenv("SIGNING_KEY", "a1" * 32)
    assert env.key("SIGNING_KEY") == "a1" * 32


def test_old_keys_are_a_list_and_nonsense_in_it_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIGNING_OLD_KEYS", raising=False)
    assert env.keys("SIGNING_OLD_KEYS") == []
    monkeypatch.setenv("SIGNING_OLD_KEYS", f"{'a1' * 32}, {'b2' * 32},")
    assert env.keys("SIGNING_OLD_KEYS") == ["a1" * 32, "b2" * 32]
    monkeypatch.setenv("SIGNING_OLD_KEYS", "a1")
    with pytest.raises(ImproperlyConfigured, match="SIGNING_OLD_KEYS"):
        env.keys("SIGNING_OLD_KEYS")


def test_a_key_of_this_checkout_is_made_once_and_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: os.PathLike[str]
) -> None:
    monkeypatch.setattr(env, "VAR", tmp_path)
    monkeypatch.delenv("SIGNING_KEY", raising=False)
    made = env.local_key("SIGNING_KEY")
    assert env.local_key("SIGNING_KEY") == made
    assert len(bytes.fromhex(made)) == 32
    monkeypatch.setenv("SIGNING_KEY", "a1" * 32)
    assert env.local_key("SIGNING_KEY") == "a1" * 32
