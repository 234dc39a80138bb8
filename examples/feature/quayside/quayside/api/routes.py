"""Which function answers which request."""

import re

ROUTES = []


def route(method, pattern):
    compiled = re.compile("^" + re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", pattern) + "$")

    def register(answer):
        ROUTES.append((method, compiled, answer))
        return answer

    return register


def found(method, path):
    for wanted, pattern, answer in ROUTES:
        match = pattern.match(path)
        if match and wanted == method:
            return answer, match.groupdict()
    return None, {}
