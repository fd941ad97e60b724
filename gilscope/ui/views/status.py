"""The line that says what is unusual just now: paused, ended, stopped, a note from the probe."""

from dataclasses import dataclass
from typing import Literal

from gilscope.model.events import Note
from gilscope.model.records import ProcessRecord
from gilscope.model.session import Session
from gilscope.model.text import clean, counted, sentence
from gilscope.ui.feed import Reading
from gilscope.ui.views.commands import short_command
from gilscope.ui.views.figures import span
from gilscope.ui.views.look import SECOND, Look
from gilscope.ui.views.machinery import is_helper_process

Weight = Literal["info", "warning", "error", "pause"]

NOTE_STAYS = {"info": 8 * SECOND, "warning": 30 * SECOND, "error": 600 * SECOND}
"""How long a note stays on screen, by its level."""


HALTED = {
    "stopped": "stopped (SIGSTOP)",
    "traced": "halted by a debugger",
    "frozen": "frozen (by its cgroup)",
}
"""What keeps a process from running."""

SILENCE = 3.0
"""Seconds without an event after which something is wrong with the probe: ten are due in one."""

RUNS = Reading()
"""Of a source there is nothing to say of."""

LIVED = 2 * SECOND
"""Life of a child from which on its end is worth a sentence."""


@dataclass(frozen=True, slots=True)
class Status:
    """One sentence or two, and how grave they are."""

    text: str
    weight: Weight


def statuses(session: Session, look: Look, reading: Reading = RUNS) -> list[Status]:
    """Return what there is to say, the gravest first.

    Args:
        reading: how it stands with the source of the session.
    """
    found = []
    if look.paused:
        found.append(Status(_paused(session, look), "pause"))
    if reading.starting:
        found.append(Status("The probe starts anew; until it sees anything this stays.", "info"))
    gone = gone_sentence(session)
    note = newest_note(session)
    is_noted = note is not None and note.text == reading.ended and not session.processes
    if reading.nothing_left:
        found.append(Status("There is nothing left to watch.", "warning"))
    elif reading.ended is not None and not is_noted and not (session.bye and gone):
        stays = " The last picture stays: R starts anew." if session.processes else ""
        found.append(Status(f"{sentence(clean(reading.ended))}{stays}", "error"))
    if reading.silence >= SILENCE and not gone:
        text = f"Nothing has come from the probe for {reading.silence:.0f} s: R starts it anew."
        found.append(Status(text, "error"))
    if gone and not reading.starting:
        then = "R runs it again." if reading.launches else "The last picture stays."
        found.append(Status(f"{gone} {then}", "warning"))
    found += _become(session)
    found += _halted(session)
    if note:
        text = clean(" ".join(part for part in (note.text, note.fix) if part))
        weight: Weight = note.level if note.level in ("warning", "error") else "info"  # type: ignore[assignment]
        found.append(Status(text, weight))
    return found if gone else found + _children_gone(session)


def gone_sentence(session: Session) -> str | None:
    """Return how what was asked for ended, once all of it has; None before."""
    asked = [record for record in session.processes.values() if not record.about.followed]
    if not asked or any(record.gone is None for record in asked):
        return None
    last = max(asked, key=lambda record: record.gone.at if record.gone else 0)
    return f"{last.about.pid} {short_command(last.about.command)} {_how(last)}."


def newest_note(session: Session) -> Note | None:
    """Return the newest note that still matters."""
    for note in reversed(session.notes):
        if session.now - note.at < NOTE_STAYS.get(note.level, SECOND):
            return note
    return None


def _how(record: ProcessRecord) -> str:
    assert record.gone
    if record.gone.how == "lost":
        return "cannot be read any more"
    status = record.gone.status
    if status is None:
        return "has ended"
    return f"was ended by signal {-status}" if status < 0 else f"exited with status {status}"


def _children_gone(session: Session) -> list[Status]:
    """Return a sentence on the children that ended just now, the newest of them by name."""
    ended = [
        record
        for record in session.processes.values()
        if record.gone
        and record.about.followed
        and session.now - record.gone.at < NOTE_STAYS["info"]
        # Of those that a build starts by the hundred nobody wants to know.
        and record.gone.at - record.born >= LIVED
        and not is_helper_process(record.about.command)
    ]
    if not ended:
        return []
    last = max(ended, key=lambda record: record.gone.at if record.gone else 0)
    more = len(ended) - 1
    others = f" (and {counted(more, 'other process')} too)" if more else ""
    failed = any(record.gone and record.gone.status for record in ended)
    text = f"{last.about.pid} {short_command(last.about.command)} {_how(last)}{others}."
    return [Status(text, "warning" if failed else "info")]


def _paused(session: Session, look: Look) -> str:
    assert look.frozen is not None
    if look.cursor is None:
        return "PAUSED, sampling goes on (space: live, arrows: into the past)"
    ago = max(session.now - look.moment(session.now), 0)
    return f"{span(ago)} AGO, letters and shares of that moment (space: live)"


def _become(session: Session) -> list[Status]:
    """Return a sentence for each process that became another program a short time ago."""
    found = []
    for record in session.processes.values():
        if record.before is None or record.gone is not None:
            continue
        fresh = session.now - record.became < NOTE_STAYS["warning"]
        # A child is its parent's copy until it runs what it was started for.
        if fresh and (not record.about.followed or record.became - record.born >= SECOND):
            pid, name = record.about.pid, short_command(record.before.command)
            now = short_command(record.about.command)
            what = f"become {now}" if now != name else "started itself anew"
            found.append(Status(f"{pid} {name} has {what}.", "warning"))
    return found


def _halted(session: Session) -> list[Status]:
    """Return a sentence for each thing that keeps processes from running."""
    by_what: dict[str, list[str]] = {}
    for record in session.processes.values():
        if record.gone is None and (record.stopped or record.halted):
            what = HALTED.get(record.halted or "", "stopped (SIGSTOP or a debugger)")
            by_what.setdefault(what, []).append(str(record.about.pid))
    return [
        Status(f"{', '.join(pids)} {'is' if len(pids) == 1 else 'are'} {what}.", "warning")
        for what, pids in by_what.items()
    ]
