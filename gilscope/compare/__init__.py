"""Runs the same work several ways, one after another or together, and watches each with the probe.

Owns plans, the processes they start, and the live picture of a comparison; what the figures mean is
`analysis`' business, how they are shown `cli`'s and `ui`'s.
"""
