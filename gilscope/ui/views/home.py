"""The list of the Home screen: Python processes of this machine, demonstrations, and works."""

from collections.abc import Sequence
from dataclasses import dataclass

from gilscope.analysis.interpreters import interpreter_name
from gilscope.analysis.load import gil_load
from gilscope.model.records import ProcessRecord
from gilscope.model.session import Session
from gilscope.model.text import clean
from gilscope.stream.discover import PythonProcess
from gilscope.ui.views.commands import short_command
from gilscope.workloads.catalogue import Demonstration
from gilscope.workloads.works import Work


@dataclass(frozen=True, slots=True)
class Choice:
    """One line that can be opened.

    Attributes:
        name: what it is called; of demonstrations and works the name on the command line.
        title: what a demonstration or a work does; empty for a process.
        pid: the process to watch; None for the others.
        demonstration: its name; None for the others.
        work: name of the work to compare; None for the others.
        figures: what is known of it, by column: None where it is not known (yet).
        why: why it cannot be watched as well as others, in a few words.
    """

    name: str
    title: str = ""
    pid: int | None = None
    demonstration: str | None = None
    work: str | None = None
    user: str = ""
    python: str | None = None
    threads: int | None = None
    cpu: float | None = None
    load: float | None = None
    why: str | None = None
    about: str = ""

    @property
    def key(self) -> str:
        """What it is, for finding it again."""
        if self.pid is not None:
            return f"pid {self.pid}"
        return f"demo {self.demonstration}" if self.demonstration else f"work {self.work}"


def choices(
    processes: Sequence[PythonProcess],
    session: Session,
    demonstrations: Sequence[Demonstration],
    works: Sequence[Work],
    typed: str,
) -> list[Choice]:
    """Return what can be chosen, as far as it goes with what was typed."""
    found = [_process(process, session) for process in processes]
    found += [
        Choice(each.name, each.title, demonstration=each.name, about=each.shows)
        for each in demonstrations
    ]
    found += [Choice(each.name, each.title, work=each.name, about=each.shows) for each in works]
    words = typed.lower().split()
    return [choice for choice in found if all(word in _text(choice) for word in words)]


def meant(found: Sequence[Choice], typed: str) -> Choice | None:
    """Return what is called as was typed, or at least begins so; None where nothing does.

    Words are looked for in all that is said of a choice; a name says what is meant.
    """
    start = typed.lower().strip()
    if not start:
        return None
    names = [(choice.name.lower(), choice) for choice in found]
    for name, choice in names:
        if name == start:
            return choice
    return next((choice for name, choice in names if name.startswith(start)), None)


def _process(process: PythonProcess, session: Session) -> Choice:
    record = session.processes.get(process.pid)
    about = clean(" ".join(process.command))
    seen = record.about if record else None
    return Choice(
        name=short_command(process.command),
        pid=process.pid,
        user=clean(process.user),
        python=interpreter_name(seen.implementation, seen.python) if seen and seen.python else None,
        threads=process.threads,
        cpu=None if process.cpu is None else process.cpu / 100,
        load=gil_load(record, 1) if record else None,
        why=_why(record),
        about=about,
    )


def _why(record: ProcessRecord | None) -> str | None:
    if record is None or record.about.reason is None:
        return None
    return clean(record.about.reason)


def _text(choice: Choice) -> str:
    python = choice.python or ""
    told = (choice.name, choice.title, str(choice.pid or ""), choice.user, python, choice.about)
    return " ".join(told).lower()
