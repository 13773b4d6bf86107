"""Passwords: hashed with argon2id, checked in the same time whether or not the account exists."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from debate.text import guesses
from debate.text.message import N_

PASSWORD_MIN = 8
PASSWORD_MAX = 128


class Passwords:
    """Hashes and checks; `cheap` is for tests only."""

    def __init__(self, *, cheap: bool = False) -> None:
        self._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1) if cheap else PasswordHasher()
        self._nobody = self._hasher.hash("nobody's password")

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def fits(self, kept: str | None, password: str) -> bool:
        """Whether a password fits a kept hash; None (no such account) takes as long and never fits."""
        try:
            fits = self._hasher.verify(kept or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return fits and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether the hash was made at a lower cost than today's."""
        return self._hasher.check_needs_rehash(kept)


def problem(password: str, *own: str) -> str | None:
    """One sentence on what is wrong with a new password, or None; `own` are the name and the address of its account."""
    if len(password) < PASSWORD_MIN:
        return N_("Enter a password of at least %(least)s characters.", least=PASSWORD_MIN)
    if len(password) > PASSWORD_MAX:
        return N_(
            "The password must be %(most)s characters or fewer. It has %(length)s.",
            most=PASSWORD_MAX,
            length=len(password),
        )
    try:
        password.encode()
    except UnicodeEncodeError:
        return N_("The password has characters that cannot be kept. Choose another.")
    if guesses.is_easy(password, *own):
        return N_("This is among the first passwords that anybody would try. Choose another.")
    return None
