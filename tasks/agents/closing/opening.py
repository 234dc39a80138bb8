"""What an artifact is to close, read from its description.

Artifacts that an evaluation adds say in their first words what they are for: "Gap Fill: …", "Settle: …",
"Unblock: …", "Resolve: …", "Follow: …", "Confirm: …".
"""

import ast
import re
from dataclasses import dataclass

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.programme.opening import OpeningKind


@dataclass(frozen=True, slots=True)
class ToClose:
    """One thing to be closed, in the words in which it was reported."""

    kind: OpeningKind
    text: str


@dataclass(frozen=True, slots=True)
class StatedDispute:
    """A contradiction as its text tells it: the subject and the two statements."""

    subject: str
    one: str
    other: str


_KINDS = {
    "gap fill": OpeningKind.GAP,
    "settle": OpeningKind.CONTRADICTION,
    "unblock": OpeningKind.FAILURE,
    "resolve": OpeningKind.COMPLEXITY,
    "follow": OpeningKind.GUIDANCE,
    "confirm": OpeningKind.DOUBT,
}
_FIRST_WORDS = re.compile(rf"^\s*({'|'.join(_KINDS)})\s*:\s*(\S.*)$", re.IGNORECASE | re.DOTALL)
_QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|“[^”]*”"""
_AGAINST = re.compile(rf"^(?P<subject>.*?):\s+(?P<one>{_QUOTED})\s+against\s+(?P<other>{_QUOTED})\W*$")


def opening_of(artifact: Artifact) -> ToClose | None:
    """What an artifact is to close; nothing if it is an ordinary one.

    >>> opening_of(Artifact(id="Fill", description="Gap Fill: who runs it at night"))
    ToClose(kind=<OpeningKind.GAP: 'gap'>, text='who runs it at night')
    >>> opening_of(Artifact(id="Schema", description="The tables of the shop"))
    """
    match = _FIRST_WORDS.match(artifact.description)
    if match is None:
        return None
    return ToClose(_KINDS[match[1].lower()], " ".join(match[2].split()))


def dispute_in(text: str) -> StatedDispute | None:
    r"""The two statements that the text of a contradiction sets against each other; nothing if it has another form.

    >>> dispute_in("team (person): 'The team has 6.' against \"The company's team has 8.\"")
    StatedDispute(subject='team (person)', one='The team has 6.', other="The company's team has 8.")
    """
    match = _AGAINST.match(text)
    return StatedDispute(match["subject"], _plain(match["one"]), _plain(match["other"])) if match else None


def _plain(quoted: str) -> str:
    """What stands between quotation marks; a backslash in it is one of Python's own."""
    if quoted[0] not in "'\"":
        return quoted[1:-1]
    try:
        return str(ast.literal_eval(quoted))
    except (ValueError, SyntaxError):
        return quoted[1:-1]
