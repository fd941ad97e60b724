"""How well what is watched can be seen, all in all: as well as the worst of it that matters."""

from collections import Counter

from gilscope.analysis.load import SECOND
from gilscope.model.events import KERNEL, NO_FIDELITY, PYSPY
from gilscope.model.records import ProcessRecord
from gilscope.model.session import Session

_ORDER = (KERNEL, PYSPY)


def worst_seen(session: Session) -> ProcessRecord | None:
    """Return the process that is seen worst, of those that the picture is about.

    That are those that were asked for and run Python; where none of them does (a shell that starts
    Python, for instance), all that run Python; of either those that are there, if any is.
    """
    records = list(session.processes.values())
    asked = [record for record in records if not record.about.followed]
    chosen = _python(asked) or _python(records) or asked or records
    there = [record for record in chosen if record.gone is None]
    return max(there or chosen, key=_badness, default=None)


def unanswered(session: Session) -> ProcessRecord | None:
    """Return a process of which py-spy alone could tell and told nothing, if there is nothing else.

    Where anything at all was sampled, of whatever process, it is None.
    """
    watched = [record for record in session.processes.values() if record.span]
    if any(record.samples or record.about.fidelity != PYSPY for record in watched):
        return None
    return next(iter(watched), None)


def own_rate(record: ProcessRecord) -> float | None:
    """Return how many times a second this process was sampled."""
    return record.samples * SECOND / record.span if record.span else None


def fidelities(session: Session) -> dict[str, int]:
    """Return how many processes that run Python are seen at each fidelity, the best first."""
    seen = Counter(fidelity_of(record) for record in _python(list(session.processes.values())))
    return {fidelity: seen[fidelity] for fidelity in (*_ORDER, NO_FIDELITY) if seen[fidelity]}


def fidelity_of(record: ProcessRecord) -> str:
    """Return how well a process is seen; a word from elsewhere that is none of ours is none."""
    fidelity = record.about.fidelity
    return fidelity if fidelity in _ORDER else NO_FIDELITY


def _python(records: list[ProcessRecord]) -> list[ProcessRecord]:
    return [record for record in records if record.about.implementation is not None]


def _badness(record: ProcessRecord) -> int:
    fidelity = record.about.fidelity
    return _ORDER.index(fidelity) if fidelity in _ORDER else len(_ORDER)
