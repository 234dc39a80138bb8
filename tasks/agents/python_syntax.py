"""Python as a tree. Nothing of it is imported or run."""

import ast
import warnings


def syntax_tree(source: str | bytes) -> ast.Module:
    """The tree of a file. Raises what `ast.parse` does: SyntaxError, ValueError, RecursionError, MemoryError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the compiler thinks of its string literals is not asked here
        return ast.parse(source)
