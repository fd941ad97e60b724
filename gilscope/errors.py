"""What can go wrong in a way the user can do something about, each with its exit code.

Raised where it is known, caught once, in `gilscope.cli.main`.
"""


class GilscopeError(Exception):
    """A failure that is told in two sentences.

    Attributes:
        what: what is wrong, one sentence without a full stop at its end.
        fix: what to do about it, likewise; None where nothing can be done.
    """

    exit_code = 1

    def __init__(self, what: str, fix: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix


class Misuse(GilscopeError):
    """What was asked for makes no sense, or not here."""

    exit_code = 2


class NotPermitted(GilscopeError):
    """This user may not read that process."""

    exit_code = 3


class NotThere(GilscopeError):
    """There is no such process, or it does not run Python."""

    exit_code = 4


def exit_code_of_signal(number: int) -> int:
    """Return the exit code of a command that was ended by a signal, as shells count it."""
    return 128 + number
