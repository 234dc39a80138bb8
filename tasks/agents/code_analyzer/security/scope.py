"""Which sides of a project's security an artifact asks for."""

import re

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.tasks.agents.code_analyzer.security.rules import Side

NAMES = {
    Side.INPUTS: "Inputs and injection",
    Side.SECRETS: "Secrets",
    Side.CRYPTOGRAPHY: "Cryptography and transport",
    Side.SETTINGS: "Settings",
    Side.DEPENDENCIES: "Dependencies",
}
_SECURITY = ("vulnerab", "secur", "weak", "threat", "attack", "exploit", "pentest")
_STEMS = {
    Side.INPUTS: ("input", "inject", "sanitis", "sanitiz", "untrusted"),
    Side.SECRETS: ("secret", "credential", "password", "access"),
    Side.CRYPTOGRAPHY: ("crypt", "tls", "transport", "certificate", "access"),
    Side.SETTINGS: ("config", "setting", "header", "hardening"),
    Side.DEPENDENCIES: ("depend", "librar", "supply"),
}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def is_about_security(artifact: Artifact) -> bool:
    """Whether an artifact asks for weaknesses, by its id or what it produces.

    >>> is_about_security(Artifact(id="SecurityReview")), is_about_security(Artifact(id="DependencyMap"))
    (True, False)
    """
    return any(word.startswith(_SECURITY) for word in _words(f"{artifact.id} {' '.join(artifact.produces)}"))


def sides_of(artifact: Artifact) -> tuple[Side, ...]:
    """The sides it asks for: by its id and file, else by its description, else all of them.

    >>> [side.value for side in sides_of(Artifact(id="InputReview", description="Settings"))]
    ['inputs']
    >>> len(sides_of(Artifact(id="SecurityReview")))
    5
    """
    for text in (artifact.id, artifact.produces_file or "", artifact.description):
        words = _words(text)
        sides = tuple(side for side in Side if any(word.startswith(_STEMS[side]) for word in words))
        if sides:
            return sides
    return tuple(Side)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(text))
