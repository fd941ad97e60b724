"""Any comparison at all, for hypothesis: figures that nobody can have measured among them."""

from hypothesis import strategies as st

from gilscope.model.comparison import (
    COMMAND,
    ENDED,
    KINDS,
    METHODS,
    RUNNING,
    STARTING,
    WAITING,
    Comparison,
    Mode,
    Outcome,
    Run,
)

figures = st.none() | st.floats(0, 1e6) | st.floats()
floats = st.floats(0, 1e6) | st.floats()
counts = st.integers(0, 1 << 53)
words = st.text("abcdexyz \x1b\n", max_size=12)
runs = st.builds(
    Run,
    floats,
    figures,
    st.none() | counts,
    st.none() | st.lists(st.floats(0, 1) | floats, min_size=8, max_size=8).map(tuple),
    figures,
    figures,
    figures,
    figures,
)
modes = st.builds(
    Mode,
    st.sampled_from([*KINDS, COMMAND]),
    st.sampled_from([None, *METHODS]),
    st.none() | words,
    st.lists(words, max_size=3).map(tuple),
)
ended_well = st.just("done")
outcomes = st.builds(
    Outcome,
    modes,
    ended_well | st.sampled_from([*ENDED, WAITING, STARTING, RUNNING]),
    st.none() | words,
    st.none() | words,
    st.sampled_from([None, True, False]),
    st.none() | words,
    st.none() | words,
    st.integers(0, 1000),
    figures,
    figures,
    st.lists(runs, max_size=6).map(tuple),
    counts,
    st.sampled_from([None, True, True, False]),
    st.none() | words,
    st.none() | counts,
    st.none() | words,
    st.none() | words,
    words,
    st.lists(words, max_size=2).map(tuple),
)
everything = st.builds(
    Comparison,
    words,
    words,
    counts,
    st.integers(0, 1000),
    st.integers(0, 1000),
    st.integers(0, 100),
    st.booleans(),
    st.none() | st.integers(0, 1000),
    st.lists(outcomes, max_size=6).map(tuple),
    st.integers(0, 1 << 53),
)


def comparisons() -> st.SearchStrategy[Comparison]:
    """Return comparisons in any condition."""
    return everything
