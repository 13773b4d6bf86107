"""The form in which an essay's text is brought in and revised: what was typed, what was found in it, what is wrong."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from debate.forms import Field, noted
from debate.text import adjust, markup
from debate.text.essay import FORMATS, LANGUAGES, BadText, Block, Draft, parse, read
from debate.text.message import N_, Message
from debate.text.plan import Known, Plan, first, plan, retitled, with_origins
from debate.text.vocabulary import words_of

AUTHOR_LIMIT = 100
_ADJUST = re.compile(r"(join|part|split)-([0-9]{1,4})(?:-([0-9]{1,7}))?")


@dataclass(frozen=True)
class Upload:
    """A file that was sent along."""

    name: str
    data: bytes


@dataclass
class Editor:
    """An essay's text as somebody typed it, and what comes of it.

    `switched` names blocks by digest that are to be open to debate where they are not by themselves, or closed;
    `was` says of each block which paragraph of the present text it is, as long as the blocks are those named by `of`.
    """

    title: str = ""
    author: str = ""
    text: str = ""
    format: str = ""
    language: str = ""
    note: str = ""
    base: int = 0
    switched: frozenset[str] = frozenset()
    was: Sequence[str] = ()
    of: str = ""
    parting: int | None = None  # the block whose seams are shown
    draft: Draft | None = None
    plan: Plan | None = None
    present: Sequence[Known] = ()
    left_out: tuple[Message, ...] = ()
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def typed(
        cls,
        one: Field,
        many: Callable[[str], Sequence[str]],
        upload: Upload | None,
        *,
        is_final: bool,
        of: tuple[str, Sequence[Known]] | None = None,
    ) -> "Editor":
        """The form as it was sent; `one` gives a field's words, `many` all values of a field.

        What a file itself says about its language holds until somebody has seen it (`is_final`). `of` is the title and
        the paragraphs of the essay that is revised: a file may begin with the title again.
        """
        made = cls(
            title=one("title"),
            author=" ".join(markup.tidy(one("author")).split()),
            text=one("text"),
            format=one("format") if one("format") in FORMATS else "",
            language=one("language"),
            note=one("note"),
            base=int(one("base")) if one("base").isdecimal() and one("base").isascii() and len(one("base")) < 10 else 0,
            switched=frozenset(many("switch")),
            was=many("was"),
            of=one("of"),
        )
        made._check()
        made._bring_in(upload, is_final=is_final)
        if "file" not in made.errors:
            if of is not None and (upload is not None or not made.title):
                made._take_title_off(*of)
            made._cut(one("adjust"))
        return made

    @classmethod
    def of_text(
        cls, title: str, known: Sequence[Known], *, format: str, language: str, base: int, is_draft: bool
    ) -> "Editor":
        """The form with the text that there is. What was switched in a draft is known only by what is not as usual."""
        text = "\n\n".join(one.source for one in known)
        made = cls(title=title, text=text, format=format, language=language, base=base)
        if is_draft:
            usual: tuple[Block, ...] = ()
            with suppress(BadText):  # one that a command stored may be longer than the form takes
                usual = parse(text, made.kind, title).blocks
            pairs = zip(usual, known, strict=False) if len(usual) == len(known) else ()
            made.switched = frozenset(digest_of(block) for block, one in pairs if block.debatable != one.debatable)
        return made

    @property
    def kind(self) -> str:
        """How the text is written: md or txt."""
        return "md" if self.format == "md" else "txt"

    @property
    def blocks(self) -> tuple[Block, ...]:
        return self.draft.blocks if self.draft else ()

    @property
    def digest(self) -> str:
        """What tells these blocks from others."""
        return _digest(*(block.source for block in self.blocks))

    @property
    def switched_blocks(self) -> set[int]:
        return {at for at, block in enumerate(self.blocks) if digest_of(block) in self.switched}

    def seams(self) -> list[adjust.Seam]:
        """Where the block that is to be split can be."""
        return adjust.seams(self.blocks[self.parting], self.kind) if self.parting is not None else []

    def planned(self) -> Plan:
        """The plan of a first revision. Raises BadText where nothing is left that is open to debate."""
        if self.draft is None:
            raise ValueError("no text was found")
        self.plan = first(self.draft.title, self.draft.blocks, self.switched_blocks)
        return self.plan

    def replanned(self, present: Sequence[Known], gone: Sequence[Known]) -> Plan:
        """The plan of a revision, with what its author has corrected; a correction that means nothing is an error."""
        if self.draft is None:
            raise ValueError("no text was found")
        alone = plan(self.draft.title, self.draft.blocks, present, gone, switched=self.switched_blocks)
        corrections = self._corrections(alone, present, gone)
        found = alone
        if corrections:
            told = set(corrections.values())
            # What was shown and left as it was is the author's word too: what is published is what was looked at.
            left = {at: step.key for at, step in enumerate(alone.steps) if step.key not in {None, *told}}
            said = left | corrections
            found = plan(self.draft.title, self.draft.blocks, present, gone, said, self.switched_blocks)
            found = with_origins(found, alone)
            self._keep_debates(found, corrections, present, gone)
        self.plan, self.present = found, present
        return found

    def _corrections(self, found: Plan, present: Sequence[Known], gone: Sequence[Known]) -> dict[int, str | None]:
        """Which paragraph the author says that a block is, None for a new one, where the plan has it otherwise."""
        corrections: dict[int, str | None] = {}
        if self.of != self.digest or len(self.was) != len(found.steps):
            return corrections
        numbers = numbered(present)
        keys = {known.key for known in (*present, *gone)}
        for at, (given, step) in enumerate(zip(self.was, found.steps, strict=True)):
            said = given.strip().lstrip("¶").strip().lower()
            key = numbers.get(said, said) or None
            if key is not None and key not in keys:
                self.errors["was"] = N_("There is no paragraph %(given)s in the present text.", given=given[:20])
            elif key != step.key:
                if key is not None and key in corrections.values():
                    self.errors["was"] = N_("Two blocks cannot both be paragraph %(given)s.", given=given[:20])
                corrections[at] = key
        return corrections

    def _keep_debates(
        self, found: Plan, corrections: Mapping[int, str | None], present: Sequence[Known], gone: Sequence[Known]
    ) -> None:
        """Nobody moves a debate away from the very words that it is about while they stand in the text."""
        same: dict[tuple[str, ...], list[Known]] = {}
        for known in (*present, *gone):
            same.setdefault(words_of(known.source), []).append(known)
        kept = {(step.key, words_of(step.block.source)) for step in found.steps}
        names = {key: number for number, key in numbered(present).items()}
        for at, key in corrections.items():
            words = words_of(found.steps[at].block.source)
            alike = same.get(words, [])
            if key in {known.key for known in alike}:
                continue
            for known in alike:
                if known.replies and (known.key, words) not in kept:
                    self.errors["was"] = N_(
                        "These are the very words of %(which)s, which people have answered: they stay that paragraph.",
                        which=f"¶{names[known.key]}" if known.key in names else known.key,
                    )

    def _check(self) -> None:
        if self.language not in LANGUAGES:
            self.errors["language"] = N_("Choose the language from the list.")
        if len(self.author) > AUTHOR_LIMIT:
            self.errors["author"] = N_(
                "The author's name must be 100 characters or fewer. It has %(length)s.", length=len(self.author)
            )
        self.note, problem = noted(self.note, "", required=False)
        if problem:
            self.errors["note"] = problem

    def _bring_in(self, upload: Upload | None, *, is_final: bool) -> None:
        """A file, or what was pasted in a format of files, takes the place of the text."""
        try:
            if upload is not None:
                given = read(upload.data, upload.name, self.format or None)
            elif self.format in ("html",) and self.text.strip():
                given = read(self.text.encode("utf-8", "replace"), "", self.format)
            else:
                return
        except BadText as error:
            self.errors["file" if upload is not None else error.field] = error.args[0]
            return
        self.text, self.format, self.left_out = given.text, given.format, given.left_out
        if given.title and self.title and given.title != self.title:
            told = N_("Its title, “%(title)s”: the one that was there stands.", title=given.title)
            self.left_out = (*self.left_out, told)
        self.title = self.title or given.title
        self.author = self.author or given.author[:AUTHOR_LIMIT]
        if given.language and not is_final:
            self.language = given.language

    def _take_title_off(self, title: str, known: Sequence[Known]) -> None:
        with suppress(BadText):  # said by what cuts the text
            draft = retitled(self.text, self.kind, self.title or title, known)
            if adjust.is_whole(draft.title, draft.blocks, self.kind):
                self.title, self.text = draft.title, adjust.whole(draft.blocks)

    def _cut(self, act: str) -> None:
        """Cut the text into blocks, and again as a button asked; a title found in the text moves to its field."""
        try:
            self.draft = parse(self.text, self.kind, self.title or None)
            if adjust.is_whole(self.draft.title, self.draft.blocks, self.kind):
                if not self.title:
                    self.title = self.draft.title
                    self.text = adjust.whole(self.draft.blocks)
                self._adjust(act)
        except BadText as error:
            self.errors.setdefault(error.field, error.args[0])
            self.draft = None

    def _adjust(self, act: str) -> None:
        match = _ADJUST.fullmatch(act)
        if match is None or self.draft is None or int(match[2]) >= len(self.draft.blocks):
            return
        blocks, at = self.draft.blocks, int(match[2])
        if match[1] == "part":
            self.parting = at
            return
        if match[1] == "join" and at > 0:
            self.text = adjust.joined(blocks, at, self.kind)
        elif match[1] == "split" and any(str(seam.at) == match[3] for seam in adjust.seams(blocks[at], self.kind)):
            self.text = adjust.split(blocks, at, int(match[3]))
        self.draft = parse(self.text, self.kind, self.title or None)


def numbered(present: Sequence[Known]) -> dict[str, str]:
    """The keys of the paragraphs that are open to debate, by the number that readers see."""
    return {str(number): known.key for number, known in enumerate((one for one in present if one.debatable), start=1)}


def digest_of(block: Block) -> str:
    """What tells a block from others of a text."""
    return _digest(block.kind, block.source)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
