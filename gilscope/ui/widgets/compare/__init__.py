"""Draws the views of a comparison: columns of modes, the table of results, the verdict."""
