"""Changing how a text is cut into blocks, by changing the text: so what was chosen stands in the text from then on."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from debate.text.essay import Block, parse

# Where a sentence may end: after its mark and whatever closes behind it, before a blank and something that begins one.
_SENTENCE = re.compile(r"(?<=[.!?…。！？])[\"'”’»)\]]*\s+(?=[^\s\d])|(?<=[。！？])(?=\S)")
_LINE = re.compile(r"(?<!\n)\n++(?=\S)")
_GLUED = re.compile(r"(?<=\n)[^\S\n]*+&[^\S\n]*+\n\s*+")
_ENDS = re.compile(r"[.!?…:。！？]['\"”’»)\]]*$")
PLACES_MAX = 200
GLUE = "\n&\n"  # what stands between two blocks of Markdown that are one (see text/markdown.py)


class Seam(NamedTuple):
    """A place where a block can be split: how far into its source (characters), and how what follows begins."""

    at: int
    begins: str


def whole(blocks: Sequence[Block]) -> str:
    """A text that is cut into just these blocks."""
    return "\n\n".join(block.source for block in blocks)


def is_whole(title: str, blocks: Sequence[Block], format: str) -> bool:
    """Whether `whole` gives these blocks again: what refers to something far off may not."""
    return parse(whole(blocks), "md" if format == "md" else "txt", title).blocks == tuple(blocks)


def joined(blocks: Sequence[Block], at: int, format: str) -> str:
    """The text with the block `at` (from 1) joined to the one before."""
    before, after = blocks[at - 1], blocks[at]
    glue = "\n"
    if format == "md" and (before.kind != "text" or after.kind != "text" or _ENDS.search(before.source)):
        glue = GLUE
    sources = [block.source for block in blocks]
    return "\n\n".join([*sources[: at - 1], before.source + glue + after.source, *sources[at + 1 :]])


def split(blocks: Sequence[Block], at: int, place: int) -> str:
    """The text with the block `at` split so far into its source; a glue that stands there goes."""
    source = blocks[at].source
    first, second = source[:place].rstrip(), source[place:].lstrip()
    first = first.removesuffix("\n&").rstrip()
    sources = [block.source for block in blocks]
    return "\n\n".join([*sources[:at], first, second, *sources[at + 1 :]])


def seams(block: Block, format: str) -> list[Seam]:
    """Where a block can be split: between the parts that were joined, and in plain words at lines and sentences."""
    places = set(_glues(block.source)) if format == "md" else set()
    if block.kind == "text":
        places |= {match.end() for match in _LINE.finditer(block.source)}
        ends = {match.end() for match in _SENTENCE.finditer(block.source)}
        places |= {end for end in ends if not block.source[end : end + 1].islower()}  # "e.g. this"
    elif block.kind == "quote":
        places |= {match.start() for match in re.finditer(r"(?<=\n)>", block.source)}
    found = sorted(place for place in places if 0 < place < len(block.source) and block.source[place:].strip() != "&")
    found = [place for place in found if not block.source[place:].lstrip().startswith("&\n")]
    return [Seam(place, " ".join(block.source[place : place + 60].split())) for place in found[:PLACES_MAX]]


def _glues(source: str) -> Iterator[int]:
    """Where something begins after a glue; of two glues in a row only the first is one."""
    before = -1
    for glue in _GLUED.finditer(source):
        if glue.start() != before:
            before = glue.end()
            yield before
