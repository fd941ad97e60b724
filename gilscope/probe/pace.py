"""How often the probe samples and how often it tells of it, so that it keeps its budget."""

from dataclasses import dataclass

LEAST = 4.0
"""Samples a second below which the budget does not push the rate: shares would mean little."""

MARGIN = 0.96
"""Share of the rate that would fit which is taken: what comes later costs more as often as less."""

CALM = 1.04
"""How many times higher the rate would have to become before it is raised: not at every breath of
the machine."""

FOR_FRAMES = 0.1
"""Share of the budget that ending frames may take before they become longer: they tell the same, a
little later, and leave more to the samples."""

LONGEST_FRAME = 250_000
"""Microseconds up to which they do: the interface is to draw four pictures a second."""

FOR_FRAMES_AT_MOST = 0.5
"""Share of the budget beyond which they become longer still: of hundreds of threads, each frame has
so much to tell that nothing would be left for samples."""

LONGEST_OF_ALL = 1_000_000
"""Microseconds up to which they then do."""


@dataclass(slots=True)
class Pace:
    """How often samples are taken and frames are ended, and what they may cost.

    Attributes:
        asked: samples a second asked for; `rate`: now, lower where the cost asks for it.
        budget: share of one core that the sampling may take.
        every: microseconds from one frame to the next asked for; `frame`: now, more where the cost
            asks for it.
    """

    asked: float
    budget: float
    every: int
    rate: float = 0.0
    frame: int = 0

    def __post_init__(self) -> None:
        """Begin as was asked for."""
        self.rate = self.rate or self.asked
        self.frame = self.frame or self.every

    def adapt(self, sampling: float, frames: float) -> None:
        """Follow what was spent of late, as shares of one core.

        Args:
            sampling: on samples; that grows with the rate, at most in proportion.
            frames: on what is done once a frame, whatever the rate.
        """
        cost = self.frame * frames / self.budget
        fitting_frame = min(cost / FOR_FRAMES, max(LONGEST_FRAME, cost / FOR_FRAMES_AT_MOST))
        if not 0.8 * self.frame < fitting_frame < self.frame:
            longest = max(LONGEST_OF_ALL, self.every)
            self.frame = round(min(max(fitting_frame, self.every), longest))
        room = self.budget - frames
        fitting = self.rate * room / sampling if sampling > 0 else 2 * self.asked
        if fitting < self.rate or MARGIN * fitting > CALM * self.rate:
            self.rate = min(max(MARGIN * fitting, LEAST), self.asked)
