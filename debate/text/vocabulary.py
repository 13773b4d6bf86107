"""What two texts are compared by: their words, in any script, and the pairs that neighbouring words make."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

# Signs of scripts without spaces. A Chinese one is a word of its own; of the others, which have fewer, two are.
_HAN = r"\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_UNSPACED = r"\u3040-\u30ff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\ua9e0-\ua9ff\uaa60-\uaadf"
# Accents, vowel signs and points belong to the letter before them; a soft hyphen or a joiner is not seen at all.
_MARKS = "".join(chr(code) for code in range(0x300, 0x12000) if unicodedata.category(chr(code)) in ("Mn", "Mc"))
_SILENT = re.compile("[\u00ad\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff]")
_LETTER = rf"[^\W_{_HAN}{_UNSPACED}]"
_WORD = re.compile(
    rf"[{_HAN}]|(?:(?=[^\W_])[{_UNSPACED}][{_MARKS}]*)+|{_LETTER}(?:{_LETTER}|(?![{_UNSPACED}])[{_MARKS}])*"
)
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_SIGN = re.compile(rf".[{_MARKS}]*")
_PLAIN = re.compile("[a-z0-9]+")

# A unit is a number, of a word or of two neighbouring ones, and of which time it occurs. It is made so that sets are
# quick: numbers with the same last bits would get in each other's way.
NEXT = 16_777_259  # more than there are words in any text
AGAIN = 0x2_0000_9E37_79B1  # more than any pair makes


def words_of(text: str) -> tuple[str, ...]:
    """The words that a text is compared by: runs of letters and digits, NFKC and casefolded.

    Of Chinese, single signs; of Japanese syllables, Thai, Lao, Khmer and Burmese, every two neighbouring ones. A text
    without any, such as "***", is one word: itself, without space around it.
    """
    if text.isascii():
        return tuple(_PLAIN.findall(text.lower())) or (text.strip(),)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", _SILENT.sub("", text)).casefold())
    found = _WORD.findall(folded)
    return tuple(_cut(found) if _IS_UNSPACED.search(folded) else found) or (folded.strip(),)


def _cut(runs: Iterable[str]) -> Iterator[str]:
    for run in runs:
        if not _IS_UNSPACED.match(run):
            yield run
            continue
        signs = _SIGN.findall(run)
        yield from map("".join, pairwise(signs)) if len(signs) > 1 else signs


def units_of(words: Sequence[str], numbers: dict[str, int]) -> frozenset[int]:
    """A text as a set: its words and pairs of neighbouring words, each apart from when it occurs again.

    `numbers` gives each word its number, from 1, and is added to.
    """
    ids = [numbers.setdefault(word, len(numbers) + 1) for word in words]
    # 0 is the edge of the text; what no word is numbered makes a word of a pair.
    units = [one * NEXT + NEXT - 1 for one in ids] + [a * NEXT + b for a, b in pairwise([0, *ids, 0])]
    counts = Counter(units)
    found = set(counts)
    for unit, times in counts.items():
        if times > 1:
            found.update(range(unit + AGAIN, unit + times * AGAIN, AGAIN))
    return frozenset(found)
