"""The child that runs the work of a comparison, in one mode, by whatever interpreter.

Plain standard library, CPython 3.8 and newer and PyPy. It is told what to do over one pipe and
tells over another what came of it (`workloads/reports.py`); it does not measure itself beyond its
own clock, and does not judge.
"""
