"""The code analyzer: what a project's Python code is made of, measured without running any of it."""
