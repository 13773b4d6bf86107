"""Which passwords are among the first that anybody would try.

Guessing at a log-in form is slow, so it goes through what most people choose, in every case and with a few digits or
signs added. These are refused; whatever else somebody remembers is fine.
"""

import re

_MOST_CHOSEN = frozenset(
    """
    abc access admin administrator adobe alexander amanda andrea andrew angel angels arsenal asdf ashley assword
    baseball basketball batman blink bismillah buster butterfly changeme charlie cheese chelsea chocolate computer
    config cookie daniel default diamond donald dragon elizabeth everton facebook fluffy football forever freedom
    friend friends fuckyou gangster ginger google guest hallo hallowelt hannover hello hockey hunter iloveu iloveyou
    instagram internet isabella jasmine jennifer jessica jordan joshua killer kitten letmein linkedin liverpool login
    london loveme lovely loveyou master mastermind matthew matrix merlin michael michelle minecraft monkey mustang
    mypass mypassword naruto nicole ninja nothing number oliver passport passw passwort password passwords pepper
    pokemon princess purple qazwsx qwer qwert qwerty qwertz rainbow rockyou samsung sample schalke schatz secret
    secure server service shadow sommer soccer spiderman startrek starwars steven summer sunflower sunshine superman
    superstar support swordfish system temp temporary test tester testing thomas tigger trustno twitter unknown user
    victoria welcome whatever whatsapp william willkommen winter wizard youtube zaqwsx
    """.split()
)
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm",
         "1qaz2wsx3edc4rfv5tgb", "q1w2e3r4t5y6u7i8o9p0", "1q2w3e4r5t6y7u8i9o0p", "qazwsxedcrfvtgb")  # fmt: skip
_SEQUENCES = tuple(row for forth in _ROWS for row in (forth, forth[::-1]))
_WRITTEN_FOR = str.maketrans("0134578@$!", "oieastbasi")
_FEW = 3  # letters or digits that are repeated over and over


def is_easy(password: str, *own: str) -> bool:
    """True if `password` is a word that most people choose, a row of keys, something repeated, or one of `own` (the
    name, the address), whatever its case and the digits and signs at its ends.
    """
    folded = password.casefold()
    stem = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded)
    known = _MOST_CHOSEN | {_letters(part) for word in own for part in (word, word.partition("@")[0])} - {""}
    if {_letters(folded), _letters(stem.translate(_WRITTEN_FOR))} & known:
        return True
    plain = re.sub(r"[\W_]", "", folded)
    return _repeats(plain or folded) or _is_row(plain)


def _letters(word: str) -> str:
    return re.sub(r"[\W\d_]", "", word.casefold())


def _repeats(word: str) -> bool:
    return any(word == (word[:few] * len(word))[: len(word)] for few in range(1, _FEW + 1))


def _is_row(word: str) -> bool:
    """True if it is made of rows of keys, of the alphabet or of digits, each of three at least."""
    rest = word
    while rest:
        most = max(
            (length for row in _SEQUENCES for length in range(len(rest), 2, -1) if rest[:length] in row), default=0
        )
        if not most:
            return False
        rest = rest[most:]
    return bool(word)
