"""Every regular expression in the code, found there, and strings made from each to make it slow."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent.parent / "debate"
LENGTH = 50_000
USES = ("match", "fullmatch", "search", "sub", "split", "findall", "finditer")
parse: Any = re._parser.parse  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Found:
    """An expression, where it stands, and by what it is used."""

    pattern: re.Pattern[Any]
    where: str
    uses: frozenset[str]

    def __str__(self) -> str:
        return f"{self.where} {self.pattern.pattern[:40]!r}"


def all_found() -> list[Found]:
    """The compiled ones that modules keep (also in lists and the like), and those written where they are used."""
    found: dict[tuple[str, Any, int], Found] = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        if module.endswith(("__main__", "_build")):
            continue
        source = file.read_text()
        for name, value in vars(import_module(module)).items():
            for pattern in _patterns(value):
                uses = frozenset(re.findall(rf"\b{re.escape(name)}\.(\w+)\(", source)) & set(USES)
                found.setdefault((module, pattern.pattern, pattern.flags), Found(pattern, module, uses or {"search"}))
        for pattern, use in _inline(ast.parse(source)):
            found.setdefault((module, pattern.pattern, pattern.flags), Found(pattern, module, frozenset({use})))
    return list(found.values())


def _patterns(value: Any) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for pair in value.items():
            yield from _patterns(pair)
    elif isinstance(value, tuple | list | frozenset | set):
        for one in value:
            yield from _patterns(one)


def _inline(tree: ast.AST) -> Iterator[tuple[re.Pattern[Any], str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in USES:
            of = node.func.value
            if isinstance(of, ast.Name) and of.id == "re" and isinstance(node.args[0], ast.Constant):
                flags = re.NOFLAG
                for given in (*node.args[1:], *(word.value for word in node.keywords if word.arg == "flags")):
                    for part in ast.walk(given):
                        if (
                            isinstance(part, ast.Attribute)
                            and isinstance(part.value, ast.Name)
                            and part.value.id == "re"
                        ):
                            flags |= getattr(re, part.attr)
                yield re.compile(node.args[0].value, flags), node.func.attr


def attacks(pattern: re.Pattern[Any]) -> list[Any]:
    """Strings of LENGTH: what each repeated part repeats, after what comes before it, with ends that do not fit."""
    made = {" " * LENGTH, "a" * LENGTH, "\n" * LENGTH, "-" * LENGTH}
    is_bytes = isinstance(pattern.pattern, bytes)
    text = pattern.pattern.decode("latin-1") if is_bytes else pattern.pattern
    for before, repeated in _repeats(list(parse(text, pattern.flags & ~re.UNICODE if is_bytes else pattern.flags)), ""):
        for unit in {repeated, before + repeated}:
            if unit:
                for end in ("\0", "", "!", "\n"):
                    made.add(before + (unit * (LENGTH // len(unit))) + end)
    return [one.encode("latin-1", "replace") for one in made] if is_bytes else sorted(made)


def _repeats(nodes: list[Any], before: str) -> Iterator[tuple[str, str]]:
    """What comes before each repeated part, and an example of what it repeats."""
    for name, value in nodes:
        kind = str(name)
        if kind in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            if value[1] > 20:
                yield before, _example(list(value[2]))
            yield from _repeats(list(value[2]), before)
        elif kind == "SUBPATTERN":
            yield from _repeats(list(value[3]), before)
        elif kind == "ATOMIC_GROUP":
            yield from _repeats(list(value), before)
        elif kind == "BRANCH":
            for branch in value[1]:
                yield from _repeats(list(branch), before)
        elif kind in ("ASSERT", "ASSERT_NOT"):
            yield from _repeats(list(value[1]), before)
        before += _example([(name, value)])


def _example(nodes: list[Any]) -> str:
    """Something that these parts match."""
    said = ""
    for name, value in nodes:
        kind = str(name)
        if kind == "LITERAL":
            said += chr(value)
        elif kind in ("NOT_LITERAL", "ANY"):
            said += "b" if kind == "ANY" or value != ord("b") else "c"
        elif kind == "IN":
            said += _of_set(value)
        elif kind in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            said += _example(list(value[2])) * max(1, min(value[0], 5))
        elif kind == "SUBPATTERN":
            said += _example(list(value[3]))
        elif kind == "ATOMIC_GROUP":
            said += _example(list(value))
        elif kind == "BRANCH":
            said += _example(list(value[1][0]))
    return said


def _of_set(parts: list[Any]) -> str:
    kinds = {str(name) for name, _ in parts}
    if "NEGATE" in kinds:
        taken = {chr(value) for name, value in parts if str(name) == "LITERAL"}
        return next(sign for sign in "bx7 .é" if sign not in taken)
    name, value = parts[0]
    if str(name) == "LITERAL":
        return chr(value)
    if str(name) == "RANGE":
        return chr(value[0])
    return {"CATEGORY_DIGIT": "7", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "w"}.get(str(value), "b")


def seconds(found: Found, text: Any, use: str) -> None:
    """Apply it as the code does."""
    if use == "sub":
        found.pattern.sub(b"" if isinstance(text, bytes) else "", text)
    elif use == "finditer":
        list(found.pattern.finditer(text))
    else:
        getattr(found.pattern, use)(text)
