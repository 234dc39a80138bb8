"""One thing the gate has to say about a plan."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

_LONGEST_MESSAGE, _LONGEST_NAME = 600, 128


class Severity(StrEnum):
    """How much a finding weighs. Only an error makes a plan invalid."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Code(StrEnum):
    """What a finding is about. Source: contract, "Lint codes (the gate)"."""

    REPEATED_ID = "P001"
    MISSING_REQUIREMENT = "P002"
    CYCLE = "P003"
    EMPTY_PLAN = "P004"
    TOO_MANY_ARTIFACTS = "P005"
    TOO_DEEP = "P006"
    UNSAFE_FILE = "P007"
    UNMET_CONSUMPTION = "P008"
    FIELD_NOT_ALLOWED = "P009"
    SHARED_FILE = "P010"
    NAMED_NOT_REQUIRED = "P011"
    UNCOVERED_REQUIREMENT = "P012"
    REDUNDANT_EDGE = "P013"
    CUT_OFF = "P014"
    SEVERAL_ROOTS = "P015"
    UNEXPLAINED_EDGE = "P016"

    @property
    def severity(self) -> Severity:
        """The one severity that findings of this code have."""
        number = int(self.value[1:])
        return Severity.ERROR if number <= 9 else Severity.WARNING if number <= 14 else Severity.INFO


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What is wrong or odd, where, and what to do about it.

    >>> print(Finding(Code.MISSING_REQUIREMENT, "App", "requires Db, which is not in the plan"))
    P002 error App requires Db, which is not in the plan
    """

    code: Code
    artifact: str | None
    message: str
    other: str | None = None
    """The second artifact that the finding is about, where there is one."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", shortened(printable(self.message), _LONGEST_MESSAGE))

    @property
    def severity(self) -> Severity:
        """How much it weighs."""
        return self.code.severity

    @property
    def is_error(self) -> bool:
        """Whether it makes the plan invalid."""
        return self.severity is Severity.ERROR

    def to_document(self) -> dict[str, Any]:
        """The finding as plain JSON values, in the shape of `harmonic lint --json`."""
        document = asdict(self) | {"code": self.code.value, "severity": self.severity.value}
        return {key: document[key] for key in ("code", "severity", "artifact", "message")}

    def __str__(self) -> str:
        return f"{self.code} {self.severity} {self.who or '-'} {self.message}"

    @property
    def who(self) -> str:
        """The artifact as a person reads it: on its line, and no longer than an id may be."""
        return shortened(printable(self.artifact or ""), _LONGEST_NAME)


def printable(text: str) -> str:
    r"""The text with what cannot be printed written as an escape, so that it stays on its line and colours nothing.

    >>> printable("a\nb")
    'a\\nb'
    """
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def shortened(text: str, most: int) -> str:
    """The text, without its middle where it is too long to be read.

    >>> shortened("a cycle: A → B → C → D → A; remove one", 20)
    'a cycle: …remove one'
    """
    return text if len(text) <= most else f"{text[: most // 2 - 1]}…{text[-most // 2 :]}"


def sort_key(finding: Finding) -> tuple[str, str, str]:
    """The order in which findings are told: by code, then artifact, then message."""
    return finding.code.value, finding.artifact or "", finding.message
