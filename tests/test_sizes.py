"""What a page may weigh: bytes as they travel, elements, requests. The essay is that of seeded.py."""

import gzip
import re
from dataclasses import dataclass

import pytest
import seeded
from cast import page
from flask import Flask
from selectolax.lexbor import LexborNode
from sqlalchemy import select
from werkzeug.test import TestResponse

from debate.models import Essay, Paragraph

KB = 1024


@dataclass
class Weighed:
    """The essay's pages as a visitor's browser gets them."""

    app: Flask
    slug: str
    liveliest: str

    def get(self, path: str) -> TestResponse:
        return self.app.test_client().get(path, headers={"Accept-Encoding": "gzip"}, buffered=True)

    @property
    def pages(self) -> dict[str, str]:
        essay = f"/essays/{self.slug}"
        return {"essay": essay, "debate": f"{essay}/p/{self.liveliest}", "tree": f"{essay}/tree"}


@pytest.fixture
def weighed(app: Flask) -> Weighed:
    database = app.extensions["database"]
    slug = database.write(seeded.seed)
    with database.reading() as session:
        question = select(Paragraph.key).join(Paragraph.essay).where(Essay.slug == slug)
        key = session.scalars(question.order_by(Paragraph.reply_count.desc())).first()
    return Weighed(app, slug, key or "")


def loaded_by(answer: TestResponse) -> list[str]:
    """What a browser fetches for a page besides itself."""
    tree = page(answer)
    return [node.attributes["href"] or "" for node in tree.css("link[rel=stylesheet], link[rel=icon]")] + [
        node.attributes["src"] or "" for node in tree.css("[src]")
    ]


def depth(node: LexborNode) -> int:
    """How deep elements stand in each other beneath this one, itself counted."""
    deepest, waiting = 0, [(node, 1)]
    while waiting:
        here, level = waiting.pop()
        deepest = max(deepest, level)
        waiting += [(child, level + 1) for child in here.iter()]
    return deepest


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_pages_keep_within_their_budgets_and_the_policy(weighed: Weighed) -> None:
    most = {"essay": 20 * KB, "debate": 16 * KB, "tree": 30 * KB}
    for name, path in weighed.pages.items():
        answer = weighed.get(path)
        assert answer.headers["Content-Encoding"] == "gzip"
        print(f"{name}: {len(answer.data):,} bytes")
        assert len(answer.data) <= most[name], name
    answer = weighed.get(weighed.pages["essay"])
    answer.set_data(gzip.decompress(answer.data))
    tree = page(answer)
    elements = len(tree.css("*"))
    deep = depth(tree.css_first("html"))
    print(f"essay: {elements:,} elements, {deep} deep")
    assert elements <= 1500
    assert deep <= 20
    fetched = loaded_by(answer)
    cold = {path: weighed.get(path) for path in fetched}
    assert len(fetched) + 1 <= 4, fetched
    assert all(path.startswith("/") and not path.startswith("//") for path in fetched)
    assert {answer.status_code for answer in cold.values()} == {200}
    together = len(weighed.get(weighed.pages["essay"]).data) + sum(len(answer.data) for answer in cold.values())
    print(f"cold load: {len(fetched) + 1} requests, {together:,} bytes")
    assert together <= 60 * KB
    styles = next(answer for path, answer in cold.items() if path.endswith(".css"))
    scripts = next(answer for path, answer in cold.items() if path.endswith(".js"))
    print(f"stylesheet: {len(styles.data):,} bytes, script: {len(scripts.data):,} bytes")
    assert len(styles.data) <= 12 * KB
    assert len(scripts.data) <= 20 * KB
    _nothing_is_in_them_that_the_policy_would_stop(weighed)


def _nothing_is_in_them_that_the_policy_would_stop(weighed: Weighed) -> None:
    for path in weighed.pages.values():
        answer = weighed.get(path)
        text = gzip.decompress(answer.data).decode()
        assert not re.search(r"<[^>]+ style=", text), path
        assert not re.search(r"<script(?![^>]* src=)", text), path
        assert not re.search(r"<[^>]+ on\w+=", text), path
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
