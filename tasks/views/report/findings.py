"""Key findings: what was found out about the subject, once each, the weightiest first, with sources."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace

from prefect_harmonic.planners.evidence import Claim, Evidence, Grade, Source
from prefect_harmonic.tasks.agents.code_analyzer.placement import OF_GOAL
from prefect_harmonic.tasks.agents.ownership import is_row
from prefect_harmonic.tasks.agents.wording import counted
from prefect_harmonic.tasks.views.escaping import markdown_code, markdown_text, one_line
from prefect_harmonic.tasks.views.report.aim import Aim, aim_of
from prefect_harmonic.tasks.views.report.prose import GRADE_WORDS, section, sentence, sources_words
from prefect_harmonic.tasks.views.report.subject import ReportInput

MOST_SHOWN = 10
_MOST_OF_ONE = 6
"""So many of those shown may come from one agent while others have findings too."""

_CONCLUDING = frozenset({"decision-log", "learning-path"})
_GRADE_WEIGHT = {Grade.MEASURED: 1.0, Grade.DOCUMENTED: 0.85, Grade.DERIVED: 0.65, Grade.ASSUMED: 0.35}
_UNSOURCED_WEIGHT = 0.2
_CONTRADICTED_WEIGHT = 0.5
_ROW_WEIGHT = 0.3  # a row of a table is for reckoning with, and hard to read on its own
_ASIDE = 0.6
"""Of the weight of what was measured of the code and is neither where the goal leads nor what it is about."""
_LATER_WEIGHT = 0.93
"""Agents give the most important claim first; each later one counts a little less, so that all agents are heard."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim with everybody who made it.

    Attributes:
        claim: The claim, with the sources of all that made it.
        artifacts: Ids of the artifacts it was found for, in the order of the plan.
        agents: Who found it.
        weight: How much it carries: confidence by the grade of its best source, less if it is contradicted
            or was given late.
        is_contradicted: Whether something else that was found cannot hold beside it.
    """

    claim: Claim
    artifacts: tuple[str, ...]
    agents: tuple[str, ...]
    weight: float
    is_contradicted: bool = False


def findings_of(subject: ReportInput) -> tuple[Finding, ...]:
    """The claims about the subject, once each, the weightiest first.

    What is said of a file that the run itself has made is no finding, and stands with the artifacts.
    """
    gathered: dict[str, list[tuple[Evidence, Claim]]] = {}
    rank: dict[str, int] = {}
    made = {file.path for found in subject.found for file in found.files}
    for found in subject.found:
        for number, claim in enumerate(found.claims):
            if not _is_about(made, claim) and not _repeats_a_decision(found, claim):
                gathered.setdefault(_gist(claim.text), []).append((found, claim))
                rank[_gist(claim.text)] = min(number, rank.get(_gist(claim.text), number))
    contradicted = {
        _gist(side.text)
        for found in subject.found
        for contradiction in found.contradictions
        for side in (contradiction.one, contradiction.other)
    }
    findings = [_merged(made, rank[gist], is_contradicted=gist in contradicted) for gist, made in gathered.items()]
    aim = aim_of(subject)
    findings = [
        each if _is_wanted(each, aim) else replace(each, weight=round(each.weight * _ASIDE, 4)) for each in findings
    ]
    place = {name: position for position, name in enumerate(subject.graph.order)}
    return tuple(sorted(findings, key=lambda each: (-each.weight, place[each.artifacts[0]], each.claim.text)))


def _is_wanted(finding: Finding, aim: Aim) -> bool:
    """Whether a finding is of the goal: a figure of the code is where the goal is about structure or names the place.

    What says of a place why the goal leads there speaks of the goal itself.
    """
    if (
        not (aim.measured - aim.searched).issuperset(finding.artifacts)
        or best_grade(finding.claim) is not Grade.MEASURED
    ):
        return True
    modules = [source.path.removesuffix(".py").replace("/", ".") for source in finding.claim.sources[:1]]
    return aim.needs(modules) or OF_GOAL in finding.claim.text


def _gist(text: str) -> str:
    """What makes two statements the same: their words, whatever their case, spacing and full stop."""
    return one_line(text).casefold().rstrip(".!")


def _is_about(made: Collection[str], claim: Claim) -> bool:
    """Whether a claim is about nothing but what the run itself has made."""
    return bool(claim.sources) and all(source.path in made for source in claim.sources)


def _repeats_a_decision(found: Evidence, claim: Claim) -> bool:
    """Whether a claim only says what was concluded for it, which stands among the decisions or in the artifact."""
    grades = {source.grade for source in claim.sources}
    return bool(grades) and grades <= {Grade.DERIVED, Grade.ASSUMED} and found.agent in _CONCLUDING


def _merged(made: list[tuple[Evidence, Claim]], rank: int, *, is_contradicted: bool) -> Finding:
    """One finding of claims that say the same; independent findings do not make it surer than the surest of them."""
    surest = max((claim for _, claim in made), key=lambda claim: claim.confidence)
    sources: dict[tuple[str, int | None], Source] = {}
    for _, claim in made:
        for source in claim.sources:
            sources.setdefault((source.path, source.line), source)
    claim = Claim(text=surest.text, sources=tuple(sources.values()), confidence=surest.confidence)
    weight = claim.confidence * _carrying(claim) * _LATER_WEIGHT**rank * (_ROW_WEIGHT if is_row(claim.text) else 1)
    return Finding(
        claim=claim,
        artifacts=tuple(dict.fromkeys(found.artifact for found, _ in made)),
        agents=tuple(dict.fromkeys(found.agent for found, _ in made)),
        weight=round(weight * (_CONTRADICTED_WEIGHT if is_contradicted else 1), 4),
        is_contradicted=is_contradicted,
    )


def _carrying(claim: Claim) -> float:
    return max((_GRADE_WEIGHT[source.grade] for source in claim.sources), default=_UNSOURCED_WEIGHT)


def best_grade(claim: Claim) -> Grade | None:
    """The grade of the source that carries a claim furthest; none if it has no source."""
    return max((source.grade for source in claim.sources), key=lambda grade: _GRADE_WEIGHT[grade], default=None)


def findings_section(subject: ReportInput) -> str:
    """The section: numbered findings, each with its sources, how sure it is and who found it."""
    findings = findings_of(subject)
    shown = "\n".join(_item(number, finding) for number, finding in enumerate(_shown(findings), 1))
    rest = len(findings) - MOST_SHOWN
    more = f"{counted(rest, 'more finding')} of less weight: see `knowledge.graphml`." if rest > 0 else ""
    return section("Key findings", shown, more)


def _shown(findings: tuple[Finding, ...]) -> list[Finding]:
    """The weightiest, of which no agent has more than its share as long as others have something to say."""
    taken: list[Finding] = []
    counts: Counter[str] = Counter()
    for finding in findings:
        if counts[finding.agents[0]] < _MOST_OF_ONE:
            taken.append(finding)
            counts[finding.agents[0]] += 1
    rest = [finding for finding in findings if finding not in taken]
    chosen = [*taken, *rest][:MOST_SHOWN]
    return [finding for finding in findings if finding in chosen]


def _item(number: int, finding: Finding) -> str:
    grade = best_grade(finding.claim)
    basis = GRADE_WORDS[grade] if grade else "unsourced"
    basis += "; contradicted, see below" if finding.is_contradicted else ""
    by = ", ".join(markdown_text(agent) for agent in finding.agents)
    where = ", ".join(markdown_code(name) for name in finding.artifacts)
    return (
        f"{number}. {sentence(finding.claim.text)} ({finding.claim.confidence:.2f} {basis}; {by} for {where})  \n"
        f"   Source: {sources_words(finding.claim)}"
    )
