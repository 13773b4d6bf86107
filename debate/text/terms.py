"""Words as search compares them: folded, stemmed by language, spelt so that every database takes them for one word."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

import snowballstemmer

LONGEST_WORD = 64  # characters that tell a word from others
MOST_TERMS = 20_000  # of one text
MOST_SIGNS = 500_000  # of its terms together: PostgreSQL indexes a megabyte at most, with where each stands
FEWEST_ALIKE = 4  # different words that make a text one that people do not come upon by chance
MOST_ASKED = 16  # words of a query that are looked for
_ALGORITHMS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish", "fr": "french", "ga": "irish",
    "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian",
    "nb": "norwegian", "nl": "dutch", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip
# Chinese and Japanese are written without spaces: each of their signs is a word of its own. So are Thai, Lao, Burmese
# and Khmer: each letter with the marks on it is one.
_SIGNS = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
# Accents, vowel signs and points belong to the letter before them; a soft hyphen or a joiner is not seen at all.
_MARKS = "".join(chr(code) for code in range(0x300, 0x12000) if unicodedata.category(chr(code)) in ("Mn", "Mc"))
_SILENT = "\u00ad\u200c\u200d\ufe00-\ufe0f"
_LETTER = rf"[^\W_{_SIGNS}{_UNSPACED}]"
_ON_IT = f"[{_MARKS}{_SILENT}]"
_WORD = re.compile(rf"[{_SIGNS}]|(?=[^\W_])[{_UNSPACED}]{_ON_IT}*|{_LETTER}(?:{_LETTER}|{_ON_IT})*")
_UNHEARD = re.compile(f"[{_SILENT}]")


class Word(NamedTuple):
    """A word of a text: where it begins and ends, and its term."""

    start: int
    end: int
    term: str


@dataclass(frozen=True)
class Query:
    """What somebody looks for: `wanted` and `unwanted` are words, or phrases of several, as they were typed.

    `is_cut` where more was typed than is looked for.
    """

    wanted: tuple[tuple[str, ...], ...] = ()
    unwanted: tuple[tuple[str, ...], ...] = ()
    is_cut: bool = False

    def __bool__(self) -> bool:
        return bool(self.wanted)


def words(text: str, language: str) -> Iterator[Word]:
    """The words of a text, in order; `language` is an essay's, as `de`. A term is ASCII: w, then letters and digits."""
    for match in _WORD.finditer(text):
        yield Word(match.start(), match.end(), _term(match[0], language))


def terms(text: str, language: str) -> list[str]:
    """The terms of a text, in order: MOST_TERMS at most, and MOST_SIGNS characters with a space after each."""
    found: list[str] = []
    left = MOST_SIGNS
    for word in islice(words(text, language), MOST_TERMS):
        left -= len(word.term) + 1
        if left < 0:
            break
        found.append(word.term)
    return found


def alike(text: str, language: str) -> str:
    """A digest of which words a text has, whatever their order, number and marks: 32 characters.

    Of a few words, which many people say by themselves, it is the digest of the very text, and begins with "=".
    """
    found = sorted({word.term for word in islice(words(text, language), MOST_TERMS)})
    if len(found) < FEWEST_ALIKE:
        return f"={hashlib.sha256(text.encode()).hexdigest()[:31]}"
    return hashlib.sha256(" ".join(found).encode()).hexdigest()[:32]


def query(typed: str) -> Query:
    """What was typed into a search field: words, "phrases" (an open one ends with the text), −words to leave out.

    Anything else is no word and is passed over, so there is nothing that is not a query.
    """
    wanted: list[tuple[str, ...]] = []
    unwanted: list[tuple[str, ...]] = []
    left = MOST_ASKED
    for match in re.finditer(r'(?<!\S)(-?)(?:"([^"]*)"?)|(?<!\S)(-?)(\S+)|"([^"]*)"?', typed):
        minus = match[1] or match[3]
        found = tuple(_WORD.findall(next(part for part in (match[2], match[4], match[5]) if part is not None)))
        if not found:
            continue
        if left <= 0:
            return Query(tuple(wanted), tuple(unwanted), is_cut=True)
        kept = found[:left]
        left -= len(kept)
        is_phrase = match[4] is None or _is_joined(match[4])
        into = unwanted if minus else wanted
        into += [kept] if is_phrase else [(word,) for word in kept]
        if len(kept) < len(found):
            return Query(tuple(wanted), tuple(unwanted), is_cut=True)
    return Query(tuple(wanted), tuple(unwanted))


def marked(text: str, asked: Query, language: str, around: int = 160) -> list[tuple[str, bool]]:
    """The part of a text about its first match: pieces of it in order, each with whether it is a match.

    `around` is the number of characters shown on either side of the first match, to the nearest words.
    """
    there = list(words(text, language))
    hits = _hits([word.term for word in there], asked, language)
    first = there[min(hits)].start if hits else 0
    start = max(0, first - around)
    end = min(len(text), first + around)
    if start:
        start = text.find(" ", start, first) + 1 or start
    if end < len(text):
        end = max(text.rfind(" ", first, end), first) if " " in text[first:end] else end
    end = max([end, *(there[at].end for at in hits if there[at].start == first)])
    pieces: list[tuple[str, bool]] = [("…", False)] if start else []
    at = start
    for number in sorted(hits):
        word = there[number]
        if word.start >= start and word.end <= end:
            pieces += [(text[at : word.start], False), (text[word.start : word.end], True)]
            at = word.end
    pieces += [(text[at:end], False), ("…" if end < len(text) else "", False)]
    return [piece for piece in pieces if piece[0]]


def _hits(there: Sequence[str], asked: Query, language: str) -> set[int]:
    """Which of the terms of a text are a wanted word, or part of a wanted phrase."""
    found: set[int] = set()
    for phrase in asked.wanted:
        sought = [_term(word, language) for word in phrase]
        for at, term in enumerate(there):
            if term == sought[0] and list(there[at : at + len(sought)]) == sought:
                found |= set(range(at, at + len(sought)))
    return found


def sought(phrase: tuple[str, ...], language: str) -> list[str]:
    """The terms of one word or phrase of a query, in a language."""
    return [_term(word, language) for word in phrase]


def _is_joined(typed: str) -> bool:
    """Whether what was typed without a space stands for one thing: not where each sign is a word of its own."""
    return not re.search(f"[{_SIGNS}]", typed)


@lru_cache(maxsize=100_000)
def _term(word: str, language: str) -> str:
    bare = unicodedata.normalize("NFKD", _UNHEARD.sub("", word))
    plain = "".join(sign for sign in bare if not unicodedata.combining(sign))
    folded = plain.casefold()[:LONGEST_WORD]
    algorithm = _ALGORITHMS.get(language)
    stem = _stemmer(algorithm).stemWord(folded) if algorithm else folded
    return "w" + (stem if stem.isascii() and stem.isalnum() else stem.encode().hex())


@lru_cache(maxsize=40)
def _stemmer(algorithm: str) -> Any:
    return snowballstemmer.stemmer(algorithm)
