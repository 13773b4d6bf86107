"""The `debate` command: accounts, the demo, counting again, the schema. (Importing essays: test_essays.py.)"""

from collections.abc import Callable

import pytest
from cast import PASSWORD, Browser, EssayAt, everything, page, row, rows, vote, words
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select, update

from debate.models import Essay, Paragraph, Reply, Ruling, User

Add = Callable[..., Result]


@pytest.fixture
def add(runner: FlaskCliRunner) -> Add:
    def run(name: str, *options: str, email: str = "new@example.org", password: str = PASSWORD) -> Result:
        args = ["user", "add", name, "--email", email, "--password-stdin", *options]
        return runner.invoke(args=args, input=f"{password}\n")

    return run


@pytest.mark.parametrize("role", ["participant", "moderator", "admin"])
def test_an_account_is_made_and_can_log_in(app: Flask, add: Add, role: str) -> None:
    done = add("Newcomer", "--role", role)
    assert (done.exit_code, done.stdout, done.stderr) == (0, f"Newcomer is here as {role}.\n", "")
    user = rows(app, select(User))[0]
    assert (user.name, user.role) == ("Newcomer", role)
    assert Browser(app, "Newcomer", user.id).get("/notices").status_code == 200


def test_the_operator_may_take_a_reserved_name(app: Flask, add: Add) -> None:
    assert add("admin", "--role", "admin").exit_code == 0


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("x", {}), ("two words", {}), ("Cr1tic", {}), ("Newcomer", {"email": "CRITIC@example.org"}),
        ("Newcomer", {"email": "nowhere"}), ("Newcomer", {"password": "short"}), ("Newcomer", {"password": ""}),
    ],
)  # fmt: skip
def test_an_account_that_cannot_be_made_is_refused_in_one_line(
    app: Flask, critic: Browser, add: Add, name: str, given: dict[str, str]
) -> None:
    done = add(name, **given)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert PASSWORD not in done.stderr
    assert rows(app, select(User.id)) == [critic.id]


def test_a_role_is_given_and_logged(app: Flask, runner: FlaskCliRunner, critic: Browser, client: Browser) -> None:
    done = runner.invoke(args=["user", "role", "critic", "moderator"])
    assert (done.exit_code, done.stdout) == (0, "critic is moderator now.\n")
    assert row(app, User, critic.id).role == "moderator"
    ruling = rows(app, select(Ruling))[0]
    assert (ruling.by_id, ruling.user_id) == (None, critic.id)
    assert "The site's operator changed the role of Critic" in words(client.get("/moderation/log"))


def test_a_role_that_cannot_be_given_is_refused(app: Flask, runner: FlaskCliRunner, admin: Browser) -> None:
    nobody = runner.invoke(args=["user", "role", "Nobody", "moderator"])
    assert (nobody.exit_code, nobody.stderr) == (2, "There is no account named Nobody.\n")
    last = runner.invoke(args=["user", "role", "Chief", "participant"])
    assert last.exit_code == 2
    assert "only admin" in last.stderr
    assert runner.invoke(args=["user", "role", "Chief", "king"]).exit_code == 2
    assert row(app, User, admin.id).role == "admin"


@pytest.mark.sweep
def test_the_demo_fills_an_empty_database_and_its_logins_work(
    app: Flask, runner: FlaskCliRunner, client: Browser
) -> None:
    done = runner.invoke(args=["demo"])
    assert done.exit_code == 0, done.output
    lines = dict(line.split(":", 1) for line in done.stdout.splitlines())
    assert client.get(lines["Demo debate"].strip()).status_code == 200
    for role, allowed in (("Participant", 403), ("Moderator", 200)):
        name, password = lines[role].split("password:")
        browser = Browser(app, name.strip(), 0, password.strip())
        assert browser.get("/essays/new").status_code == allowed
    with app.extensions["database"].reading() as session:
        counted = {
            (stance, depth > 1): number
            for stance, depth, number in session.execute(
                select(Reply.stance, Reply.depth, func.count()).group_by(Reply.stance, Reply.depth)
            )
        }
    assert counted.keys() == {(stance, deep) for stance in ("pro", "con") for deep in (False, True)}
    assert set(rows(app, select(Reply.state))) == {"visible", "hidden", "withdrawn"}
    assert runner.invoke(args=["recount"]).stdout == "0 differences.\n"
    log = page(client.get("/moderation/log"))
    assert len(log.css("ol.log > li")) >= 2


def test_the_demo_leaves_a_database_alone_that_is_not_empty(
    app: Flask, runner: FlaskCliRunner, critic: Browser
) -> None:
    before = everything(app)
    for _ in range(2):
        done = runner.invoke(args=["demo"])
        assert done.exit_code == 0
        assert "There is data already" in done.stdout
    assert everything(app) == before


@pytest.mark.sweep
def test_the_demos_passwords_are_new_every_time(app: Flask, runner: FlaskCliRunner) -> None:
    done = runner.invoke(args=["demo"])
    hashes = rows(app, select(User.password_hash))
    assert all(line.split()[-1] not in hashes for line in done.stdout.splitlines())
    assert len(set(hashes)) == 3  # the participant's, the moderator's, and nobody's for all others


def test_counting_again_finds_nothing_after_a_debate(
    runner: FlaskCliRunner, essay: EssayAt, critic: Browser, stranger: Browser, moderator: Browser
) -> None:
    ids = essay.chain(critic, 4)
    vote(stranger, ids[0], 1)
    vote(stranger, ids[1], -1)
    moderator.post(f"/replies/{ids[1]}/hide", reason="spam")
    critic.post(f"/replies/{ids[3]}/withdraw")
    moderator.post(f"/replies/{ids[1]}/restore")
    vote(stranger, ids[0], 0)
    done = runner.invoke(args=["recount"])
    assert (done.exit_code, done.stdout) == (0, "0 differences.\n")


PLANTED = {
    "reply": (Reply, {"ups": 7, "downs": 3, "best": 0.9, "disputed": 5.0, "children_pro": 4, "branch_count": 9}),
    "paragraph": (Paragraph, {"for_count": 5, "against_count": 5, "reply_count": 50}),
    "essay": (Essay, {"reply_count": 500}),
}


@pytest.mark.parametrize(("model", "wrong"), PLANTED.values(), ids=PLANTED.keys())
def test_counting_again_finds_what_is_wrong_and_mends_it(
    app: Flask, runner: FlaskCliRunner, essay: EssayAt, critic: Browser, stranger: Browser, model: type[Reply],
    wrong: dict[str, float],
) -> None:  # fmt: skip
    ids = essay.chain(critic, 3)
    vote(stranger, ids[1], 1)
    good = everything(app, but="version")
    chosen = {Reply: ids[1], Paragraph: essay.paragraphs[0][0], Essay: essay.id}[model]
    with app.extensions["database"].engine.begin() as connection:
        connection.execute(update(model).where(model.id == chosen).values(**wrong))
    bad = everything(app)
    found = runner.invoke(args=["recount"])
    assert found.exit_code == 1
    lines = found.stdout.splitlines()
    assert lines[-1] == f"{len(wrong)} differences."
    assert all(any(f"{model.__tablename__} {chosen} {name}: kept" in line for line in lines) for name in wrong)
    assert everything(app) == bad
    mended = runner.invoke(args=["recount", "--fix"])
    assert (mended.exit_code, mended.stdout.splitlines()[-1]) == (0, f"{len(wrong)} differences mended.")
    assert everything(app, but="version") == good, "pages kept of what was wrong are another version's"
    assert runner.invoke(args=["recount"]).stdout == "0 differences.\n"


def test_the_schema_is_checked(runner: FlaskCliRunner) -> None:
    assert runner.invoke(args=["db", "check"]).stdout == "The schema is what the models say.\n"
    assert runner.invoke(args=["db", "upgrade"]).exit_code == 0


def test_the_first_command_makes_the_schema(make_app: Callable[..., Flask], bare_url: str) -> None:
    runner = make_app(database_url=bare_url).test_cli_runner()
    assert runner.invoke(args=["db", "check"]).exit_code == 2
    assert runner.invoke(args=["essay", "list"]).exit_code == 0
    assert runner.invoke(args=["db", "check"]).exit_code == 0


def test_a_schema_of_another_version_is_not_touched(make_app: Callable[..., Flask], bare_url: str) -> None:
    app = make_app(database_url=bare_url)
    with app.extensions["database"].engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('from_the_future')")
    for command in (["essay", "list"], ["demo"], ["recount"], ["user", "role", "A", "admin"]):
        done = app.test_cli_runner().invoke(args=command)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "run `debate db upgrade`" in done.stderr
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", [["db", "upgrade"], ["essay", "list"], ["demo"], ["recount"]])
def test_a_database_that_does_not_answer_is_said_in_one_line(
    make_app: Callable[..., Flask], command: list[str]
) -> None:
    for url in ("sqlite:////nowhere/at/all/debate.db", "postgresql+psycopg://nobody@127.0.0.1:1/debate"):
        done = make_app(database_url=url).test_cli_runner().invoke(args=command)
        assert (done.exit_code, done.stdout) == (1, "")
        assert done.stderr.startswith("DEBATE_DATABASE_URL: the database does not answer")
        assert done.stderr.count("\n") == 1
