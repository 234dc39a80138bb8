"""What is computed once for each key, however many threads ask for it at the same time."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """The latest results by key. Who asks while one is being computed waits for it; a failure is not kept.

    >>> kept = Remembered(most=2)
    >>> kept.value("a", lambda: 1), kept.value("a", lambda: 2)
    (1, 1)
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, Future[Value]] = OrderedDict()

    def value(self, key: Hashable, computed: Callable[[], Value]) -> Value:
        """The result under a key, computed by the first who asks for it."""
        with self._lock:
            future = self._known.get(key)
            is_ours = future is None
            if future is None:
                future = self._known[key] = Future()
            self._known.move_to_end(key)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        if is_ours:
            try:
                future.set_result(computed())
            except BaseException as error:
                with self._lock:
                    self._known.pop(key, None)
                future.set_exception(error)
        return future.result()
