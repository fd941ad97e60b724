"""The interface: screens of a terminal, drawn from sessions.

Owns Textual: no other package imports it. `views` turns a session into plain values, `widgets`
draws them, `screens` puts widgets together and answers keys. Never samples, and never interprets
the stream: `Feed` passes events to a Session, and everything on screen is read from that.
"""
