"""Sentences for people that are made where no reader's language is known: said in English, worded anew when shown."""


class Message(str):
    """A sentence in English that remembers what it was made from, so that it can be said in another language.

    `template` holds named places, as in "Yours has %(length)s."; `values` is what stands in them.
    """

    template: str
    values: dict[str, str | int]

    def __new__(cls, template: str, /, **values: str | int) -> "Message":
        shown = {name: f"{value:,}" if isinstance(value, int) else value for name, value in values.items()}
        made = super().__new__(cls, template % shown if values else template)
        made.template = template
        made.values = values
        return made


def N_(template: str, /, **values: str | int) -> Message:  # noqa: N802 (gettext's name for "to be translated later")
    """Mark a sentence for translation; whoever shows it translates it (`web.told`)."""
    return Message(template, **values)
