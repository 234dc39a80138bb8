"""Evidence on an incident: what makes the database slow now, from its log, its schema and the code."""

from pathlib import Path

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.coordinators.race import CAUSES
from prefect_harmonic.planners.evidence import Claim, Evidence, Grade, ProducedFile, Risk, Source
from prefect_harmonic.planners.programme.incident import INCIDENT_ANALYSIS
from prefect_harmonic.tasks.agents.code_analyzer.database.reading import DatabaseReading, read_database
from prefect_harmonic.tasks.agents.code_analyzer.database.suspects import (
    Group,
    Kind,
    Suspect,
    groups_of,
    suspects_in,
)
from prefect_harmonic.tasks.agents.wording import clipped, counted, listed, sentence, summary_of, table, title_of

_MOST_GROUPS = 5
_NOTHING = 0.1
_MEASURED = 0.95
_METHOD = (
    "Nothing was run and no database was asked: the logs, the SQL files and the code of the project were read.",
    "Statements are grouped by their shape, without their values, and weighed by the time they took together.",
    "An index is missing where no index or key of the SQL files begins with a column that rows are looked for by.",
    "Each sign that speaks for a suspect adds to its confidence, and is quoted with its file and line.",
    "Earlier incidents were not looked at: two incidents may look the same and have different causes.",
    "What the log does not record, such as short statements, memory or the disk, was not seen.",
)


def is_about_incident(artifact: Artifact) -> bool:
    """Whether an artifact asks what makes a database slow now."""
    return artifact.domain_type == INCIDENT_ANALYSIS


def incident_evidence(assignment: Assignment, agent: str) -> Evidence:
    """What the project's files say about a database that is slow now. Reads files, so call it in a thread."""
    root = Path(assignment.project) if assignment.project else None
    if root is None or not root.is_dir():
        return _evidence(assignment, agent, None)
    return _evidence(assignment, agent, read_database(root))


def _evidence(assignment: Assignment, agent: str, reading: DatabaseReading | None) -> Evidence:
    groups = () if reading is None else groups_of(reading.log)
    suspects = () if reading is None else suspects_in(reading.log, reading.schema)
    gaps = _gaps(reading, suspects)
    claims = () if reading is None else (*_suspected(reading, suspects, groups), *_slow_claims(reading, groups))
    text = _text(assignment, reading, suspects, groups, gaps)
    path = assignment.artifact.produces_file
    told = [*map(_brief, suspects[:2]), *(claim.text for claim in claims if claim.text.startswith("The slow"))][:4]
    return Evidence(
        artifact=assignment.artifact.id,
        agent=agent,
        summary=summary_of([*told, *gaps], _METHOD),
        confidence=max((suspect.confidence for suspect in suspects), default=_NOTHING),
        claims=claims,
        gaps=gaps,
        risks=_risks(suspects),
        text=text,
        data={
            CAUSES: [suspect.text for suspect in suspects],
            "slow_statements_count": 0 if reading is None else len(reading.log.slow),
            "lock_waits_count": 0 if reading is None else len(reading.log.waits),
            "suspects": [
                {"kind": one.kind.value, "subject": one.subject, "confidence": one.confidence} for one in suspects
            ],
        },
        files=(ProducedFile(path=path, content=text),) if path else (),
    )


def _brief(suspect: Suspect) -> str:
    """A suspect in few words, with its first sign."""
    kind = suspect.kind.value.capitalize()
    return f"{kind}: {suspect.subject}, confidence {suspect.confidence:.2f}. {suspect.signs[0].text}"


def _suspected(reading: DatabaseReading, suspects: tuple[Suspect, ...], groups: tuple[Group, ...]) -> tuple[Claim, ...]:
    """For each suspect that it is the cause, as sure as its signs make it, and then the signs, which were measured."""
    claims = []
    for suspect in suspects:
        sources = (*suspect.sources, *_issued(reading, suspect, groups))
        claims.append(Claim(text=suspect.text, sources=sources, confidence=suspect.confidence))
        claims += [Claim(text=sign.text, sources=sign.sources, confidence=_MEASURED) for sign in suspect.signs]
    return tuple(claims)


def _issued(reading: DatabaseReading, suspect: Suspect, groups: tuple[Group, ...]) -> tuple[Source, ...]:
    """Where the code asks for what is slow."""
    if suspect.kind is not Kind.MISSING_INDEX:
        return ()
    name = suspect.subject.partition("(")[0]
    places = [place for group in groups if name in group.shape.tables for place in reading.issuing(group.shape)]
    return tuple(
        Source(path=place.path, line=place.line, quote=clipped(place.quote, 200), grade=Grade.MEASURED)
        for place in dict.fromkeys(places)
    )


def _slow_claims(reading: DatabaseReading, groups: tuple[Group, ...]) -> tuple[Claim, ...]:
    """What was measured, without a conclusion: the slow queries and the waits."""
    claims = [
        Claim(
            text=f"The slow query “{clipped(group.shape.text, 120)}” ran {counted(len(group.slow), 'time')} and takes "
            f"{group.share:.0%} of the slow time.",
            sources=tuple(
                Source(path=one.path, line=one.line, quote=clipped(one.quote, 300), grade=Grade.MEASURED)
                for one in group.slow[:2]
            ),
            confidence=_MEASURED,
        )
        for group in groups[:_MOST_GROUPS]
    ]
    if reading.log.waits:
        first = reading.log.waits[0]
        claims.append(
            Claim(
                text=f"There are {counted(len(reading.log.waits), 'lock wait')} of a second or more.",
                sources=(Source(path=first.path, line=first.line, quote=first.quote, grade=Grade.MEASURED),),
                confidence=_MEASURED,
            )
        )
    return tuple(claims)


def _gaps(reading: DatabaseReading | None, suspects: tuple[Suspect, ...]) -> tuple[str, ...]:
    if reading is None:
        return ("no project was given, so there is no log to read",)
    gaps = []
    if not reading.log.paths:
        there = f" ({listed(reading.logs, most=3)} cannot be read as one)" if reading.logs else ""
        gaps.append(f"no log of PostgreSQL lies in the project{there}")
    elif not reading.log.slow and not reading.log.waits:
        gaps.append("the log records no slow statement and no wait for a lock")
    if not reading.sql:
        gaps.append("no SQL file says which indexes there are")
    if reading.cut:
        gaps.append(f"only the end of {listed(reading.cut, most=3)} was read")
    if not suspects:
        gaps.append("the cause of the incident is not known")
    return tuple(gaps)


def _risks(suspects: tuple[Suspect, ...]) -> tuple[Risk, ...]:
    rivals = [one for one in suspects[1:] if one.confidence >= suspects[0].confidence - 0.1]
    return tuple(
        Risk(
            title=f"It is not {suspects[0].subject} but {one.subject}",
            likelihood="medium",
            impact="high",
            evidence=f"Confidence {one.confidence:.2f} against {suspects[0].confidence:.2f}",
            mitigation="Watch both after the measure, and undo it if nothing changes within ten minutes",
        )
        for one in rivals
    )


def _text(
    assignment: Assignment,
    reading: DatabaseReading | None,
    suspects: tuple[Suspect, ...],
    groups: tuple[Group, ...],
    gaps: tuple[str, ...],
) -> str:
    lines = [f"# {title_of(assignment.artifact.description or assignment.artifact.id)}", ""]
    lines += ["## Suspects", ""] if suspects else []
    for suspect in suspects:
        lines += [f"### {suspect.kind.value.capitalize()}: {suspect.subject} ({suspect.confidence:.2f})", ""]
        lines += [f"- {sentence(sign.text)}" for sign in suspect.signs]
        lines += [f"- `{source}`: {clipped(source.quote, 160)}" for source in suspect.sources] + [""]
    if groups:
        rows = [
            [clipped(group.shape.text, 100), str(len(group.slow)), f"{group.ms / 1000:.1f} s", f"{group.share:.0%}"]
            for group in groups[:_MOST_GROUPS]
        ]
        lines += ["## Slow statements", "", table(("statement", "times", "together", "share"), rows), ""]
    if reading is not None:
        read = listed(reading.log.paths, most=3) if reading.log.paths else "no log"
        lines += ["## What was read", "", f"{read}; {counted(len(reading.sql), 'SQL file')}.", ""]
    if gaps:
        lines += ["## What is not known", "", *(f"- {sentence(gap)}" for gap in gaps)]
    return "\n".join(lines).rstrip() + "\n"
