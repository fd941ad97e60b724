"""Sessions of constructed events, written in a few words."""

from collections.abc import Iterable

from gilscope.model.events import (
    KERNEL,
    Call,
    Code,
    Frame,
    GilSlice,
    Hello,
    Process,
    ProcessSlice,
    SamplerSlice,
    Thread,
    ThreadSlice,
    Turn,
)
from gilscope.model.session import Session

PID = 4242
SPAN = 100_000
HELLO = Hello(1, "0.1.0", 99, "host", "Linux 6 x86_64", 2, 0.0, 1000.0, SPAN)
WORK = Call("work", "/srv/app.py", 10)
PARSE = Call("parse", "/srv/app.py", 40)


def a_session(*pids: int, fidelity: str = KERNEL) -> Session:
    """Return a session that has introduced these processes, each with threads 1 to 3."""
    session = Session()
    session.apply(HELLO)
    for pid in pids or (PID,):
        about = Process(0, pid, 1, ("python", "app.py"), "3.12.1", "cpython", fidelity, gil=True)
        session.apply(about)
        for tid in (1, 2, 3):
            session.apply(Thread(0, pid, tid, f"worker-{tid}", False, 0))
        session.apply(Code(0, pid, 7, WORK))
        session.apply(Code(0, pid, 8, PARSE))
    return session


def a_gil(*turns: tuple[int | None, int | None, int], interpreter: int = 0) -> GilSlice:
    """Return a frame of a GIL whose holders were these: thread id, function, microseconds."""
    held = sum(length for tid, _, length in turns if tid is not None)
    return GilSlice(interpreter, held, len(turns), turns=tuple(Turn(*turn) for turn in turns))


def feed(
    session: Session,
    runs: dict[int, str],
    *gils: GilSlice,
    pid: int = PID,
    fresh: Iterable[int] = (),
    samples: int = 100,
) -> None:
    """Add a frame of SPAN in which the threads of one process had these runs."""
    threads = tuple(
        ThreadSlice(tid, next(c for c in reversed(told) if not c.isdecimal()), told, 0, 0,
                    fresh=tid in fresh)
        for tid, told in runs.items()
    )  # fmt: skip
    piece = ProcessSlice(pid, threads, gils, samples)
    session.apply(Frame(session.now + SPAN, SPAN, SamplerSlice(1000.0, samples), (piece,)))
