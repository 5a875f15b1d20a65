"""Signatures of our own under papers that go out: Ed25519, with a key that may be replaced while old papers stay good.

`SIGNING_KEY` holds the private key, `SIGNING_OLD_KEYS` the public halves of keys we signed with before; both in hex.
A signature is over canonical bytes of the paper and the id of the key together.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from kernel.canonical import canonical_json


class UnknownKey(Exception):
    """Nobody here ever signed with a key of this id."""


class BadSignature(Exception):
    """The signature is of another paper, or of another key than it says."""


@dataclass(frozen=True, slots=True)
class Signature:
    """`key_id`: 16 hex digits; `signature`: 128."""

    key_id: str
    signature: str


def sign(document: dict[str, Any]) -> Signature:
    """Sign a JSON document with the key of now."""
    private = _private_key()
    key_id = key_id_of(private.public_key().public_bytes_raw())
    return Signature(key_id, private.sign(_signed_bytes(document, key_id)).hex())


def verify(document: dict[str, Any], signature: Signature, *, public_key: str = "") -> None:
    """Look whether this document was signed by us, or by the owner of `public_key` (hex) when that is given.

    Raises UnknownKey or BadSignature; ValueError for a public key that is none.
    """
    keys = public_keys() if not public_key else {key_id_of(bytes.fromhex(public_key)): public_key}
    if signature.key_id not in keys:
        raise UnknownKey(signature.key_id)
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(keys[signature.key_id]))
    try:
        public.verify(bytes.fromhex(signature.signature), _signed_bytes(document, signature.key_id))
    except InvalidSignature as error:
        raise BadSignature(signature.key_id) from error


def public_keys() -> dict[str, str]:
    """Every public key of ours in hex by its id, the one we sign with first."""
    mine = _private_key().public_key().public_bytes_raw()
    return {key_id_of(key): key.hex() for key in (mine, *map(bytes.fromhex, settings.SIGNING_OLD_KEYS))}


def public_half(private_key: str) -> str:
    """The public key that belongs to a private one; both in hex."""
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private_key)).public_key().public_bytes_raw().hex()


def new_private_key() -> str:
    """A fresh private key in hex."""
    return Ed25519PrivateKey.generate().private_bytes_raw().hex()


def key_id_of(public_key: bytes) -> str:
    """The name of a public key: the first 16 hex digits of its SHA-256."""
    return sha256(public_key).hexdigest()[:16]


def _private_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(settings.SIGNING_KEY))


def _signed_bytes(document: dict[str, Any], key_id: str) -> bytes:
    return canonical_json({"document": document, "sleutel": key_id})
