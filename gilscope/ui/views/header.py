"""The top of the Scope screen: what is watched, and how good the picture is."""

from dataclasses import dataclass
from itertools import islice

from gilscope.analysis.fidelity import own_rate, worst_seen
from gilscope.analysis.interpreters import short_name
from gilscope.model.events import KERNEL, PYSPY
from gilscope.model.records import ProcessRecord
from gilscope.model.session import Session
from gilscope.model.text import clean
from gilscope.ui.views.commands import short_command
from gilscope.ui.views.figures import clock

FRAMES = 10
"""Frames that the probe's own figures are taken over: about a second."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the first line says.

    Attributes:
        what: what is watched.
        fidelity: the lowest among the processes that are there; None before one is known.
        reason: why it is lower than kernel, and what would raise it.
        asked, got: samples a second; at py-spy fidelity those of that process, which follow no
            rate that was asked for.
        lost: share of the samples that were lost.
        cpu: share of a core that the probe uses.
        elapsed: microseconds.
    """

    what: str
    fidelity: str | None
    reason: str | None
    asked: float | None
    got: float | None
    lost: float | None
    cpu: float | None
    elapsed: int


def header(session: Session, title: str | None = None) -> Header:
    """Return what the first line says about a session."""
    frames = list(islice(reversed(session.frames), FRAMES))
    span = sum(frame.span for frame in frames)
    samples = sum(frame.sampler.samples for frame in frames)
    lost = sum(frame.sampler.lost for frame in frames)
    cpu = sum(frame.sampler.cpu + frame.sampler.stacks_cpu for frame in frames)
    worst = worst_seen(session)
    by_pyspy = worst is not None and worst.about.fidelity == PYSPY
    got = own_rate(worst) if by_pyspy and worst else samples * 1e6 / span if span else None
    return Header(
        what=", ".join(filter(None, (title and clean(title), what_is_watched(session)))),
        fidelity=worst.about.fidelity if worst else None,
        reason=_reason(worst) if worst else None,
        asked=session.hello.rate if session.hello and not by_pyspy else None,
        got=got,
        lost=lost / (samples + lost) if samples + lost else None,
        cpu=cpu / span if span else None,
        elapsed=session.now,
    )


def what_is_watched(session: Session) -> str:
    """Return the processes that were asked for in a few words."""
    asked = [record for record in session.processes.values() if not record.about.followed]
    if not asked:
        return "nothing was watched" if session.bye else "waiting for the first sample"
    names = [_named(record) for record in asked]
    followers = len(session.processes) - len(asked) + session.forgotten
    more = "" if not followers else f" +{followers} child" + ("ren" if followers > 1 else "")
    return ", ".join(names) + more


def _named(record: ProcessRecord) -> str:
    about = record.about
    version = short_name(about.implementation, about.python) if about.python else None
    return f"{about.pid} {short_command(about.command)}" + (f" ({version})" if version else "")


def _reason(record: ProcessRecord) -> str | None:
    about = record.about
    if about.fidelity == KERNEL:
        return None
    text = " ".join(text for text in (about.reason, about.fix) if text)
    if record.before is not None:
        was = f"{short_command(record.before.command)} until {clock(record.became)}"
        text = f"it was {was}; {text}" if text else f"it was {was}"
    return clean(text) or None
