"""The works that can be compared: what each is called, what it does, and what it shows.

Known without importing the works themselves, which are in `work/`, one module each.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of work that can be run in every mode.

    Attributes:
        name: what it is called on the command line, and its module.
        title: what it does, in a few words.
        sized: the same with `{size}` and `{tasks}` in it.
        shows: one sentence on what there is to see.
        unit: how many of what `sized` counts are in one of size.
        needs_pages: it fetches pages: its context has the `url` of their server.
        has_coroutine: it can be done as a coroutine too.
        tasks: how many there are at least; None where calibrating finds their number, not their
            size.
    """

    name: str
    title: str
    sized: str
    shows: str
    unit: int = 1
    needs_pages: bool = False
    has_coroutine: bool = False
    tasks: int | None = 24

    def titled(self, size: int, tasks: int) -> str:
        """Return what it does, sizes included: "count the primes below 60,000"."""
        return self.sized.format(size=f"{size * self.unit:,}", tasks=f"{tasks:,}")


WORKS = (
    Work(
        "primes",
        "count primes",
        "count the primes below {size}",
        "Pure Python that computes, the place to begin: threads take turns at the one GIL and gain "
        "nothing, processes have a GIL each and use all cores.",
    ),
    Work(
        "squares",
        "sum the squares of a range",
        "sum the squares of {size} numbers",
        "Millions of objects made and dropped: threads gain nothing, and it is a hard test for an "
        "interpreter without a GIL.",
    ),
    Work(
        "loop",
        "sum in a loop",
        "add {size} numbers in a loop",
        "The plainest loop there is: every 5 ms one thread has to let another have the GIL, and "
        "no time is gained.",
    ),
    Work(
        "filter",
        "blur a picture",
        "blur a picture of 160 by {size} dots",
        "Real work on data, in pure Python: as with primes only processes gain, where the same in "
        "an extension module could let the GIL go.",
    ),
    Work(
        "fetch",
        "fetch pages over HTTP",
        "fetch pages over HTTP, {size} a task",
        "Waiting for a server takes no GIL: threads and coroutines are as many times as fast as "
        "there are workers, processes no faster than that and larger.",
        needs_pages=True,
        has_coroutine=True,
    ),
    Work(
        "mixed",
        "fetch pages and compute",
        "fetch pages and compute, {size} a task",
        "Half waiting, half computing: more threads help until one of them always has the GIL, "
        "more processes until all cores are busy.",
        needs_pages=True,
        has_coroutine=True,
    ),
    Work(
        "zlib",
        "compress text",
        "compress {size} KB of text",
        "C code that lets the GIL go while it works: threads gain as much as processes.",
        unit=256,
    ),
    Work(
        "hash",
        "hash large buffers",
        "hash {size} MB",
        "C code that lets the GIL go, but only for buffers of more than 2 KB: large ones are "
        "hashed side by side in threads.",
        unit=4,
    ),
    Work(
        "matrix",
        "multiply matrices with NumPy",
        "multiply matrices of 256 by 256 with NumPy, {size} a task",
        "NumPy works without the GIL, so threads gain; its own threads are limited to one here, "
        "or they would take the cores first.",
    ),
    Work(
        "json",
        "read and write JSON",
        "read and write JSON documents of half a megabyte, {size} a task",
        "C code that keeps the GIL: fast, and yet threads gain nothing, only processes do.",
    ),
    Work(
        "regex",
        "match a slow regular expression",
        "match a slow regular expression on {size} letters",
        "C code that keeps the GIL for the whole of one call: no other thread runs before it is "
        "over, where Python code would let one after 5 ms.",
    ),
    Work(
        "lock",
        "make slow calls with one lock held",
        "make slow calls with one lock held, {size} a task",
        "Everything waits for one lock: no mode gains anything, though the GIL is free and the "
        "cores are idle.",
    ),
    Work(
        "counter",
        "count into one counter",
        "count the multiples of seven in {size} numbers into one counter",
        "A counter that all add to: processes look faster, but each adds to a copy of its own, "
        "and the result is wrong.",
    ),
    Work(
        "pickling",
        "send large objects",
        "do little with {tasks} objects of {size} records each",
        "Processes have to be sent what they work on: pickling a large object takes longer than "
        "the work, so they lose.",
        tasks=None,
    ),
    Work(
        "tiny",
        "do many tiny tasks",
        "do {tasks} tiny tasks",
        "Handing over a tiny task takes longer than doing it, so all modes lose; with --batch 200 "
        "processes gain.",
        tasks=None,
    ),
)


def find(name: str) -> Work | None:
    """Return the work of that name."""
    return next((each for each in WORKS if each.name == name), None)
