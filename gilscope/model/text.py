"""Text from outside, made fit for a terminal.

Thread names, command lines and file names are whatever their owners made them: they may hold
escape sequences, line feeds, letters that turn the line around, or four thousand emoji. Whatever
came from a target passes `clean` (or `cut`, which cleans first) before it is printed or drawn.
Markup is another matter: print the result as `rich.text.Text` or with `markup=False`.
"""

import unicodedata

# Which characters are wide, zero-width or plain is a table, and Rich's is what everything is
# drawn by here.
from rich.cells import cell_len, get_character_cell_size

LONGEST = 4096
"""Characters of a text that are looked at; the rest is cut off."""

MARKS = 2
"""Combining marks kept on one letter: enough for every living script, too few to bury a line."""

ELLIPSIS = "…"

_BLANKS = {"\t": " ", "\N{NO-BREAK SPACE}": " "}
_NAMED = {"\n": "\\n", "\r": "\\r", "\x1b": "\\e"}

# Nothing is lost to the reader when these go, and terminals disagree about their width: joiners
# and variation selectors glue emoji together, and skin tones are glued to them.
_DROPPED = {
    "\u200c",
    "\u200d",
    *map(chr, range(0xFE00, 0xFE10)),
    *map(chr, range(0x1F3FB, 0x1F400)),
}

_REGIONAL_A = 0x1F1E6
_REGIONAL_Z = 0x1F1FF

# Controls, formats (bidi overrides among them), surrogates, private use, unassigned, separators.
_ESCAPED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean(text: str) -> str:
    """Return the text on one line, with all that a terminal would obey escaped visibly."""
    if text.isascii() and text.isprintable() and len(text) <= LONGEST:
        return text
    shown: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text[:LONGEST]):
        if get_character_cell_size(character) == 0 and unicodedata.category(character)[0] == "M":
            marks += 1
            # A mark with nothing before it would sit on what stands to the left of the text.
            if marks > MARKS or not shown:
                continue
        else:
            marks = 0
        shown.append(_harmless(character))
    if len(text) > LONGEST:
        shown.append(ELLIPSIS)
    return "".join(shown)


def cut(text: str, width: int) -> str:
    """Return the clean text in at most `width` cells, with an ellipsis where its end was cut."""
    text = clean(text)
    if cell_len(text) <= width:
        return text
    if width < 1:
        return ""
    return _fit(text, width - 1).rstrip() + ELLIPSIS


def cut_start(text: str, width: int) -> str:
    """Return the clean text in at most `width` cells, with an ellipsis where its start was cut.

    For file names, whose end says most.
    """
    text = clean(text)
    if cell_len(text) <= width:
        return text
    if width < 1:
        return ""
    return ELLIPSIS + _end_of(text, width - 1).lstrip()


def cut_middle(text: str, width: int) -> str:
    """Return the clean text in at most `width` cells, with an ellipsis where its middle was cut.

    For names of threads: their start says what they are for, and their end which one it is.
    """
    text = clean(text)
    if cell_len(text) <= width:
        return text
    if width < 1:
        return ""
    end = _end_of(text, (width - 1) // 2).lstrip()
    return _fit(text, width - 1 - cell_len(end)).rstrip() + ELLIPSIS + end


def pad(text: str, width: int) -> str:
    """Return the clean text cut or filled with spaces to exactly `width` cells."""
    text = cut(text, width)
    return text + " " * (width - cell_len(text))


def lower_first(sentence: str) -> str:
    """Return a sentence as it stands after a colon: its first letter small, no full stop."""
    return sentence[:1].lower() + sentence[1:].removesuffix(".")


def sentence(text: str) -> str:
    """Return words as a sentence of their own: a capital first, a full stop at the end."""
    stop = "" if text.endswith((".", "!", "?")) else "."
    return f"{text[:1].upper()}{text[1:]}{stop}" if text else ""


def plural(number: int, one: str) -> str:
    """Return what so many of a thing are called: "task", "tasks", "processes"."""
    if number == 1:
        return one
    return f"{one}es" if one.endswith("s") else f"{one}s"


def counted(number: int, one: str) -> str:
    """Return a number of things: "1 task", "8 tasks"."""
    return f"{number} {plural(number, one)}"


def _harmless(character: str) -> str:
    if character in _BLANKS:
        return _BLANKS[character]
    if character in _NAMED:
        return _NAMED[character]
    if character in _DROPPED:
        return ""
    code = ord(character)
    if _REGIONAL_A <= code <= _REGIONAL_Z:
        return chr(ord("A") + code - _REGIONAL_A)
    if unicodedata.category(character) in _ESCAPED:
        if code < 0x100:
            return f"\\x{code:02x}"
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    if get_character_cell_size(character) == 0 and unicodedata.category(character)[0] != "M":
        # A filler letter: it takes no cell, and would hide a difference between two names.
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return character


def _fit(text: str, width: int) -> str:
    end = 0
    for end, character in enumerate(text):
        width -= get_character_cell_size(character)
        if width < 0:
            return text[:end]
    return text


def _end_of(text: str, width: int) -> str:
    """Return as much of the end as fits, without marks of a letter that does not."""
    start = len(text)
    while start and width >= (size := get_character_cell_size(text[start - 1])):
        width -= size
        start -= 1
    while start < len(text) and get_character_cell_size(text[start]) == 0:
        start += 1
    return text[start:]
