"""One probe for a whole comparison: what it says of each mode goes into that mode's own session."""

import asyncio
from collections.abc import Callable

from gilscope.compare.live import Column
from gilscope.model.control import Unwatch, Watch
from gilscope.model.events import CoreSlice, Event, Frame, Hello, Note, Process
from gilscope.stream.launch import ProbeRequest
from gilscope.stream.local import LocalProbe
from gilscope.stream.source import Source

SIGHT = 2.0
"""Seconds that the probe has to see all workers; it runs without what was not seen by then."""

BEGINNING = 5.0
"""Seconds that the probe has to begin; nothing is seen of what runs without it."""

STEP = 0.01
"""Seconds between two looks at whether it has."""

LAST_FRAME = 0.5
"""Seconds that the frame with the end of a run is waited for."""

Begin = Callable[[ProbeRequest], Source]


class Watching:
    """Watches the processes of all modes with one probe.

    Attributes:
        ended: one sentence on why the probe has ended; None while it runs.
        pid: process id of the probe; None where it is not on this machine.
    """

    def __init__(self, request: ProbeRequest, begin: Begin = LocalProbe) -> None:
        self._source = begin(request)
        self._router = Router()
        self._reading = asyncio.create_task(self._read())
        self._in_vain: list[Column] = []
        self.ended: str | None = None
        self.pid: int | None = getattr(self._source, "pid", None)

    async def begun(self) -> bool:
        """Wait until the probe has said that it is there, BEGINNING at most."""
        return await self._until(lambda: self._router.begun, BEGINNING)

    def watch(self, column: Column, root: int) -> None:
        """Watch a process and its children from now on; it is the column's."""
        self._router.follow(column, root)
        self._source.send(Watch(root))

    def rest(self, column: Column) -> None:
        """Leave a column's processes alone until its next run; its session stays as it is.

        Even what does nothing has to be looked at, and takes from how often the others are.
        """
        self._router.leave(column)
        for pid in _processes(column):
            self._source.send(Unwatch(pid))

    def go_on(self, column: Column) -> None:
        """Watch a column's processes again, where they rest."""
        if not self._router.follows(column):
            # Children that the probe was told to leave alone it does not follow any more.
            for pid in _processes(column):
                self.watch(column, pid)

    def leave(self, column: Column) -> None:
        """Let the column's session stay as it is."""
        self._router.leave(column)

    async def sees(self, column: Column, given_up: Callable[[], bool] = lambda: False) -> bool:
        """Wait until every worker of a column is seen, or SIGHT is over; return whether it is.

        What it has waited for in vain it does not wait for again.

        Args:
            given_up: whether nobody wants to see them any more.
        """
        patience = 0.0 if column in self._in_vain else SIGHT
        await self._until(lambda: self._router.knows(column) or given_up(), patience)
        seen = self._router.knows(column)
        if not seen:
            self._in_vain.append(column)
        return seen

    async def reaches(self, column: Column, moment: int) -> bool:
        """Wait until all is told of the time before a moment of the column's session."""
        return await self._until(lambda: column.session.now >= moment, LAST_FRAME)

    async def close(self) -> None:
        """End the probe."""
        await self._source.close()
        self._reading.cancel()
        await asyncio.wait([self._reading])

    async def _until(self, true: Callable[[], bool], patience: float) -> bool:
        try:
            async with asyncio.timeout(patience):
                while not true():
                    if self.ended is not None:
                        return False
                    await asyncio.sleep(STEP)
        except TimeoutError:
            return False
        return True

    async def _read(self) -> None:
        async for event in self._source.events():
            self._router.take(event)
        self.ended = self._source.ending or "The probe ended."


class Router:
    """Gives each event to the sessions of the columns that it is about."""

    def __init__(self) -> None:
        self._hello: Hello | None = None
        self._owners: dict[int, Column] = {}
        self._open: list[Column] = []
        self._introduced: set[int] = set()

    @property
    def begun(self) -> bool:
        """Whether the stream has begun."""
        return self._hello is not None

    def follows(self, column: Column) -> bool:
        """Tell whether a column is told what happens."""
        return column in self._open

    def knows(self, column: Column) -> bool:
        """Tell whether every worker of a column was introduced since it was last followed."""
        processes = column.session.processes
        return bool(column.workers) and all(
            pid in self._introduced and pid in processes and tid in processes[pid].threads
            for pid, tid in column.workers
        )

    def follow(self, column: Column, root: int) -> None:
        """A process and its children are this column's from now on."""
        self._owners[root] = column
        self._introduced.discard(root)
        if column not in self._open:
            self._open.append(column)
            if self._hello is not None:
                column.session.apply(self._hello)

    def leave(self, column: Column) -> None:
        """The column is told nothing more, or not before it is followed again."""
        if column in self._open:
            self._open.remove(column)
        self._introduced -= {pid for pid, owner in self._owners.items() if owner is column}
        self._owners = {pid: owner for pid, owner in self._owners.items() if owner is not column}

    def take(self, event: Event) -> None:
        """Take in one event."""
        match event:
            case Hello():
                self._hello = event
                for column in self._open:
                    column.session.apply(event)
            case Frame():
                for column in self._open:
                    column.session.apply(self._part(event, column))
            case Note(pid=None):
                for column in self._open:
                    column.session.apply(event)
            case _:
                pid: int | None = getattr(event, "pid", None)
                if isinstance(event, Process) and event.parent in self._owners:
                    # Its number may have been that of a process of another column.
                    self._owners[event.pid] = self._owners[event.parent]
                if pid is not None and pid in self._owners:
                    self._owners[pid].session.apply(event)
                    if isinstance(event, Process):
                        self._introduced.add(pid)

    def _part(self, frame: Frame, column: Column) -> Frame:
        """Return a frame with the column's own processes, and cores that only these run on."""
        owners = self._owners
        return Frame(
            frame.at,
            frame.span,
            frame.sampler,
            tuple(piece for piece in frame.processes if owners.get(piece.pid) is column),
            tuple(
                CoreSlice(
                    core.core,
                    core.busy,
                    tuple(share for share in core.watched if owners.get(share.pid) is column),
                )
                for core in frame.cores
            ),
        )


def _processes(column: Column) -> list[int]:
    """Return the process that runs the work and those of its workers, each once."""
    pids = (column.root, *(pid for pid, _ in column.workers))
    return [pid for pid in dict.fromkeys(pids) if pid is not None]
