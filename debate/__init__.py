"""Debate: structured debates under the paragraphs of an essay."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

__version__ = "0.1.0"


def create_app(settings: Any = None) -> "Flask":
    """The factory that `flask --app debate` looks for; see debate.app.create_app."""
    from debate.app import create_app as create

    return create(settings)
