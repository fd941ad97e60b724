"""The rules of a comparison's verdict: small pure functions, each named for what it finds.

A rule reads figures that were measured and returns a finding, or nothing. Which of them are told,
and in which words, is `analysis.verdict`'s business.
"""
