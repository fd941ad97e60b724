"""Demonstrations that gilscope can launch: plain standard library, so any interpreter runs them."""
