"""Ports for the servers of tests."""

import os
import socket
from itertools import count

_FIRST, _SPAN = 16_000, 16_000
_NUMBERS = count(os.getpid() * 101)


def free_port() -> int:
    """A port of this machine that nobody listens at.

    A server takes its port seconds later. Until then none of the connections that tests open can have got it: systems
    give these higher ones. Another process of tests looks from elsewhere on.
    """
    ports = (_FIRST + number % _SPAN for number in _NUMBERS)
    return next(port for port in ports if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
