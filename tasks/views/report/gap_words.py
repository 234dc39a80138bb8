"""What somebody has to do about a gap, in words that ask for it."""

import re

_NO_DOCUMENT = re.compile(r"^no document (?:says|tells|states) ", re.IGNORECASE)
_NOT_KNOWN = re.compile(r"^(?P<what>.+?) not known for the decision on .*$", re.IGNORECASE)
_LEFT_OPEN = re.compile(r"^left open in (?P<place>\S+:\d+): (?P<question>.+)$", re.IGNORECASE | re.DOTALL)
_ABOUT = re.compile(r"^anything about ", re.IGNORECASE)
_NOT_LOOKED = re.compile(r"^(?P<what>.+?) (?:was|were) not (?P<done>looked for|measured|compared): the analysis reads ")
_NO_WORK = re.compile(
    r"^no git history|catalogue has no (?:decision of this kind|topic for)|^nothing that was given names a topic"
    r"|^nothing has been changed in the project by this run|^the code has changed since"
    r"|^the code was not looked at before|^no use of .* was found in"
    r"|^further evidence for \S+, which is \d+% sure|^nothing was handed over that the document could be made from",
    re.IGNORECASE,
)
"""Limits of what was looked at. Nobody can do anything about them by finding something out."""


def wanted_words(gap: str) -> str:
    """What would close a gap; empty for one that no work closes.

    >>> wanted_words("no document says what load it has to carry")
    'Write down what load it has to carry'
    >>> wanted_words("no document says anything about releases")
    'Write down what is known about releases'
    >>> wanted_words("left open in docs/a.md:3: Who owns an address?")
    'Answer what docs/a.md:3 leaves open: Who owns an address?'
    >>> wanted_words("people on the team not known for the decision on the stack (from a document about the team)")
    'Find out: people on the team'
    >>> wanted_words("Behaviour at run time was not measured: the analysis reads the structure of code and runs none.")
    'Have behaviour at run time measured by other means'
    >>> wanted_words("No git history: it is not under git.")
    ''
    """
    if _NO_WORK.search(gap):
        return ""
    if found := _LEFT_OPEN.match(gap):
        return f"Answer what {found['place']} leaves open: {found['question']}"
    if _NO_DOCUMENT.match(gap):
        return f"Write down {_ABOUT.sub('what is known about ', _NO_DOCUMENT.sub('', gap))}"
    if found := _NOT_LOOKED.match(gap):
        what = found["what"]
        return f"Have {what[:1].lower()}{what[1:]} {found['done']} by other means"
    if found := _NOT_KNOWN.match(gap):
        return f"Find out: {found['what']}"
    return f"Find out: {gap}"
