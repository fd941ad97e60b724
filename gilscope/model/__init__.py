"""The words of gilscope as data: states, the stream's events, and the session built from them.

Pure data: nothing here opens a file, reads a clock, starts a process or draws.
"""
