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
# Where the flags stand among what a function of `re` is given.
FLAGS_AT = dict.fromkeys(USES, 2) | {"compile": 1, "split": 3, "sub": 4, "subn": 4}
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
    """The compiled ones that modules keep (also in lists and the like), and those written, or looped over, where they
    are used."""
    found: dict[tuple[str, re.Pattern[Any]], set[str]] = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        if module.endswith(("__main__", "_build")):
            continue
        source, known = file.read_text(), vars(import_module(module))
        for name, value in known.items():
            uses = set(re.findall(rf"\b{re.escape(name)}\.(\w+)\(", source)) & set(USES)
            for pattern in _patterns(value):
                found.setdefault((module, pattern), set()).update(uses)
        for pattern, use in _written(ast.parse(source), known, module):
            found.setdefault((module, pattern), set()).update({use} & set(USES))
    return [Found(pattern, module, frozenset(uses or {"search"})) for (module, pattern), uses in found.items()]


def _patterns(value: Any) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for pair in value.items():
            yield from _patterns(pair)
    elif isinstance(value, tuple | list | frozenset | set):
        for one in value:
            yield from _patterns(one)


def _written(tree: ast.AST, known: dict[str, Any], module: str) -> Iterator[tuple[re.Pattern[Any], str]]:
    """What each call of `re` is given. One that only a running program knows fails the tests: it would not be tried."""
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in FLAGS_AT):
            continue
        if not (isinstance(call.func.value, ast.Name) and call.func.value.id == "re"):
            continue
        use = call.func.attr
        flags = [*call.args[FLAGS_AT[use] :][:1], *(word.value for word in call.keywords if word.arg == "flags")]
        try:
            for names in _rounds(call, above, known):
                yield re.compile(_worth(call.args[0], names), _worth(flags[0], names) if flags else 0), use
        except NameError as error:
            raise AssertionError(f"{module}:{call.lineno}: which expression this is cannot be told") from error


def _rounds(call: ast.Call, above: dict[ast.AST, ast.AST], known: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The names that a call is made with: once, or for each round of the loops around it that name its expression."""
    wanted = {node.id for node in ast.walk(call.args[0]) if isinstance(node, ast.Name)}
    node: ast.AST | None = call if wanted else None
    while node is not None:
        loops = [node] if isinstance(node, ast.For) else getattr(node, "generators", [])
        for loop in loops:
            if wanted & {part.id for part in ast.walk(loop.target) if isinstance(part, ast.Name)}:
                for value in _worth(loop.iter, known):
                    yield known | _bound(loop.target, value)
                return
        node = above.get(node)
    yield known


def _bound(target: ast.expr, value: Any) -> dict[str, Any]:
    """What the names before `in` are in one round."""
    if isinstance(target, ast.Name):
        return {target.id: value}
    parts = zip(target.elts, value, strict=True) if isinstance(target, ast.Tuple) else ()
    return {name: one for part, inside in parts for name, one in _bound(part, inside).items()}


def _worth(node: ast.expr, names: dict[str, Any]) -> Any:
    return eval(compile(ast.Expression(node), "the code", "eval"), dict(names))


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
