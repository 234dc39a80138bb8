"""The root of the tree."""

from typing import ClassVar


class HarmonicError(Exception):
    """Root of the tree. `retryable` says whether the same call may succeed when it is simply made again."""

    retryable: ClassVar[bool] = False
