"""Which paragraph of a revised text was which before: so that what was argued under one stays under its own words.

One alignment over both whole texts, in three steps. Paragraphs of the same words are paired first. Of the others, those
that share rare words, or stand in the same gap, are candidates; among them that one-to-one assignment is taken that is
worth most in all. What remains is looked at for parts of paragraphs that were split and for those that were merged.

A wrong match puts an argument under words that it never answered; a lost one can be put right by the author. So there
is a match only if three things hold: the two are alike; they are alike in more than what the whole text repeats; and
what they share says more than chance would say among so many pairs.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from math import log2
from typing import NamedTuple, TypeVar

from debate.text.assignment import assigned
from debate.text.vocabulary import AGAIN, NEXT, units_of, words_of

# Likeness (below) from which two paragraphs are the same one wherever they stand; and the share of their rarity (the
# same formula, each word weighed by how few paragraphs it stands in) that must be common as well. Measured on invented
# texts of 100 paragraphs: two of every five words replaced, each by itself, leave 0.39 to 0.61, by rarity 0.34 to 0.66;
# two paragraphs that have nothing to do with each other reach 0.29, by rarity 0.16, and in a language of 300 words or
# 400 signs 0.35 and 0.27.
THRESHOLD = 0.4
DISTINCT = 0.25
# The same for two that stand between the same neighbours.
NEAR_THRESHOLD = 0.33
NEAR_DISTINCT = 0.2
# What a match must say beyond chance, in bits: so many more than it takes to choose one among all pairs that might be
# meant, which are few in a gap between neighbours and many in a whole text. It keeps short paragraphs where they are.
SURPRISE = 2.0
# The share of a part, by rarity, that must be found in the whole that it was split off from or merged into.
CONTAINED = 0.6

# What Hypothesis weighs by when it looks for a quotation in a changed page: quote, prefix, suffix, position.
_WORDS, _BEFORE, _AFTER, _POSITION = 50, 20, 20, 2
_ALL = _WORDS + _BEFORE + _AFTER + _POSITION
# What being matched at all must be worth: two poor matches are not better than a good one.
_WORTH = 0.1

_ROUNDS = 5  # neighbours become known as paragraphs are matched; texts settle in two or three
_COMMON = 200  # what stands in more paragraphs does not lead from one to another
_LOOKS = 64  # paragraphs looked at for a paragraph's rarest words, and one more for every four units that it has
_ENOUGH = 100  # units by which a paragraph is looked for; of one that has more, one in _EVERY
_EVERY = 3
_CANDIDATES = 6  # at most, for each paragraph, of those found by words
_FAINT = 0.25  # a candidate that shares less than this part of what the best one shares is none
_BAND = 3  # how many places apart two may stand in a gap, counted from either end

_T = TypeVar("_T", str, int)
_Gap = tuple[int, int, int]  # the old indexes of the matches before and after, and how many stand between them


@dataclass(frozen=True)
class Alignment:
    """What became of each paragraph; indexes count from 0.

    A new one that is neither in `matches` nor in `split_off` is new; an old one that is neither in the values of
    `matches` nor in `merged_into` was removed.
    """

    matches: dict[int, int]
    """New index to old index: the paragraph keeps its key. One to one."""
    likeness: dict[int, float]
    """New index, matched, to how alike the two are, 0 to 1; 1 only for the same words."""
    moved: frozenset[int]
    """New indexes, matched, that are not in the longest run of matches that keep their order; among runs of equal
    length the one with most words counts, so of two that changed places the shorter has moved."""
    split_off: dict[int, int]
    """New index, unmatched, to the old index that it was a part of; the key stays with the part that has most of it."""
    merged_into: dict[int, int]
    """Old index, unmatched, to the new index that took it in; that one keeps the key it has most of."""


def align(old: Sequence[str], new: Sequence[str], fixed: Mapping[int, int | None] | None = None) -> Alignment:
    """Follow the paragraphs of `old` into `new`; both are their source texts in order.

    `fixed` holds the author's corrections, new index to old index, or to None for one that is new. They win over
    everything, and the rest is aligned around them. ValueError if they name what is not there, or an old one twice.
    """
    fixed = fixed or {}
    _check(fixed, len(old), len(new))
    texts = _Texts(old, new)
    search = _Search(texts, fixed)
    search.exact()
    search.alike()
    split_off, merged_into = search.parts()
    matches = dict(sorted(search.matches.items()))
    return Alignment(
        matches,
        {j: texts.likeness(i, j) for j, i in matches.items()},
        frozenset(matches.keys() - _in_order(matches, texts.new).keys()),
        split_off,
        merged_into,
    )


def likeness(one: str, other: str) -> float:
    """How alike two texts are, 0 to 1: Dice's coefficient over their words and their pairs of neighbouring words.

    Twice the number of words and pairs that both have, over the number that each has, where one that occurs twice
    counts twice and the first and the last word make a pair with the edge (L. R. Dice, "Measures of the amount of
    ecologic association between species", Ecology 26, 1945; pairs for order, as in A. Z. Broder's shingles, 1997).
    Case, width, punctuation and spacing do not count. 1 only for the same words in the same order.
    """
    texts = _Texts([one], [other])
    return texts.likeness(0, 0)


def _check(fixed: Mapping[int, int | None], old: int, new: int) -> None:
    kept = [i for i in fixed.values() if i is not None]
    if not all(0 <= i < old for i in kept) or not all(0 <= j < new for j in fixed):
        raise ValueError("a correction names a paragraph that is not there")
    if len(set(kept)) < len(kept):
        raise ValueError("two corrections give the same paragraph's key away")


class _Texts:
    """Both revisions as words; and, of those paragraphs that are asked for, as units."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        # In the order of the texts: the same input takes the same steps.
        words = {text: words_of(text) for text in dict.fromkeys([*old, *new])}
        self.old = [words[text] for text in old]
        self.new = [words[text] for text in new]
        self.numbers: dict[str, int] = {}
        self._texts = (old, new)
        self._units: dict[str, frozenset[int]] = {}

    def old_units(self, i: int) -> frozenset[int]:
        """An old paragraph as a set."""
        return self._kept_units(self._texts[0][i], self.old[i])

    def new_units(self, j: int) -> frozenset[int]:
        """A new paragraph as a set."""
        return self._kept_units(self._texts[1][j], self.new[j])

    def _kept_units(self, text: str, words: tuple[str, ...]) -> frozenset[int]:
        # By the text, whose hash is kept; that of a tuple is counted anew each time, which takes long if it is long.
        found = self._units.get(text)
        if found is None:
            found = self._units[text] = units_of(words, self.numbers)
        return found

    def likeness(self, i: int, j: int) -> float:
        if self.old[i] == self.new[j]:
            return 1.0
        one, other = self.old_units(i), self.new_units(j)
        # Other words can have the same pairs ("a b a c a", "a c a b a").
        return min(2 * len(one & other), len(one) + len(other) - 1) / (len(one) + len(other))


class _Rarity(dict[int, float]):
    """Unit to bits. Of a word log2(n / df), where df of n paragraphs have it, in the revision where more of them do.

    The inverse document frequency of K. Spärck Jones, 1972; n is 2 at least, so that words count in a text of one
    paragraph. A pair has as many as the rarer of its words: it is at least as rare.
    """

    def __init__(self, texts: _Texts) -> None:
        self._size = max(2, len(texts.old), len(texts.new))
        self.most = log2(self._size)
        self._old, self._new = _counted(map(frozenset, texts.old)), _counted(map(frozenset, texts.new))
        self._numbers = texts.numbers
        self._words: list[float] = [0.0]  # bits, by number; the edge of a text is everywhere

    def __missing__(self, unit: int) -> float:
        one, other = divmod(unit % AGAIN, NEXT)
        if len(self._words) <= len(self._numbers):
            for word in islice(self._numbers, len(self._words) - 1, None):
                self._words.append(log2(self._size / max(self._old.get(word, 0), self._new.get(word, 0))))
        bits = self._words[one] if other == NEXT - 1 else max(self._words[one], self._words[other])
        self[unit] = bits
        return bits

    def of(self, units: Iterable[int]) -> float:
        """The bits of several, together."""
        return sum(map(self.__getitem__, units))


class _Pair(NamedTuple):
    """An old and a new paragraph, compared: `shared` in bits, the others from 0 to 1.

    `old_inside` is the share of the old one's bits that the new one has, `new_inside` the other way round.
    """

    likeness: float
    shared: float
    distinct: float
    old_inside: float
    new_inside: float


class _Gaps:
    """Between which matched paragraphs each one stands, by old indexes: -1 is the beginning, the number of all the end.

    Each also has the number of those that stand there with it.
    """

    def __init__(self, matches: Mapping[int, int], old: int, new: int) -> None:
        self.old = _between({i: i for i in matches.values()}, old, old)
        self.new = _between(matches, new, old)

    def agree(self, i: int, j: int) -> tuple[bool, bool, int]:
        """Whether two have the same neighbour before, the same after, and how many pairs could be meant there."""
        before, after, one = self.old[i]
        other_before, other_after, other = self.new[j]
        return before == other_before, after == other_after, one * other

    def meet(self, old: Iterable[int], new: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Those among them that stand in the same gap and about as far from one of its ends."""
        there: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for i in old:
            there[self.old[i][:2]].append(i)
        here: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for j in new:
            here[self.new[j][:2]].append(j)
        for gap, ours in here.items():
            theirs = there.get(gap, [])
            for at, j in enumerate(ours):
                for start in {at, at + len(theirs) - len(ours)}:
                    for i in theirs[max(0, start - _BAND) : max(0, start + _BAND + 1)]:
                        yield i, j


def _between(matches: Mapping[int, int], size: int, end: int) -> list[tuple[int, int, int]]:
    """For each place: what the nearest match before it and after it is matched to, and how many stand there."""
    befores: list[tuple[int, int]] = []
    near = (-1, -1)
    for place in range(size):
        befores.append(near)
        if place in matches:
            near = (place, matches[place])
    found: list[tuple[int, int, int]] = []
    near = (size, end)
    for place in reversed(range(size)):
        start, before = befores[place]
        found.append((before, near[1], near[0] - start - 1))
        if place in matches:
            near = (place, matches[place])
    return found[::-1]


class _Search:
    """The alignment in the making; `matches` is new index to old index."""

    def __init__(self, texts: _Texts, fixed: Mapping[int, int | None]) -> None:
        self.texts = texts
        self.fixed = fixed
        self.matches = {j: i for j, i in fixed.items() if i is not None}
        self.given = set(self.matches.values())
        self.rarity = _Rarity(texts)
        self.bits_old: dict[int, float] = {}
        self.bits_new: dict[int, float] = {}
        self.pairs: dict[tuple[int, int], _Pair | None] = {}
        self.everywhere = max(1, len(texts.old) * len(texts.new))  # pairs that could be meant

    def exact(self) -> None:
        """Match what has the same words: what is there once, then beside what is matched, then in order."""
        there, here = _places(self.texts.old, self.given), _places(self.texts.new, self.fixed)
        for words, places in here.items():
            if len(places) == 1 and len(there.get(words, ())) == 1:
                self.matches[places[0]] = there[words][0]
        self._extend(range(len(self.texts.new)), 1)
        self._extend(reversed(range(len(self.texts.new))), -1)
        gaps = self._gaps()
        self._in_turn(gaps.old, gaps.new)
        self._in_turn(None, None)

    def _extend(self, places: Iterable[int], step: int) -> None:
        """Match what has the same words and stands just beyond a match, as in P. Heckel's comparison (CACM, 1978)."""
        old, new = self.texts.old, self.texts.new
        taken = self.given | set(self.matches.values())
        edges = {-1: -1, len(new): len(old)}
        for j in places:
            i = self.matches.get(j - step, edges.get(j - step, -2)) + step
            if j in self.matches or j in self.fixed or i in taken or not 0 <= i < len(old):
                continue
            if old[i] == new[j]:
                self.matches[j] = i
                taken.add(i)

    def _in_turn(self, old_gaps: Sequence[_Gap] | None, new_gaps: Sequence[_Gap] | None) -> None:
        """Match what has the same words in the order in which it stands: in each gap, or in all of the text."""
        taken = set(self.matches.values())
        there, here = _places(self.texts.old, taken, old_gaps), _places(self.texts.new, self._settled(), new_gaps)
        for words, places in here.items():
            self.matches.update(zip(places, there.get(words, ()), strict=False))

    def _settled(self) -> set[int]:
        """The new paragraphs that are matched, or said to be new."""
        return self.matches.keys() | self.fixed.keys()

    def _gaps(self) -> _Gaps:
        return _Gaps(self.matches, len(self.texts.old), len(self.texts.new))

    def _gaps_in_order(self) -> _Gaps:
        return _Gaps(_in_order(self.matches, self.texts.new), len(self.texts.old), len(self.texts.new))

    def alike(self) -> None:
        """Match what is alike, all at once; and again with the neighbours known by then, until nothing changes."""
        anchors = dict(self.matches)
        settled, taken = self._settled(), set(anchors.values())
        old = [i for i in range(len(self.texts.old)) if i not in taken]
        new = [j for j in range(len(self.texts.new)) if j not in settled]
        self._search_words(old, new)
        for turn in range(_ROUNDS):
            before = self.matches
            gaps = [self._gaps(), self._gaps_in_order()]
            left = set(self.matches.values())
            # What stands in the same gap, once words have made the gaps small.
            for each in gaps if turn else ():
                for i, j in each.meet((i for i in old if i not in left), (j for j in new if j not in before)):
                    self._compare(i, j)
            gains = {at: self._gain(*at, pair, gaps) for at, pair in self.pairs.items() if pair}
            self.matches = anchors | assigned({at: gain for at, gain in gains.items() if gain > 0})
            if turn and self.matches == before:
                break

    def _search_words(self, old: Sequence[int], new: Sequence[int]) -> None:
        """Compare each of them with those that share its rarest words; corrected ones too, for their parts."""
        there = {i: self.texts.old_units(i) for i in sorted({*old, *self.given})}
        here = {j: self.texts.new_units(j) for j in sorted({*new, *(j for j in self.fixed if j in self.matches)})}
        there, here = _sampled(there), _sampled(here)
        index = _Index(there, here.values())
        found: set[int] = set()
        for j, units in here.items():
            for i in self._candidates(units, index):
                pair = self._compare(i, j)
                if pair and pair.likeness >= THRESHOLD:
                    found.add(i)
        # Seen from the other end only where that led to nothing: a short one is not among the best of a long one.
        lone = {i: units for i, units in there.items() if i not in found}
        index = _Index(here, lone.values())
        for i, units in lone.items():
            for j in self._candidates(units, index):
                self._compare(i, j)

    def _candidates(self, units: frozenset[int], index: "_Index") -> list[int]:
        """Where most of its rarest words stand in the other revision, by what they say together."""
        looks = _LOOKS + len(units) // 4
        bits: defaultdict[int, float] = defaultdict(float)
        for unit in sorted(units & index.counts.keys(), key=index.counts.__getitem__):
            looks -= index.counts[unit]
            if looks < 0:
                break
            for place in index.places(unit):
                bits[place] += self.rarity[unit]
        # What two have in common by chance is one rare thing, not several.
        least = max(_FAINT * max(bits.values(), default=0.0), self.rarity.most)
        best = sorted((-each, place) for place, each in bits.items() if each >= least)
        return [place for _, place in best[:_CANDIDATES]]

    def _compare(self, i: int, j: int) -> _Pair | None:
        if (i, j) in self.pairs:
            return self.pairs[i, j]
        one, other = self.texts.old_units(i), self.texts.new_units(j)
        common = one & other
        pair = None
        # With less in common they are neither alike nor is one a part of the other.
        if len(common) >= NEAR_THRESHOLD * min(len(one), len(other)) and (shared := self.rarity.of(common)):
            of_old, of_new = self._bits(one, i, self.bits_old), self._bits(other, j, self.bits_new)
            pair = _Pair(
                2 * len(common) / (len(one) + len(other)),
                shared / 2,
                2 * shared / (of_old + of_new),
                shared / of_old,
                shared / of_new,
            )
        self.pairs[i, j] = pair
        return pair

    def _bits(self, units: frozenset[int], at: int, known: dict[int, float]) -> float:
        if at not in known:
            known[at] = self.rarity.of(units)
        return known[at]

    def _gain(self, i: int, j: int, pair: _Pair, gaps: Sequence[_Gaps]) -> float:
        """What matching the two is worth, 0 to 1; 0 if they are not taken as the same."""
        if j in self.fixed or i in self.given or pair.distinct < NEAR_DISTINCT or pair.likeness < NEAR_THRESHOLD:
            return 0.0
        befores, afters, rivals = zip(*(each.agree(i, j) for each in gaps), strict=True)
        nearby = [number for before, after, number in zip(befores, afters, rivals, strict=True) if before and after]
        is_near = nearby and pair.shared >= log2(min(nearby)) + SURPRISE
        is_alike = pair.likeness >= THRESHOLD and pair.distinct >= DISTINCT
        if not is_near and not (is_alike and pair.shared >= log2(self.everywhere) + SURPRISE):
            return 0.0
        position = 1 - abs(i / len(self.texts.old) - j / len(self.texts.new))
        score = _WORDS * pair.distinct + _BEFORE * any(befores) + _AFTER * any(afters) + _POSITION * position
        return score / _ALL - _WORTH

    def parts(self) -> tuple[dict[int, int], dict[int, int]]:
        """What was split off, new index to old, and what was merged, old index to new.

        Where a paragraph fell into parts of which none is like it, the greatest of them gets the key; and where
        one was added to until it is no longer like itself, it keeps it.
        """
        split, merged = [], []
        for (i, j), pair in sorted(self.pairs.items()):
            if pair and pair.new_inside >= CONTAINED and (j in self.matches or j not in self.fixed):
                split.append(_Part(j, i, pair.shared))
            if pair and pair.old_inside >= CONTAINED:
                merged.append(_Part(i, j, pair.shared))
        holders = {i: j for j, i in self.matches.items()}
        much = log2(self.everywhere) + SURPRISE
        splits = _Parts(self.texts.new_units, self.texts.old_units, self.rarity, much, CONTAINED)
        # However much was added: the words that were argued about are still there.
        merges = _Parts(self.texts.old_units, self.texts.new_units, self.rarity, much, 0)
        split_off = splits.shared_out(split, holders, self.given)
        self.matches = {j: i for i, j in holders.items()}
        merged_into = merges.shared_out(merged, self.matches, self.fixed.keys())
        return {j: i for j, i in split_off.items() if j not in self.matches}, merged_into


class _Part(NamedTuple):
    """A paragraph most of whose rarity is in one of the other revision; what they share, in bits."""

    place: int
    whole: int
    shared: float


@dataclass(frozen=True)
class _Parts:
    """Parts and the wholes that they were split off from or merged into: the same thing, seen from either end."""

    units: Callable[[int], frozenset[int]]
    whole_units: Callable[[int], frozenset[int]]
    rarity: _Rarity
    much: float  # bits that it takes anywhere
    cover: float  # the share of a whole that parts must make up together, where none is like it

    def shared_out(self, parts: Sequence[_Part], holders: dict[int, int], firm: Collection[int]) -> dict[int, int]:
        """Part to whole, for the parts without the key; `holders`, whole to the part that has it, is put right.

        The holders of `firm` wholes stay.
        """
        self._adopt(parts, holders, firm)
        found = self._beside(parts, holders)
        most: dict[int, tuple[int, int]] = {}
        for part in parts:
            if holders.get(part.whole) == part.place or found.get(part.place) == part.whole:
                rank = (self._common(part.place, part.whole), -part.place)
                most[part.whole] = max(most.get(part.whole, rank), rank)
        for whole in {*found.values()} - {*firm}:
            holder, greatest = holders[whole], -most[whole][1]
            if greatest != holder and self._common(greatest, whole) > self._common(holder, whole):
                holders[whole] = greatest
                del found[greatest]
                found[holder] = whole
        return dict(sorted(found.items()))

    def _common(self, place: int, whole: int) -> int:
        """How many words and pairs they have in common."""
        return len(self.units(place) & self.whole_units(whole))

    def _adopt(self, parts: Sequence[_Part], holders: dict[int, int], firm: Collection[int]) -> None:
        """Take the greatest part for a whole that is like none, if together they make up enough of it."""
        kept = set(holders.values())
        groups: defaultdict[int, list[_Part]] = defaultdict(list)
        for part in parts:
            if part.whole not in holders and part.whole not in firm and part.shared >= self.much:
                groups[part.whole].append(part)
        for whole, group in groups.items():
            free = [part for part in group if part.place not in kept]
            covered = 2 * sum(part.shared for part in free)
            if free and covered >= self.cover * self.rarity.of(self.whole_units(whole)):
                _, holders[whole] = min((-self._common(part.place, whole), part.place) for part in free)
                kept.add(holders[whole])

    def _beside(self, parts: Sequence[_Part], holders: dict[int, int]) -> dict[int, int]:
        """Part to whole, where another part has the key, but not the words that this one shares with the whole.

        Elsewhere than beside that other part it takes as much as a match would.
        """
        held = sorted(holders.values())
        kept = set(held)
        best: dict[int, tuple[float, int]] = {}
        for part in parts:
            if part.place in kept or part.whole not in holders:
                continue
            low, high = sorted((part.place, holders[part.whole]))
            is_near = bisect_left(held, high) == bisect_right(held, low)
            gone = (self.units(part.place) & self.whole_units(part.whole)) - self.units(holders[part.whole])
            if part.shared >= (SURPRISE if is_near else self.much) and self.rarity.of(gone) >= part.shared:
                best[part.place] = max(best.get(part.place, (0.0, 0)), (part.shared, part.whole))
        return {place: whole for place, (_, whole) in best.items()}


def _counted(texts: Iterable[frozenset[_T]]) -> Counter[_T]:
    """In how many of the texts each word or unit stands."""
    counts: Counter[_T] = Counter()
    for each in texts:
        counts.update(each)
    return counts


def _sampled(texts: Mapping[int, frozenset[int]]) -> dict[int, frozenset[int]]:
    """Of each long text one unit in three, the same ones of each: enough to find it by (A. Z. Broder, 1997)."""
    return {
        place: units if len(units) <= _ENOUGH else frozenset(unit for unit in units if unit % _EVERY == 0)
        for place, units in texts.items()
    }


class _Index:
    """Where each unit stands that others have too, in one list: so many short ones would busy the garbage collector.

    Left out are those that stand in too many paragraphs, and what occurs in one again.
    """

    def __init__(self, texts: Mapping[int, frozenset[int]], others: Iterable[frozenset[int]]) -> None:
        asked = set[int]().union(*others)
        found = {place: units & asked for place, units in texts.items()}
        counts = _counted(found.values())
        self.counts = {unit: times for unit, times in counts.items() if times <= _COMMON and unit < AGAIN}
        starts = dict(zip(self.counts, accumulate(self.counts.values()), strict=True))
        self._places = [0] * sum(self.counts.values())
        for place, units in found.items():
            for unit in units & self.counts.keys():
                starts[unit] -= 1
                self._places[starts[unit]] = place
        self._starts = starts

    def places(self, unit: int) -> list[int]:
        """The paragraphs that it stands in."""
        start = self._starts[unit]
        return self._places[start : start + self.counts[unit]]


def _places(
    texts: Sequence[tuple[str, ...]], without: Collection[int], gaps: Sequence[_Gap] | None = None
) -> dict[object, list[int]]:
    """Each text, or each text in each gap, to the places where it stands."""
    found: dict[object, list[int]] = {}
    for place, words in enumerate(texts):
        if place not in without:
            found.setdefault((words, gaps[place][:2]) if gaps else words, []).append(place)
    return found


def _in_order(matches: Mapping[int, int], texts: Sequence[Sequence[str]]) -> dict[int, int]:
    """As many of the matches as can keep one order; of equally many, those with more words.

    The heaviest increasing subsequence, with a Fenwick tree for the heaviest one up to each old index.
    """
    total = 1 + sum(map(len, texts))
    tree: list[tuple[int, int]] = [(0, -1)] * (max(matches.values(), default=0) + 2)
    before: dict[int, int] = {}
    for j, i in sorted(matches.items()):
        best, at = (0, -1), i
        while at > 0:
            best = max(best, tree[at])
            at &= at - 1
        before[j] = best[1]
        weight = (best[0] + total + len(texts[j]), j)
        at = i + 1
        while at < len(tree):
            tree[at] = max(tree[at], weight)
            at += at & -at
    kept: dict[int, int] = {}
    _, last = max(tree)
    while last >= 0:
        kept[last] = matches[last]
        last = before[last]
    return kept
