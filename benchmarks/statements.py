"""How many SQL statements a page asks: run as a command on a database, prints them as JSON by page and reader."""

import json
import re
import sys
from typing import Any

from sqlalchemy import Engine, event

from debate import create_app
from debate.config import Settings
from debate.db import Database

NOT_COUNTED = ("PRAGMA", "BEGIN", "COMMIT", "ROLLBACK", "SET")


class Counter:
    """Counts what goes to the database through SQLAlchemy, and through the one way past it."""

    def __init__(self) -> None:
        self.count = 0
        event.listen(Engine, "before_cursor_execute", self._asked)
        if hasattr(Database, "peek"):
            peek = Database.peek

            def counted(database: Database, *given: Any) -> Any:
                self.count += 1
                return peek(database, *given)

            Database.peek = counted

    def _asked(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.lstrip().upper().startswith(NOT_COUNTED):
            self.count += 1


def main() -> None:
    asked = json.load(sys.stdin)
    counter = Counter()
    app = create_app(Settings(database_url=asked["url"], secret_key="a secret key for benchmarks", limits=False))
    visitor, reader = app.test_client(), app.test_client()
    page = reader.get("/login").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    who = {"name": asked["name"], "password": asked["password"], "csrf_token": token[1] if token else ""}
    assert reader.post("/login", data=who).status_code == 303
    found = {}
    for name, path in asked["pages"].items():
        for state, client in (
            ("first", visitor),
            ("again", visitor),
            ("signed in", reader),
            ("signed in again", reader),
        ):
            counter.count = 0
            client.get(path, headers={"Accept-Encoding": "gzip"}, buffered=True)
            found[f"{name}|{state}"] = counter.count
    print(json.dumps(found))


if __name__ == "__main__":
    main()
