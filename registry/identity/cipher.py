"""The cipher of identities: AES-256-GCM, each row bound to its patient and center, and keyed hashes to search by.

Everything comes from one key in ``OLIGOMET_HOME/keys``, by HKDF (RFC 5869): what encrypts is another key than what
hashes numbers, and than what hashes names.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from registry import keys
from registry.errors import OligometError
from registry.identity.content import Identity

PURPOSE = "names and hospital numbers"
_WHEN_DAMAGED = "Restore OLIGOMET_HOME/keys from its own backup: without the key nobody can read them"
_FORMAT = "oligomet identity 1"
_NONCE = 12
_BLOCK = 128
"""A sealed identity is as long as a multiple of this: its length does not tell that of a name."""


class Damaged(OligometError):
    """What is stored was changed outside of the program, or is of another patient or center."""

    def __init__(self, patient_id: str) -> None:
        super().__init__(
            "The stored name and hospital number are not what was written for this patient",
            got=patient_id,
            remedy="Restore them from a backup, or remove them and enter them again",
        )


class Cipher:
    """Seals and opens identities, and hashes what they are searched by, with the key of a name."""

    def __init__(self, key_name: str) -> None:
        key = keys.stored_key(key_name, purpose=PURPOSE, when_damaged=_WHEN_DAMAGED)
        self._cipher = AESGCM(_derived(key, "encryption"))
        self._hashing = {kind: _derived(key, f"search by {kind}") for kind in ("number", "word")}

    def seal(self, center_id: str, patient_id: str, identity: Identity) -> bytes:
        """An identity as it is stored: readable with the key, and only as that of this patient of this center."""
        text = json.dumps(identity.cells, ensure_ascii=False).encode()
        padded = text.ljust(-(-len(text) // _BLOCK) * _BLOCK)
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, padded, _place(center_id, patient_id))

    def open(self, center_id: str, patient_id: str, sealed: bytes) -> Identity:
        """The identity of a patient of a center; raises Damaged where it is not what was sealed for both."""
        try:
            text = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _place(center_id, patient_id))
        except (InvalidTag, ValueError):
            raise Damaged(patient_id) from None
        return Identity(**json.loads(text))

    def number(self, center_id: str, number: str) -> str | None:
        """What a hospital number is found by within its center; None for a blank one."""
        return self._hash("number", center_id, number) if number else None

    def word(self, center_id: str, spelling: str) -> str:
        """What a word of a name is found by within its center."""
        return self._hash("word", center_id, spelling)

    def _hash(self, kind: str, center_id: str, text: str) -> str:
        # With its center: who sees the hashes of several centers cannot tell that a person is in both.
        return hmac.new(self._hashing[kind], _place(center_id, text), hashlib.sha256).hexdigest()


def new_key() -> str:
    """Makes a key; returns its name."""
    name = f"identities-{secrets.token_hex(8)}"
    keys.make_key(name, purpose=PURPOSE)
    return name


def _derived(key: bytes, use: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"{_FORMAT}: {use}".encode()).derive(key)


def _place(*parts: str) -> bytes:
    # JSON, since no two lists of texts have the same.
    return json.dumps([_FORMAT, *parts]).encode()
