"""How many SQL statements each page takes, afresh, for a visitor and for somebody signed in: printed as JSON."""

import json
import re
import sys

from debates import Made
from sqlalchemy import event

from debate import create_app
from debate.config import Settings


def count(url: str, made: Made) -> dict[str, tuple[int, int]]:
    """By page the statements for a visitor and for a participant, the texts that never change being kept."""
    app = create_app(Settings(database_url=url, secret_key="for benchmarks and only for them", testing=True))
    database = app.extensions["database"]
    seen: list[str] = []
    for engine in {database.engine, database.reader} if database.is_sqlite else {database.engine}:
        event.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    visitor, reader = app.test_client(), app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)', reader.get("/login").text)
    reader.post("/login", data={"name": made.participant, "password": made.password, "csrf_token": token and token[1]})
    found = {}
    for name, path in made.pages.items():
        counts = []
        for client in (visitor, reader):
            client.get(path)
            app.extensions["visitors"].pages.clear()
            app.extensions["parts"].clear()
            seen.clear()
            client.get(path)
            counts.append(sum(not statement.startswith(("PRAGMA", "BEGIN")) for statement in seen))
        found[name] = (counts[0], counts[1])
    return found


if __name__ == "__main__":
    print(json.dumps(count(sys.argv[1], Made(**json.loads(sys.argv[2])))))
