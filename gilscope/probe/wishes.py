"""What is wanted of the watching of processes."""

from dataclasses import dataclass, field

from gilscope.probe.witness import Purse


@dataclass(slots=True)
class Wishes:
    """How to watch, for all processes alike; may change while they are watched.

    Attributes:
        fidelity: "py-spy" to use nothing else.
        hog: microseconds from which on a hold is a hog.
        stack_rate: stacks of one thread a second; 0 for neither stacks nor functions nor names.
        purse: pays for them.
        patience: how many times less often is looked at what seldom changes, where many processes
            are watched.
    """

    fidelity: str | None = None
    hog: int = 50_000
    stack_rate: float = 2.0
    purse: Purse = field(default_factory=Purse)
    patience: int = 1
