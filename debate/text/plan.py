"""What becomes of each paragraph when an essay is revised: worked out before, shown to the author, then carried out."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from debate.text import alignment
from debate.text.essay import BadText, Block, Draft, parse
from debate.text.markdown import unnumbered

LONGEST_TITLE = 150  # characters of a line that is taken for a title although nobody said so
CHANGES = ("kept", "reworded", "moved", "split", "merged", "returned", "removed", "new")


@dataclass(frozen=True)
class Known:
    """A paragraph that the essay has or had: its key, and what it says, or said last."""

    key: str
    kind: str
    source: str
    html: str
    debatable: bool
    replies: int = 0  # visible ones, at any depth


@dataclass(frozen=True)
class Step:
    """One block of the new text: the paragraph it goes on as (`key` none: a new one), and how it came to be.

    `off` is the paragraph it was split off from, `took` those that were merged into it; `likeness` is 0 to 1.
    """

    block: Block
    key: str | None
    change: str
    debatable: bool
    likeness: float = 1.0
    is_moved: bool = False
    says_same: bool = True  # as the paragraph said before, sign by sign
    off: str | None = None
    took: tuple[str, ...] = ()
    is_switched: bool = False  # open to debate where it was closed, or closed


@dataclass(frozen=True)
class Plan:
    """All of a revision: the blocks in order, and the paragraphs that are in the text no longer."""

    title: str
    steps: tuple[Step, ...]
    removed: tuple[str, ...] = ()
    merged: Mapping[str, int] = field(default_factory=dict)  # by key, the index of the block that it is in now

    @property
    def counts(self) -> dict[str, int]:
        """How many paragraphs there are of each of CHANGES; `split` and `merged` count the paragraphs before."""
        counted = Counter(step.change for step in self.steps)
        split = {step.off for step in self.steps if step.off is not None}
        counts = {change: counted[change] for change in CHANGES}
        return counts | {"split": len(split), "merged": len(self.merged), "removed": len(self.removed)}

    @property
    def changes_nothing(self) -> bool:
        """Whether every paragraph stays as it is; the title is not looked at."""
        if self.removed or self.merged:
            return False
        return all(step.change == "kept" and not step.is_switched for step in self.steps)


def saying(kind: str, source: str, html: str) -> tuple[str, str, str]:
    """What tells words from others: not the numbers of their footnotes, which change when one is added before."""
    return kind, source, unnumbered(html)


def plan(
    title: str,
    blocks: Sequence[Block],
    present: Sequence[Known],
    gone: Sequence[Known],
    corrections: Mapping[int, str | None] | None = None,
    switched: Collection[int] = (),
) -> Plan:
    """Follow the paragraphs of an essay into a new text.

    `present` is its text now, in order; `gone` are paragraphs of earlier revisions, which come back with their words.
    `corrections` are the author's word on some blocks, by index: the key of the paragraph that it is, or None for a new
    one. A key that there is not is as if nothing had been said; of two blocks with one key the first has it. `switched`
    are the blocks that are to be open to debate where they would not be, or closed where they would be open; what
    something was said under stays as it is.
    """
    known = {one.key: one for one in (*present, *gone)}
    told = _fitting(corrections or {}, known.keys(), len(blocks))
    back = _back(blocks, present, gone, told)
    index = {one.key: at for at, one in enumerate(present)}
    # What comes back is new to the alignment, and so is what its author calls new.
    fixed = {at: index.get(key or "") for at, key in {**told, **back}.items()}
    found = alignment.align([one.source for one in present], [block.source for block in blocks], fixed)
    back |= _alike(blocks, gone, {*found.matches, *found.split_off, *told, *back}, set(back.values()))
    keys = {new: present[old].key for new, old in found.matches.items()} | back
    kept = set(keys.values())
    merged = {present[old].key: new for old, new in found.merged_into.items() if present[old].key not in kept}
    took: dict[int, list[str]] = {}
    for key, into in merged.items():
        took.setdefault(into, []).append(key)
    off = {new: present[old].key for new, old in found.split_off.items() if new not in keys and new not in told}
    steps = [
        _step(
            block,
            known.get(keys.get(at, "")),
            is_moved=at in found.moved,
            is_back=at in back,
            off=off.get(at),
            took=tuple(took.get(at, ())),
            is_switched=at in switched,
        )
        for at, block in enumerate(blocks)
    ]
    left = index.keys() - kept - merged.keys()
    return Plan(title, tuple(_with_splits(steps)), tuple(one.key for one in present if one.key in left), merged)


def with_origins(found: Plan, alone: Plan) -> Plan:
    """A plan as its author corrected it, where `alone` is what it was without a word of theirs.

    What they call new although it is much like a paragraph that goes was split off from that, as far as readers are
    concerned: so the debate that is no longer in the text is one step away from the words that took its place.
    """
    there = {step.key for step in found.steps} | found.merged.keys()
    steps = [
        replace(step, change="split", off=before.key)
        if step.key is None and step.off is None and before.key not in there
        else step
        for step, before in zip(found.steps, alone.steps, strict=True)
    ]
    return replace(found, steps=tuple(steps))


def first(title: str, blocks: Sequence[Block], switched: Collection[int] = ()) -> Plan:
    """The plan of an essay's first revision: everything is new."""
    return plan(title, blocks, (), (), switched=switched)


def _fitting(corrections: Mapping[int, str | None], keys: Collection[str], count: int) -> dict[int, str | None]:
    told: dict[int, str | None] = {}
    taken: set[str | None] = set()
    for at, key in sorted(corrections.items()):
        if at < count and (key is None or (key in keys and key not in taken)):
            told[at] = key
            taken.add(key)
    return told


def _back(
    blocks: Sequence[Block], present: Sequence[Known], gone: Sequence[Known], told: Mapping[int, str | None]
) -> dict[int, str]:
    """The paragraphs that are gone and come back, by block: by the author's word, or word for word."""
    keys = {one.key for one in gone}
    found = {at: key for at, key in told.items() if key in keys}
    there = {one.source for one in present}
    returned = set(found.values())
    waiting: dict[str, list[str]] = {}
    for one in gone:
        if one.source not in there and one.key not in returned:
            waiting.setdefault(one.source, []).append(one.key)
    for at, block in enumerate(blocks):
        if at not in told and waiting.get(block.source):
            found[at] = waiting[block.source].pop(0)
    return {at: key for at, key in found.items() if key is not None}


def _alike(
    blocks: Sequence[Block], gone: Sequence[Known], settled: Collection[int], back: Collection[str]
) -> dict[int, str]:
    """Blocks that nothing in the text goes on as, and that are much like a paragraph that is gone."""
    free = [at for at in range(len(blocks)) if at not in settled]
    left = [one for one in gone if one.key not in back]
    found = alignment.align([one.source for one in left], [blocks[at].source for at in free])
    sure = {new for new, likeness in found.likeness.items() if likeness >= alignment.THRESHOLD}
    return {free[new]: left[old].key for new, old in found.matches.items() if new in sure}


def _step(
    block: Block,
    known: Known | None,
    *,
    is_moved: bool,
    is_back: bool,
    off: str | None,
    took: tuple[str, ...],
    is_switched: bool,
) -> Step:
    if known is None:
        change = "split" if off else "new"
        return Step(block, None, change, block.debatable != is_switched, 0.0, says_same=False, off=off, took=took)
    same = saying(known.kind, known.source, known.html) == saying(block.kind, block.source, block.html)
    change = "reworded" if not same else "moved" if is_moved else "kept"
    if is_back or took:
        change = "returned" if is_back else "merged"
    likeness = 1.0 if same else alignment.likeness(known.source, block.source)
    debatable = known.debatable != (is_switched and not known.replies)
    return Step(block, known.key, change, debatable, likeness, is_moved, same, None, took, debatable != known.debatable)


def _with_splits(steps: Sequence[Step]) -> list[Step]:
    """The part that keeps the key of a paragraph that was split says so too."""
    split = {step.off for step in steps if step.off is not None}
    return [
        replace(step, change="split") if step.key in split and step.change == "reworded" else step for step in steps
    ]


def retitled(text: str, format: str, title: str, known: Sequence[Known]) -> Draft:
    """A new text for an essay, which may begin with its title as a file does: the one that it has, or another.

    What begins like a paragraph of the essay is that paragraph; else what looks like a title is one. Raises BadText.
    """
    with suppress(BadText):  # what is too long for a title is none
        draft = parse(text, format)
        if alignment.likeness(draft.title, title) == 1:
            return replace(draft, title=title)
        if _looks_like_title(draft.title, known):
            return draft
    return parse(text, format, title)


def _looks_like_title(line: str, known: Sequence[Known]) -> bool:
    if any(alignment.likeness(line, one.source) >= alignment.THRESHOLD for one in known):
        return False
    return len(line) <= LONGEST_TITLE and not line.rstrip("'\"”’»)]").endswith(tuple(".!?…:;。！？"))
