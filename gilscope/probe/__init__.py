"""The sampling process: finds the GIL, reads threads, calls py-spy, classifies, emits events.

Runs alone in a process of its own and knows nothing of who reads it; never stops a target.
"""
