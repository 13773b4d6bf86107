"""XML read as a stream of events, without any of what makes XML dangerous: no document type, no entities, no depth."""

from collections.abc import Callable
from typing import Any
from xml.parsers import expat

from debate.text.intake.archive import DAMAGED, HARMFUL
from debate.text.intake.given import Unreadable

_DEPTH_MAX = 250
_ELEMENTS_MAX = 600_000
_ATTRIBUTES_MAX = 500

Attributes = dict[str, str]


def read(
    data: bytes,
    prefixes: dict[str, str],
    start: Callable[[str, Attributes], Any],
    end: Callable[[str], Any],
    words: Callable[[str], Any],
) -> None:
    """Calls `start`, `end` and `words` for what is in `data`; names as "w:p", by the prefixes of their namespaces.

    Raises Unreadable.
    """
    names: dict[str, str] = {}
    open_elements = total = 0

    def name_of(name: str) -> str:
        known = names.get(name)
        if known is None:
            space, _, local = name.rpartition(" ")
            known = names[name] = (
                f"{prefixes[space]}:{local}" if space in prefixes else local if not space else f"?:{local}"
            )
        return known

    def on_start(name: str, attributes: Attributes) -> None:
        nonlocal open_elements, total
        open_elements += 1
        total += 1
        if open_elements > _DEPTH_MAX or total > _ELEMENTS_MAX or len(attributes) > _ATTRIBUTES_MAX:
            raise Unreadable(HARMFUL)
        start(name_of(name), {name_of(each): value for each, value in attributes.items()})

    def on_end(name: str) -> None:
        nonlocal open_elements
        open_elements -= 1
        end(name_of(name))

    def on_doctype(*_: Any) -> Any:
        raise Unreadable(HARMFUL)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    parser.CharacterDataHandler = words
    parser.StartDoctypeDeclHandler = on_doctype
    parser.EntityDeclHandler = on_doctype
    parser.ExternalEntityRefHandler = on_doctype
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(DAMAGED) from error
