"""Reading a file in a process apart: whatever it does to its reader, the server goes on."""

import json
import subprocess
import sys
import threading
from collections import Counter
from typing import Any

from debate.text.intake import limits
from debate.text.intake.given import Found, Unreadable
from debate.text.message import Message

AT_ONCE = 2  # files that one process of the server has read: each may take all that limits.py allows
PATIENCE = 3  # seconds that another file waits, and with it what would answer others

_ANSWER_MAX = 40_000_000
_turns = threading.BoundedSemaphore(AT_ONCE)


class Crowded(Exception):
    """Others' files are being read, and take long."""


def read(data: bytes, kind: str) -> Found:
    """What is in a file of that kind (html, docx or odt); raises Unreadable, Crowded."""
    if not _turns.acquire(timeout=PATIENCE):
        raise Crowded
    try:
        return _read(data, kind)
    finally:
        _turns.release()


def _read(data: bytes, kind: str) -> Found:
    command = [sys.executable, "-I", "-B", "-m", "debate.text.intake", kind]
    try:
        done = subprocess.run(  # noqa: S603 (the command is ours; the file is only what it reads)
            command,
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=limits.WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise Unreadable(limits.TOO_MUCH) from late
    if done.returncode or len(done.stdout) > _ANSWER_MAX:
        raise Unreadable(limits.TOO_MUCH)
    return _found(json.loads(done.stdout))


def _found(answer: dict[str, Any]) -> Found:
    if "refused" in answer:
        template, values = answer["refused"]
        raise Unreadable(Message(template, **values))
    return Found(**{**answer, "left_out": Counter(answer["left_out"])})
