"""How a verdict's sentences put figures and names."""

from collections.abc import Sequence

from gilscope.model.text import clean, lower_first, plural

NAMES = ("Python",)
"""Names that would pass for the first word of any sentence."""


def times(multiple: float) -> str:
    """Return a speed-up: "1.9x", below one with two digits that say something: "0.20x"."""
    if multiple >= 9.95:
        return f"{multiple:.0f}x"
    if multiple >= 0.95:
        return f"{multiple:.1f}x"
    return f"{multiple:.2f}x" if multiple >= 0.095 else f"{multiple:.2g}x"


def seconds(time: float) -> str:
    """Return a time in two or three digits: "4.1 s", "120 ms", "20 µs"."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        # Rounding may reach the next unit: 999.7 ms is a second.
        if time >= size * 0.9995:
            value = time / size
            return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"
    return "0 s" if time == 0 else "under 1 µs"


def exact_times(multiple: float) -> str:
    """Return a speed-up to the hundredth: "0.98x"."""
    return f"{multiple:.2f}x" if 0.095 <= multiple < 99.5 else times(multiple)


def exact_seconds(time: float) -> str:
    """Return a time to the hundredth of a second, as a table has it: "4.05 s", "0.62 s"."""
    return f"{time:.2f} s" if 0.095 <= time < 99.95 else seconds(time)


def size(number: float) -> str:
    """Return a size in bytes: "8.0 MB" (of a million bytes), "120 kB"."""
    for unit, one in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= one:
            return (
                f"{number / one:.0f} {unit}"
                if number >= 9.95 * one
                else f"{number / one:.1f} {unit}"
            )
    return f"{number:.0f} bytes"


def percent(share: float) -> str:
    """Return a share as a whole percentage."""
    return f"{share:.0%}" if share >= 0.005 or share == 0 else "under 1%"


def mean(number: float) -> str:
    """Return a mean number of things: "3.0", "12"."""
    return f"{number:.1f}" if number < 99.95 else f"{number:.0f}"


def counted(number: int, thing: str) -> str:
    """Return so many of a thing: "1 core", "4 workers", "18,972 tasks"."""
    return f"{number:,} {plural(number, thing)}"


def of_workers(number: float, workers: int, whole: float) -> str:
    """Return how many of the workers were, on average: "1.0 of 2 workers was always".

    Only as many as there can be were always: `whole`.
    """
    told = f"{mean(number)} of {counted(workers, 'worker')}"
    if mean(number) == mean(whole):
        return f"{told} {'was' if mean(number) == '1.0' else 'were'} always"
    return f"on average {told} {'was' if mean(number) == '1.0' else 'were'}"


def joined(names: Sequence[str], word: str = "and") -> str:
    """Return names as a sentence lists them: "threads, asyncio and processes"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {word} {names[-1]}"


def clause(sentence: str) -> str:
    """Return somebody's sentence, clean, as it stands after a colon; a name keeps its capital."""
    text = clean(sentence).strip().removesuffix(".")
    word = text.partition(" ")[0]
    return text if word[1:] != word[1:].lower() or word in NAMES else lower_first(text)


def capital(text: str) -> str:
    """Return a sentence with its first letter large."""
    return text[:1].upper() + text[1:]
