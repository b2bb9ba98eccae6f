"""Passwords: which are taken, how they are kept, and that comparing one takes as long whether it is right or not.

Policy after NIST SP 800-63B (2017, 5.1.1.2): a length, nothing that everybody tries, no rules of composition, no
expiry. Kept as argon2id with the parameters of RFC 9106 (section 4, second recommended option: 64 MiB, 3 passes).
"""

from __future__ import annotations

import functools
import threading
import unicodedata
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from registry.errors import InputRefused

SHORTEST, LONGEST = 12, 256

POLICY = (
    f"At least {SHORTEST} characters, such as several words; not the name of the account, and none of those that are "
    "tried first. Nothing else is asked of a password, and it does not expire."
)
"""What is asked of a password, in words."""

_BESIDE_THE_NAME = 8
"""Characters that are left of a password when the account's name is taken out of it."""

_LIST = Path(__file__).parent / "common_passwords.txt"
COMMON = frozenset(_LIST.read_text(encoding="utf-8").split())
"""The commonest of those that are long enough, and what somebody here would think of first."""

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_AT_ONCE = threading.BoundedSemaphore(4)
"""Each comparison takes 64 MiB: a flood of them waits instead of taking all memory."""


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def check_policy(password: str, name: str) -> None:
    """Raises InputRefused for a password that is too easy to guess; none of it is in the message."""
    text, account = _normal(password), name.casefold()
    plain = text.casefold()
    if len(text) < SHORTEST:
        raise InputRefused(
            f"The password has fewer than {SHORTEST} characters", remedy="Take several words that nobody would guess"
        )
    if len(text) > LONGEST:
        raise InputRefused(f"The password has more than {LONGEST} characters", remedy="Take a shorter one")
    if plain == account or len(plain.replace(account, "")) < _BESIDE_THE_NAME:
        raise InputRefused("The password is the name of the account, or little more", remedy="Take another one")
    if plain in COMMON or plain.rstrip("0123456789!?.") in COMMON or _repeats(plain):
        raise InputRefused("The password is one of those that are tried first", remedy="Take another one")


def _repeats(text: str) -> bool:
    """Whether a text is a short one again and again."""
    return any(text == (text[:length] * len(text))[: len(text)] for length in range(1, 5))


def hashed(password: str) -> str:
    """A password as it is kept: argon2id with its parameters and a salt of its own."""
    with _AT_ONCE:
        return _hasher.hash(_normal(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether a password is the one that is kept.

    Without a kept one (no such account, no password) the answer is False and takes as long.
    """
    with _AT_ONCE:
        against = stored if stored is not None else _of_nobody(_hasher)
        try:
            return _hasher.verify(against, _normal(password)[: LONGEST + 1]) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


@functools.cache
def _of_nobody(hasher: PasswordHasher) -> str:
    # Made with the parameters of the day: a comparison with it costs what one with an account's costs.
    return hasher.hash("nobody's")


def prepare() -> None:
    """Makes what an unknown name is compared with, so that the first of them takes no longer than the next."""
    _of_nobody(_hasher)


def is_outdated(stored: str) -> bool:
    """Whether a kept password was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)
