"""Numbers that options take: which are allowed, and how one that is not is refused."""

import math

import click

from gilscope.model.text import cut

SHOWN = 40
"""Cells of a word that is no such number."""


class Number(click.FloatRange):
    """A finite number within bounds, of something: "seconds"."""

    def __init__(
        self, unit: str, least: float, most: float | None = None, *, above: bool = False
    ) -> None:
        """Args: above: the least itself is not allowed."""
        super().__init__(least, most, min_open=above)
        self._taken = f"a number of {unit}, {_bounds(least, most, above=above)}"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number that a word is. Click's own range lets nan pass any bounds."""
        try:
            number = float(super().convert(float(str(value)), param, ctx))
        except (ValueError, click.BadParameter) as error:
            raise refusal(value, self._taken, param, ctx) from error
        if not math.isfinite(number):
            raise refusal(value, self._taken, param, ctx)
        return number


class WholeNumber(click.IntRange):
    """A whole number within bounds, of something: "tasks"."""

    def __init__(self, unit: str, least: int, most: int) -> None:
        super().__init__(least, most)
        self._taken = f"a whole number of {unit}, {_bounds(least, most)}"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Return the number that a word is."""
        try:
            return int(super().convert(int(str(value)), param, ctx))
        except (ValueError, click.BadParameter) as error:
            raise refusal(value, self._taken, param, ctx) from error


def refusal(
    value: object, taken: str, param: click.Parameter | None, ctx: click.Context | None
) -> click.UsageError:
    """Return the error that says what an option takes instead of this value."""
    option = param.opts[-1] if param is not None else "this"
    return click.UsageError(f"{option} takes {taken}, and not '{cut(str(value), SHOWN)}'", ctx)


def _bounds(least: float, most: float | None, *, above: bool = False) -> str:
    if most is not None:
        return f"from {least:.15g} to {most:.15g}"
    return f"above {least:.15g}" if above else f"of {least:.15g} or more"
