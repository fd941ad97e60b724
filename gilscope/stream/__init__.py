"""Where events come from and go to: a probe on this machine, later a file or another host.

Knows how to start, feed and end what speaks the stream; refuses to interpret it.
"""
