"""The risk register: what may go wrong, once each, the heaviest first."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from prefect_harmonic.planners.evidence import Risk
from prefect_harmonic.planners.words import stems_of
from prefect_harmonic.tasks.views.escaping import markdown_code, markdown_text, one_line
from prefect_harmonic.tasks.views.report.aim import Aim, aim_of
from prefect_harmonic.tasks.views.report.prose import section, sentence, table
from prefect_harmonic.tasks.views.report.severity import severity
from prefect_harmonic.tasks.views.report.subject import ReportInput

_DOTTED = re.compile(r"\b[A-Za-z_]\w*(?:\.\w+)+")
_ASIDE = "What was only noticed in the code counts as unlikely: nothing shows that the goal has it changed."


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredRisk:
    """One risk with all that was said of it, wherever it was found.

    Attributes:
        heaviest: As it was told where it weighs most.
        told: As it was told everywhere, in the order of the plan.
        artifacts: Where it was found.
        is_aside: Whether it was only noticed in the code, in what nothing shows the goal to concern.
    """

    heaviest: Risk
    told: tuple[Risk, ...]
    artifacts: tuple[str, ...]
    is_aside: bool = False

    @property
    def title(self) -> str:
        """What may go wrong."""
        return self.heaviest.title

    @property
    def titles(self) -> frozenset[str]:
        """All that it is called."""
        return frozenset(risk.title for risk in self.told)

    @property
    def modules(self) -> tuple[str, ...]:
        """Modules that it is about."""
        return tuple(_DOTTED.findall(self.title))

    @property
    def likelihood(self) -> str:
        """How likely it is in this run: what is hard to change harms nobody who need not change it."""
        return "low" if self.is_aside else self.heaviest.likelihood

    @property
    def severity(self) -> int:
        """From 1 to 9."""
        return severity(self.heaviest.model_copy(update={"likelihood": self.likelihood}))

    @property
    def evidence(self) -> tuple[str, ...]:
        """What speaks for it, each said once."""
        return _distinct(risk.evidence for risk in (self.heaviest, *self.told))

    @property
    def mitigations(self) -> tuple[str, ...]:
        """What can be done about it, each said once."""
        return _distinct(risk.mitigation for risk in (self.heaviest, *self.told))

    @property
    def action_key(self) -> str:
        """What the action against it is known by."""
        return f"lessen {one_line(self.title).casefold()}"


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """Texts that say something, those of the same words once."""
    by_words: dict[frozenset[str], str] = {}
    for text in texts:
        if text.strip():
            by_words.setdefault(_words(text), text)
    return tuple(by_words.values())


def _words(text: str) -> frozenset[str]:
    """What makes two texts one: the stems of their words and the numbers and names in them."""
    words = (word.strip(".,;:!?()") for word in one_line(text).casefold().split())
    return stems_of(text) | {word for word in words if not word.isalpha()}


def registered_risks(subject: ReportInput) -> tuple[RegisteredRisk, ...]:
    """All risks once each, the heaviest first."""
    merged: dict[frozenset[str], list[tuple[Risk, str]]] = {}
    for found in subject.found:
        for risk in found.risks:
            merged.setdefault(_words(risk.title), []).append((risk, found.artifact))
    aim = aim_of(subject)
    register = (_registered(told, aim) for told in merged.values())
    return tuple(sorted(register, key=lambda risk: (-risk.severity, one_line(risk.title).casefold())))


def _registered(told: Sequence[tuple[Risk, str]], aim: Aim) -> RegisteredRisk:
    risk = RegisteredRisk(
        heaviest=max((risk for risk, _ in told), key=severity),
        told=tuple(risk for risk, _ in told),
        artifacts=tuple(dict.fromkeys(artifact for _, artifact in told)),
    )
    return replace(risk, is_aside=aim.measured.issuperset(risk.artifacts) and not aim.needs(risk.modules))


def risks_section(subject: ReportInput) -> str:
    """The section: the register as a table, with its severity as likelihood times impact."""
    register = registered_risks(subject)
    rows = [_row(number, risk) for number, risk in enumerate(register, 1)]
    heads = ["#", "Risk", "Likelihood", "Impact", "Severity", "Evidence", "Mitigation", "Found for"]
    note = "Severity is likelihood times impact, each from 1 (low) to 3 (high)."
    if any(risk.is_aside for risk in register):
        note += f" {_ASIDE}"
    return section("Risk register", table(heads, rows, frozenset({0, 4})), note) if rows else ""


def _row(number: int, risk: RegisteredRisk) -> list[str]:
    return [
        str(number),
        markdown_text(risk.title),
        markdown_text(risk.likelihood),
        markdown_text(risk.heaviest.impact),
        str(risk.severity),
        " ".join(map(sentence, risk.evidence)) or "none given",
        " ".join(map(sentence, risk.mitigations)) or "none yet",
        ", ".join(map(markdown_code, risk.artifacts)),
    ]
