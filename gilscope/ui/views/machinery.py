"""Processes and threads that Python's own library starts to serve those of the program.

Told by what they are called or run, so that nobody looks for them in the program's own code.
"""

from gilscope.model.events import Call
from gilscope.model.records import ThreadRecord

_COMMANDS = (
    ("from multiprocessing.resource_tracker import main", "resource tracker", True),
    ("from multiprocessing.semaphore_tracker import main", "semaphore tracker", True),
    ("from multiprocessing.forkserver import main", "fork server", True),
    ("from multiprocessing.spawn import spawn_main", "mp worker", False),
)
"""How code after -c begins, what it is, and whether it serves others."""

_NAMES = {"QueueFeederThread": "feeds a multiprocessing queue"}
"""What threads of these names do."""

_CALLS = {
    "run": ("concurrent/futures/process.py", "manages a process pool"),
    "_handle_workers": ("multiprocessing/pool.py", "keeps a pool's workers alive"),
    "_handle_tasks": ("multiprocessing/pool.py", "hands tasks to a pool's workers"),
    "_handle_results": ("multiprocessing/pool.py", "collects results of a pool's workers"),
    "_serve": ("multiprocessing/resource_sharer.py", "shares handles between processes"),
    "serve_client": ("multiprocessing/managers.py", "serves a multiprocessing manager"),
}
"""What threads do that run these functions of files whose name ends so."""


def command_name(code: str) -> str | None:
    """Return what the code after -c is, where it is Python's own."""
    return next((name for start, name, _ in _COMMANDS if code.startswith(start)), None)


def is_helper_process(command: tuple[str, ...]) -> bool:
    """Return whether a process serves others of the program, and does no work of its own."""
    return any(
        serves and word.startswith(start) for word in command for start, _, serves in _COMMANDS
    )


def thread_role(thread: ThreadRecord) -> str | None:
    """Return what a thread of Python's own machinery does; None for a thread of the program."""
    if thread.name in _NAMES:
        return _NAMES[thread.name]
    # The outermost calls say what a thread is for; before them stand those of `threading`.
    return next(filter(None, map(_role_of_call, thread.calls[-4:])), None)


def _role_of_call(call: Call) -> str | None:
    file, role = _CALLS.get(call.name.rpartition(".")[2], ("", ""))
    return role if file and call.file.replace("\\", "/").endswith(file) else None
