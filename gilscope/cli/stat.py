"""`gilscope stat PID...` and `gilscope stat -- CMD`: watch for a while, then print a summary."""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TextIO

import click

from gilscope.analysis.fidelity import unanswered
from gilscope.analysis.load import SECOND
from gilscope.analysis.summarise import summarise
from gilscope.cli.arguments import (
    PS_HINT,
    TargetCommand,
    json_option,
    read_pids,
    sampling_options,
)
from gilscope.cli.complaint import complain
from gilscope.cli.numbers import Number
from gilscope.cli.plain import (
    Enough,
    Interruption,
    console,
    nothing_seen,
    print_json,
    stream_ended,
    tell_warnings,
    watch,
    watched_for,
)
from gilscope.cli.run import check_command
from gilscope.cli.summary_table import print_summary
from gilscope.errors import GilscopeError, Misuse, exit_code_of_signal
from gilscope.model.events import Event, Gone, Process
from gilscope.model.session import Session
from gilscope.model.text import lower_first
from gilscope.stream.launch import ProbeRequest
from gilscope.stream.local import ProbeProcess
from gilscope.stream.target import check_targets

DURATION = 5.0
"""Seconds that running processes are watched unless told otherwise."""


@click.command("stat", cls=TargetCommand)
@click.argument("pids", nargs=-1, metavar="PID... | -- CMD [ARGS]...")
@click.option(
    "-d",
    "--duration",
    type=Number("seconds", 0, above=True),
    default=None,
    metavar="SECONDS",
    help="How long to watch; a command that still runs is ended then. "
    "Default: 5 for PIDs, until it ends for a command.",
)
@sampling_options
@json_option
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Write the summary to this file.",
)
@click.pass_obj
def command(
    launch: tuple[str, ...] | None,
    pids: tuple[str, ...],
    duration: float | None,
    asked: ProbeRequest,
    as_json: bool,
    output: Path | None,
) -> int:
    """Watch processes for a while, then print who held the GIL, who waited, and what for.

    A command runs with its own input and output untouched, so its summary goes to standard error,
    also as JSON, as that of perf stat does; the exit code is the command's. Once it has ended, or
    the time is up, whatever still runs of what was started is ended by SIGTERM. Ctrl-C prints the
    summary so far.
    """
    numbers = read_pids(pids)
    if launch:
        if numbers:
            raise Misuse("a command and process ids cannot be watched together", "leave one out")
        check_command(launch)
        request = replace(asked, command=launch, stdio=(0, 1, 2))
    else:
        if not numbers:
            raise Misuse("neither a process id nor a command was given", PS_HINT)
        check_targets(numbers)
        request = replace(asked, pids=numbers)
        duration = duration or DURATION
    if output is None:
        return stat(request, duration, sys.stderr if launch else sys.stdout, as_json)
    try:
        file = output.open("w", encoding="utf-8")
    except OSError as error:
        raise GilscopeError(
            f"{output} cannot be written: {error.strerror}", "give another file to -o"
        ) from error
    with file:
        return stat(request, duration, file, as_json)


def stat(request: ProbeRequest, duration: float | None, file: TextIO, as_json: bool) -> int:
    """Watch what is requested, print the summary to a file, return the exit code."""
    session = Session()
    command = CommandEnd()
    interruption = Interruption()
    enough = (
        command.enough(duration)
        if request.command
        else watched_for(duration or DURATION, request.pids)
    )
    with interruption.awaited(), ProbeProcess(request) as probe:
        watch(
            probe,
            session,
            enough,
            seconds=duration,
            interrupted=lambda: interruption.happened,
            also=command.note,
        )
        if interruption.happened and request.command:
            # The command was told as well, and what it does before it ends belongs to it.
            watch(probe, session, enough, seconds=duration, also=command.note)
        if request.command and command.terminate():
            # What it does in its end is not of the time that was asked for.
            watch(probe, Session(), command.has_ended, seconds=0, also=command.note)
    if not session.span or unanswered(session) is not None:
        error = nothing_seen(session, probe.ending)
        if command.exit_code is None:
            raise error
        complain(error.what, error.fix)
        return command.exit_code
    summary = summarise(session, probe.bad_lines)
    if not (as_json and file is sys.stderr):
        tell_warnings(summary.warnings)  # Text would spoil the JSON there, which has them too.
    if as_json:
        print_json(summary, file)
    else:
        print_summary(summary, console(file))
    if probe.ending is not None:
        raise GilscopeError(lower_first(probe.ending), "the summary is that of the time before")
    if request.command:
        # Not known of one that was ended and does not obey: the probe kills it in the end.
        unknown = exit_code_of_signal(signal.SIGTERM)
        return unknown if command.exit_code is None else command.exit_code
    return exit_code_of_signal(signal.SIGINT) if interruption.happened else 0


class CommandEnd:
    """Notes how the command ended that the probe launched, and can end it.

    Attributes:
        exit_code: as a shell has it; None while the command runs.
    """

    def __init__(self) -> None:
        self.exit_code: int | None = None
        self._pid: int | None = None

    def note(self, event: Event) -> None:
        """Look at an event: the probe knows the exit status of nothing but the command."""
        if isinstance(event, Process) and not event.followed:
            self._pid = event.pid
        if isinstance(event, Gone) and event.tid is None and event.status is not None:
            status = event.status
            self.exit_code = status if status >= 0 else exit_code_of_signal(-status)

    def has_ended(self, session: Session) -> bool:
        """Whether it has ended, or nothing more will come. Its children may run on."""
        return self.exit_code is not None or stream_ended(session)

    def enough(self, duration: float | None) -> Enough:
        """Return a condition: it has ended, or so many seconds have been watched."""
        if duration is None:
            return self.has_ended
        return lambda session: self.has_ended(session) or session.span >= duration * SECOND

    def terminate(self) -> bool:
        """Ask it to end; return whether it was there to be asked."""
        if self._pid is None or self.exit_code is not None:
            return False
        try:
            os.kill(self._pid, signal.SIGTERM)
        except (ProcessLookupError, PermissionError):
            return False
        return True
