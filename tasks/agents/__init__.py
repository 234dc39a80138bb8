"""Specialists that work without a language model."""
