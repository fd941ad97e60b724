"""How often the probe samples, so that it keeps its budget."""

from dataclasses import dataclass
from math import sqrt

LEAST = 20.0
"""Samples a second below which the budget does not push the rate: shares would mean little."""

MARGIN = 0.95
"""Share of the rate that would fit which is taken: samples cost more the fewer there are."""

LONGEST_FRAME = 2.5
"""How many times longer frames become at the most, where ending one costs much: the interface is to
draw four pictures a second."""


@dataclass(slots=True)
class Pace:
    """How often samples are taken, and what they may cost.

    Attributes:
        asked: samples a second asked for; `rate`: now, lower where the cost asks for it.
        budget: share of one core that the sampling may take.
        stretch: how many times longer than asked for frames are, where the cost asks for it.
    """

    asked: float
    rate: float
    budget: float
    stretch: float = 1.0

    def adapt(self, sampling: float, frames: float) -> None:
        """Follow what was spent of late, as shares of one core.

        Args:
            sampling: on samples, in proportion to the rate.
            frames: on what is done once a frame, whatever the rate.
        """
        at_once = frames * self.stretch / (self.budget / 2)
        if not 0.8 * self.stretch < at_once < self.stretch:
            self.stretch = min(max(at_once, 1.0), LONGEST_FRAME)
        room = self.budget - frames
        fitting = self.rate * room / sampling if sampling > 0 else self.asked
        if fitting < self.rate:
            self.rate = max(MARGIN * fitting, min(LEAST, self.asked))
        elif fitting > 1.1 * self.rate:  # Not at every breath of the machine.
            # Half of the way: where the cost of a sample goes up and down, the budget would be
            # exceeded after each good moment.
            self.rate = min(sqrt(self.rate * fitting), self.asked)
