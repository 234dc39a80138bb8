"""An entity as Markdown, with all that is known about it, for people and for prompts."""

import json

from sqlalchemy.ext.asyncio import AsyncSession

from prefect_harmonic.planners.evidence import Claim
from prefect_harmonic.planners.knowledge.claims import RecordedDecision, decisions_of
from prefect_harmonic.planners.knowledge.entity import Entity
from prefect_harmonic.planners.knowledge.evaluations import EvaluationRecord, evaluations_for
from prefect_harmonic.planners.knowledge.link import LinkedEntity
from prefect_harmonic.planners.knowledge.linking import links_of
from prefect_harmonic.planners.knowledge.reading import claims_of, read_entity
from prefect_harmonic.planners.knowledge.tasks import Task, tasks_with


async def exported(session: AsyncSession, entity: str) -> str:
    """An entity as Markdown: its title and content first, then what is known about it."""
    own = await read_entity(session, entity)
    sections = (
        _metadata(own),
        _links(await links_of(session, entity, None)),
        _tasks(await tasks_with(session, None, entity)),
        _claims((await claims_of(session, [entity])).get(entity, ())),
        _decisions(await decisions_of(session, [entity])),
        _evaluations(await evaluations_for(session, entity)),
    )
    head = [f"# {_line(own.title)}", *([own.content.strip()] if own.content.strip() else [])]
    return "\n\n".join([*head, *(section for section in sections if section)]) + "\n"


def _section(title: str, lines: list[str]) -> str:
    return "\n".join([f"## {title}", "", *lines]) if lines else ""


def _line(text: str) -> str:
    return " ".join(text.split())


def _metadata(entity: Entity) -> str:
    shown = {"id": entity.id, **{key: value for key, value in entity.metadata.items() if key != "claims"}}
    lines = [
        f"- {_line(key)}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for key, value in shown.items()
        if value not in (None, [], "")
    ]
    return _section("Metadata", [_line(line) for line in lines])


def _links(links: tuple[LinkedEntity, ...]) -> str:
    return _section(
        "Links",
        [
            f"- {link.link_type.value} {'→' if link.direction == 'from' else '←'} {_line(link.title)} ({link.id})"
            for link in links
        ],
    )


def _tasks(tasks: tuple[Task, ...]) -> str:
    return _section(
        "Tasks", [f"- {task.status.value}: {_line(task.title)}: {_line(task.instruction)}" for task in tasks]
    )


def _claims(claims: tuple[Claim, ...]) -> str:
    lines = []
    for claim in claims:
        sources = ", ".join(f"{source} ({source.grade.value})" for source in claim.sources) or "no source"
        lines.append(f"- {_line(claim.text)} — {sources}, confidence {claim.confidence:.2f}")
    return _section("Claims", lines)


def _decisions(decisions: tuple[RecordedDecision, ...]) -> str:
    return _section(
        "Decisions",
        [
            f"- {_line(each.decision.title)}: {_line(each.decision.chosen) or 'open'}. {_line(each.decision.rationale)}"
            for each in decisions
        ],
    )


def _evaluations(evaluations: tuple[EvaluationRecord, ...]) -> str:
    lines = [
        f"- iteration {entry.iteration}: confidence {entry.confidence:.2f}, gaps: {'; '.join(entry.gaps) or 'none'}"
        for record in evaluations
        for entry in record.history
    ]
    return _section("Evaluations", lines)
