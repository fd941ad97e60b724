"""The command line: which commands there are, and where every failure ends up."""

import contextlib
import difflib
import importlib
import os
import re
import sys
from collections.abc import Iterator, Sequence

import click

from gilscope import __version__
from gilscope.cli.complaint import complain
from gilscope.errors import GilscopeError, exit_code_of_signal
from gilscope.model.text import lower_first

COMMANDS = {
    "attach": "Watch running processes on a live screen.",
    "run": "Launch a command and watch it from its first moment.",
    "compare": "Run the same work several ways, side by side.",
    "stat": "Watch for a while, then print a summary.",
    "dump": "Print one moment: every thread, its state, its stack.",
    "ps": "List Python processes with version, threads and GIL load.",
    "workloads": "List the work to compare, and the demonstrations to watch.",
    "doctor": "Check what this machine allows, and how to allow the rest.",
    "probe": "The sampling process itself: events on standard output.",
}
"""Every command with its line of help; the module of the same name is imported when it is used."""

HIDDEN = {"probe"}

SIGINT = 2

_PROCESS = re.compile(r"-?\d+$|-p|--pid(=|$)")
"""The first argument where processes are told without a command."""


class ReaderGone(Exception):
    """Whoever read the output has closed it, `head` for instance."""


@contextlib.contextmanager
def reader_may_go() -> Iterator[None]:
    """Raise ReaderGone, whoever finds out first that nobody reads the output any more.

    Click and Rich would end the process with exit code 1.
    """
    try:
        yield
    except BrokenPipeError as error:
        raise ReaderGone from error
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):
            raise ReaderGone from end
        raise


class Commands(click.Group):
    """The group of all commands, each imported only when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"gilscope.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # Click's own way would import every command for its line of help.
        with formatter.section("Commands"):
            formatter.write_dl([item for item in COMMANDS.items() if item[0] not in HIDDEN])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with reader_may_go():
            return super().parse_args(ctx, attach_by_number(args))

    def invoke(self, ctx: click.Context) -> object:
        with reader_may_go():
            done = super().invoke(ctx)
            # Output that cannot be written should fail here, not in the interpreter's last moments.
            sys.stdout.flush()
            return done

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        word = args[0]
        if word not in COMMANDS:
            raise unknown_command(word)
        return super().resolve_command(ctx, args)


def attach_by_number(arguments: list[str]) -> list[str]:
    """Return the arguments with `attach` put before a bare PID or `-p`, which is its option."""
    if arguments and _PROCESS.match(arguments[0]):
        return ["attach", *arguments]
    return arguments


def unknown_command(word: str) -> click.UsageError:
    """Return the error for a word that is no command; it may have been meant as a process."""
    near = difflib.get_close_matches(word, COMMANDS, n=1)
    if near:
        hint = f"did you mean: gilscope {near[0]}"
    else:
        hint = "to watch a process give its number, which this lists: gilscope ps"
    error = click.UsageError(f"there is no command {word!r}")
    error.gilscope_fix = hint  # type: ignore[attr-defined]
    return error


@click.group(
    cls=Commands,
    invoke_without_command=True,
    no_args_is_help=False,
    subcommand_metavar="[COMMAND | PID...] [ARGS]...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 fine, 1 failed, 2 usage, 3 not permitted, 4 no such process or not "
    "Python, 128+N ended by signal N.",
)
@click.version_option(__version__, "-V", "--version", message="gilscope %(version)s")
@click.pass_context
def gilscope(ctx: click.Context) -> int:
    """An oscilloscope for the Python interpreter lock, in a terminal.

    Without a command: pick from the Python processes on this machine. With a PID: watch it.
    """
    if ctx.invoked_subcommand is not None:
        return 0
    from gilscope.cli.home import open_home

    return open_home()


def open_standard_streams() -> None:
    """Put nothing in the place of standard streams that are closed.

    Else the numbers would go to the pipes of processes that are started, and get lost on the way.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            with contextlib.suppress(OSError):
                os.close(number)
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115  it stays open


def main(arguments: Sequence[str] | None = None) -> int:
    """Run gilscope with these arguments, or those of the process; return the exit code."""
    open_standard_streams()
    try:
        code = gilscope.main(
            args=None if arguments is None else list(arguments),
            prog_name="gilscope",
            standalone_mode=False,
        )
    except GilscopeError as error:
        complain(error.what, error.fix)
        return error.exit_code
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "gilscope"
        complain(
            lower_first(error.format_message()),
            getattr(error, "gilscope_fix", None) or f"its options and arguments: {path} --help",
        )
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return exit_code_of_signal(SIGINT)
    except ReaderGone:
        # What is left in the buffer goes nowhere, or the interpreter would complain of it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # They have what they wanted. Where all fits into the pipe, nobody even learns of it.
        return 0
    return code if isinstance(code, int) else 0
