"""Processes in the order of their family: each one behind its parent."""

from collections.abc import Iterator

from gilscope.model.records import ProcessRecord
from gilscope.model.session import Session


def family(session: Session) -> Iterator[tuple[int, ProcessRecord]]:
    """Yield every process and how many of its ancestors are watched, too; elders come first.

    Among siblings the order is that in which they came. A parent that is its own descendant, as
    only a broken stream can have it, counts as nobody's child.
    """
    children: dict[int, list[ProcessRecord]] = {}
    eldest = []
    for process in session.processes.values():
        if _descends(session, process):
            children.setdefault(process.about.parent, []).append(process)
        else:
            eldest.append(process)
    waiting = [(0, process) for process in reversed(eldest)]
    while waiting:
        depth, process = waiting.pop()
        yield depth, process
        younger = reversed(children.get(process.about.pid, []))
        waiting.extend((depth + 1, child) for child in younger)


def _descends(session: Session, process: ProcessRecord) -> bool:
    """Tell whether its parent is watched, and the line upwards from there ends."""
    seen = {process.about.pid}
    parent = session.processes.get(process.about.parent)
    if parent is None:
        return False
    while parent is not None:
        if parent.about.pid in seen:
            return False
        seen.add(parent.about.pid)
        parent = session.processes.get(parent.about.parent)
    return True
