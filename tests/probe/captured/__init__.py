"""What real kernels, interpreters and py-spy said, kept as it came."""

from pathlib import Path

FOLDER = Path(__file__).parent


def captured(name: str) -> str:
    """Return the text of one captured file."""
    return (FOLDER / name).read_text(encoding="utf-8")
