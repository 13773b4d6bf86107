"""Secrets that are handed out: whoever reads the database finds only what they can be checked by."""

import hashlib
from secrets import token_urlsafe


def new() -> str:
    """144 random bits, in letters that an address takes."""
    return token_urlsafe(18)


def digest(secret: str) -> str:
    """What is kept of a secret: SHA-256, 64 hexadecimal digits. Good for random ones, not for passwords."""
    return hashlib.sha256(secret.encode()).hexdigest()
