"""Berths for visiting boats."""
