"""How text fits into a drawing, where nothing can be measured: widths by letter, breaks where names have joints.

The page does not know which font it is shown in, so widths are those of a wide one.
"""

import re
from unicodedata import east_asian_width

from prefect_harmonic.tasks.views.escaping import one_line, shortened

_NARROW = frozenset("iljtfI.,:;'|!()[]{} ")
_WIDE = frozenset("mwMW@%")
_JOINT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[-_./: ])")


def width_of(text: str, size: float) -> float:
    """Width of a line of semi-bold text in pixels, rather too much than too little.

    >>> width_of("iii", 10) < width_of("mmm", 10)
    True
    """
    return sum(_width(letter) for letter in text) * size


def _width(letter: str) -> float:
    if letter in _NARROW:
        return 0.42
    if letter in _WIDE:
        return 1.02
    if east_asian_width(letter) in "WF":
        return 1.06
    return 0.76 if letter.isupper() else 0.68


def fitted(text: str, width: float, size: float) -> str:
    """The text on one line, shortened in the middle to a width.

    >>> fitted("AuthenticationServiceImplementation", 100, 12.5)
    'Authen…tation'
    """
    line = one_line(text)
    limit = len(line)
    while limit > 1 and width_of(shortened(line, limit), size) > width:
        limit -= 1
    return shortened(line, limit) if line else ""


def in_lines(text: str, width: float, size: float) -> tuple[str, ...]:
    """The text on one line if it fits, otherwise on two, broken at the joint that leaves least to cut.

    >>> in_lines("AuthenticationServiceProtocol", 150, 12.5)
    ('Authentication', 'ServiceProtocol')
    """
    line = one_line(text)
    if width_of(line, size) <= width:
        return (line,)
    joints = [joint.start() for joint in _JOINT.finditer(line)]
    if not joints:
        return (fitted(line, width, size),)
    at = min(joints, key=lambda joint: (max(width_of(line[:joint], size), width_of(line[joint:], size)), joint))
    return (fitted(line[:at], width, size), fitted(line[at:], width, size))
