"""Weaknesses in a project: what bandit and a few rules of our own find, told by what it is about."""
