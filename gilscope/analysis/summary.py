"""The summary of a session: what `stat --json` prints, field by field.

The names are a contract: fields are added, never renamed or dropped. Shares are fractions of the
time watched; a thread's are fractions of its own life within that, and its states add up to 1.
What is not known is null, never 0.
"""

from dataclasses import dataclass

from gilscope.analysis.fidelity import worst_seen
from gilscope.analysis.load import SECOND
from gilscope.analysis.stretches import (
    HOG,
    Lengths,
    hold_lengths,
    sample_interval,
    tells_hogs,
    wait_lengths,
)
from gilscope.model.events import KERNEL, NO_FIDELITY, PYSPY, Call
from gilscope.model.records import ProcessRecord, ThreadRecord
from gilscope.model.session import Session
from gilscope.model.states import STATES

SCHEMA = 1

SHARE_DIGITS = 4
"""Decimals of a share."""


@dataclass(frozen=True, slots=True)
class SamplerSummary:
    """How well it was looked.

    Attributes:
        fidelity: that of the process that is seen worst (fidelity.worst_seen); each has its own.
        rate_got, samples: at py-spy fidelity those of that process.
        samples: taken; `lost`: taken too late or contradictory.
        cpu_percent: what sampling took of one core; `stacks_cpu_percent`: what py-spy took.
        bad_lines: lines of the stream that could not be read.
    """

    fidelity: str
    rate_asked: float | None
    rate_got: float | None
    samples: int
    lost: int
    cpu_percent: float | None
    stacks_cpu_percent: float | None
    bad_lines: int


@dataclass(frozen=True, slots=True)
class GilSummary:
    """What became of a process's GIL; `held` adds up over several GILs.

    Attributes:
        load: the mean number of threads that held or wanted it.
        hogs: holds of 50 ms and more that began and ended while it was watched; null where samples
            are too far apart to tell.
    """

    enabled: bool | None
    held: float | None
    load: float | None
    switches_per_s: float | None
    hogs: int | None


@dataclass(frozen=True, slots=True)
class ThreadSummary:
    """What a thread did.

    Attributes:
        gone: it ended while it was watched.
        states: the share of each state.
        cpu, run_delay: time on a core and time runnable without one, by the kernel's exact
            accounting, as fractions of wall time.
        hold_ms, wait_ms: lengths of the stretches seen whole; null where sampling cannot
            resolve them (stretches.RESOLVED).
        detail: the system call it was blocked in at the end, and on what.
        where: the innermost call of its newest stack.
    """

    tid: int
    name: str | None
    native: bool | None
    interpreter: int | None
    gone: bool
    states: dict[str, float | None]
    cpu: float | None
    run_delay: float | None
    hold_ms: Lengths
    wait_ms: Lengths
    detail: str | None
    where: str | None


@dataclass(frozen=True, slots=True)
class ProcessSummary:
    """What a process did.

    Attributes:
        fidelity: how well it could be seen; `reason` and `fix` where that is less than "kernel".
        duration: seconds it was watched.
        samples: how often it was sampled, `rate_got` times a second.
        stopped: it was stopped at the end (SIGSTOP, a debugger).
        gone: it ended while it was watched; `status`: its exit code, or minus a signal.
    """

    pid: int
    parent: int
    python: str | None
    implementation: str | None
    command: list[str]
    fidelity: str
    reason: str | None
    fix: str | None
    duration: float
    samples: int
    rate_got: float | None
    stopped: bool
    gone: bool
    status: int | None
    gil: GilSummary
    threads: list[ThreadSummary]


@dataclass(frozen=True, slots=True)
class Summary:
    """All of it.

    Attributes:
        forgotten: processes that ended and are not listed, being older than many others.
    """

    schema: int
    host: str | None
    cores: int | None
    duration: float
    sampler: SamplerSummary
    processes: list[ProcessSummary]
    forgotten: int


def summarise(session: Session, bad_lines: int = 0) -> Summary:
    """Return the summary of all that a session has seen.

    Args:
        bad_lines: lines of its stream that could not be read.
    """
    hello = session.hello
    processes = [_process(record) for record in session.processes.values()]
    worst = worst_seen(session)
    by_pyspy = worst if worst and worst.about.fidelity == PYSPY else None
    samples = by_pyspy.samples if by_pyspy else session.samples
    return Summary(
        schema=SCHEMA,
        host=hello.host if hello else None,
        cores=hello.cores if hello else None,
        duration=round(session.span / SECOND, 3),
        sampler=SamplerSummary(
            fidelity=_fidelity(worst) if worst else NO_FIDELITY,
            rate_asked=hello.rate if hello else None,
            rate_got=_rate(samples, by_pyspy.span if by_pyspy else session.span, 1),
            samples=samples,
            lost=session.lost,
            cpu_percent=_percent(session.cpu, session.span),
            stacks_cpu_percent=_percent(session.stacks_cpu, session.span),
            bad_lines=bad_lines,
        ),
        processes=processes,
        forgotten=session.forgotten,
    )


def where(calls: tuple[Call, ...]) -> str | None:
    """Return the innermost call in short: "count_primes (app.py:12)"."""
    if not calls:
        return None
    call = calls[0]
    file = call.file.replace("\\", "/").rpartition("/")[2]
    return f"{call.name} ({file}:{call.line})" if call.line else f"{call.name} ({file})"


def exact_shares(parts: list[int]) -> list[float | None]:
    """Return each part's share of their sum, rounded so that the shares still add up to 1.

    Where the sum is 0 no share is known.
    """
    whole = sum(parts)
    if not whole:
        return [None] * len(parts)
    units = 10**SHARE_DIGITS
    floors = [part * units // whole for part in parts]
    missing = units - sum(floors)
    # Who lost most by rounding down is rounded up.
    by_loss = sorted(range(len(parts)), key=lambda i: -(parts[i] * units % whole))
    for i in by_loss[:missing]:
        floors[i] += 1
    return [floor / units for floor in floors]


def _process(record: ProcessRecord) -> ProcessSummary:
    about, gone = record.about, record.gone
    interval = sample_interval(record)
    # Where only the holder is seen and not who waits, a load would be too low, and holds are
    # seen too seldom to be measured.
    seen = record.held is not None and about.fidelity == KERNEL
    return ProcessSummary(
        pid=about.pid,
        parent=about.parent,
        python=about.python,
        implementation=about.implementation,
        command=list(about.command),
        fidelity=_fidelity(record),
        reason=about.reason,
        fix=about.fix,
        duration=round(record.span / SECOND, 3),
        samples=record.samples,
        rate_got=_rate(record.samples, record.span, 1),
        stopped=record.stopped and gone is None,
        gone=gone is not None,
        status=gone.status if gone else None,
        gil=GilSummary(
            enabled=about.gil,
            held=_share(record.held, record.seen),
            load=_share(record.wanted, record.seen) if seen else None,
            switches_per_s=_rate(record.switches, record.seen, 1),
            hogs=record.hogs if seen and tells_hogs(interval, HOG) else None,
        ),
        threads=[_thread(thread, interval if seen else None) for thread in record.threads.values()],
    )


def _fidelity(record: ProcessRecord) -> str:
    fidelity = record.about.fidelity
    return fidelity if fidelity in (KERNEL, PYSPY) else NO_FIDELITY


def _thread(record: ThreadRecord, interval: float | None) -> ThreadSummary:
    shares = exact_shares(record.spent)
    return ThreadSummary(
        tid=record.tid,
        name=record.name,
        native=record.native,
        interpreter=record.interpreter,
        gone=record.gone is not None,
        states={state.value: share for state, share in zip(STATES, shares, strict=True)},
        cpu=_share(record.cpu, record.watched),
        run_delay=_share(record.delay, record.watched),
        hold_ms=hold_lengths(record.follower.tally, interval),
        wait_ms=wait_lengths(record.follower.tally, interval),
        detail=record.blocked,
        where=where(record.calls),
    )


def _share(part: int | None, whole: int) -> float | None:
    return round(part / whole, SHARE_DIGITS) if part is not None and whole else None


def _percent(part: int, whole: int) -> float | None:
    return round(part / whole * 100, 2) if whole else None


def _rate(count: int | None, span: int, digits: int) -> float | None:
    return round(count * SECOND / span, digits) if count is not None and span else None
