"""Passwords: which are refused, that nothing is asked of their composition, and how they are kept."""

from __future__ import annotations

import pytest

from registry import passwords
from registry.errors import InputRefused

PASSWORD = "a walk along the river"
LONG = "a" + "bcdefghijk" * 25


@pytest.mark.parametrize(
    ("password", "name", "words"),
    [
        ("elevenchars", "anna", "fewer than 12"),
        ("x" * 257, "anna", "more than 256"),
        ("anna.berg-clinic", "anna.berg-clinic", "the name of the account"),
        ("Anna.Berg2026", "anna.berg", "the name of the account"),
        ("PasswordPassword", "anna", "tried first"),
        ("correcthorsebatterystaple!", "anna", "tried first"),
        ("xyzxyzxyzxyzxy", "anna", "tried first"),
        ("            ", "anna", "tried first"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(password: str, name: str, words: str) -> None:
    with pytest.raises(InputRefused, match=words) as refused:
        passwords.check_policy(password, name)
    assert password not in str(refused.value)


@pytest.mark.parametrize(
    "password", ["only small letters", "ÄÖÜ äöü ßßß éè", "密码密码 很长的密码 好", PASSWORD, "a" + "bcdefghijk" * 25]
)
def test_no_composition_is_asked_for(password: str) -> None:
    passwords.check_policy(password, "anna")
    assert passwords.matches(passwords.hashed(password), password)


def test_the_same_letters_are_the_same_password_however_they_are_typed() -> None:
    composed, decomposed = "Grüße aus Köln", "Gru\u0308ße aus Ko\u0308ln"
    assert composed != decomposed
    assert passwords.matches(passwords.hashed(composed), decomposed)


def test_every_common_password_is_long_enough_to_need_the_list() -> None:
    assert len(passwords.COMMON) > 50
    assert all(len(password) >= 12 for password in passwords.COMMON)
    assert all(password == password.casefold() for password in passwords.COMMON)


def test_hashes_have_the_parameters_of_rfc_9106() -> None:
    kept = passwords.hashed(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.matches(kept, PASSWORD)
    assert not passwords.matches(kept, PASSWORD + " ")
    assert not passwords.matches(None, "nobody's")
    assert not passwords.is_outdated(kept)
