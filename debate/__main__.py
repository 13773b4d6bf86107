"""The `debate` command."""

from flask.cli import FlaskGroup

from debate.app import create_app

group = FlaskGroup(
    name="debate",
    create_app=lambda: create_app(),
    help="Structured debates under the paragraphs of an essay.",
    set_debug_flag=False,  # whatever FLASK_DEBUG says
)


def main() -> None:
    """Run the command line."""
    group.main(prog_name="debate")


if __name__ == "__main__":
    main()
