"""Which passwords are refused because they are tried first."""

import time

import pytest

from debate.text import guesses


@pytest.mark.parametrize(
    "password",
    ["password", "Password1", "P@ssw0rd!", "12345678", "987654321", "123123123", "qwertyuiop", "QWERTZUIOP", "abcd1234",
     "1q2w3e4r", "1qaz2wsx", "iloveyou", "football99", "!!dragon!!", "aaaaaaaa", "x" * 128, "ababababab",
     "monkey12345678", "Willkommen2026", "........", "🔑" * 8],
)  # fmt: skip
def test_what_most_people_choose_is_easy_in_every_dress(password: str) -> None:
    assert guesses.is_easy(password)


@pytest.mark.parametrize("password", ["wren.mallory", "WrenMallory1", "ostley-77", "mallory@example.org1"])
def test_ones_own_name_and_address_are_easy(password: str) -> None:
    own = ("Wren.Mallory", "ostley@example.org") if "@" not in password else ("mallory@example.org",)
    assert guesses.is_easy(password, *own)
    assert not guesses.is_easy("a wren sang over mallory bridge", *own)


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "seven lamps on the quay", "long enough", "dragonfly in the reeds", "пароль из слов",
     "Tr7!kq2Z", "football is not my game", "8 chars!", "日本語のことば", "password for the quay", "k9$Lw.31",
     "🗝️🚪🪟🧱🪜🧰🔦🕯️"],
)  # fmt: skip
def test_what_somebody_thought_of_is_not(password: str) -> None:
    assert not guesses.is_easy(password, "Wren", "wren@example.org")


@pytest.mark.parametrize("password", ["abc" * 42, "q" * 127 + "w", "1234567890" * 12, "abcdefg0" * 16, "-" * 128])
def test_it_takes_no_time_to_say_so(password: str) -> None:
    begun = time.process_time()
    guesses.is_easy(password, password, password)
    assert time.process_time() - begun < 0.05
