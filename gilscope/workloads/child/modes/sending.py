"""What processes and interpreters have in common: all that goes to them and comes is pickled."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from typing import Any

from gilscope.workloads.child.failures import Failure, Impossible, describe
from gilscope.workloads.child.modes.mode import Job, Worker

AT_TOP_LEVEL = "Write it as a function (def) at the top level of its module."


def pickled_functions(job: Job, where: str) -> bytes:
    """Return the task and its setup as workers get them.

    Args:
        where: "another process".

    Raises:
        Failure: the task cannot be pickled.
    """
    try:
        return pickle.dumps((job.task, job.setup))
    except Exception as error:
        raise Failure(
            f"The function cannot be sent to {where}: {describe(error)}.", AT_TOP_LEVEL
        ) from error


def workers_of(told: Iterable[tuple[int, int | None, tuple[str, str] | None]]) -> list[Worker]:
    """Return who the workers are.

    Raises:
        Failure: one of them could not get ready.
        Impossible: it is an interpreter that a module of the work cannot be imported into.
    """
    workers = []
    for pid, tid, trouble in told:
        if trouble is not None:
            sentence, trace = trouble
            if "subinterpreter" in sentence:
                raise Impossible(f"The work cannot be imported into a sub-interpreter: {sentence}.")
            raise Failure(f"A worker cannot import the work: {sentence}.", trace=trace)
        workers.append(Worker(pid, tid))
    return workers


def results_of(warm: Iterable[tuple[Any, ...]], back_from: str) -> list[Any]:
    """Return the results of the tasks that workers have warmed up with.

    Args:
        back_from: "another process".

    Raises:
        Failure: the task raised an exception, or its result cannot be pickled.
    """
    results = []
    for how, *what in warm:
        if how == "failed":
            raise Failure(*what)
        if how == "raised":
            sentence, trace = what
            raise Failure(sentence.rstrip(".") + ".", trace=trace, stage="run")
        try:
            if how == "unsendable":
                raise Failure(what[0])
            results.append(pickle.loads(what[0]))
        except Exception as error:
            why = error.error if isinstance(error, Failure) else describe(error)
            raise Failure(
                f"The result of task 0 cannot be sent back from {back_from}: {why}.",
                "Return something that can be pickled: numbers, text, lists, dictionaries.",
            ) from error
    return results


def unreadable(stage: str, done: int, why: str = "") -> Failure:
    """Return the failure of a pool that could not read what a worker sent."""
    return Failure(
        "What a task returned or raised could not be unpickled" + (f": {why}." if why else "."),
        "An exception is made anew from the arguments that its class gives to Exception.",
        stage=stage,
        done=done,
    )
