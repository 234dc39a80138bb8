"""Specialists with a language model: the embedded ones look first, the model adds to it, all it says is checked."""
