"""The list of the Home screen: Python processes of this machine, and demonstrations."""

from collections.abc import Sequence
from dataclasses import dataclass

from gilscope.analysis.load import gil_load
from gilscope.model.records import ProcessRecord
from gilscope.model.session import Session
from gilscope.model.text import clean
from gilscope.stream.discover import PythonProcess
from gilscope.ui.views.commands import python_name, short_command
from gilscope.workloads.catalogue import Demonstration


@dataclass(frozen=True, slots=True)
class Choice:
    """One line that can be opened.

    Attributes:
        pid: the process to watch; None for a demonstration.
        demonstration: its name; None for a process.
        figures: what is known of it, by column: None where it is not known (yet).
        why: why it cannot be watched as well as others, in a few words.
    """

    name: str
    pid: int | None = None
    demonstration: str | None = None
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
        return f"pid {self.pid}" if self.pid is not None else f"demo {self.demonstration}"


def choices(
    processes: Sequence[PythonProcess],
    session: Session,
    demonstrations: Sequence[Demonstration],
    typed: str,
) -> list[Choice]:
    """Return what can be chosen, as far as it goes with what was typed."""
    found = [_process(process, session) for process in processes]
    found += [
        Choice(name=each.title, demonstration=each.name, about=each.shows)
        for each in demonstrations
    ]
    words = typed.lower().split()
    return [choice for choice in found if all(word in _text(choice) for word in words)]


def _process(process: PythonProcess, session: Session) -> Choice:
    record = session.processes.get(process.pid)
    about = clean(" ".join(process.command))
    return Choice(
        name=short_command(process.command),
        pid=process.pid,
        user=clean(process.user),
        python=python_name(record.about) if record and record.about.python else None,
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
    return f"{choice.name} {choice.pid or ''} {choice.user} {python} {choice.about}".lower()
