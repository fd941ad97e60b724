"""A look at the work before anything is run or drawn: whether it is there, and of what kind."""

import asyncio

from gilscope.compare.child import Child, ChildEnded
from gilscope.compare.contained import Refused, last_words
from gilscope.compare.driven import OLDEST
from gilscope.errors import GilscopeError, Misuse
from gilscope.model.text import lower_first
from gilscope.workloads.reports import Failed, Load, Ready, Unavailable


async def look_at(
    work: str,
    *,
    own: bool,
    python: str,
    arguments: tuple[tuple[object, ...], ...] = (),
    timeout: float | None = None,
) -> Ready:
    """Have an interpreter import the work; return what it says of it.

    Args:
        arguments: lists of those that its tasks get, which it must take.
        timeout: seconds that this may take; None for as long as it takes.

    Raises:
        Misuse: there is no such work, or no such interpreter.
        GilscopeError: it cannot be imported.
    """
    try:
        child = await Child.launch(python)
    except Refused as refused:
        raise Misuse(
            f"{python} cannot be run: {refused.error}", "give another interpreter to --python"
        ) from refused
    try:
        async with asyncio.timeout(timeout):
            report = await child.ask(Load(work, own, arguments))
    except TimeoutError:
        raise GilscopeError(
            f"to import {work} takes longer than {timeout:g} s", "more time: --timeout SECONDS"
        ) from None
    except ChildEnded:
        ended = await child.close()
        raise GilscopeError(f"{python} {last_words(ended)}", OLDEST) from None
    finally:
        await child.close()
    if isinstance(report, Ready):
        return report
    if isinstance(report, Unavailable):
        raise GilscopeError(lower_first(report.reason), report.fix)
    assert isinstance(report, Failed)
    instead = f"it was imported by {python}; another interpreter: --python PATH"
    raise Misuse(lower_first(report.error), report.fix or instead)
