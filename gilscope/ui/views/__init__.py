"""What the screens show, as plain immutable values computed from a session; no Textual here."""
