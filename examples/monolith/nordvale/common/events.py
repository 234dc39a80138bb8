"""An event bus within the process. Handlers run at once, in the request that published."""

from collections import defaultdict

_handlers = defaultdict(list)
_history = []


def subscribe(topic, handler):
    if handler not in _handlers[topic]:
        _handlers[topic].append(handler)


def publish(topic, **payload):
    _history.append((topic, payload))
    failures = []
    for handler in list(_handlers[topic]):
        try:
            handler(**payload)
        except Exception as error:
            failures.append((handler.__name__, error))
    if failures:
        names = ", ".join(name for name, _ in failures)
        raise RuntimeError(f"{topic}: {names} failed") from failures[0][1]


def published(topic):
    return [payload for name, payload in _history if name == topic]


def forget():
    _handlers.clear()
    _history.clear()
