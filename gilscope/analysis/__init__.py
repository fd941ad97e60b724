"""Pure functions over a session: loads, shares, summaries. Reads no clock and no file."""
