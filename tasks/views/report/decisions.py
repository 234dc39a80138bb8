"""Decisions: what was chosen, against what, how firmly; and the record of one as a file of its own."""

import re
import unicodedata
from collections.abc import Sequence

from prefect_harmonic.planners.evidence import Decision, Evidence, ScoredOption
from prefect_harmonic.tasks.views.escaping import markdown_code, markdown_link, markdown_text
from prefect_harmonic.tasks.views.report.prose import items, section, sentence, table
from prefect_harmonic.tasks.views.report.subject import ReportInput

_SLUG_LENGTH = 60


def choice_words(decision: Decision) -> str:
    """What was chosen on what; a title that ends in the choice does not say it twice.

    >>> choice_words(Decision(title="Storage: one table", chosen="one table"))
    'Storage: **one table**'
    >>> choice_words(Decision(title="Which one?", chosen="the first"))
    'Which one? **the first**'
    """
    mark = "" if decision.subject.endswith(("?", "!", ".", ":")) else ":"
    return f"{markdown_text(decision.subject)}{mark} **{markdown_text(decision.chosen)}**"


def is_proposed(found: Evidence) -> bool:
    """Whether the specialist itself says that its decisions are not settled yet."""
    return found.data.get("status") in {"proposed", "open", "draft"}


def is_ruling(found: Evidence) -> bool:
    """Whether a decision only says which of two statements holds."""
    return "holds_at" in found.data


def decisions_section(subject: ReportInput) -> str:
    """The section: every decision with its alternatives."""
    decided = [(decision, found.artifact) for found in subject.found for decision in found.decisions]
    decided.sort(key=lambda each: (each[0].file is None, each[0].file or ""))
    parts = [_decision(decision, artifact, _record(decision, subject)) for decision, artifact in decided]
    return section("Decisions", *parts)


def _record(decision: Decision, subject: ReportInput) -> str:
    """Where a decision is written down: by its specialist, or by the run."""
    name = f"-{_slug(decision.title)}.md"
    written = (path for path in subject.produced_files if path.startswith("decisions/") and path.endswith(name))
    return decision.file or next(written, "")


def _decision(decision: Decision, artifact: str, record: str) -> str:
    facts = [f"Made for {markdown_code(artifact)}."]
    if decision.review_date:
        facts.append(f"To be looked at again on {markdown_text(decision.review_date)}.")
    if record:
        facts.append(f"Record: {markdown_link(record, record)}.")
    chosen = f"**Chosen: {markdown_text(decision.chosen)}.**" if decision.chosen else "**Nothing is chosen yet.**"
    return "\n\n".join(
        part
        for part in (
            f"### {markdown_text(decision.title)}",
            f"{chosen} {sentence(decision.rationale)}".strip(),
            options_table(decision),
            f"What would change it: {sentence(decision.sensitivity)}" if decision.sensitivity else "",
            " ".join(facts),
        )
        if part
    )


def options_table(decision: Decision) -> str:
    """The alternatives, the best first, with a mark for each criterion and its weight in the heading."""
    if not decision.options:
        return ""
    criteria = sorted({name for option in decision.options for name in option.marks} | decision.weights.keys())
    heads = ["Option", "Score", *(_criterion(name, decision) for name in criteria), "Because"]
    ranked = sorted(decision.options, key=lambda option: (-option.score, option.name))
    rows = [_option(option, criteria, option.name == decision.chosen) for option in ranked]
    return table(heads, rows, frozenset(range(1, 2 + len(criteria))))


def _criterion(name: str, decision: Decision) -> str:
    weight = decision.weights.get(name)
    return markdown_text(name.replace("_", " ")) + (f" ({weight:.0%})" if weight is not None else "")


def _option(option: ScoredOption, criteria: Sequence[str], is_chosen: bool) -> list[str]:
    name = markdown_text(option.name)
    marks = [f"{option.marks[each]:.2f}" if each in option.marks else "" for each in criteria]
    return [f"**{name}**" if is_chosen else name, f"{option.score:.3f}", *marks, sentence(option.because)]


def decision_record(decision: Decision, number: int) -> tuple[str, str]:
    """The path in the workspace and the text of the record of a decision.

    >>> decision_record(Decision(title="Extract billing first?"), 3)[0]
    'decisions/0003-extract-billing-first.md'
    """
    parts = [
        f"# {number:04}. {markdown_text(decision.title)}",
        _lines(("Status", "accepted" if decision.chosen else "open"), ("Review", markdown_text(decision.review_date))),
        _part("Context", sentence(decision.context)),
        _part("Options", options_table(decision)),
        _part(
            "Decision",
            f"**{markdown_text(decision.chosen)}.** {sentence(decision.rationale)}" if decision.chosen else "",
        ),
        _part("What would change it", sentence(decision.sensitivity)),
        _part("Consequences", items(sentence(consequence) for consequence in decision.consequences)),
    ]
    return f"decisions/{number:04d}-{_slug(decision.title)}.md", "\n\n".join(part for part in parts if part) + "\n"


def _lines(*facts: tuple[str, str]) -> str:
    return "\n".join(f"- {name}: {value}" for name, value in facts if value)


def _part(heading: str, text: str) -> str:
    return f"## {heading}\n\n{text}" if text.strip() else ""


def _slug(title: str) -> str:
    """The title as part of a file name: plain letters, digits and hyphens, whatever it holds."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(slug) > _SLUG_LENGTH:
        slug = slug[: _SLUG_LENGTH + 1].rsplit("-", 1)[0][:_SLUG_LENGTH]
    return slug or "decision"
