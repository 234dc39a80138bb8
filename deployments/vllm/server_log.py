"""What a log says about why something failed, in a line."""

import re

_PREFIX = re.compile(r"^(?:\([^()]*pid=\d+\)\s*)?(?:[A-Z]+ \d\d-\d\d \d\d:\d\d:\d\d \[[^\]]*\]\s?)?")
_ERROR = re.compile(r"^(?:[A-Za-z_]\w*\.)*([A-Z]\w*(?:Error|Exception|Interrupt|Exit))(?:: (.*))?$")
_PROGRAM = re.compile(r"^(?:\S+: )?(?:error|ERROR|×)[: ]\s*(.+)$")  # noqa: RUF001 - the sign that uv begins with
_HOLLOW = ("engine core initialization failed", "see root cause", "workerproc initialization failed", "see stack trace")
"""Errors that only say that there was another one."""

_MOST = 300


def last_useful_line(text: str) -> str:
    r"""The line of a log that says best why it ended: its last error that is more than a pointer to another one.

    Where no line is an error, the last line that is not empty.

    >>> last_useful_line("INFO: starting\nValueError: no such model\nRuntimeError: See root cause above.\n")
    'ValueError: no such model'
    """
    lines = [_PREFIX.sub("", line).strip() for line in text.splitlines()]
    told = [_with_next(lines, place) for place, line in enumerate(lines) if _ERROR.match(line) or _PROGRAM.match(line)]
    found = [line for line in told if not any(hollow in line.lower() for hollow in _HOLLOW)] or told
    useful = found[-1] if found else next((line for line in reversed(lines) if line), "")
    return useful if len(useful) <= _MOST else f"{useful[:_MOST]}…"


def _with_next(lines: list[str], place: int) -> str:
    """A line, with the one after it where it only announces something, as pydantic's errors do."""
    line = lines[place]
    error, program = _ERROR.match(line), _PROGRAM.match(line)
    told = program[1] if program and not error else line
    is_announcing = told.endswith(":") or (error is not None and (not error[2] or "validation error" in error[2]))
    following = next((each for each in lines[place + 1 : place + 4] if each), "")
    if not is_announcing or not following or _ERROR.match(following):
        return told
    return f"{told.rstrip(':')}: {following.lstrip('╰─▶ ')}"
