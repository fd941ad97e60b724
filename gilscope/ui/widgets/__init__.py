"""Widgets that draw views line by line; they hold no facts of their own."""
