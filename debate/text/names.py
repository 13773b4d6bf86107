"""Which account names are allowed, and which are too alike to be told apart."""

import unicodedata

from debate.text import letters
from debate.text.message import N_

NAME_MIN = 2
NAME_MAX = 32

# The longest run of marks on one letter in a living orthography; more is a tower that hides the lines around it.
_MARKS_MAX = 3
_PUNCTUATION = "._-"


def problem(name: str) -> str | None:
    """What is wrong with `name` as the name of an account, in one sentence; None if nothing is.

    Letters may be of any script, but all of one. Whether the name is taken or reserved is not asked here.
    """
    # The length comes first: nothing below may be given a megabyte to normalise.
    if not NAME_MIN <= len(name) <= NAME_MAX:
        return N_("A name has %(least)s to %(most)s characters.", least=NAME_MIN, most=NAME_MAX)
    if not all(_is_part(char) for char in name) or _marks_pile_up(name):
        return N_("A name is made of letters, digits, dots, underscores and hyphens, without spaces.")
    if not name[0].isalnum() or name[-1] in _PUNCTUATION:
        return N_("A name begins and ends with a letter or a digit.")
    if any(_is_styled(char) for char in name):
        return N_("A name is written in plain letters and digits, not in styled ones.")
    if len(letters.scripts(unicodedata.normalize("NFKC", name))) > 1:
        return N_("A name keeps to one script: letters that look alike in two alphabets cannot be told apart.")
    return None


def key(name: str) -> str:
    """The form under which a name is taken: two names with equal keys look too alike to be different people.

    Meant for a unique column. Case, style, invisible characters, look-alike letters and separators make no difference.
    """
    alike = letters.skeleton(letters.fold(name[: 4 * NAME_MAX]))
    return alike.translate({ord(mark): None for mark in _PUNCTUATION})


def is_reserved(name: str) -> bool:
    """True if `name` is, or passes for, one that would be read as the site speaking."""
    return key(name) in RESERVED


def _is_part(char: str) -> bool:
    if char.isascii():
        return char.isalnum() or char in _PUNCTUATION
    # Marks are parts of letters in most scripts of India. Digits stay ASCII: others are drawn like 1, 8 or o.
    return unicodedata.category(char)[0] in "LM" and letters.visible(char)


def _is_styled(char: str) -> bool:
    return not char.isascii() and unicodedata.normalize("NFKC", char).isascii()


def _marks_pile_up(name: str) -> bool:
    run = 0
    for char in unicodedata.normalize("NFD", name):
        run = run + 1 if unicodedata.category(char)[0] == "M" else 0
        if run > _MARKS_MAX:
            return True
    return False


RESERVED: frozenset[str] = frozenset(
    key(word)
    for word in """
    abuse admin admins administrator administrators anon anonymous author bot debate debatebot deleted deleted-user
    editor editors everyone guest help hostmaster info mailer-daemon me mod moderation moderator moderators mods
    nobody none noreply null official operator owner postmaster privacy root security site staff superuser support
    sysadmin sysop system team undefined unknown user webmaster withdrawn
    """.split()
)
