"""The Textual app: screens and widgets drawn from immutable views of a session.

The only package that imports Textual, and only once a screen opens.
"""
