"""Bringing the evidence of several parts together as that of the whole."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Claim, Contradiction, Evidence, Grade, ProducedFile, Source
from prefect_harmonic.planners.programme.evaluation import (
    distinct_contradictions,
    distinct_gaps,
    overall_confidence,
)
from prefect_harmonic.planners.words import spaced
from prefect_harmonic.tasks.agents.wording import clipped, sentence, summary_of, title_of

LONGEST_TOLD = 220
"""Characters of a part's summary that the summary of the whole tells: what it found stands first."""

_LONGEST_QUOTE = 400
_DEEPEST_HEADING = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Bringing:
    """What a coordinator says of its parts beyond what they say themselves. None leaves what the parts come to.

    Attributes:
        told: Sentences of the summary, the most important first.
        method: How it works, in 500 characters or more; fills the summary up.
        lines: Markdown that stands between the title and the parts.
        confidence: How sure the whole is.
        claims: The claims of the whole.
        gaps: What is open.
        contradictions: What contradicts.
        blockers: What keeps the whole from being done.
        data: Figures.
    """

    told: Sequence[str]
    method: Sequence[str]
    lines: Sequence[str] = ()
    confidence: float | None = None
    claims: tuple[Claim, ...] | None = None
    gaps: tuple[str, ...] | None = None
    contradictions: tuple[Contradiction, ...] | None = None
    blockers: tuple[str, ...] = ()
    data: dict[str, JsonValue] = field(default_factory=dict)


def merged(assignment: Assignment, agent: str, parts: Sequence[Evidence], bringing: Bringing) -> Evidence:
    """The evidence of a whole from that of its parts: every claim with its sources, once; what is open anywhere.

    Files of parts are handed up, the later part's where two have one path; the whole's own file is its text.
    """
    text = _text(assignment, parts, bringing)
    gaps = distinct_gaps(parts) if bringing.gaps is None else bringing.gaps
    return Evidence(
        artifact=assignment.artifact.id,
        agent=agent,
        summary=summary_of(bringing.told, bringing.method),
        confidence=overall_confidence(parts) if bringing.confidence is None else bringing.confidence,
        claims=claims_of(parts) if bringing.claims is None else bringing.claims,
        gaps=gaps,
        contradictions=distinct_contradictions(parts) if bringing.contradictions is None else bringing.contradictions,
        blockers=bringing.blockers,
        decisions=tuple({each.title: each for part in parts for each in part.decisions}.values()),
        risks=tuple({each.title: each for part in parts for each in part.risks}.values()),
        text=text,
        data={"parts_count": len(parts), **bringing.data},
        files=_files(assignment, parts, text),
    )


def claims_of(parts: Sequence[Evidence]) -> tuple[Claim, ...]:
    """The claims of all parts, each text once with all its sources; one without any gets its part as its source."""
    found: dict[str, Claim] = {}
    for part in parts:
        for claim in part.claims:
            own = Source(path=part.artifact, quote=clipped(claim.text, _LONGEST_QUOTE), grade=Grade.DERIVED)
            known = found.get(claim.text)
            sources = (*(known.sources if known else ()), *(claim.sources or (own,)))
            confidence = max(claim.confidence, known.confidence if known else 0.0)
            update = {"sources": tuple(dict.fromkeys(sources)), "confidence": confidence}
            found[claim.text] = claim.model_copy(update=update)
    return tuple(found.values())


def _files(assignment: Assignment, parts: Sequence[Evidence], text: str) -> tuple[ProducedFile, ...]:
    files = {file.path: file for part in parts for file in part.files}
    path = assignment.artifact.produces_file
    if path is not None and path not in files:
        files[path] = ProducedFile(path=path, content=text)
    return tuple(files[path] for path in sorted(files))


def _text(assignment: Assignment, parts: Sequence[Evidence], bringing: Bringing) -> str:
    lines = [f"# {title_of(spaced(assignment.artifact.id).capitalize())}", ""]
    lines += [*(sentence(each) for each in bringing.told), "", *bringing.lines]
    for part in parts:
        lines += ["", f"## {title_of(spaced(part.artifact).capitalize())} ({part.agent})", ""]
        lines += [_inner(part.text) or part.summary]
    return "\n".join(lines).rstrip() + "\n"


def _inner(text: str) -> str:
    """A part's text without its title, its headings two levels deeper; what looks like one in a code block stays."""
    lines: list[str] = []
    is_code = False
    for at, line in enumerate(text.splitlines()):
        is_code ^= line.lstrip().startswith("```")
        is_heading = not is_code and line.startswith("#")
        if not (is_heading and at == 0):
            lines.append(_deeper(line) if is_heading else line)
    return "\n".join(lines).strip()


def _deeper(heading: str) -> str:
    words = heading.lstrip("#")
    return "#" * min(_DEEPEST_HEADING, len(heading) - len(words) + 2) + words
