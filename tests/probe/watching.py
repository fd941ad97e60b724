"""Helpers for tests of one watched process."""

import time

DEADLINE = 10.0


def until(done):
    deadline = time.monotonic() + DEADLINE
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def finding(*answers):
    """Return a function that finds what it is told, the last for ever."""
    left = list(answers)

    def find(_):
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else answer

    return find


def taken(watched, kind=object):
    return [event for event in watched.take_events() if isinstance(event, kind)]
