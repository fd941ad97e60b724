"""The line in which the words of the filter are typed."""

from textual.message import Message
from textual.widgets import Input


class FilterLine(Input):
    """Says at every letter what is typed; goes away at Enter, and at Escape without its words."""

    DEFAULT_CSS = "FilterLine, FilterLine:focus { height: 1; border: none; padding: 0 1; }"

    class ChangedTo(Message):
        """The words typed so far."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, text: str) -> None:
        super().__init__(text, placeholder="filter: name, function, state or id", compact=True)

    def on_input_changed(self) -> None:
        """Pass on what is typed."""
        self.post_message(self.ChangedTo(self.value))

    def on_input_submitted(self) -> None:
        """Keep the words, and put the line away."""
        self.remove()

    def key_escape(self) -> None:
        """Forget the words, and put the line away."""
        self.post_message(self.ChangedTo(""))
        self.remove()
