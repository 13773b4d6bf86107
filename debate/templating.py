"""The environment of the templates: Jinja's with one table of names, and parts of a page that share what it knows."""

from collections.abc import MutableMapping
from typing import Any

from flask import Flask, current_app, g
from flask.templating import Environment
from markupsafe import Markup


class Templates(Environment):
    """Flask's environment, but that all templates have the same globals, in one dictionary.

    Jinja chains two for each template, and copies the chain, name by name in Python, each time one is rendered: some
    thirty times a page. Here no template has globals of its own, and none may be added once one was loaded.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The names of all templates, or a copy of them with those of one template."""
        return {**self.globals, **d} if d else self.globals


class Site(Flask):
    """Flask with these templates."""

    jinja_environment = Templates


def part(template: str, **inputs: Any) -> Markup:
    """A part of a page, as HTML. What every template is given (context processors) is asked for once, for all parts
    that are made until `forget_page`."""
    if "of_page" not in g:
        g.of_page = {}
        current_app.update_template_context(g.of_page)
    found = current_app.jinja_env.get_template(template).render({**g.of_page, **inputs})
    return Markup(found)  # noqa: S704 (autoescaped, like every template)


def forget_page() -> None:
    """Who reads, or what is known of them, may be another from now on."""
    g.pop("of_page", None)
