"""Every key: what it is, what it does, and where; help, footer and the README read it from here."""

from collections.abc import Sequence

from textual.binding import Binding, BindingType

KEYS_OF_README = ("<!-- keys -->", "<!-- /keys -->")
"""The README's table of keys stands between these."""


def _key(
    id: str,
    keys: str,
    action: str,
    words: str,
    shown: str = "",
    hint: str = "",
    *,
    at_once: bool = False,
) -> Binding:
    """Return a binding.

    Args:
        shown: how help writes its keys.
        hint: the footer's word for it.
        at_once: it is done before the next key is looked at, so that what is typed in the same
            breath goes where this leads.
    """
    return Binding(
        keys,
        action,
        words,
        id=id,
        show=bool(hint),
        key_display=shown or keys,
        tooltip=hint,
        priority=at_once,
    )


EVERYWHERE: list[BindingType] = [
    _key("quit", "q", "quit", "quit", hint="quit"),
    _key("interrupt", "ctrl+c", "interrupt", "quit, with exit status 130", "Ctrl-C"),
    _key("help", "question_mark,f1", "help", "help: states, figures and keys", "?", "help"),
    _key("palette", "p,ctrl+p", "command_palette", "command palette", "p"),
]

SCOPE: list[BindingType] = [
    _key("pause", "space", "pause", "pause the view; sampling goes on", hint="pause"),
    _key(
        "filter",
        "slash",
        "filter",
        "filter: rows with all these words",
        "/",
        "filter",
        at_once=True,
    ),
    _key("sort", "s", "sort", "sort by the next figure", hint="sort"),
    _key("tree", "t", "tree", "tree, all threads in one list, or processes alone", hint="tree"),
    _key("why", "w", "why", "why: who holds the GIL, hogs, what the thread waits for", hint="why"),
    _key("open", "enter", "open", "open a thread or hog, fold or unfold", "Enter", "open"),
    _key("enlarge", "e", "enlarge", "enlarge: only this process, wide lanes", hint="enlarge"),
    _key("reset", "r", "reset", "count shares from now on", hint="reset"),
    _key("hogs", "tab", "hogs", "to the hogs and back, to choose one", "Tab"),
    _key("window", "a", "window", "count shares over the last second again, or since the start"),
    _key("output", "o", "output", "what the launched command printed", hint="output"),
    _key("faster", "plus,equals_sign", "refresh(1)", "draw more often, up to 20 a second", "+"),
    _key("slower", "minus", "refresh(-1)", "draw less often, down to once a second", "-"),
    _key("zoom-in", "z", "zoom(-1)", "less time a cell of the timeline"),
    _key("zoom-out", "Z", "zoom(1)", "more time a cell of the timeline"),
    _key("up", "up,k", "move(-1)", "the row above", "up k"),
    _key("down", "down,j", "move(1)", "the row below", "down j"),
    _key("page-up", "pageup", "page(-1)", "a page up", "PageUp"),
    _key("page-down", "pagedown", "page(1)", "a page down", "PageDown"),
    _key("first", "home,g", "end(-1)", "the first row", "Home g"),
    _key("last", "end,G", "end(1)", "the last row", "End G"),
    _key("past", "left,h", "cursor(-1)", "the cursor into the past", "left h"),
    _key("future", "right,l", "cursor(1)", "the cursor towards now", "right l"),
    _key("past-far", "shift+left,H", "cursor(-10)", "ten cells into the past", "H"),
    _key("future-far", "shift+right,L", "cursor(10)", "ten cells towards now", "L"),
    _key("restart", "R", "restart", "start the probe anew"),
    _key("back", "escape", "back", "back: to live, out of the filter, to Home", "Esc"),
]

HOME: list[BindingType] = [
    _key("home-open", "enter", "open", "watch it, or compare it", "Enter", "open"),
    _key("home-up", "up", "move(-1)", "the line above", "up"),
    _key("home-down", "down", "move(1)", "the line below", "down"),
    _key("home-page-up", "pageup", "page(-1)", "a page up", "PageUp"),
    _key("home-page-down", "pagedown", "page(1)", "a page down", "PageDown"),
    _key("home-first", "home", "end(-1)", "the first line", "Home"),
    _key("home-last", "end", "end(1)", "the last line", "End"),
    _key("home-back", "escape", "back", "forget what was typed", "Esc"),
]

COMPARE: list[BindingType] = [
    _key(
        "compare-end",
        "escape",
        "end",
        "end the running mode alone; at the end back to Home",
        "Esc",
        "end mode",
    ),
    _key("compare-back", "b", "back", "back to Home; ends all that still runs", hint="back"),
    _key("compare-open", "enter", "open", "everything about the selected mode", "Enter", "open"),
    _key("compare-enlarge", "e", "enlarge", "enlarge: this mode alone, wide lanes", hint="enlarge"),
    _key("compare-why", "w,v", "why", "why: the verdict with all its evidence", "w", "why"),
    _key("compare-left", "left,h", "select(-1)", "the mode to the left", "left h"),
    _key("compare-right", "right,l", "select(1)", "the mode to the right", "right l"),
    _key("compare-up", "up,k", "scroll(-1)", "up in the lanes of the selected mode", "up k"),
    _key("compare-down", "down,j", "scroll(1)", "down in the lanes of the selected mode", "down j"),
    _key("compare-page-up", "pageup", "page(-1)", "a page up", "PageUp"),
    _key("compare-page-down", "pagedown", "page(1)", "a page down", "PageDown"),
    _key("compare-first", "home,g", "scroll_to(-1)", "the first lanes", "Home g"),
    _key("compare-last", "end,G", "scroll_to(1)", "the last lanes", "End G"),
    _key(
        "compare-faster",
        "plus,equals_sign",
        "refresh(1)",
        "draw more often, up to 20 a second",
        "+",
    ),
    _key("compare-slower", "minus", "refresh(-1)", "draw less often, down to once a second", "-"),
]

PAGE: list[BindingType] = [
    _key("page-back", "escape,enter", "back", "back", "Esc", "back"),
    _key("scroll-up", "up,k", "scroll(-1)", "up", "up k"),
    _key("scroll-down", "down,j", "scroll(1)", "down", "down", "scroll"),
    _key("scroll-page-up", "pageup", "scroll(-10)", "a page up", "PageUp"),
    _key("scroll-page-down", "pagedown,space", "scroll(10)", "a page down", "PageDown"),
    _key("scroll-first", "home,g", "end(-1)", "the first line", "Home g"),
    _key("scroll-last", "end,G", "end(1)", "the last line", "End G"),
]

SECTIONS: tuple[tuple[str, list[BindingType]], ...] = (
    ("Everywhere", EVERYWHERE),
    ("Scope", SCOPE),
    ("Home", HOME),
    ("Compare", COMPARE),
)
"""What help and the README list, in this order."""


def bindings(found: Sequence[BindingType]) -> list[Binding]:
    """Return bindings as such; all of this module's are."""
    return [binding for binding in found if isinstance(binding, Binding)]


def scope_hints(printed: bool) -> list[Binding]:
    """Return the keys of Scope for the footer, the most useful first.

    Args:
        printed: a launched command has printed something, which is worth a key near the front.
    """
    output = [binding for binding in bindings(SCOPE) if binding.id == "output"]
    others = [binding for binding in bindings(SCOPE) if binding.id != "output"]
    return [*bindings(EVERYWHERE), *(output if printed else []), *others]


def shown_keys(binding: Binding) -> str:
    """Return how a binding's keys are written."""
    return binding.key_display or binding.key


def key_table() -> str:
    """Return the README's table of keys."""
    lines = ["| Key | Where | What it does |", "| --- | --- | --- |"]
    for section, found in SECTIONS:
        for binding in bindings(found):
            keys = " ".join(f"`{key}`" for key in shown_keys(binding).split())
            lines.append(f"| {keys} | {section} | {binding.description} |")
    return "\n".join(lines)


def with_key_table(readme: str) -> str:
    """Return a README with its table of keys brought up to date.

    Raises:
        ValueError: the README has no place for it.
    """
    start, end = KEYS_OF_README
    before, _, rest = readme.partition(start)
    _, mark, after = rest.partition(end)
    if not mark:
        raise ValueError(f"no {start} ... {end} in the README")
    return f"{before}{start}\n\n{key_table()}\n\n{end}{after}"
