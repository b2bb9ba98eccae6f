"""Passwords: which are taken, how they are kept, and that comparing one takes as long whether it is right or not.

Policy after NIST SP 800-63B (2017, 5.1.1.2): a length, nothing that everybody tries, no rules of composition, no
expiry. Kept as argon2id with the parameters of RFC 9106 (section 4, second recommended option: 64 MiB, 3 passes).
"""

from __future__ import annotations

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from registry.errors import InputRefused

SHORTEST, LONGEST = 12, 256

_BESIDE_THE_NAME = 8
"""Characters that are left of a password when the account's name is taken out of it."""

COMMON = frozenset(
    "123456789012 1234567890123 0123456789012 987654321098 123123123123 112233445566 121212121212 qwertyuiop12 "
    "qwertyuiop123 qwertyuiopas qwertyuiop[] qwertzuiop12 qwertzuiopas asdfghjkl123 asdfghjkl;'\\ zxcvbnm12345 "
    "1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc zaq12wsxcde3 q1w2e3r4t5y6 qazwsxedcrfv password1234 password12345 "
    "passwordpassword password123! password123!! passw0rd1234 p@ssw0rd1234 p@ssword1234 mypassword12 "
    "mypassword123 newpassword1 changeme1234 changemenow1 changeme123! letmein12345 letmeinplease iloveyou1234 "
    "iloveyouforever welcome12345 welcome123456 willkommen123 passwort1234 passwort12345 passwort123! hallo1234567 "
    "administrator administrator1 administrator123 admin1234567 adminadmin12 adminadminadmin superadmin123 "
    "test12345678 testtesttest testpassword1 trustno1trustno1 unbelievable interesting1 correcthorsebatterystaple "
    "hospital1234 hospital2024 krankenhaus1 klinikum1234 oligometastatic oligometastasis colorectalcancer "
    "abcdefghijkl abcdefghijklm abcd12345678 abc123456789 aaaaaaaaaaaa 111111111111 000000000000 666666666666 "
    "footballfootball baseball1234 princess1234 sunshine1234 dragon123456 monkey123456 michael12345 "
    "charlie12345 starwars1234 superman1234 summer202425 winter202425".split()
)
"""The commonest of those that are long enough, and what somebody here would think of first."""

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_AT_ONCE = threading.BoundedSemaphore(4)
"""Each comparison takes 64 MiB: a flood of them waits instead of taking all memory."""

_nobody: dict[PasswordHasher, str] = {}


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
        against = stored if stored is not None else _hash_of_nobody()
        try:
            return _hasher.verify(against, _normal(password)[: LONGEST + 1]) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def _hash_of_nobody() -> str:
    # Made with the parameters of the day: a comparison with it costs what one with an account's costs.
    if _hasher not in _nobody:
        _nobody[_hasher] = _hasher.hash("nobody's")
    return _nobody[_hasher]


def is_outdated(stored: str) -> bool:
    """Whether a kept password was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


hashed_nobody = _hash_of_nobody
"""Called when the program starts to serve, so that the first unknown name costs no more than the next."""
