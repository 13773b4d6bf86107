"""Reads one file in a process of its own, which may neither grow, nor last, nor open anything.

The kind is the argument, the file comes on standard input, what was found goes to standard output as JSON.
"""

import json
import sys
from importlib import import_module

from debate.text.intake import limits
from debate.text.intake.archive import DAMAGED
from debate.text.intake.given import Unreadable
from debate.text.message import Message


def main(kind: str) -> None:
    limits.bind()
    reader = import_module(f"debate.text.intake.{_MODULES[kind]}")
    reader.prepare()
    data = sys.stdin.buffer.read()
    limits.seal()
    try:
        found = reader.read(data)
        answer = {**vars(found), "left_out": dict(found.left_out)}
    except Unreadable as refused:
        answer = {"refused": [refused.message.template, refused.message.values]}
    except MemoryError:
        answer = {"refused": [_TOO_MUCH.template, _TOO_MUCH.values]}
    except RecursionError:
        answer = {"refused": [DAMAGED.template, DAMAGED.values]}
    sys.stdout.buffer.write(json.dumps(answer).encode())
    sys.stdout.buffer.flush()


_MODULES = {"html": "html", "docx": "docx", "odt": "odt"}
_TOO_MUCH: Message = limits.TOO_MUCH

if __name__ == "__main__":
    main(sys.argv[1])
