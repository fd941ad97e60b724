"""An oscilloscope for the Python interpreter lock, in a terminal."""

__version__ = "0.1.0"
