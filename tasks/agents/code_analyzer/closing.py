"""Evidence on an opening that is about the code: how import cycles fall apart.

What the code cannot answer goes to the documents, as any other gap does.
"""

from pathlib import Path

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Claim, Evidence, Grade, ProducedFile, Source
from prefect_harmonic.planners.programme.opening import OpeningKind
from prefect_harmonic.tasks.agents.closing.closed import closing_evidence
from prefect_harmonic.tasks.agents.closing.opening import ToClose, opening_of
from prefect_harmonic.tasks.agents.code_analyzer.analysis import Analysis, analysis
from prefect_harmonic.tasks.agents.code_analyzer.document import figures
from prefect_harmonic.tasks.agents.code_analyzer.findings import claims, confidence
from prefect_harmonic.tasks.agents.code_analyzer.focus import Focus
from prefect_harmonic.tasks.agents.code_analyzer.report import report
from prefect_harmonic.tasks.agents.code_analyzer.resolution import (
    Resolution,
    is_about_cycles,
    resolution,
    resolution_text,
)
from prefect_harmonic.tasks.agents.wording import counted, listed, summary_of, title_of

_GOOD_SET = 0.85
_METHOD = (
    "Nothing of the project was imported or run: the import graph comes from grimp and from the syntax trees.",
    "Each removal was carried out on the graph in this order, so what is left after it is counted, not estimated.",
    "The cost of a removal is the number of imported names and of their uses; imports in functions count half.",
    "How a removed import is replaced (an argument, an event, a moved function) is for those who know the code.",
    "Cycles over the database or over events are not visible in imports and were not looked for.",
)


def closed_by_code(assignment: Assignment, agent: str) -> Evidence | None:
    """What closes an opening, from the code where it is about import cycles, else from documents; else nothing."""
    to_close = opening_of(assignment.artifact)
    if to_close is None:
        return None
    root = Path(assignment.project) if assignment.project else None
    is_code = to_close.kind is not OpeningKind.CONTRADICTION and is_about_cycles(to_close.text)
    if is_code and root is not None and root.is_dir():
        found = analysis(root)
        if found.layout.modules:
            return _resolved(assignment, to_close, found, agent)
    return closing_evidence(assignment, agent)


def _resolved(assignment: Assignment, to_close: ToClose, found: Analysis, agent: str) -> Evidence:
    resolved = resolution(found)
    told = _told(found, resolved)
    measured = report(found, Focus.DEPENDENCIES)
    text = f"# {title_of(to_close.text)}\n\n{resolution_text(found, resolved)}\n\n{measured}"
    sure = confidence(found, Focus.DEPENDENCIES)
    path = assignment.artifact.produces_file
    return Evidence(
        artifact=assignment.artifact.id,
        agent=agent,
        summary=summary_of(told, _METHOD),
        confidence=sure if resolved.is_exact else min(sure, _GOOD_SET),
        claims=(*_claims(found, resolved, told), *claims(found, Focus.DEPENDENCIES)),
        gaps=() if resolved.is_whole else (to_close.text,),
        text=text,
        data={
            "closes": to_close.kind.value,
            "is_closed": resolved.is_whole,
            "removals_count": len(resolved.removals),
            "removals_cost": resolved.cost,
            **figures(found),
        },
        files=(ProducedFile(path=path, content=text),) if path else (),
    )


def _told(found: Analysis, resolved: Resolution) -> list[str]:
    if not resolved.removals:
        return ["There is no import cycle in the project, so nothing has to be resolved."]
    names = [f"{each.cut.edge.importer} → {each.cut.edge.imported}" for each in resolved.removals]
    left = "no import cycle is left" if resolved.is_whole else "some cycles are left"
    best = "no cheaper set exists" if resolved.is_exact else "a good set, a cheaper one may exist"
    told = [
        (
            f"Removing {counted(len(names), 'import')} of the {resolved.imports} within "
            f"{counted(len(found.cycles), 'import cycle')}, {left} ({best}): {listed(names, most=3)}."
        )
    ]
    half = next(
        (
            number
            for number, each in enumerate(resolved.removals, start=1)
            if each.cycles is not None and 2 * each.cycles <= len(found.cycles)
        ),
        None,
    )
    if half is not None and half < len(names):
        after = resolved.removals[half - 1]
        told.append(
            f"In this order the first {half} leave {counted(after.cycles or 0, 'cycle')} with "
            f"{counted(after.modules or 0, 'module')} of "
            f"{sum(len(cycle.modules) for cycle in found.cycles)}."
        )
    return told


def _claims(found: Analysis, resolved: Resolution, told: list[str]) -> tuple[Claim, ...]:
    places = [
        (found.layout.by_key[each.cut.edge.importer].path, each.cut.edge.lines[0])
        for each in resolved.removals
        if each.cut.edge.lines
    ]
    sources = tuple(
        Source(path=path, line=line, quote=found.quote(path, line), grade=Grade.MEASURED)
        for path, line in dict.fromkeys(places[:6])
    ) or (Source(path=found.layout.modules[0].path, line=1, grade=Grade.MEASURED),)
    limit = 0.99 if resolved.is_exact else 0.9
    return tuple(Claim(text=text, sources=sources, confidence=limit) for text in told)
