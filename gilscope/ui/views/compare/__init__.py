"""What the Compare screen shows, as plain immutable values computed from a live comparison.

`scene` keeps what is known between two pictures; `column`, `table`, `header` and `detail` say what
each part of the screen shows; `layout` and `scale` how much of it there is room for.
"""
