"""The columns side by side: a board each, so that one that runs does not have others sent again."""

from collections.abc import Sequence

from textual.containers import Horizontal

from gilscope.ui import theme
from gilscope.ui.widgets.board import Board, Line

BETWEEN = "│"


class Columns(Horizontal):
    """Boards of the same width with a line between them."""

    DEFAULT_CSS = "Columns { width: 1fr; height: 1; } Columns Board { height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._boards: list[Board] = []

    @property
    def boards(self) -> Sequence[Board]:
        """One for each column, from left to right."""
        return self._boards

    async def resize_to(self, count: int, width: int) -> None:
        """Have so many columns, each so wide."""
        while len(self._boards) > count:
            await self._boards.pop().remove()
        fresh = [Board() for _ in range(count - len(self._boards))]
        self._boards += fresh
        for index, board in enumerate(self._boards):
            board.styles.width = width + (index > 0)
        if fresh:
            await self.mount_all(fresh)

    def show(self, columns: Sequence[Sequence[Line]]) -> None:
        """Show the lines of each column."""
        for index, (board, lines) in enumerate(zip(self._boards, columns, strict=False)):
            rule = [(BETWEEN, theme.RULE)] * (index > 0)
            board.show([[*rule, *line] for line in lines])
