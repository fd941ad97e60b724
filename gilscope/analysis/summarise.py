"""Makes the summary of a session: from what is remembered of each process and thread."""

from gilscope.analysis.blame import Blamed, blame, by_function
from gilscope.analysis.fidelity import fidelities, fidelity_of, worst_seen
from gilscope.analysis.functions import FunctionHeld, held_by_function, held_by_function_in_all
from gilscope.analysis.load import SECOND
from gilscope.analysis.rounding import (
    exact_shares,
    milliseconds,
    percent,
    place,
    rate,
    share,
    where,
)
from gilscope.analysis.stretches import (
    HOG,
    HandOvers,
    hand_overs,
    hold_lengths,
    sample_interval,
    tally_of,
    tells_hogs,
    wait_lengths,
)
from gilscope.analysis.summary import (
    BLAMED,
    FUNCTIONS,
    SCHEMA,
    BlameSummary,
    Caution,
    FunctionBlame,
    FunctionSummary,
    GilSummary,
    HogSummary,
    OneGil,
    ProcessSummary,
    SamplerSummary,
    Summary,
    ThreadSummary,
    Total,
)
from gilscope.analysis.tree import family
from gilscope.analysis.turns import remembered_since
from gilscope.analysis.uncertainty import half_widths_of_all
from gilscope.model.events import KERNEL, NO_FIDELITY, PYSPY, Hog
from gilscope.model.records import ProcessRecord, ThreadRecord
from gilscope.model.session import Session
from gilscope.model.states import POSITION, STATES

UNSEEN = "it ended before anything could be seen of it"


def summarise(session: Session, bad_lines: int = 0) -> Summary:
    """Return the summary of all that a session has seen.

    Args:
        bad_lines: lines of its stream that could not be read.
    """
    hello = session.hello
    return Summary(
        schema=SCHEMA,
        host=hello.host if hello else None,
        cores=hello.cores if hello else None,
        duration=round(session.span / SECOND, 3),
        sampler=_sampler(session, bad_lines),
        processes=[_process(session, record, depth) for depth, record in family(session)],
        forgotten=session.forgotten,
        total=_total(session),
        functions=_functions(held_by_function_in_all(session)),
        warnings=cautions(session),
    )


def cautions(session: Session) -> list[Caution]:
    """Return the warnings of a stream, each once."""
    told = [
        Caution(note.text, note.fix, note.pid) for note in session.notes if note.level == "warning"
    ]
    return list(dict.fromkeys(told))


def _sampler(session: Session, bad_lines: int) -> SamplerSummary:
    worst = worst_seen(session)
    seen = fidelities(session)
    by_pyspy = worst if worst and worst.about.fidelity == PYSPY and KERNEL not in seen else None
    samples = by_pyspy.samples if by_pyspy else session.samples
    return SamplerSummary(
        fidelity=fidelity_of(worst) if worst else NO_FIDELITY,
        rate_asked=session.hello.rate if session.hello else None,
        rate_got=rate(samples, by_pyspy.span if by_pyspy else session.span, 1),
        samples=samples,
        lost=session.lost,
        cpu_percent=percent(session.cpu, session.span),
        stacks_cpu_percent=percent(session.stacks_cpu, session.span),
        bad_lines=bad_lines,
        fidelities=seen,
    )


def _total(session: Session) -> Total:
    records = session.processes.values()
    used = [cpu for record in records if (cpu := _cpu_time(record)) is not None]
    # Of the whole watch, as the time on a core is: processes may have run one after another.
    wanted = [
        record.wanted / record.seen * record.counted
        for record in records
        if _seen(record) and record.seen
    ]
    return Total(
        processes=len(session.processes) + session.forgotten,
        python=sum(record.about.implementation is not None for record in records),
        threads=sum(len(record.threads) + record.forgotten for record in records),
        cpu=share(sum(used), session.span) if used else None,
        gil_load=share(sum(wanted), session.span) if wanted else None,
    )


def _process(session: Session, record: ProcessRecord, depth: int) -> ProcessSummary:
    about, gone = record.about, record.gone
    interval = sample_interval(record) if _seen(record) else None
    tally = tally_of(record)
    seen = hand_overs(record, tally)
    threads = record.threads.values()
    return ProcessSummary(
        pid=about.pid,
        parent=about.parent,
        python=about.python,
        implementation=about.implementation,
        command=list(about.command),
        fidelity=fidelity_of(record),
        reason=_reason(record),
        fix=about.fix,
        duration=round(record.span / SECOND, 3),
        samples=record.samples,
        rate_got=rate(record.samples, record.span, 1),
        stopped=record.stopped and gone is None,
        gone=gone is not None,
        status=gone.status if gone else None,
        gil=_gil(session, record, interval),
        threads=[_thread(record, thread, interval, seen) for thread in threads],
        depth=depth,
        halted=record.halted if gone is None else None,
        cpu=share(_cpu_time(record), record.span),
        hold_ms=hold_lengths(tally, interval),
        wait_ms=wait_lengths(tally, interval, seen),
        gils=_gils(record),
        hogs=[
            _hog(record, hog, session.hog_length(hog))
            for hog in session.hogs.values()
            if hog.pid == about.pid
        ],
        functions=_functions(held_by_function(record)),
        forgotten=record.forgotten,
    )


def _gil(session: Session, record: ProcessRecord, interval: float | None) -> GilSummary:
    least = session.hello.hog if session.hello else HOG
    going_on = sum(not hog.ended for hog in session.hogs.values() if hog.pid == record.about.pid)
    return GilSummary(
        enabled=record.about.gil,
        held=share(record.held, record.seen),
        load=share(record.wanted, record.seen) if _seen(record) else None,
        switches_per_s=rate(record.switches, record.counted, 1),
        hogs=record.hogs + going_on if tells_hogs(interval, least) else None,
        hog_ms=milliseconds(least),
        unknown=share(record.unseen, record.seen + record.unseen) if _seen(record) else None,
    )


def _gils(record: ProcessRecord) -> list[OneGil]:
    return [
        OneGil(
            interpreter=gil.interpreter,
            held=share(gil.held, gil.seen),
            load=share(gil.wanted, gil.seen),
            switches_per_s=rate(gil.switches, gil.counted, 1),
        )
        for _, gil in sorted(record.gils.items())
    ]


def _hog(record: ProcessRecord, hog: Hog, length: int) -> HogSummary:
    thread = record.threads.get(hog.tid)
    return HogSummary(
        tid=hog.tid,
        thread=thread.name if thread else None,
        at=round(hog.since / SECOND, 3),
        length_ms=milliseconds(length),
        waited_ms=milliseconds(hog.waited),
        ended=hog.ended,
        where=where(hog.calls),
        stack=[place(call) for call in hog.calls],
    )


def _functions(held: list[FunctionHeld]) -> list[FunctionSummary]:
    return [
        FunctionSummary(
            name=function.call.name if function.call else None,
            file=function.call.file if function.call else None,
            line=function.call.line if function.call else None,
            where=place(function.call) if function.call else None,
            held_ms=milliseconds(function.held),
            share=None if function.share is None else round(function.share, 4),
            threads=list(function.tids),
        )
        for function in held[:FUNCTIONS]
    ]


def _thread(
    process: ProcessRecord,
    record: ThreadRecord,
    interval: float | None,
    seen: HandOvers | None,
) -> ThreadSummary:
    names = [state.value for state in STATES]
    sampled = process.about.fidelity != PYSPY
    every = sample_interval(process) if sampled else None
    widths = half_widths_of_all(record, every) or (None,) * len(STATES)
    tally, held = record.follower.tally, record.spent[POSITION["H"]]
    # Only at kernel fidelity is it looked at what a holder does.
    looked = interval is not None and record.native is not True
    blamed = _blamed(process, record)
    return ThreadSummary(
        tid=record.tid,
        name=record.name,
        native=record.native,
        interpreter=record.interpreter,
        gone=record.gone is not None,
        states=dict(zip(names, exact_shares(record.spent), strict=True)),
        uncertainty={
            name: None if width is None else round(width, 4)
            for name, width in zip(names, widths, strict=True)
        },
        cpu=share(record.cpu, record.watched),
        run_delay=share(record.delay, record.watched),
        hold_ms=hold_lengths(tally, interval),
        wait_ms=wait_lengths(tally, interval, seen),
        hold_blocked=share(record.hold_blocked, held) if looked else None,
        hold_starved=share(record.hold_starved, held) if looked else None,
        blame=_blame(blamed),
        blame_functions=_blame_functions(blamed),
        detail=record.blocked,
        where=where(record.calls),
        duration=round(record.watched / SECOND, 6),
    )


def _blamed(process: ProcessRecord, thread: ThreadRecord) -> list[Blamed]:
    since = remembered_since(process)
    if since is None or not thread.spent[POSITION["W"]] or not thread.history:
        return []
    return blame(process, thread, since, thread.history[-1].end)


def _blame(blamed: list[Blamed]) -> list[BlameSummary]:
    waited = sum(each.waited for each in blamed)
    return [
        BlameSummary(
            tid=each.tid,
            thread=each.name,
            where=place(each.call) if each.call else None,
            waited_ms=milliseconds(each.waited),
            share=round(each.waited / waited, 4),
        )
        for each in blamed[:BLAMED]
    ]


def _blame_functions(blamed: list[Blamed]) -> list[FunctionBlame]:
    waited = sum(each.waited for each in blamed)
    return [
        FunctionBlame(
            where=place(call) if call else None,
            waited_ms=milliseconds(length),
            share=round(length / waited, 4),
            threads=list(tids),
        )
        for call, length, tids in by_function(blamed)[:BLAMED]
    ]


def _seen(record: ProcessRecord) -> bool:
    """Tell whether holders and waiters are seen; where only holders are, loads and lengths lie."""
    return record.held is not None and record.about.fidelity == KERNEL


def _reason(record: ProcessRecord) -> str | None:
    """Return why it is not seen better, if it is not.

    What was said of it last, as that its interpreter is starting up, is none where it ended before
    any thread was seen after that.
    """
    threads = record.threads.values()
    ended = record.gone is not None and record.gone.how == "exited"
    if not ended or any(each.gone is None or each.gone > record.about.at for each in threads):
        return record.about.reason
    return None if any(thread.watched for thread in threads) else UNSEEN


def _cpu_time(record: ProcessRecord) -> int | None:
    """Return the time on a core of all threads, forgotten ones too; None where it is not known."""
    used = [thread.cpu for thread in record.threads.values() if thread.cpu is not None]
    return sum(used) + record.past_cpu if used else None
