"""How long it takes to follow the paragraphs of a revised text, beside difflib; run alone, it prints a report.

Both are given the same two revisions. difflib pairs equal paragraphs with SequenceMatcher over the whole text, and each
new one that is left with the old one left that has the best quick_ratio() over its words, if that is at least as much
as may be called alike: what one would write in an afternoon. It takes the square of what is left, so it runs beside the
smaller texts only.
"""

import argparse
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from random import Random
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from report import table, times

from debate.text.alignment import align

ALIKE = 0.6  # from which difflib's own documentation calls two sequences close
BESIDE = 1_000  # paragraphs; difflib is not run on more
WORDS = 80  # in a paragraph, give or take 20
SIZES = (500, 1_000, 2_000, 4_000)


@dataclass(frozen=True)
class Revised:
    """Two revisions, and for each new paragraph the old ones whose key it may keep."""

    old: list[str]
    new: list[str]
    origins: list[set[int]]


class Writer:
    """Invented words, drawn as often as words of real texts are (Zipf's law as B. Mandelbrot has it)."""

    def __init__(self, chance: Random, size: int = 5_000) -> None:
        self.chance = chance
        syllables = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
        words = {"".join(chance.choices(syllables, k=1 + rank % 4)): None for rank in range(2 * size)}
        self.words = list(words)[:size]
        self.weights = [1 / (rank + 2.7) for rank in range(len(self.words))]

    def drawn(self, count: int) -> list[str]:
        return self.chance.choices(self.words, self.weights, k=count)

    def paragraph(self) -> list[str]:
        return self.drawn(self.chance.randint(WORDS - 20, WORDS + 20))

    def reworded(self, words: Sequence[str]) -> list[str]:
        """Up to two of every five words replaced, each by itself."""
        share = self.chance.uniform(0.05, 0.4)
        return [
            other if self.chance.random() < share else word
            for word, other in zip(words, self.drawn(len(words)), strict=True)
        ]


def revised(size: int, share: float = 0.5) -> Revised:
    """So many paragraphs, a share of them reworded; one in 50 moved, and of every 200 one split, merged, new, gone."""
    chance = Random(size)
    writer = Writer(chance)
    old = [writer.paragraph() for _ in range(size)]
    new = [({at}, writer.reworded(words) if chance.random() < share else words) for at, words in enumerate(old)]
    for _ in range(size // 50):
        new.insert(chance.randrange(size), new.pop(chance.randrange(size)))
    for _ in range(size // 200):
        at = chance.randrange(len(new) - 1)
        origins, words = new[at]
        new[at : at + 1] = [(origins, words[:30]), (origins, words[30:])]
        at = chance.randrange(len(new) - 1)
        new[at : at + 2] = [(new[at][0] | new[at + 1][0], new[at][1] + new[at + 1][1])]
        new.insert(chance.randrange(len(new)), (set(), writer.paragraph()))
        del new[chance.randrange(len(new))]
    return Revised([" ".join(words) for words in old], [" ".join(words) for _, words in new], [each for each, _ in new])


def beside(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """New index to old index, as far as difflib leads."""
    matches: dict[int, int] = {}
    for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        matches |= {block.b + at: block.a + at for at in range(block.size)}
    left = {i: old[i].split() for i in range(len(old)) if i not in set(matches.values())}
    for j in (j for j in range(len(new)) if j not in matches):
        matcher = SequenceMatcher(None, b=new[j].split(), autojunk=False)
        best, most = None, ALIKE
        for i, words in left.items():
            matcher.set_seq1(words)
            if matcher.real_quick_ratio() >= most and (ratio := matcher.quick_ratio()) >= most:
                best, most = i, ratio
        if best is not None:
            matches[j] = best
            del left[best]
    return matches


def judged(text: Revised, matches: dict[int, int]) -> str:
    """How many of the old paragraphs that are still there are found, and how many new ones got another's key."""
    right = [j for j, i in matches.items() if i in text.origins[j]]
    kept, there = set().union(*(text.origins[j] for j in right)), set().union(*text.origins)
    return f"{len(kept) / len(there):.1%}, {len(matches) - len(right)}"


def seconds(ask: Callable[[], object], rounds: int) -> float:
    """Of the processor, not of the clock: neither waits for anything."""
    taken = []
    for _ in range(rounds):
        start = time.process_time()
        ask()
        taken.append(time.process_time() - start)
    return median(taken)


def ordinary(sizes: Sequence[int], rounds: int) -> str:
    rows = []
    for size in sizes:
        text = revised(size)
        ours = seconds(lambda text=text: align(text.old, text.new), rounds)
        row = [f"{size:,}", f"{ours:.2f}", f"{ours / size * 1e6:.0f}", judged(text, align(text.old, text.new).matches)]
        if size <= BESIDE:
            theirs = seconds(lambda text=text: beside(text.old, text.new), 1)
            row += [f"{theirs:.2f}", times(theirs, ours), judged(text, beside(text.old, text.new))]
        rows.append(row + ["-"] * (7 - len(row)))
    head = ["paragraphs", "s", "µs each", "kept, wrong", "difflib s", "difflib/ours", "kept, wrong"]
    return table(f"half of the paragraphs reworded, some moved, split, merged; about {WORDS} words each", head, rows)


def limits() -> Iterator[tuple[str, list[str], list[str]]]:
    """Texts as large as an essay may be, or larger, made to take long."""
    chance = Random(7)
    writer = Writer(chance)
    dozen = writer.words[50:62]
    shuffled = [[" ".join(chance.sample(dozen, 12)) for _ in range(5_000)] for _ in range(2)]
    small = [" ".join(writer.drawn(20)) for _ in range(5_000)]
    huge, other = (" ".join(writer.drawn(250_000))[:1_000_000] for _ in range(2))
    all_reworded = revised(5_000, 1)
    signs = [chr(0x4E00 + at) for at in range(400)]
    chinese = [["".join(chance.choices(signs, k=200)) for _ in range(5_000)] for _ in range(2)]
    yield "5,000 reworded, every one", all_reworded.old, all_reworded.new
    yield "5,000 of the same 12 words in other orders", shuffled[0], shuffled[1]
    yield "5,000 equal ones", ["the same"] * 5_000, ["the same"] * 5_000
    yield "one of 1,000,000 characters, then 5,000 small ones", [huge], small
    yield "5,000 small ones, then all of them merged", small, [" ".join(small)]
    yield "one of 1,000,000 characters, then another", [huge], [other]
    yield "5,000 in Chinese, 200 signs of 400, then others", chinese[0], chinese[1]


def main() -> None:
    parser = argparse.ArgumentParser(description="Follow the paragraphs of revised texts, beside difflib.")
    parser.add_argument("--sizes", type=lambda given: [int(size) for size in given.split(",")], default=SIZES)
    parser.add_argument("--rounds", type=int, default=3, help="of each size; the median counts (default: %(default)s)")
    given = parser.parse_args()
    print(f"{platform.python_implementation()} {platform.python_version()}, one core\n")
    print(ordinary(given.sizes, given.rounds), flush=True)
    rows = []
    for name, old, new in limits():
        taken = seconds(lambda old=old, new=new: align(old, new), 1)
        found = align(old, new)
        rows.append(
            [name, f"{taken:.2f}", f"{len(found.matches):,}", f"{len(found.split_off) + len(found.merged_into):,}"]
        )
    print(table("at the limits", ["text", "s", "matched", "split or merged"], rows))


if __name__ == "__main__":
    main()
