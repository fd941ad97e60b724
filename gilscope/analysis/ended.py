"""Threads that ended soon: what they did together, since one by one their shares say little."""

from collections.abc import Sequence
from dataclasses import dataclass

from gilscope.analysis.rounding import share
from gilscope.analysis.summary import ProcessSummary, ThreadSummary
from gilscope.model.states import STATES

FEW = 5
"""Such threads that are still worth a line each: with more of them, a program that starts one for
each piece of its work fills the screen with those that happened to live last."""

LASTING = 0.25
"""Share of the watch from which on a thread that has ended stands among the others: of these there
are no more than four times as many as there were at one time."""


@dataclass(frozen=True, slots=True)
class Together:
    """What some threads did, all together.

    Attributes:
        number: how many they are; `mean`: seconds each was watched, on average.
        states: the share of each state in the time of all; null where none was seen.
        cpu: the share of it on a core; null where it is not known of each.
    """

    number: int
    mean: float
    states: dict[str, float | None]
    cpu: float | None


def ended_soon(thread: ThreadSummary, process: ProcessSummary) -> bool:
    """Tell whether a thread has ended and was there for a small part of the watch only."""
    return thread.gone and thread.duration < LASTING * process.duration


def too_many_to_list(process: ProcessSummary) -> list[ThreadSummary]:
    """Return the threads that ended soon, where they are more than FEW; else none."""
    ended = [thread for thread in process.threads if ended_soon(thread, process)]
    return ended if len(ended) + process.forgotten > FEW else []


def together(threads: Sequence[ThreadSummary]) -> Together:
    """Return what some threads did, each weighted with how long it was watched."""
    whole = sum(thread.duration for thread in threads)
    used = [None if thread.cpu is None else thread.cpu * thread.duration for thread in threads]
    known = [time for time in used if time is not None]
    return Together(
        number=len(threads),
        mean=whole / len(threads),
        states={
            state.value: share(
                sum((thread.states[state.value] or 0) * thread.duration for thread in threads),
                whole,
            )
            for state in STATES
        },
        cpu=share(sum(known), whole) if len(known) == len(used) else None,
    )
